import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { dec, toText } from './decimal';
import { FLAT_BOOK, moveLeader, signedQuantity } from './leader';
import type { LeaderBook, PositionSide, SignalIntent, SignalSize, StatedPosition } from './signal';
import { inOrder, type LaneTimes, lateProtection, NO_TIMES, type OrderedMove } from './signal-order';

fc.configureGlobal({ seed: 20_261_201 });

const btc = { symbol: 'BTC-USDT-SWAP', contractValue: dec('0.01'), baseCurrency: 'BTC' };
const market = { price: dec('50000'), leverage: dec('10'), leaderEquity: dec('100000') };

type Over = Partial<Pick<SignalIntent, 'previous' | 'exits' | 'stopLoss'>>;

function intent(sentAt: number, action: SignalIntent['action'], side: PositionSide | null, size: SignalSize | null) {
  return {
    symbol: 'BTC-USDT-SWAP',
    action,
    side,
    size,
    orderType: 'market',
    limitPrice: null,
    referencePrice: null,
    leverage: null,
    stopPrice: null,
    sentAt,
    maxLagMs: null,
    idempotencyKey: null,
  } satisfies SignalIntent;
}

const coins = (value: string): SignalSize => ({ unit: 'base', value });
const target = (at: number, value: string, over: Over = {}): SignalIntent => ({
  ...intent(at, 'target', null, coins(value)),
  ...over,
});
const open = (at: number, side: PositionSide, value: string, over: Over = {}): SignalIntent => ({
  ...intent(at, 'open', side, coins(value)),
  ...over,
});
const close = (at: number, side: PositionSide | null = null, over: Over = {}): SignalIntent => ({
  ...intent(at, 'close', side, null),
  ...over,
});
const held = (side: StatedPosition['side'], amount: string | null): Over => ({ previous: { side, coins: amount } });

/** A lane after these signals, in the order of their coming. */
class Lane {
  times: LaneTimes = NO_TIMES;

  constructor(public book: LeaderBook = FLAT_BOOK) {}

  take(signal: SignalIntent): OrderedMove {
    const move = moveLeader(this.book, signal, btc, market);
    if (!move.ok) throw new Error(move.message);
    const moved = inOrder({ intent: signal, instrument: btc, book: this.book, times: this.times, move });
    this.book = moved.bookAfter;
    this.times = moved.times;
    return moved;
  }

  /** What becomes of the signals, and where the leader stands then, in coins. */
  all(...signals: readonly SignalIntent[]): string {
    const done = signals.map((signal) => {
      const { legs, refusal } = this.take(signal);
      const shown = legs.map((leg) =>
        leg.kind === 'close'
          ? `close ${toText(leg.share.toDecimalPlaces(4))}`
          : refusal === null
            ? `open ${leg.side} ${toText(leg.quantity.times(btc.contractValue))}`
            : refusal.code,
      );
      return shown.join(' + ') || 'nothing';
    });
    const { side, quantity } = this.book;
    return [...done, side === null ? 'flat' : `${side} ${toText(dec(quantity).times(btc.contractValue))}`].join(', ');
  }
}

const longTwo: LeaderBook = { side: 'long', quantity: '200' };

