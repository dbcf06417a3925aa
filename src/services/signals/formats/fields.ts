import { type BoundName, outOfBounds, SIZE_BOUNDS } from '@/domain/bounds';
import { DECIMAL_STRING, type Dec, parseDecimal, toText, ZERO } from '@/domain/decimal';
import type { SignalSize, SizeUnit, StatedPosition, TriggerLevel } from '@/domain/signal';
import type { FormatFailure } from './types';

/** Carries a failure out of a format's reader; `defineFormat` turns it back into a result. */
export class FieldError extends Error {
  constructor(readonly failure: FormatFailure) {
    super(failure.message);
  }
}

/** Names under which senders ask for orders that we do not place. */
const PROTECTIVE = /stop|profit|trail|tpsl|break.?even|^(?:sl|tp)(?:$|[_\dA-Z])/i;

/** How far a sender's clock may run ahead of ours, ms. */
const CLOCK_AHEAD_MS = 60_000;

/** Most unknown fields that an answer names. */
const NAMED_AT_ONCE = 20;

const MAX_LAG_SECONDS = 86_400;
const MAX_TEXT = 200;

const ISO_TIME = /^(\d{4})-(\d{2})-(\d{2})[T ](\d{2}):(\d{2}):(\d{2})(?:\.\d{1,9})?(?:Z|[+-]\d{2}:?\d{2})$/i;
const EPOCH_MS = /^\d{13}$/;

function isBlank(value: unknown): boolean {
  return value === undefined || value === null || (typeof value === 'string' && value.trim() === '');
}

/** Whether a sender spells out that he does not want something. */
function isDisabled(value: unknown): boolean {
  if (isBlank(value) || value === false || value === 'false' || value === '0') return true;
  if (Array.isArray(value)) return value.length === 0;
  if (typeof value !== 'object' || value === null) return false;
  const enabled: unknown = 'enabled' in value ? value.enabled : undefined;
  return enabled === false || enabled === 'false' || Object.keys(value).length === 0;
}

function daysInMonth(year: number, month: number): number {
  return new Date(Date.UTC(year, month, 0)).getUTCDate();
}

/**
 * Reads the fields of one JSON object by name, remembers which were asked for, and refuses the rest by name at the end:
 * a field that we would ignore may be the one that mattered.
 */
export class Fields {
  private readonly known = new Set<string>();
  private readonly values: ReadonlyMap<string, unknown>;
  private readonly sections: Fields[] = [];

  constructor(
    body: unknown,
    private readonly path = '',
  ) {
    if (typeof body !== 'object' || body === null || Array.isArray(body)) {
      throw new FieldError({
        ok: false,
        code: 'VALIDATION_ERROR',
        message: path === '' ? 'The body is not a JSON object.' : `"${path}" must be a JSON object.`,
        field: path === '' ? 'body' : path,
      });
    }
    this.values = new Map(Object.entries(body));
  }

  pathOf(key: string): string {
    return this.path === '' ? key : `${this.path}.${key}`;
  }

  refuse(key: string, message: string, code: FormatFailure['code'] = 'VALIDATION_ERROR'): never {
    throw new FieldError({ ok: false, code, message, field: this.pathOf(key) });
  }

  /** Fields that are read by nobody and change nothing. */
  ignore(...keys: readonly string[]): void {
    for (const key of keys) this.known.add(key);
  }

  /** Fields that senders write for themselves, and that say nothing about the order. A nested one could say something after all. */
  ignorePlain(keys: readonly string[]): void {
    for (const key of keys) {
      const value = this.values.get(key);
      if (typeof value !== 'object' || value === null) this.known.add(key);
    }
  }

  /** Trimmed text; null where it is absent, null or empty. */
  text(key: string): string | null {
    this.known.add(key);
    const value = this.values.get(key);
    if (isBlank(value)) return null;
    if (typeof value !== 'string') return this.refuse(key, `"${this.pathOf(key)}" must be text.`);
    const text = value.trim();
    if (text.length > MAX_TEXT) this.refuse(key, `"${this.pathOf(key)}" is longer than ${MAX_TEXT} characters.`);
    return text;
  }

  requiredText(key: string): string {
    return this.text(key) ?? this.refuse(key, `"${this.pathOf(key)}" is missing.`);
  }

