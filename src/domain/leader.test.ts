import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { dec, toText } from './decimal';
import { FLAT_BOOK, type LeaderContext, type LeaderMove, leavesAll, moveLeader, signedQuantity } from './leader';
import type { LeaderBook, PositionSide, SignalIntent, SignalSize } from './signal';

fc.configureGlobal({ seed: 20_260_501 });

const btc = { contractValue: dec('0.01') };
const context: LeaderContext = { price: dec('50000'), leverage: dec('10'), leaderEquity: dec('100000') };

function intent(action: SignalIntent['action'], side: PositionSide | null, size: SignalSize | null): SignalIntent {
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
    sentAt: 0,
    maxLagMs: null,
    idempotencyKey: null,
  };
}

function size(unit: SignalSize['unit'], value: string): SignalSize {
  return { unit, value };
}

function show(move: LeaderMove): unknown {
  if (!move.ok) return move.code;
  const legs = move.legs.map((leg) =>
    leg.kind === 'open'
      ? `open ${leg.side} ${toText(leg.quantity)}${leg.percentBalance === null ? '' : ` (${toText(leg.percentBalance)})`}`
      : `close ${leg.side} ${toText(leg.share.toDecimalPlaces(6))}`,
  );
  return [...legs, `${move.bookAfter.side ?? 'flat'} ${move.bookAfter.quantity}`];
}

function run(book: LeaderBook, what: SignalIntent, over: Partial<LeaderContext> = {}): unknown {
  return show(moveLeader(book, what, btc, { ...context, ...over }));
}

const long3: LeaderBook = { side: 'long', quantity: '3' };

