import { Decimal } from 'decimal.js';

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

/** Quotients that people read: 20 digits are more than any page shows, and a third of the work of 60. */
const Shown = Exact.clone({ precision: 20 });

/** a ÷ b for people to read, not to reckon with. */
export function shownQuotient(a: Dec, b: Dec): Dec {
  return Shown.div(a, b);
}

const decimalSteps = new WeakMap<Dec, number | null>();

/** k where a step is 10^-k, as most lots and ticks are: rounding to it needs no division. Null for any other step. */
function decimalStep(step: Dec): number | null {
  const known = decimalSteps.get(step);
  if (known !== undefined) return known;
  const places = step.decimalPlaces();
  const found = step.eq(dec(10).pow(-places)) ? places : null;
  decimalSteps.set(step, found);
  return found;
}

/** Largest multiple of `step` that is not greater than |value|, with the sign of value. */
export function roundDownToStep(value: Dec, step: Dec): Dec {
  const places = decimalStep(step);
  return places === null ? value.div(step).trunc().times(step) : value.toDecimalPlaces(places, Decimal.ROUND_DOWN);
}

/** Smallest multiple of `step` that is not less than |value|, with the sign of value. */
export function roundUpToStep(value: Dec, step: Dec): Dec {
  return value.div(step).toDecimalPlaces(0, Decimal.ROUND_UP).times(step);
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
  return value.div(step).toDecimalPlaces(0, Decimal.ROUND_HALF_UP).times(step);
}

export function minDec(...values: readonly [Dec, ...Dec[]]): Dec {
  return values.reduce((a, b) => (b.lt(a) ? b : a));
}

export function maxDec(...values: readonly [Dec, ...Dec[]]): Dec {
  return values.reduce((a, b) => (b.gt(a) ? b : a));
}

/** Plain notation without exponent and without trailing zeros: what goes into JSON, SQL and venue requests. */
export function toText(value: Dec): string {
  return value.toFixed();
}