  /** One of `choices`, in any case. */
  choice<const T extends string>(key: string, choices: readonly T[]): T | null {
    const text = this.text(key);
    if (text === null) return null;
    const found = choices.find((choice) => choice.toLowerCase() === text.toLowerCase());
    return found ?? this.refuse(key, `"${this.pathOf(key)}" must be one of ${choices.join(', ')}; it is "${text}".`);
  }

  requiredChoice<const T extends string>(key: string, choices: readonly T[]): T {
    return (
      this.choice(key, choices) ?? this.refuse(key, `"${this.pathOf(key)}" is missing: one of ${choices.join(', ')}.`)
    );
  }

  /** Plain decimal, exact, zero or within a bound on either side of it. */
  signedDecimal(key: string, bound: BoundName): Dec | null {
    const value = this.decimal(key);
    if (value === null || value.isZero()) return value === null ? null : ZERO;
    this.requireWithin(key, bound, value.abs(), value);
    return value;
  }

  /** Refuses a number outside its bound. */
  private requireWithin(key: string, bound: BoundName, value: Dec, shown = value): void {
    const problem = outOfBounds(bound, value);
    if (problem !== null) this.refuse(key, `"${this.pathOf(key)}" ${problem}; it is ${toText(shown)}.`);
  }

  private decimal(key: string): Dec | null {
    const text = this.text(key);
    if (text === null) return null;
    if (!DECIMAL_STRING.test(text)) {
      return this.refuse(
        key,
        `"${this.pathOf(key)}" must be a plain number like 0.25, without exponent, sign or separators; it is "${text}".`,
      );
    }
    return parseDecimal(text);
  }

  /** Canonical text of a decimal above zero, within its bound. */
  positiveDecimal(key: string, bound: BoundName): string | null {
    const value = this.aboveZero(key);
    if (value === null) return null;
    this.requireWithin(key, bound, value);
    return toText(value);
  }

  /** A size above zero, within what its unit allows; null where it is absent. */
  size(key: string, unit: SizeUnit): SignalSize | null {
    const value = this.positiveDecimal(key, SIZE_BOUNDS[unit]);
    return value === null ? null : { unit, value };
  }

  private aboveZero(key: string): Dec | null {
    const value = this.decimal(key);
    if (value?.lte(0)) this.refuse(key, `"${this.pathOf(key)}" must be above zero; it is ${toText(value)}.`);
    return value;
  }

  /** ISO 8601 with its zone, or milliseconds since 1970 → epoch ms. A time well ahead of `receivedAt` is refused. */
  time(key: string, receivedAt: number): number | null {
    const text = this.text(key);
    if (text === null) return null;
    const time = EPOCH_MS.test(text) ? Number(text) : this.isoTime(key, text);
    if (time > receivedAt + CLOCK_AHEAD_MS) {
      this.refuse(key, `"${this.pathOf(key)}" lies ${Math.round((time - receivedAt) / 1000)} s in the future.`);
    }
    return time;
  }

  private isoTime(key: string, text: string): number {
    const parts = ISO_TIME.exec(text);
    const [, year, month, day] = (parts ?? []).map(Number);
    const exists =
      year !== undefined && month !== undefined && day !== undefined && day >= 1 && day <= daysInMonth(year, month);
    const time = exists ? Date.parse(text.replace(' ', 'T').toUpperCase()) : Number.NaN;
    if (Number.isNaN(time)) {
      return this.refuse(
        key,
        `"${this.pathOf(key)}" must be a time with its zone, like 2026-05-08T06:20:00Z, or milliseconds since 1970; it is "${text}".`,
      );
    }
    return time;
  }

  /** Seconds → ms. */
  lag(key: string): number | null {
    const seconds = this.aboveZero(key);
    if (seconds === null) return null;
    if (seconds.gt(MAX_LAG_SECONDS)) this.refuse(key, `"${this.pathOf(key)}" is at most ${MAX_LAG_SECONDS} seconds.`);
    return seconds.times(1000).ceil().toNumber();
  }

