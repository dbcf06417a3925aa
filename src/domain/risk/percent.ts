import { approximate, type Dec, isAbove, roundToPlaces, shownQuotient } from '../decimal';
import { remembered } from '../remembered';

/** Fraction → "12.34%". */
export function percentText(fraction: Dec): string {
  return `${roundToPlaces(fraction.times(100), 2).toFixed()}%`;
}

/** Up to here, and so far from a half, the doubles' error of some 10⁻¹⁵ cannot decide how a number is rounded. */
const SURELY_ROUNDED = { below: 1e8, fromHalf: 1e-6 };

/**
 * a ÷ b → "12.34%". A decimal division is the dearest thing that deciding an order would do, three times, for a text: doubles tell the
 * same digits wherever their error cannot matter, and elsewhere it is divided.
 */
export function quotientText(a: Dec, b: Dec): string {
  const hundredths = (approximate(a) / approximate(b)) * 10_000;
  const whole = Math.floor(hundredths);
  const rest = hundredths - whole;
  const sure = hundredths >= 0 && hundredths < SURELY_ROUNDED.below && Math.abs(rest - 0.5) > SURELY_ROUNDED.fromHalf;
  return sure ? `${(rest < 0.5 ? whole : whole + 1) / 100}%` : percentText(shownQuotient(a, b));
}

/** Two numbers that are so much of them apart are so beyond any error of doubles. */
const SURELY_APART = 1e-9;

/** part > share · whole, exactly: it is multiplied out where doubles leave a doubt. What is no number exceeds everything. */
export function exceedsShare(part: Dec, share: Dec, whole: Dec): boolean {
  const a = approximate(part);
  const b = approximate(share) * approximate(whole);
  if (Number.isNaN(a) || Number.isNaN(b)) return true;
  const apart = Math.abs(a - b) > SURELY_APART * (Math.abs(a) + Math.abs(b));
  return apart ? a > b : isAbove(part, share.times(whole));
}

/** The same of a limit: many followers share the same few, and each of their rules shows one. */
export const limitText = remembered(percentText);
