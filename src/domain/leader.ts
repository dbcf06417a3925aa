import { isWithin } from './bounds';
import { DECIMAL_STRING, type Dec, dec, minDec, ONE, parseDecimal, quantize, toText, ZERO } from './decimal';
import type { Instrument } from './instrument';
import type { LeaderBook, PositionSide, SignalIntent, SignalSize } from './signal';

/** One step of the leader's move, as each follower copies it. A reversal is a close of everything, then an open. */
export type LeaderLeg =
  | {
      readonly kind: 'close';
      /** The leader's side that is left; null: the sender named none and the leader was flat, so whichever is held. */
      readonly side: PositionSide | null;
      /** Part of his own position that he closes, in (0, 1]. Up to 60 digits: keep it as text, not as DECIMAL(36,18). */
      readonly share: Dec;
    }
  | {
      readonly kind: 'open';
      readonly side: PositionSide;
      /** Contracts of the leader's instrument, exact. */
      readonly quantity: Dec;
      /** Fraction in (0, 1] of the balance of whoever executes it, as margin; null unless the signal said so. */
      readonly percentBalance: Dec | null;
    };

export type CloseLeg = Extract<LeaderLeg, { kind: 'close' }>;
export type OpenLeg = Extract<LeaderLeg, { kind: 'open' }>;

export type LeaderContext = {
  /** Current price in quote currency, or the signal's own; null when neither is known. */
  readonly price: Dec | null;
  /** The leader's leverage, ≥ 1. */
  readonly leverage: Dec;
  /** The leader's equity in quote currency; only percent_balance needs it. */
  readonly leaderEquity: Dec | null;
  /** The strategy's size for signals that open without one. */
  readonly defaultSize?: SignalSize | null;
};

export type LeaderMove =
  | { readonly ok: true; readonly legs: readonly LeaderLeg[]; readonly bookAfter: LeaderBook }
  | LeaderMoveFailure;

export type LeaderMoveFailure = {
  readonly ok: false;
  readonly code:
    | 'PRICE_UNKNOWN'
    | 'PRICE_OUT_OF_RANGE'
    | 'EQUITY_UNKNOWN'
    | 'SIZE_OUT_OF_RANGE'
    | 'VALIDATION_ERROR'
    | 'OUT_OF_ORDER';
  readonly message: string;
  readonly field?: string;
};

export const FLAT_BOOK: LeaderBook = { side: null, quantity: '0' };

const HUNDRED = dec(100);

function invalid(message: string, field: string): LeaderMoveFailure {
  return { ok: false, code: 'VALIDATION_ERROR', message, field };
}

function makeBook(side: PositionSide | null, quantity: Dec): LeaderBook {
  const kept = quantize(quantity);
  return side === null || kept.lte(0) ? FLAT_BOOK : { side, quantity: toText(kept) };
}

/** The book as one signed number of contracts: long positive. */
export function signedQuantity(book: LeaderBook): Dec {
  const quantity = dec(book.quantity);
  return book.side === 'short' ? quantity.neg() : quantity;
}

type Measured = { readonly ok: true; readonly quantity: Dec } | LeaderMoveFailure;

/** Absolute size → contracts of the leader's instrument. quote: N/(P·c); margin: M·L/(P·c). */
function measure(
  size: SignalSize,
  value: Dec,
  instrument: Pick<Instrument, 'contractValue'>,
  context: LeaderContext,
): Measured {
  if (size.unit === 'contracts') return { ok: true, quantity: value };
  if (size.unit === 'base') return { ok: true, quantity: quantize(value.div(instrument.contractValue)) };
  if (size.unit !== 'quote' && size.unit !== 'margin') {
    return invalid(`A size in ${size.unit} cannot be used here.`, 'size.unit');
  }
  if (context.price === null || context.price.lte(0)) {
    return { ok: false, code: 'PRICE_UNKNOWN', message: `A size in ${size.unit} needs a price, and none is known.` };
  }
  const worth = size.unit === 'margin' ? value.times(context.leverage) : value;
  return { ok: true, quantity: quantize(worth.div(context.price.times(instrument.contractValue))) };
}

