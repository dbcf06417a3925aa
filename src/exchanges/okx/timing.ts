import type { Transmission } from '@/exchanges/http/connection-pool';

/** The venue compared a request's timestamp with its own clock and refused it, before it looked at anything else. */
export const TIMESTAMP_EXPIRED = '50102';

/**
 * Answers that our notion of the venue's clock may be to blame for: the timestamp is too far from it, or the request came after its
 * expiry.
 */
const MISTIMED = /"(?:code|sCode)":"(?:50102|50036|50037)"/;

export function isMistimed(transmission: Transmission): boolean {
  return transmission.kind === 'answered' && transmission.body.length < 1000 && MISTIMED.test(transmission.body);
}