describe('an earlier time', () => {
  it.each<[string, LeaderBook, readonly SignalIntent[], string]>([
    ['does not undo an exit', longTwo, [target(10, '0'), target(9, '2')], 'close 1, OUT_OF_ORDER, flat'],
    ['does not undo a close', longTwo, [close(10), target(9, '2')], 'close 1, OUT_OF_ORDER, flat'],
    ['does not enter once more', longTwo, [close(10), open(9, 'long', '1')], 'close 1, OUT_OF_ORDER, flat'],
    ['does not grow a newer target', FLAT_BOOK, [target(10, '1'), target(9, '2')], 'open long 1, OUT_OF_ORDER, long 1'],
    ['only reduces a newer target', FLAT_BOOK, [target(10, '2'), target(9, '1')], 'open long 2, close 0.5, long 1'],
    [
      'closes and does not open where it is a reversal',
      FLAT_BOOK,
      [target(10, '2'), target(9, '-1')],
      'open long 2, close 1 + OUT_OF_ORDER, flat',
    ],
    [
      'closes and does not open where it is an entry on the other side',
      FLAT_BOOK,
      [open(10, 'long', '2'), open(9, 'short', '1')],
      'open long 2, close 1 + OUT_OF_ORDER, flat',
    ],
    [
      'is not measured by a signal that did nothing',
      FLAT_BOOK,
      [target(10, '3', held('long', '2')), target(9, '2')],
      'POSITION_MISMATCH, open long 2, long 2',
    ],
    ['counts where a target is confirmed', longTwo, [target(10, '2'), target(9, '3')], 'nothing, OUT_OF_ORDER, long 2'],
    [
      'adds to later entries on the same side',
      FLAT_BOOK,
      [open(10, 'long', '2'), open(9, 'long', '1')],
      'open long 2, open long 1, long 3',
    ],
    [
      'does not add to an entry that a target has settled',
      FLAT_BOOK,
      [open(8, 'long', '2'), target(10, '2'), open(9, 'long', '1')],
      'open long 2, nothing, OUT_OF_ORDER, long 2',
    ],
    ['never keeps an exit back', FLAT_BOOK, [open(10, 'long', '2'), close(9)], 'open long 2, close 1, flat'],
    ['never keeps a target of zero back', FLAT_BOOK, [target(10, '2'), target(9, '0')], 'open long 2, close 1, flat'],
    [
      'does not make what came later older',
      longTwo,
      [target(10, '1'), close(8), target(9, '2'), target(11, '2')],
      'close 0.5, close 1, OUT_OF_ORDER, open long 2, long 2',
    ],
  ])('%s', (_what, book, signals, expected) => expect(new Lane(book).all(...signals)).toBe(expected));
});

describe('at one time', () => {
  it.each<[string, LeaderBook, readonly SignalIntent[], string]>([
    ['an exit wins when it comes first', longTwo, [target(5, '0'), target(5, '2')], 'close 1, OUT_OF_ORDER, flat'],
    ['an exit wins when it comes last', FLAT_BOOK, [target(5, '2'), close(5)], 'open long 2, close 1, flat'],
    ['an exit wins that meets a flat book', FLAT_BOOK, [close(5), target(5, '2')], 'close 1, OUT_OF_ORDER, flat'],
    [
      'a target of zero wins that meets a flat book',
      FLAT_BOOK,
      [target(5, '0'), target(5, '2')],
      '*, OUT_OF_ORDER, flat',
    ],
    ['shrinking wins', longTwo, [target(5, '1'), target(5, '3')], 'close 0.5, OUT_OF_ORDER, long 1'],
    ['entries add up', FLAT_BOOK, [open(5, 'long', '1'), open(5, 'long', '1')], 'open long 1, open long 1, long 2'],
    ['targets grow', FLAT_BOOK, [target(5, '1'), target(5, '2')], 'open long 1, open long 1, long 2'],
    [
      'one side is left and the other entered',
      longTwo,
      [close(5, 'long'), open(5, 'short', '1')],
      'close 1, open short 1, short 1',
    ],
    [
      'the side that is left is not entered',
      longTwo,
      [close(5, 'long'), open(5, 'long', '1')],
      'close 1, OUT_OF_ORDER, flat',
    ],
    [
      'a chain of stated positions has an order',
      longTwo,
      [close(5, null, held('long', '2')), target(5, '-1', held('flat', '0'))],
      'close 1, open short 1, short 1',
    ],
    [
      'a chain is none where its first link did not fit',
      FLAT_BOOK,
      [close(5, null, held('long', '2')), target(5, '2', held('flat', '0'))],
      'close 1, OUT_OF_ORDER, flat',
    ],
    [
      'a chain is none where an exit of the same time says nothing',
      longTwo,
      [target(5, '1', held('long', '2')), close(5), target(5, '1', held('flat', '0'))],
      'close 0.5, close 1, OUT_OF_ORDER, flat',
    ],
    ['only that time is barred', longTwo, [target(5, '0'), target(6, '2')], 'close 1, open long 2, long 2'],
  ])('%s', (_what, book, signals, expected) => {
    const pattern = expected.split('*').map((part) => part.replace(/[+.]/g, '\\$&'));
    expect(new Lane(book).all(...signals)).toMatch(new RegExp(`^${pattern.join('.*')}$`));
  });
});

