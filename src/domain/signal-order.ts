import { type Dec, dec, maxDec, quantize, toText } from './decimal';
import type { Instrument } from './instrument';
import { FLAT_BOOK, type LeaderLeg, leavesAll, type OpenLeg } from './leader';
import { setsLevels } from './protection';
import type { DenialCode, DenialContext } from './risk/codes';
import type { LeaderBook, PositionSide, SignalIntent, StatedPosition } from './signal';

/*
 * In which order a leader's signals count. They come over a network: a later one may arrive first, and one may be missing.
 *
 * What grows the leader's position has to be newer than what it would override, and has to begin where its sender says it does. Where it
 * does not, it opens nothing, and what it closes is closed all the same. Of two signals of one time the one that shrinks wins. An exit is
 * carried out whenever it comes, and never opens.
 */

/** When the signals of a lane were made that moved its leader, by their senders' clocks, epoch ms; null: there was none. */
export type LaneTimes = {
  /** The newest that counted. */
  readonly moved: number | null;
  /** The newest that was no plain entry. Entries of one side add up to the same in any order. */
  readonly settled: number | null;
  /** The newest that only shrank or left. */
  readonly left: number | null;
  /** Which side it left; null: it was not about one side. */
  readonly leftSide: PositionSide | null;
  /** It said what was held before, and so it was: what begins where it ended came after it, at the same time too. */
  readonly leftAsStated: boolean;
  /** The newest that decided about stop-loss and take-profit. */
  readonly levels: number | null;
};

export const NO_TIMES: LaneTimes = {
  moved: null,
  settled: null,
  left: null,
  leftSide: null,
  leftAsStated: false,
  levels: null,
};

/** Why a signal opens nothing. */
export type EntryRefusal = { readonly code: DenialCode; readonly context: DenialContext };

export type OrderedMove = {
  /** An open among them is refused where there is a refusal: followers get a receipt for it. */
  readonly legs: readonly LeaderLeg[];
  readonly bookAfter: LeaderBook;
  readonly refusal: EntryRefusal | null;
  /** Whether stop-loss and take-profit of the signal count. */
  readonly movesLevels: boolean;
  readonly times: LaneTimes;
};

export type SignalInLane = {
  readonly intent: SignalIntent;
  readonly instrument: Pick<Instrument, 'symbol' | 'contractValue' | 'baseCurrency'>;
  readonly book: LeaderBook;
  readonly times: LaneTimes;
  /** What the signal does to the book where it fits. */
  readonly move: { readonly legs: readonly LeaderLeg[]; readonly bookAfter: LeaderBook };
};

/** Floats of the sender's may print a position a little off. */
const TOLERANCE = dec('0.000000001');

/** What a signal does in its place among the others of its lane. */
export function inOrder(signal: SignalInLane): OrderedMove {
  const { intent, book, times, move } = signal;
  const open = move.legs.find((leg) => leg.kind === 'open');
  const refusal = open === undefined ? null : misfit(signal, open);
  if (refusal === null) return fitting(signal, move, open ?? null);
  const closes = move.legs.filter((leg) => leg.kind === 'close');
  if (closes.length > 0) {
    // A reversal leaves its side.
    return { ...reduced(signal, closes, FLAT_BOOK), legs: move.legs, refusal };
  }
  // An exit that finds nothing to leave has left all the same. What else did nothing is no measure for what comes after it.
  const after = isExit(intent) ? timesOfExit(times, intent.sentAt, leftSide(intent, []), false) : times;
  return { legs: move.legs, bookAfter: book, refusal, movesLevels: false, times: after };
}

/** The refusal of a `protect` that is older than what decided about levels last; null: it counts. */
export function lateProtection({ sentAt }: SignalIntent, symbol: string, times: LaneTimes): EntryRefusal | null {
  return isBefore(sentAt, times.levels) ? outOfOrder(sentAt, times.levels, symbol) : null;
}

function fitting(signal: SignalInLane, move: SignalInLane['move'], open: OpenLeg | null): OrderedMove {
  const { intent, book, times } = signal;
  const begins = open !== null && book.side !== open.side;
  const movesLevels = begins || !isBefore(intent.sentAt, times.levels);
  const decidesLevels = begins || (movesLevels && setsLevels(intent));
  const levels = decidesLevels ? (begins ? intent.sentAt : later(times.levels, intent.sentAt)) : times.levels;
  return { ...move, refusal: null, movesLevels, times: { ...timesAfter(signal, move, open), levels } };
}

/** A signal that does not fit, of which only what it closes is carried out. Its levels are for a position that it did not make. */
function reduced(signal: SignalInLane, legs: readonly LeaderLeg[], bookAfter: LeaderBook): OrderedMove {
  const times = timesAfter(signal, { legs, bookAfter }, null);
  return { legs, bookAfter, refusal: null, movesLevels: false, times };
}

