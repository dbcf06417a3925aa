import { Decimal } from 'decimal.js';
import { remembered } from './remembered';

/**
 * Exact decimal arithmetic for money, prices and quantities.
 *
 * A private constructor clone, so that no library that also uses decimal.js can change our precision or rounding.
 * 60 significant digits hold DECIMAL(36,18) × DECIMAL(36,18) without loss in every formula of the product.
 */
const Exact = Decimal.clone({ precision: 60, rounding: Decimal.ROUND_DOWN, toExpNeg: -40, toExpPos: 60 });

export type Dec = Decimal;

/** What can cross a boundary: a plain decimal string such as "-12.50"; never an exponent, NaN or Infinity. */
export const DECIMAL_STRING = /^-?(?:0|[1-9]\d{0,17})(?:\.\d{1,18})?$/;

/** Thrown when text that should be a plain decimal is not one. */
export class InvalidDecimalError extends Error {
  readonly code = 'INVALID_DECIMAL';
  constructor(readonly input: string) {
    super(`Not a plain decimal number with at most 18 digits on each side: "${input.slice(0, 64)}"`);
  }
}

/** Parses text from outside. Accepts only `DECIMAL_STRING`; throws InvalidDecimalError. */
export function parseDecimal(text: string): Dec {
  if (!DECIMAL_STRING.test(text)) throw new InvalidDecimalError(text);
  return new Exact(text);
}

/** Makes a Dec from a trusted string, integer or Dec (constants, columns of our database, earlier results). */
export function dec(value: string | number | Dec): Dec {
  return new Exact(value);
}

export const ZERO = dec(0);
export const ONE = dec(1);

/**
 * Below 0, 0, above 0: how a compares to b. As `a.comparedTo(b)` has it, which copies b first: deciding one order compares two dozen
 * times.
 */
export function compare(a: Dec, b: Dec): number {
  // Not of ours, unless something was divided by zero.
  if (!a.isFinite() || !b.isFinite()) return a.comparedTo(b);
  const aZero = a.isZero();
  const bZero = b.isZero();
  if (aZero || bZero) return aZero ? (bZero ? 0 : b.isNegative() ? 1 : -1) : a.isNegative() ? -1 : 1;
  if (a.s !== b.s) return a.s < 0 ? -1 : 1;
  const larger = a.s < 0 ? -1 : 1;
  const smaller = a.s < 0 ? 1 : -1;
  // Digits are kept normalised: the first one is not zero, and the exponent is its place.
  if (a.e !== b.e) return a.e > b.e ? larger : smaller;
  const shared = Math.min(a.d.length, b.d.length);
  for (let index = 0; index < shared; index += 1) {
    const [one = 0, other = 0] = [a.d[index], b.d[index]];
    if (one !== other) return one > other ? larger : smaller;
  }
  if (a.d.length === b.d.length) return 0;
  return a.d.length > b.d.length ? larger : smaller;
}

export function isEqual(a: Dec, b: Dec): boolean {
  return compare(a, b) === 0;
}

/** a > b. */
export function isAbove(a: Dec, b: Dec): boolean {
  return compare(a, b) > 0;
}

/** a < b. */
export function isBelow(a: Dec, b: Dec): boolean {
  return compare(a, b) < 0;
}

/** Above zero; `isPositive` of the library says so of zero, too. */
export function isAboveZero(value: Dec): boolean {
  return value.isPositive() && !value.isZero();
}

export function isBelowZero(value: Dec): boolean {
  return value.isNegative() && !value.isZero();
}

/** a + b, which the library works out where one of them is zero, too: mostly there is no debt, and nothing held. */
export function sum(a: Dec, b: Dec): Dec {
  if (b.isZero()) return a;
  return a.isZero() ? b : a.plus(b);
}

/** Quotients that people read: 20 digits are more than any page shows, and a third of the work of 60. */
const Shown = Exact.clone({ precision: 20 });

/** a ÷ b for people to read, not to reckon with. */
export function shownQuotient(a: Dec, b: Dec): Dec {
  return Shown.div(a, b);
}

/** k where a step is 10^-k, as most lots and ticks are: rounding to it needs no division. Null for any other step. */
const decimalStep = remembered((step: Dec): number | null => {
  const places = step.decimalPlaces();
  return step.eq(dec(10).pow(-places)) ? places : null;
});

/** Largest multiple of `step` that is not greater than |value|, with the sign of value. A step of zero rounds nothing. */
export function roundDownToStep(value: Dec, step: Dec): Dec {
  const places = decimalStep(step);
  if (places === null) return step.isZero() ? value : value.div(step).trunc().times(step);
  return value.decimalPlaces() <= places ? value : value.toDecimalPlaces(places, Decimal.ROUND_DOWN);
}

/** Smallest multiple of `step` that is not less than |value|, with the sign of value. */
export function roundUpToStep(value: Dec, step: Dec): Dec {
  return step.isZero() ? value : value.div(step).toDecimalPlaces(0, Decimal.ROUND_UP).times(step);
}

/**
 * Nearest value with 18 decimal places: what DECIMAL(36,18) keeps. Quotients pass through here before they are rounded
 * to a lot, so that 3 × (1 ÷ 3) is 1 and not one lot less, and so that what we store is what we computed with.
 */
export function quantize(value: Dec): Dec {
  return value.decimalPlaces() <= 18 ? value : value.toDecimalPlaces(18, Decimal.ROUND_HALF_UP);
}

/** Rounds away from zero to `places` decimals: for minimums that must suffice. */
export function roundUpToPlaces(value: Dec, places: number): Dec {
  return value.toDecimalPlaces(places, Decimal.ROUND_UP);
}

/** Rounds to the nearest value with `places` decimals: for numbers that people read. */
export function roundToPlaces(value: Dec, places: number): Dec {
  return value.decimalPlaces() <= places ? value : value.toDecimalPlaces(places, Decimal.ROUND_HALF_UP);
}

/** Nearest multiple of `step`, halves away from zero. */
export function roundToStep(value: Dec, step: Dec): Dec {
  return step.isZero() ? value : value.div(step).toDecimalPlaces(0, Decimal.ROUND_HALF_UP).times(step);
}

export function minDec(...values: readonly [Dec, ...Dec[]]): Dec {
  let [least] = values;
  for (const value of values) if (isBelow(value, least)) least = value;
  return least;
}

export function maxDec(...values: readonly [Dec, ...Dec[]]): Dec {
  let [most] = values;
  for (const value of values) if (isAbove(value, most)) most = value;
  return most;
}

/** Plain notation without exponent and without trailing zeros: what goes into JSON, SQL and venue requests. */
export function toText(value: Dec): string {
  return value.toFixed();
}

/** The same of a number that many followers share, an instrument's or a signal's: told once. */
export const sharedText = remembered(toText);

/** Digits in one word of a decimal, and what a word counts. */
const WORD = { digits: 7, base: 1e7 };

/**
 * Nearly the number, within 2 · 10⁻¹⁵ of it: for telling which of two numbers is larger where that is beyond doubt, a tenth of the work
 * of `toNumber`. NaN where it is not finite.
 */
export function approximate(value: Dec): number {
  if (!value.isFinite()) return Number.NaN;
  const { d, e } = value;
  // The first word has one digit at least, so that four of them hold more than a double does.
  const words = (d[0] ?? 0) + ((d[1] ?? 0) + ((d[2] ?? 0) + (d[3] ?? 0) / WORD.base) / WORD.base) / WORD.base;
  return value.s * words * 10 ** (WORD.digits * Math.floor(e / WORD.digits));
}