describe('a stated position', () => {
  it.each<[string, LeaderBook, SignalIntent, string]>([
    ['that fits lets a target grow', longTwo, target(1, '3', held('long', '2')), 'open long 1, long 3'],
    ['may be off by what floats lose', longTwo, target(1, '3', held('long', '2.0000000001')), 'open long 1, long 3'],
    ['may leave out its size', longTwo, target(1, '3', held('long', null)), 'open long 1, long 3'],
    ['may leave out its side', longTwo, target(1, '3', held(null, '2')), 'open long 1, long 3'],
    ['of nothing fits a flat book', FLAT_BOOK, target(1, '3', held('flat', null)), 'open long 3, long 3'],
    ['of zero fits a flat book', FLAT_BOOK, target(1, '3', held(null, '0')), 'open long 3, long 3'],
    ['of another size lets nothing grow', longTwo, target(1, '3', held('long', '1')), 'POSITION_MISMATCH, long 2'],
    ['of another side lets nothing grow', longTwo, target(1, '3', held('short', '2')), 'POSITION_MISMATCH, long 2'],
    ['lets nothing grow on a flat book', FLAT_BOOK, target(1, '3', held('long', '2')), 'POSITION_MISMATCH, flat'],
    ['of nothing lets a held one not grow', longTwo, target(1, '3', held('flat', '0')), 'POSITION_MISMATCH, long 2'],
    ['lets an entry not grow', longTwo, open(1, 'long', '1', held('flat', '0')), 'POSITION_MISMATCH, long 2'],
    [
      'lets a reversal close, and open nothing',
      longTwo,
      target(1, '-1', held('long', '3')),
      'close 1 + POSITION_MISMATCH, flat',
    ],
    ['keeps no target from reducing', longTwo, target(1, '1', held('long', '3')), 'close 0.5, long 1'],
    ['keeps no exit back', longTwo, close(1, null, held('long', '5')), 'close 1, flat'],
  ])('%s', (_what, book, signal, expected) => expect(new Lane(book).all(signal)).toBe(expected));

  it('is told beside what the leader held by his signals', () => {
    expect(new Lane(longTwo).take(target(1, '3', held('short', '1'))).refusal?.context).toEqual({
      symbol: 'BTC-USDT-SWAP',
      currency: 'BTC',
      heldSide: 'long',
      held: '2',
      statedSide: 'short',
      stated: '1',
    });
  });
});

describe('an exit', () => {
  const exits: Over = { exits: true };
  it.each<[string, LeaderBook, SignalIntent, string]>([
    ['that meets a flat book opens nothing', FLAT_BOOK, target(1, '1', exits), 'EXIT_ONLY, flat'],
    ['opens nothing where less is held', longTwo, target(1, '3', exits), 'EXIT_ONLY, long 2'],
    ['reduces', longTwo, target(1, '1', exits), 'close 0.5, long 1'],
    ['closes the other side, and opens nothing', longTwo, target(1, '-1', exits), 'close 1 + EXIT_ONLY, flat'],
    [
      'that says what was held opens nothing on a flat book',
      FLAT_BOOK,
      target(1, '1', held('long', '2')),
      'EXIT_ONLY, flat',
    ],
    ['that says what was held grows nothing', longTwo, target(1, '3', held('long', '4')), 'EXIT_ONLY, long 2'],
  ])('%s', (_what, book, signal, expected) => expect(new Lane(book).all(signal)).toBe(expected));

  it('of what was not opened leaves the leader where he stands', () => {
    const lane = new Lane(longTwo);
    expect(lane.all(target(1, '4', held('long', '3')), target(2, '2', held('long', '4')))).toBe(
      'POSITION_MISMATCH, nothing, long 2',
    );
    expect(lane.all(target(3, '3', held('long', '2')))).toBe('open long 1, long 3');
  });
});

