import { createHash, randomBytes, randomFillSync } from 'node:crypto';
import { currentTime } from './clock';

/**
 * A new id: 32 lower-case hexadecimal characters, a UUID v7 (RFC 9562) without hyphens. Ordered by time, so that rows
 * are appended to their index, and a valid client order id at every venue (≤ 32 letters and digits).
 */
export function newId(now: number = currentTime()): string {
  const bytes = randomPart();
  bytes.writeUIntBE(now, 0, 6);
  bytes[6] = 0x70 | ((bytes[6] ?? 0) & 0x0f);
  bytes[8] = 0x80 | ((bytes[8] ?? 0) & 0x3f);
  return bytes.toString('hex');
}

/** When an id of ours was made, epoch ms; of other texts something else. */
export function timeOfId(id: string): number {
  return Number.parseInt(id.slice(0, 12), 16);
}

/** No id that was made at or after this moment, epoch ms, comes before it, and none that was made earlier after it. */
export function firstIdAt(time: number): string {
  return Math.max(0, Math.floor(time)).toString(16).padStart(12, '0').padEnd(32, '0');
}

/** Asking the system for randomness costs the same for one id as for hundreds. */
const pool = Buffer.alloc(16 * 256);
let used = pool.length;

/** 16 random bytes that nobody else gets. */
function randomPart(): Buffer {
  if (used === pool.length) {
    randomFillSync(pool);
    used = 0;
  }
  used += 16;
  return pool.subarray(used - 16, used);
}

/** A secret for addresses and API tokens: 32 random bytes as 43 URL-safe characters. */
export function newToken(): string {
  return randomBytes(32).toString('base64url');
}

/** SHA-256 as hexadecimal text: how tokens are stored and found. */
export function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