function readValue(size: SignalSize, signed: boolean): Dec | LeaderMoveFailure {
  if (!DECIMAL_STRING.test(size.value)) return invalid(`The size "${size.value}" is not a plain number.`, 'size.value');
  const value = parseDecimal(size.value);
  if (!signed && value.lte(0)) return invalid(`The size must be above zero; it is ${size.value}.`, 'size.value');
  if ((size.unit === 'percent_balance' || size.unit === 'percent_position') && value.gt(HUNDRED)) {
    return invalid(`A percentage cannot be above 100; it is ${size.value}.`, 'size.value');
  }
  return value;
}

function isFailure(value: Dec | LeaderMoveFailure): value is LeaderMoveFailure {
  return 'ok' in value;
}

function addTo(book: LeaderBook, side: PositionSide, quantity: Dec, percentBalance: Dec | null): LeaderMove {
  if (quantity.lte(0)) return invalid('The size is too small to be a quantity of this instrument.', 'size.value');
  const open: OpenLeg = { kind: 'open', side, quantity, percentBalance };
  const turns = book.side !== null && book.side !== side;
  const after = turns ? quantity : dec(book.quantity).plus(quantity);
  if (!isWithin('contracts', after)) {
    const message = 'The leader would hold more contracts than any order can have.';
    return { ok: false, code: 'SIZE_OUT_OF_RANGE', message, field: 'size.value' };
  }
  const legs: readonly LeaderLeg[] = turns ? [{ kind: 'close', side: book.side, share: ONE }, open] : [open];
  return { ok: true, legs, bookAfter: makeBook(side, after) };
}

function moveOpen(
  book: LeaderBook,
  intent: SignalIntent,
  instrument: Pick<Instrument, 'contractValue'>,
  context: LeaderContext,
): LeaderMove {
  if (intent.side === null) return invalid('An open needs a side, long or short.', 'side');
  const size = intent.size ?? context.defaultSize ?? null;
  if (size === null) return invalid('The signal has no size and the strategy has no default one.', 'size');
  const value = readValue(size, false);
  if (isFailure(value)) return value;
  if (size.unit !== 'percent_balance') {
    const measured = measure(size, value, instrument, context);
    return measured.ok ? addTo(book, intent.side, measured.quantity, null) : measured;
  }
  if (context.leaderEquity === null || context.leaderEquity.lte(0)) {
    return {
      ok: false,
      code: 'EQUITY_UNKNOWN',
      message: "The leader's equity is not known, so a percentage has no size.",
    };
  }
  const fraction = value.div(HUNDRED);
  const margin = context.leaderEquity.times(fraction);
  const measured = measure({ unit: 'margin', value: '0' }, margin, instrument, context);
  return measured.ok ? addTo(book, intent.side, measured.quantity, fraction) : measured;
}

function moveClose(
  book: LeaderBook,
  intent: SignalIntent,
  instrument: Pick<Instrument, 'contractValue'>,
  context: LeaderContext,
): LeaderMove {
  const side = intent.side ?? book.side;
  const held = dec(book.quantity);
  const holds = book.side !== null && book.side === side;
  let share = ONE;
  if (intent.size !== null) {
    const value = readValue(intent.size, false);
    if (isFailure(value)) return value;
    if (intent.size.unit === 'percent_position') {
      share = value.div(HUNDRED);
    } else {
      if (intent.size.unit === 'percent_balance') {
        return invalid('A close takes a percentage of the position, not of the balance.', 'size.unit');
      }
      // Followers may still hold what the leader no longer does: then only "all" has a meaning.
      if (holds) {
        const measured = measure(intent.size, value, instrument, context);
        if (!measured.ok) return measured;
        share = minDec(ONE, measured.quantity.div(held));
        if (share.lte(0)) return invalid('The size is too small to be a quantity of this instrument.', 'size.value');
      }
    }
  }
  const left = share.gte(1) ? ZERO : held.minus(held.times(share));
  return { ok: true, legs: [{ kind: 'close', side, share }], bookAfter: holds ? makeBook(side, left) : book };
}

