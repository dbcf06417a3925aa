import { DECIMAL_STRING, type Dec, dec } from '@/domain/decimal';

/** The true minus sign: as wide as a plus, so that columns of signed figures line up. */
const MINUS = '−';

function parse(text: string): Dec | null {
  return DECIMAL_STRING.test(text) ? dec(text) : null;
}

function group(digits: string): string {
  return digits.replace(/\B(?=(\d{3})+$)/g, ',');
}

type Shape = {
  /** Digits after the point that are always shown. */
  readonly least?: number;
  /** Digits after the point at most; the last one is rounded half up. */
  readonly most?: number;
  /** A plus before what is above zero. */
  readonly signed?: boolean;
};

/** Decimal text as people read it: grouped by thousands, without needless zeros. Text that is no decimal is left alone. */
export function formatDecimal(text: string, shape: Shape = {}): string {
  const value = parse(text);
  if (value === null) return text;
  const { least = 0, most = 8, signed = false } = shape;
  // 4 is decimal.js's ROUND_HALF_UP.
  const rounded = value.abs().toDecimalPlaces(Math.max(least, most), 4);
  const [whole = '0', part = ''] = rounded.toFixed().split('.');
  const digits = part.padEnd(least, '0');
  const sign = rounded.isZero() ? '' : value.isNegative() ? MINUS : signed ? '+' : '';
  return `${sign}${group(whole)}${digits === '' ? '' : `.${digits}`}`;
}

/** Money: two decimals. */
export function formatMoney(text: string, signed = false): string {
  return formatDecimal(text, { least: 2, most: 2, signed });
}

/** A price: as many digits as its magnitude deserves, or those of the instrument's tick where it is known. */
export function formatPrice(text: string, tick?: string): string {
  const value = parse(text);
  if (value === null) return text;
  if (tick !== undefined) {
    const places = tick.split('.')[1]?.replace(/0+$/, '').length ?? 0;
    return formatDecimal(text, { least: places, most: places });
  }
  const size = value.abs();
  if (size.gte(1000)) return formatDecimal(text, { least: 1, most: 2 });
  if (size.gte(1)) return formatDecimal(text, { least: 2, most: 4 });
  return formatDecimal(text, { most: 8 });
}

/** A fraction as percent: "0.0123" → "1.23%". */
export function formatPercent(fraction: string, shape: Shape = {}): string {
  const value = parse(fraction);
  if (value === null) return fraction;
  return `${formatDecimal(value.times(100).toFixed(), { least: 0, most: 2, ...shape })}%`;
}

/** −1, 0 or 1 of decimal text. */
export function signOf(text: string): -1 | 0 | 1 {
  const value = parse(text);
  if (value === null || value.isZero()) return 0;
  return value.isNegative() ? -1 : 1;
}

/** "BTC-USDT-SWAP" → base "BTC", quote "USDT". */
export function coinsOf(symbol: string): { readonly base: string; readonly quote: string } {
  const [base = symbol, quote = ''] = symbol.split('-');
  return { base, quote };
}

/** Base coins of a quantity in contracts, by a row that knows both of another quantity in the same instrument. */
export function scaleToBase(contracts: string, known: { quantity: string; quantityBase: string }): string | null {
  const [value, quantity, base] = [parse(contracts), parse(known.quantity), parse(known.quantityBase)];
  if (value === null || quantity === null || base === null || quantity.isZero()) return null;
  return value.times(base).div(quantity).toDecimalPlaces(12).toFixed();
}

/** "84 ms", "1.24 s", "2 min 5 s". */
export function formatDuration(ms: number): string {
  if (ms < 1000) return `${Math.round(ms)} ms`;
  if (ms < 60_000) return `${(ms / 1000).toFixed(2)} s`;
  return `${Math.floor(ms / 60_000)} min ${Math.round((ms % 60_000) / 1000)} s`;
}
