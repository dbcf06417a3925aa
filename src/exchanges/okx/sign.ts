import { createHmac } from 'node:crypto';

/** Base64(HMAC-SHA256(timestamp + method + path with query + body)): https://www.okx.com/docs-v5/en/#overview-rest-authentication */
export function sign(secret: string, timestamp: string, method: 'GET' | 'POST', path: string, body: string): string {
  return signMessage(secret, timestamp + method + path + body);
}

/** The same for a prehash string that is already put together. */
export function signMessage(secret: string, message: string): string {
  return createHmac('sha256', secret).update(message).digest('base64');
}

let lastTime = 0;
let lastTimestamp = '';

/** ISO-8601 UTC with milliseconds. Thousands of orders share a millisecond, so the text of the last one is kept. */
export function isoTimestamp(now: number): string {
  if (now !== lastTime) {
    lastTime = now;
    lastTimestamp = new Date(now).toISOString();
  }
  return lastTimestamp;
}