/** Also where the leader holds nothing: followers may. */
function leaveAll(book: LeaderBook, side: PositionSide | null): LeaderMove {
  return { ok: true, legs: [{ kind: 'close', side: book.side ?? side, share: ONE }], bookAfter: FLAT_BOOK };
}

function moveTarget(
  book: LeaderBook,
  intent: SignalIntent,
  instrument: Pick<Instrument, 'contractValue'>,
  context: LeaderContext,
): LeaderMove {
  if (intent.size === null) return invalid('A target position needs a size.', 'size');
  const value = readValue(intent.size, true);
  if (isFailure(value)) return value;
  if (intent.side === 'long' && value.lt(0)) return invalid('A long target cannot be negative.', 'size.value');
  // No price is needed to leave.
  if (value.isZero()) return leaveAll(book, intent.side);
  const measured = measure(intent.size, value.abs(), instrument, context);
  if (!measured.ok) return measured;
  if (measured.quantity.isZero()) return leaveAll(book, intent.side);
  const negative = value.lt(0) || intent.side === 'short';
  const target = negative ? measured.quantity.neg() : measured.quantity;

  const current = signedQuantity(book);
  if (target.eq(current)) return { ok: true, legs: [], bookAfter: book };
  const targetSide: PositionSide = target.lt(0) ? 'short' : 'long';
  if (book.side !== null && book.side !== targetSide) return addTo(book, targetSide, target.abs(), null);
  if (target.abs().gt(current.abs())) return addTo(book, targetSide, target.abs().minus(current.abs()), null);
  const share = current.abs().minus(target.abs()).div(current.abs());
  return {
    ok: true,
    legs: [{ kind: 'close', side: targetSide, share }],
    bookAfter: makeBook(targetSide, target.abs()),
  };
}

/**
 * What a signal does to its leader's position, and the legs that followers copy.
 *
 * open    on the side held adds; against it closes everything first (a reversal).
 * close   a percentage, an absolute size (share = size ÷ position, at most 1) or everything. When the leader holds nothing
 *         on that side the leg still goes out as asked, since followers may hold, and the book stays.
 * target  order = target − current; crossing zero is a reversal; already there: ok without legs, but zero always closes, as a close does.
 *         The value is signed, or unsigned with a side.
 * protect no legs; the book stays.
 *
 * Quantities are contracts with at most 18 decimals.
 */
export function moveLeader(
  book: LeaderBook,
  intent: SignalIntent,
  instrument: Pick<Instrument, 'contractValue'>,
  context: LeaderContext,
): LeaderMove {
  if (intent.action === 'open') return moveOpen(book, intent, instrument, context);
  if (intent.action === 'close') return moveClose(book, intent, instrument, context);
  if (intent.action === 'protect') return { ok: true, legs: [], bookAfter: book };
  return moveTarget(book, intent, instrument, context);
}

/**
 * Whether a signal takes its leader out of everything on the side that he holds, which is known without any price, size or book. Of a
 * signal that can otherwise not be read, only this is asked.
 */
export function leavesAll(intent: Partial<Pick<SignalIntent, 'action' | 'size'>>): boolean {
  const { action, size = null } = intent;
  if (action === 'close') return size === null || (size.unit === 'percent_position' && isNumber(size.value, HUNDRED));
  return action === 'target' && size !== null && isNumber(size.value, ZERO);
}

function isNumber(text: unknown, number: Dec): boolean {
  return typeof text === 'string' && DECIMAL_STRING.test(text) && parseDecimal(text).eq(number);
}
