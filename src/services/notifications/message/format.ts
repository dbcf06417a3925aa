import type { ChannelLocale } from '@/contracts/api/notifications';
import { type Dec, dec, roundToPlaces } from '@/domain/decimal';

/** Numbers, times and names as a person reads them in a chat. Inputs are decimal text and epoch ms. */

/** "1234567.5" → "1,234,567.5" */
export function grouped(text: string): string {
  const [whole = '', fraction] = text.split('.');
  const withCommas = whole.replace(/\B(?=(\d{3})+$)/g, ',');
  return fraction === undefined ? withCommas : `${withCommas}.${fraction}`;
}

/** Two decimals, more where the amount would read as zero otherwise. */
export function money(value: string, currency: string): string {
  return `${amount(dec(value))} ${currency}`;
}

/** Money with its sign, which carries the meaning: profit or loss. */
export function signedMoney(value: string, currency: string): string {
  const exact = dec(value);
  return `${exact.gt(0) ? '+' : ''}${amount(exact)} ${currency}`;
}

function amount(value: Dec): string {
  const rounded = roundToPlaces(value, 2);
  return grouped(!value.isZero() && rounded.isZero() ? value.toSignificantDigits(2).toFixed() : rounded.toFixed(2));
}

/** A price or quantity, at most 8 decimals and no trailing zeros. */
export function plainNumber(value: string): string {
  return grouped(roundToPlaces(dec(value), 8).toFixed());
}

/** A fraction as percent with three decimals: "0.00012" → "0.012%". Sign dropped. */
export function percent(fraction: string): string {
  return `${roundToPlaces(dec(fraction).abs().times(100), 3).toFixed(3)}%`;
}

export function duration(ms: number): string {
  return ms < 1000 ? `${Math.round(ms)} ms` : `${(ms / 1000).toFixed(2)} s`;
}

/** Chinese readers get Beijing time, English ones UTC; both say so. */
export function moment(at: number, locale: ChannelLocale): string {
  const [offset, zone] = locale === 'zh' ? [8 * 3_600_000, 'UTC+8'] : [0, 'UTC'];
  return `${new Date(at + offset).toISOString().slice(0, 19).replace('T', ' ')} (${zone})`;
}

/** A name that somebody chose, without anything that markdown or DingTalk ("@") would act on. */
export function name(text: string): string {
  return text
    .replace(/[[\]()<>`*#|~\\!@\p{Cc}]+/gu, ' ')
    .replace(/:\/\//g, ' ')
    .replace(/\s+/g, ' ')
    .trim()
    .slice(0, 100);
}
