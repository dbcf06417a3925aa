/** Set by our own server from the socket, over whatever a client sent under this name. */
export const PEER_HEADER = 'x-slipstream-peer';

/**
 * The address of the caller. Of X-Forwarded-For only the entries that our own proxies appended are believed: with n
 * trusted proxies, the n-th from the right. Null when the server did not say.
 */
export function clientAddress(headers: Headers, trustedProxies: number): string | null {
  const peer = headers.get(PEER_HEADER);
  if (trustedProxies === 0) return peer;
  const forwarded = (headers.get('x-forwarded-for') ?? '').split(',').map((entry) => entry.trim());
  return forwarded.at(-trustedProxies) || peer;
}
