import type { Contact } from '@/domain/circuit-breaker';
import { VenueError } from '@/exchanges/port';
import { contactOfPage } from './outcome';
import { TIMESTAMP_EXPIRED } from './timing';

/**
 * Turns what okx-api throws into a VenueError: something with the `response`, or an AxiosError of the transport without
 * one. Both hold the request with its keys, so nothing of it is kept but codes.
 */
export function toVenueError(thrown: unknown): VenueError {
  if (thrown instanceof VenueError) return thrown;
  if (!isRecord(thrown)) return new VenueError('TRANSPORT', 'The venue could not be reached', 'unavailable');
  if (isRecord(thrown.response)) {
    const { status, data } = thrown.response;
    if (isRecord(data) && typeof data.code === 'string') {
      return venueErrorOf(data.code, typeof data.msg === 'string' ? data.msg : '');
    }
    const contact = typeof status === 'number' ? contactOfPage(status) : null;
    const message = 'The venue answered with something else than its own format';
    return new VenueError('TRANSPORT', message, 'unavailable', contact);
  }
  const code = typeof thrown.code === 'string' ? thrown.code : null;
  const message = `The venue could not be reached${code === null ? '' : ` (${code})`}`;
  return new VenueError('TRANSPORT', message, 'unavailable', code === null ? null : contactOfFailure(code));
}

/** Codes of Node and axios for requests without an answer. */
function contactOfFailure(code: string): Contact | null {
  if (code === 'ECONNABORTED' || code === 'ETIMEDOUT') return 'timeout';
  if (code === 'ECONNRESET' || code === 'EPIPE') return 'connection_lost';
  return UNCONNECTED.has(code) ? 'connect' : null;
}

const UNCONNECTED: ReadonlySet<string> = new Set([
  'ECONNREFUSED',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOTFOUND',
  'EAI_AGAIN',
]);

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

const AUTH_CODES: ReadonlySet<string> = new Set(['50030', '50035', '50100', '50118', '50119', '50120', '50121']);
const THROTTLED_CODES: ReadonlySet<string> = new Set(['50011', '50013', '50040', '50061']);
const UNAVAILABLE_CODES: ReadonlySet<string> = new Set(['50001', '50004', '50026', '51054', '51149', '51412']);

/** A VenueError for one of the venue's own codes. */
export function venueErrorOf(code: string, message: string): VenueError {
  return new VenueError(code, message.slice(0, 300) || `The venue answered ${code}`, kindOf(code), 'answered');
}

function kindOf(code: string): VenueError['kind'] {
  // Our notion of its clock was wrong: asked again it says what the time is.
  if (code === TIMESTAMP_EXPIRED) return 'unavailable';
  // 50101 to 50114: key, signature, passphrase, address.
  if (AUTH_CODES.has(code) || (code >= '50101' && code <= '50114')) return 'auth';
  if (THROTTLED_CODES.has(code)) return 'throttled';
  if (UNAVAILABLE_CODES.has(code)) return 'unavailable';
  return 'refused';
}
