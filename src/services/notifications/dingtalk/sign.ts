import { createHmac } from 'node:crypto';

/**
 * The address of a signed DingTalk robot: timestamp and sign added to its parameters, where
 * sign = base64(HMAC-SHA256(key: secret, text: timestamp + "\n" + secret)), and URL-encoded.
 * Source: DingTalk open platform, "Custom robot security settings", signing ("加签"). A signature is good for one hour.
 */
export function signedUrl(url: string, secret: string, now: number): URL {
  const signed = new URL(url);
  signed.searchParams.set('timestamp', String(now));
  signed.searchParams.set('sign', createHmac('sha256', secret).update(`${now}\n${secret}`).digest('base64'));
  return signed;
}
