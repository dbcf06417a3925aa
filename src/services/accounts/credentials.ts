import { Credentials } from '@/exchanges/port';
import type { TenantCipher } from '@/platform/cipher';

type Secret = { readonly apiKey: string; readonly secret: string; readonly passphrase: string };

/** Where an account's key belongs: sealed text of another row or field does not open there. */
function place(accountId: string): string {
  return `ExchangeAccount.credentials:${accountId}`;
}

/** What ExchangeAccount.credentials holds. */
export function sealCredentials(cipher: TenantCipher, accountId: string, secret: Secret): string {
  const { apiKey, secret: key, passphrase } = secret;
  return cipher.seal(JSON.stringify({ apiKey, secret: key, passphrase }), place(accountId));
}

/** SQL of a mark of the sealed key of account `a`: its version and nonce, and no two sealings have the same. */
export const KEY_MARK = 'LEFT(a.credentials, 20)';

/** Opens an account's key. For the workers alone, when a request is about to be signed. Throws UnsealError. */
export function openCredentials(
  cipher: TenantCipher,
  row: { readonly id: string; readonly credentials: string },
): Credentials {
  const opened = JSON.parse(cipher.unseal(row.credentials, place(row.id))) as Secret;
  return new Credentials(opened.apiKey, opened.secret, opened.passphrase);
}

/** The last four characters of the API key, to tell keys apart; none of a key too short to spare them. */
export function keyHint(apiKey: string): string {
  return apiKey.length >= 12 ? apiKey.slice(-4) : '';
}
