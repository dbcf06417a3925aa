import { DECIMAL_STRING, dec, toText } from '@/domain/decimal';

/** What a person types ("1,000.50 ") as plain decimal text; null for an empty field, undefined for no number. */
export function readDecimal(typed: unknown): string | null | undefined {
  if (typed === null || typed === undefined) return null;
  const text = String(typed).replace(/[,\s]/g, '');
  if (text === '') return null;
  const plain = text
    .replace(/^\+/, '')
    .replace(/^(-?)0+(?=\d)/, '$1')
    .replace(/^(-?)\./, '$10.')
    .replace(/\.$/, '');
  return DECIMAL_STRING.test(plain) ? plain : undefined;
}

/** "5" percent → "0.05"; null for an empty field. */
export function percentToFraction(typed: unknown): string | null {
  const text = readDecimal(typed);
  return text === null || text === undefined ? null : toText(dec(text).div(100));
}

/** "0.05" → "5", for a field in percent. */
export function fractionToPercent(fraction: string | null): string | undefined {
  return fraction === null ? undefined : toText(dec(fraction).times(100));
}

/** Decimal text without trailing zeros, for a field. */
export function plain(text: string | null): string | undefined {
  return text === null ? undefined : toText(dec(text));
}
