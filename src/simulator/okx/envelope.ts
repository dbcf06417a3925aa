import type { VenueClock } from '../engine/clock';
import type { VenueError } from './errors';

/** What leaves the server: a status and a body that is already text. */
export interface Reply {
  readonly status: number;
  readonly body: string;
  readonly contentType?: string;
}

export function success(rows: unknown): Reply {
  return { status: 200, body: JSON.stringify({ code: '0', data: rows, msg: '' }) };
}

/** A refusal of the whole request. Authentication failures carry no `data`, as on OKX. */
export function failure(error: VenueError): Reply {
  const body =
    error.status === 401
      ? { msg: error.message, code: error.code }
      : { code: error.code, data: [], msg: error.message };
  return { status: error.status, body: JSON.stringify(body) };
}

/**
 * Answer to order operations: code 0 where every row succeeded, 1 where none did, 2 where some did; always HTTP 200, with the
 * times of arrival and departure in microseconds.
 */
export function operation(clock: VenueClock, inTime: string, rows: readonly { sCode: string }[]): Reply {
  return { status: 200, body: JSON.stringify({ ...operationFields(rows), inTime, outTime: clock.micros() }) };
}

export function operationFields(rows: readonly { sCode: string }[]): {
  code: string;
  data: readonly { sCode: string }[];
  msg: string;
} {
  let failed = 0;
  for (const row of rows) if (row.sCode !== '0') failed += 1;
  if (failed === 0) return { code: '0', data: rows, msg: '' };
  if (failed === rows.length) return { code: '1', data: rows, msg: 'All operations failed' };
  return { code: '2', data: rows, msg: 'Bulk operation partially succeeded' };
}

export function notFound(): Reply {
  const body = {
    code: '404',
    data: {},
    detailMsg: '',
    error_code: '404',
    error_message: 'Not Found',
    msg: 'Not Found',
  };
  return { status: 404, body: JSON.stringify(body) };
}
