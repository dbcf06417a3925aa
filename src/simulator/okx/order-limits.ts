import type { Account } from '../engine/model';
import { type ErrorCode, errorText, VenueError } from './errors';
import { findInstrumentByCode } from './instrument-rows';
import type { OperationRow } from './order-operations';
import { type Request, textOf } from './order-requests';
import { TWO_SECONDS } from './rate-limits';
import type { OkxVenue } from './venue';

export type OrderOperation = 'place' | 'cancel' | 'amend';

const SINGLE = { max: 60, windowMs: TWO_SECONDS };
const BATCH = { max: 300, windowMs: TWO_SECONDS };
const SUB_ACCOUNT = { max: 1000, windowMs: TWO_SECONDS };

/**
 * Counts order operations as OKX does: single ones 60 and batched ones 300 per two seconds, user and instrument, REST and
 * WebSocket together; a batch of one counts as a single one; new and amended orders also 1000 per account. Where a single
 * operation is over its limit the whole request is refused (throws 50011); of a batch, the rows over a limit are.
 */
export function countOrders(
  venue: OkxVenue,
  account: Account,
  operation: OrderOperation,
  requests: readonly Request[],
  batched: boolean,
): readonly (OperationRow | undefined)[] {
  if (!venue.limits.enabled) return [];
  const single = !batched || requests.length === 1;
  return requests.map((request) => {
    const instId = textOf(request.instId) || (findInstrumentByCode(Number(request.instIdCode))?.instId ?? '');
    const key = `${account.uid}|${operation}|${single ? 'single' : 'batch'}|${instId}`;
    if (!venue.limits.take(key, single ? SINGLE : BATCH)) {
      if (single) throw new VenueError('50011');
      return refusal(venue, request, '50011');
    }
    if (operation !== 'cancel' && !venue.limits.take(`${account.uid}|orders`, SUB_ACCOUNT)) {
      return refusal(venue, request, '50061');
    }
    return undefined;
  });
}

function refusal(venue: OkxVenue, request: Request, code: ErrorCode): OperationRow {
  return {
    clOrdId: textOf(request.clOrdId),
    ordId: textOf(request.ordId),
    tag: textOf(request.tag),
    ts: String(venue.clock.now()),
    sCode: code,
    sMsg: errorText(code),
  };
}