  /**
   * Where a strategy stood before its order: TradingView's `prev_market_position` and, without a sign, `prev_market_position_size`.
   * Undefined where neither is there. That the two contradict each other is no reason to refuse an exit: no book fits them.
   */
  previousPosition(): StatedPosition | undefined {
    const position = this.choice('prev_market_position', ['long', 'short', 'flat']);
    const size = this.signedDecimal('prev_market_position_size', 'statedCoins');
    if (position === null && size === null) return undefined;
    const side = position ?? (size?.isNegative() ? 'short' : null);
    return { side, coins: size === null ? null : toText(size.abs()) };
  }

  /** A nested object; null where it is absent. What nothing asks for in it is refused with the rest. */
  section(key: string): Fields | null {
    this.known.add(key);
    const value = this.values.get(key);
    return isBlank(value) ? null : this.nested(key);
  }

  private nested(key: string): Fields {
    const section = new Fields(this.values.get(key), this.pathOf(key));
    this.sections.push(section);
    return section;
  }

  /**
   * Where a stop-loss or take-profit stands: `{ "price": … }` or `{ "percent": … }`. Null where it is absent or disabled.
   * @param percentKey the sender's name of the percentage
   */
  trigger(key: string, percentKey = 'percent'): TriggerLevel | null {
    this.known.add(key);
    if (isDisabled(this.values.get(key))) return null;
    const level = this.nested(key);
    level.ignore('enabled');
    const price = level.positiveDecimal('price', 'price');
    const percent = level.positiveDecimal(percentKey, 'triggerPercent');
    if ((price === null) === (percent === null)) {
      return this.refuse(key, `"${this.pathOf(key)}" needs either "price" or "${percentKey}".`);
    }
    level.orderTypeIsMarket();
    return price === null ? { unit: 'percent', value: percent ?? '' } : { unit: 'price', value: price };
  }

  /** A trigger's order is a market order: a limit one might stay behind while the market runs away. */
  private orderTypeIsMarket(): void {
    for (const key of ['orderType', 'order_type']) {
      const type = this.text(key);
      if (type !== null && type.toLowerCase() !== 'market') {
        this.refuse(key, 'Stop-loss and take-profit close at market; other types are not placed.', 'UNSUPPORTED_FIELD');
      }
    }
  }

  /** Refuses every field that nothing asked for, here and in its sections, all of them at once. Call last. */
  finish(): void {
    const left = this.left();
    const [first] = left;
    if (first === undefined) return;
    const unsupported = left.filter(({ code }) => code === 'UNSUPPORTED_FIELD').map(({ path }) => path);
    const unknown = left.filter(({ code }) => code === 'VALIDATION_ERROR').map(({ path }) => path);
    const sentences: string[] = [];
    if (unsupported.length === 1) {
      sentences.push(
        `${named(unsupported)} asks for an order that is not placed here yet; remove or disable it, so that nobody relies on it.`,
      );
    } else if (unsupported.length > 1) {
      sentences.push(
        `${named(unsupported)} ask for orders that are not placed here yet; remove or disable them, so that nobody relies on them.`,
      );
    }
    if (unknown.length === 1) sentences.push(`${named(unknown)} is not a field of this format.`);
    else if (unknown.length > 1) sentences.push(`${named(unknown)} are not fields of this format.`);
    throw new FieldError({ ok: false, code: first.code, message: sentences.join(' '), field: first.path });
  }

  private left(): readonly LeftField[] {
    const left: LeftField[] = [];
    for (const [key, value] of this.values) {
      if (this.known.has(key)) continue;
      const isProtective = PROTECTIVE.test(key);
      if (isProtective && isDisabled(value)) continue;
      // A field without a name is still one that can be pointed at.
      const path = this.pathOf(key.slice(0, 60) || '""');
      left.push({ path, code: isProtective ? 'UNSUPPORTED_FIELD' : 'VALIDATION_ERROR' });
    }
    return [...left, ...this.sections.flatMap((section) => section.left())];
  }
}

type LeftField = { readonly path: string; readonly code: 'UNSUPPORTED_FIELD' | 'VALIDATION_ERROR' };

function named(paths: readonly string[]): string {
  const shown = paths.slice(0, NAMED_AT_ONCE).map((path) => `"${path}"`);
  const more = paths.length - shown.length;
  const all = more > 0 ? [...shown, `${more} more`] : shown;
  return all.length === 1 ? (all[0] ?? '') : `${all.slice(0, -1).join(', ')} and ${all.at(-1)}`;
}