describe('an exit that finds nothing to leave', () => {
  it.each<[string, readonly SignalIntent[], string]>([
    ['of the same time', [target(5, '1', { exits: true }), target(5, '2')], 'EXIT_ONLY, OUT_OF_ORDER, flat'],
    ['before it', [target(5, '1', { exits: true }), open(4, 'long', '2')], 'EXIT_ONLY, OUT_OF_ORDER, flat'],
    [
      'before it, as it says itself',
      [target(5, '1', held('long', '2')), target(4, '2')],
      'EXIT_ONLY, OUT_OF_ORDER, flat',
    ],
  ])('bars the entry %s', (_what, signals, expected) => {
    expect(new Lane().all(...signals)).toBe(expected);
  });

  it('bars neither what comes later nor the other side at its time', () => {
    const exit = target(5, '1', { exits: true });
    expect(new Lane().all(exit, target(6, '2'))).toBe('EXIT_ONLY, open long 2, long 2');
    expect(new Lane().all(exit, target(5, '-2'))).toBe('EXIT_ONLY, open short 2, short 2');
  });
});

describe('stop-loss and take-profit', () => {
  const stop: Over = { stopLoss: { unit: 'percent', value: '5' } };
  const protect = (at: number): SignalIntent => intent(at, 'protect', null, null);
  const late = (lane: Lane, signal: SignalIntent) => lateProtection(signal, btc.symbol, lane.times)?.code ?? null;

  it('are those of the newest signal that names them', () => {
    const lane = new Lane();
    expect(lane.take(open(5, 'long', '1', stop)).movesLevels).toBe(true);
    expect(late(lane, protect(4))).toBe('OUT_OF_ORDER');
    expect(late(lane, protect(6))).toBeNull();
    lane.take(protect(10));
    expect(late(lane, protect(9))).toBe('OUT_OF_ORDER');
    expect(lane.take(open(9, 'long', '1', stop)).movesLevels).toBe(false);
    expect(lane.take(open(11, 'long', '1', stop)).movesLevels).toBe(true);
  });

  it('are not those of a position before', () => {
    const lane = new Lane();
    lane.take(protect(10));
    expect(lane.take(open(9, 'long', '1', stop)).movesLevels).toBe(true);
    expect(late(lane, protect(9))).toBeNull();
  });

  it('are not barred by an add that names none', () => {
    const lane = new Lane();
    lane.take(open(5, 'long', '1', stop));
    lane.take(open(10, 'long', '1'));
    expect(late(lane, protect(9))).toBeNull();
  });

  it('do not move by a signal that does not fit', () => {
    const lane = new Lane();
    lane.take(target(10, '2'));
    expect(lane.take(target(9, '1', stop)).movesLevels).toBe(false);
    expect(lane.take(target(11, '3', { ...stop, ...held('long', '2') })).movesLevels).toBe(false);
    expect(lane.take(target(11, '3', { ...stop, ...held('long', '1') })).movesLevels).toBe(true);
  });
});

describe('targets and closes that come in any order', () => {
  const targets = fc.array(fc.integer({ min: -3, max: 3 }), { minLength: 1, maxLength: 8 });

  it('leave the leader nowhere but between nothing and where the newest one says he stands', () => {
    fc.assert(
      fc.property(targets, fc.infiniteStream(fc.nat(1000)), (sizes, draws) => {
        const signals = sizes.map((size, at) => (size === 0 ? close(at) : target(at, String(size))));
        const lane = new Lane();
        for (const [, signal] of signals
          .map((signal) => [draws.next().value, signal] as const)
          .sort(([a], [b]) => a - b)) {
          lane.take(signal);
        }
        const newest = dec(sizes.at(-1) ?? 0).times(100);
        const stands = signedQuantity(lane.book);
        expect(stands.abs().lte(newest.abs())).toBe(true);
        expect(stands.isZero() || stands.isNegative() === newest.isNegative()).toBe(true);
        // In the order in which they were sent they are all followed.
        const straight = new Lane();
        for (const signal of signals) straight.take(signal);
        expect(signedQuantity(straight.book).eq(newest)).toBe(true);
      }),
      { numRuns: 500 },
    );
  });

  it('of one time end flat where one of them is a close', () => {
    fc.assert(
      fc.property(targets, fc.nat(7), (sizes, place) => {
        const signals = sizes.map((size) => (size === 0 ? close(5) : target(5, String(size))));
        signals.splice(Math.min(place, signals.length), 0, close(5));
        const lane = new Lane();
        for (const signal of signals) lane.take(signal);
        expect(lane.book.side).toBeNull();
      }),
      { numRuns: 500 },
    );
  });
});