function timesAfter(
  { intent, book, instrument, times }: SignalInLane,
  { legs }: SignalInLane['move'],
  open: OpenLeg | null,
): LaneTimes {
  const { sentAt, action } = intent;
  if (action === 'protect') return times;
  const shrinks = open === null && (isExit(intent) || legs.some((leg) => leg.kind === 'close'));
  if (shrinks) return timesOfExit(times, sentAt, leftSide(intent, legs), isAsStated(intent.previous, book, instrument));
  const settled = action === 'open' ? times.settled : later(times.settled, sentAt);
  return { ...times, moved: later(times.moved, sentAt), settled };
}

/**
 * A lane's times after an exit.
 * @param side which one it left; null: whichever was held
 * @param asStated it said what was held before, and so it was
 */
export function timesOfExit(times: LaneTimes, sentAt: number, side: PositionSide | null, asStated: boolean): LaneTimes {
  const after = { ...times, moved: later(times.moved, sentAt), settled: later(times.settled, sentAt) };
  if (isBefore(sentAt, times.left)) return after;
  const again = sentAt === times.left;
  const leftAsStated = asStated && (!again || times.leftAsStated);
  return { ...after, left: sentAt, leftSide: again && side !== times.leftSide ? null : side, leftAsStated };
}

/** Why a signal may not open; null: it may. */
function misfit(signal: SignalInLane, open: OpenLeg): EntryRefusal | null {
  const { intent, instrument, book, times } = signal;
  const { sentAt } = intent;
  const adds = intent.action === 'open' && (book.side === null || book.side === open.side);
  const last = adds ? times.settled : times.moved;
  if (isBefore(sentAt, last)) return outOfOrder(sentAt, last, instrument.symbol);
  const asStated = isAsStated(intent.previous, book, instrument);
  const leftAtOnce = sentAt === times.left && (times.leftSide === null || times.leftSide === open.side);
  if (leftAtOnce && !(times.leftAsStated && asStated)) return outOfOrder(sentAt, times.left, instrument.symbol);
  if (isExit(intent)) return { code: 'EXIT_ONLY', context: { symbol: instrument.symbol } };
  return intent.previous === undefined || asStated ? null : mismatch(signal, intent.previous);
}

/** Whether a signal leaves all or a part of what its sender holds, by what it says itself. */
function isExit(intent: SignalIntent): boolean {
  return intent.exits === true || intent.action === 'close' || leavesAll(intent) || isBelowStated(intent);
}

/** Whether a target is smaller than what its sender says he held before on the same side. */
function isBelowStated({ action, side, size, previous }: SignalIntent): boolean {
  if (action !== 'target' || size?.unit !== 'base' || previous?.coins == null) return false;
  const target = dec(size.value);
  return previous.side === (side ?? sideOf(target)) && target.abs().lt(previous.coins);
}

/** Which side is left; null: whichever is held. */
function leftSide(intent: SignalIntent, legs: readonly LeaderLeg[]): PositionSide | null {
  const { side, size } = intent;
  if (side === null && leavesAll(intent)) return null;
  const [first] = legs;
  if (first !== undefined) return first.side;
  return side ?? (size === null ? null : sideOf(dec(size.value)));
}

function sideOf(target: Dec): PositionSide {
  return target.isNegative() ? 'short' : 'long';
}

/** Whether the leader's book is what the sender says he held; false where he does not say. */
function isAsStated(
  previous: StatedPosition | undefined,
  book: LeaderBook,
  { contractValue }: Pick<Instrument, 'contractValue'>,
): boolean {
  if (previous === undefined) return false;
  const { side, coins } = previous;
  if (side !== null && side !== (book.side ?? 'flat')) return false;
  if (coins === null) return true;
  const [stated, held] = [dec(coins), dec(book.quantity).times(contractValue)];
  return stated.minus(held).abs().lte(maxDec(stated, held).times(TOLERANCE));
}

function outOfOrder(sentAt: number, last: number | null, symbol: string): EntryRefusal {
  const context = { symbol, sentAt: timeText(sentAt), ...(last === null ? {} : { last: timeText(last) }) };
  return { code: 'OUT_OF_ORDER', context };
}

function mismatch({ instrument, book }: SignalInLane, previous: StatedPosition): EntryRefusal {
  const { symbol, baseCurrency, contractValue } = instrument;
  const held = dec(book.quantity).times(contractValue);
  const context: Record<string, string> = {
    symbol,
    currency: baseCurrency,
    heldSide: book.side ?? 'flat',
    held: toText(quantize(held)),
  };
  if (previous.side !== null) context.statedSide = previous.side;
  if (previous.coins !== null) context.stated = previous.coins;
  return { code: 'POSITION_MISMATCH', context };
}

function timeText(time: number): string {
  return new Date(time).toISOString();
}

function isBefore(time: number, other: number | null): boolean {
  return other !== null && time < other;
}

function later(time: number | null, other: number): number {
  return time === null ? other : Math.max(time, other);
}
