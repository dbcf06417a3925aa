import { type Dec, roundToPlaces, shownQuotient } from '../decimal';

/** Fraction → "12.34%". */
export function percentText(fraction: Dec): string {
  return `${roundToPlaces(fraction.times(100), 2).toFixed()}%`;
}

/** Up to here, and so far from a half, the doubles' error of 10⁻¹⁵ cannot decide how a number is rounded. */
const SURELY_ROUNDED = { below: 1e8, fromHalf: 1e-6 };

/**
 * a ÷ b → "12.34%". A decimal division is the dearest thing that deciding an order would do, three times, for a text: doubles tell the
 * same digits wherever their error cannot matter, and elsewhere it is divided.
 */
export function quotientText(a: Dec, b: Dec): string {
  const hundredths = (a.toNumber() / b.toNumber()) * 10_000;
  const whole = Math.floor(hundredths);
  const rest = hundredths - whole;
  const sure = hundredths >= 0 && hundredths < SURELY_ROUNDED.below && Math.abs(rest - 0.5) > SURELY_ROUNDED.fromHalf;
  return sure ? `${(rest < 0.5 ? whole : whole + 1) / 100}%` : percentText(shownQuotient(a, b));
}

const texts = new WeakMap<Dec, string>();

/** The same of a limit: many followers share the same few, and each of their rules shows one. */
export function limitText(fraction: Dec): string {
  let text = texts.get(fraction);
  if (text === undefined) {
    text = percentText(fraction);
    texts.set(fraction, text);
  }
  return text;
}
