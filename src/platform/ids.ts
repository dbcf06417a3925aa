import { createHash, randomBytes } from 'node:crypto';

/**
 * A new id: 32 lower-case hexadecimal characters, a UUID v7 (RFC 9562) without hyphens. Ordered by time, so that rows
 * are appended to their index, and a valid client order id at every venue (≤ 32 letters and digits).
 */
export function newId(now: number = Date.now()): string {
  const bytes = randomBytes(16);
  bytes.writeUIntBE(now, 0, 6);
  bytes[6] = 0x70 | ((bytes[6] ?? 0) & 0x0f);
  bytes[8] = 0x80 | ((bytes[8] ?? 0) & 0x3f);
  return bytes.toString('hex');
}

/** A secret for addresses and API tokens: 32 random bytes as 43 URL-safe characters. */
export function newToken(): string {
  return randomBytes(32).toString('base64url');
}

/** SHA-256 as hexadecimal text: how tokens are stored and found. */
export function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