describe('moveLeader', () => {
  it('opens, adds, and reverses against the side held', () => {
    expect(run(FLAT_BOOK, intent('open', 'long', size('base', '1')))).toEqual(['open long 100', 'long 100']);
    expect(run(long3, intent('open', 'long', size('contracts', '2')))).toEqual(['open long 2', 'long 5']);
    expect(run(long3, intent('open', 'short', size('contracts', '2')))).toEqual([
      'close long 1',
      'open short 2',
      'short 2',
    ]);
  });

  it('turns quote, margin and percent of balance into contracts at the price', () => {
    expect(run(FLAT_BOOK, intent('open', 'long', size('quote', '5000')))).toEqual(['open long 10', 'long 10']);
    expect(run(FLAT_BOOK, intent('open', 'long', size('margin', '500')))).toEqual(['open long 10', 'long 10']);
    expect(run(FLAT_BOOK, intent('open', 'long', size('percent_balance', '50')))).toEqual([
      'open long 1000 (0.5)',
      'long 1000',
    ]);
  });

  it('asks for the price, equity or size that is missing', () => {
    expect(run(FLAT_BOOK, intent('open', 'long', size('quote', '5')), { price: null })).toBe('PRICE_UNKNOWN');
    expect(run(FLAT_BOOK, intent('open', 'long', size('percent_balance', '5')), { leaderEquity: null })).toBe(
      'EQUITY_UNKNOWN',
    );
    expect(run(FLAT_BOOK, intent('open', 'long', null))).toBe('VALIDATION_ERROR');
    expect(run(FLAT_BOOK, intent('open', 'long', null), { defaultSize: size('contracts', '4') })).toEqual([
      'open long 4',
      'long 4',
    ]);
  });

  it('holds no more than any order can have, and still leaves what it holds', () => {
    const most = size('contracts', '1000000000000');
    const full: LeaderBook = { side: 'long', quantity: '1000000000000' };
    const move = (book: LeaderBook, asked: SignalIntent) => show(moveLeader(book, asked, btc, context));
    expect(move(FLAT_BOOK, intent('open', 'long', most))).toEqual(['open long 1000000000000', 'long 1000000000000']);
    expect(move(full, intent('open', 'long', size('contracts', '1')))).toBe('SIZE_OUT_OF_RANGE');
    for (const unit of ['contracts', 'base', 'quote', 'margin'] as const) {
      expect(move(FLAT_BOOK, intent('open', 'long', size(unit, '999999999999999999')))).toBe('SIZE_OUT_OF_RANGE');
      expect(move(full, intent('target', 'short', size(unit, '999999999999999999')))).toBe('SIZE_OUT_OF_RANGE');
      expect(move(full, intent('close', 'long', size(unit, '999999999999999999')))).toEqual(['close long 1', 'flat 0']);
    }
    const nothing = moveLeader(
      FLAT_BOOK,
      intent('open', 'long', size('base', '1')),
      { contractValue: dec(0) },
      context,
    );
    expect(show(nothing)).toBe('SIZE_OUT_OF_RANGE');
  });

  it('closes a percentage, a size or everything', () => {
    expect(run(long3, intent('close', 'long', size('percent_position', '50')))).toEqual(['close long 0.5', 'long 1.5']);
    expect(run(long3, intent('close', null, size('contracts', '1')))).toEqual(['close long 0.333333', 'long 2']);
    expect(run(long3, intent('close', 'long', size('contracts', '9')))).toEqual(['close long 1', 'flat 0']);
    expect(run(long3, intent('close', null, null))).toEqual(['close long 1', 'flat 0']);
  });

  it('passes a close on when the leader holds nothing there, since followers may', () => {
    expect(run(FLAT_BOOK, intent('close', 'long', size('percent_position', '20')))).toEqual([
      'close long 0.2',
      'flat 0',
    ]);
    expect(run(FLAT_BOOK, intent('close', null, size('quote', '5')), { price: null })).toEqual([
      'close null 1',
      'flat 0',
    ]);
    expect(run(long3, intent('close', 'short', null))).toEqual(['close short 1', 'long 3']);
  });

  it('moves to a target: adds, reduces, closes, reverses, or does nothing', () => {
    expect(run(long3, intent('target', null, size('contracts', '5')))).toEqual(['open long 2', 'long 5']);
    expect(run(long3, intent('target', null, size('contracts', '1.5')))).toEqual(['close long 0.5', 'long 1.5']);
    expect(run(long3, intent('target', null, size('contracts', '0')))).toEqual(['close long 1', 'flat 0']);
    expect(run(long3, intent('target', null, size('base', '-0.02')))).toEqual([
      'close long 1',
      'open short 2',
      'short 2',
    ]);
    expect(run(long3, intent('target', 'short', size('contracts', '2')))).toEqual([
      'close long 1',
      'open short 2',
      'short 2',
    ]);
    expect(run(long3, intent('target', null, size('contracts', '3')))).toEqual(['long 3']);
  });

  it('leaves everything at a target of zero, also where only followers may hold something, and without a price', () => {
    const zero = size('quote', '0');
    expect(run(FLAT_BOOK, intent('target', null, zero))).toEqual(['close null 1', 'flat 0']);
    expect(run(FLAT_BOOK, intent('target', 'short', zero))).toEqual(['close short 1', 'flat 0']);
    expect(run(FLAT_BOOK, intent('target', null, zero), { price: null })).toEqual(['close null 1', 'flat 0']);
    expect(run(long3, intent('target', 'short', zero), { price: null })).toEqual(['close long 1', 'flat 0']);
    const short3: LeaderBook = { side: 'short', quantity: '3' };
    expect(run(short3, intent('target', null, size('quote', '0.000000000000000001')))).toEqual([
      'close short 1',
      'flat 0',
    ]);
  });

  it.each([
    intent('open', null, size('base', '1')),
    intent('open', 'long', size('percent_position', '10')),
    intent('open', 'long', size('base', '-1')),
    intent('open', 'long', size('base', '0')),
    intent('open', 'long', size('base', '1e3')),
    intent('open', 'long', size('percent_balance', '101')),
    intent('close', 'long', size('percent_position', '100.1')),
    intent('close', 'long', size('percent_balance', '10')),
    intent('target', null, null),
    intent('target', 'long', size('base', '-1')),
    intent('target', null, size('percent_balance', '10')),
  ])('refuses nonsense %#', (nonsense) => expect(run(long3, nonsense)).toBe('VALIDATION_ERROR'));

  it('keeps a book equal to the sum of what was asked', () => {
    const quantity = fc.integer({ min: 1, max: 1_000_000 }).map((n) => toText(dec(n).div(1000)));
    const move = fc.oneof(
      fc.record({
        action: fc.constant('open' as const),
        side: fc.constantFrom('long' as const, 'short' as const),
        quantity,
      }),
      fc.record({ action: fc.constant('close' as const), side: fc.constant(null), quantity }),
      fc.record({
        action: fc.constant('target' as const),
        side: fc.constant(null),
        quantity: fc.oneof(
          quantity,
          quantity.map((text) => `-${text}`),
          fc.constant('0'),
        ),
      }),
    );
    fc.assert(
      fc.property(fc.array(move, { maxLength: 30 }), (moves) => {
        let book = FLAT_BOOK;
        let expected = dec(0);
        let copied = dec(0);
        for (const { action, side, quantity: text } of moves) {
          const amount = dec(text);
          if (action === 'target') expected = amount;
          else if (action === 'close') {
            const left = expected.abs().minus(amount);
            expected = left.gt(0) ? left.times(expected.isNegative() ? -1 : 1) : dec(0);
          } else {
            const signed = side === 'short' ? amount.neg() : amount;
            expected = expected.times(signed).lt(0) ? signed : expected.plus(signed);
          }
          const moved = moveLeader(book, intent(action, side, size('contracts', text)), btc, context);
          if (!moved.ok) throw new Error(moved.message);
          for (const leg of moved.legs) {
            if (leg.kind === 'open') copied = copied.plus(leg.side === 'short' ? leg.quantity.neg() : leg.quantity);
            else copied = copied.minus(copied.times(leg.share));
          }
          book = moved.bookAfter;
          expect(signedQuantity(book).eq(expected)).toBe(true);
          // Somebody who copies the legs one to one holds the same.
          expect(copied.minus(expected).abs().lt('1e-30')).toBe(true);
        }
      }),
    );
  });
});

describe('leavesAll', () => {
  const size = (unit: string, value: string) => ({ unit, value }) as never;
  it.each([
    ['a close without a size', { action: 'close' }, true],
    ['a close of 100 percent', { action: 'close', size: size('percent_position', '100.0') }, true],
    ['a close of a part', { action: 'close', size: size('percent_position', '50') }, false],
    ['a close of a size', { action: 'close', size: size('contracts', '1') }, false],
    ['a target of zero', { action: 'target', size: size('contracts', '0') }, true],
    ['a target', { action: 'target', size: size('contracts', '1') }, false],
    ['a size that is none', { action: 'target', size: size('contracts', 'x') }, false],
    ['an entry', { action: 'open' }, false],
    ['nothing', {}, false],
  ] as const)('%s', (_what, intent, expected) => {
    expect(leavesAll(intent)).toBe(expected);
  });
});
