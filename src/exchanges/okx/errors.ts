import { VenueError } from '@/exchanges/port';

/**
 * Turns what okx-api throws into a VenueError. It throws the venue's body as a plain object, an HTML body or a message as
 * a string, and an AxiosError for the transport; the last holds the request with its keys, so nothing of it is kept
 * but its code.
 */
export function toVenueError(thrown: unknown): VenueError {
  if (thrown instanceof VenueError) return thrown;
  if (typeof thrown === 'string') {
    return new VenueError('TRANSPORT', 'The venue answered with something else than its own format', 'unavailable');
  }
  if (typeof thrown === 'object' && thrown !== null) {
    if (!(thrown instanceof Error) && 'code' in thrown && typeof thrown.code === 'string') {
      const message = 'msg' in thrown && typeof thrown.msg === 'string' ? thrown.msg : '';
      return venueErrorOf(thrown.code, message);
    }
    const transportCode = 'code' in thrown && typeof thrown.code === 'string' ? ` (${thrown.code})` : '';
    return new VenueError('TRANSPORT', `The venue could not be reached${transportCode}`, 'unavailable');
  }
  return new VenueError('TRANSPORT', 'The venue could not be reached', 'unavailable');
}

const AUTH_CODES: ReadonlySet<string> = new Set(['50030', '50035', '50100', '50118', '50119', '50120', '50121']);
const THROTTLED_CODES: ReadonlySet<string> = new Set(['50011', '50013', '50040', '50061']);
const UNAVAILABLE_CODES: ReadonlySet<string> = new Set(['50001', '50004', '50026', '51054', '51149', '51412']);

/** A VenueError for one of the venue's own codes. */
export function venueErrorOf(code: string, message: string): VenueError {
  return new VenueError(code, message.slice(0, 300) || `The venue answered ${code}`, kindOf(code));
}

function kindOf(code: string): VenueError['kind'] {
  // 50101 to 50114: key, signature, passphrase, time, address.
  if (AUTH_CODES.has(code) || (code >= '50101' && code <= '50114')) return 'auth';
  if (THROTTLED_CODES.has(code)) return 'throttled';
  if (UNAVAILABLE_CODES.has(code)) return 'unavailable';
  return 'refused';
}
