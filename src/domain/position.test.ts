import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { dec, toText, ZERO } from './decimal';
import {
  applyClosingFill,
  applyFill,
  averageEntry,
  FLAT_POSITION,
  type OwnPosition,
  type PositionFill,
  unrealizedPnl,
} from './position';

fc.configureGlobal({ seed: 20_260_501 });

const btc = { contractValue: dec('0.01') };

function fill(side: 'buy' | 'sell', quantity: string, price: string, fee = '0'): PositionFill {
  return { side, quantity: dec(quantity), price: dec(price), fee: dec(fee) };
}

function booked(...fills: readonly PositionFill[]): OwnPosition {
  return fills.reduce((position, one) => applyFill(position, one, btc), FLAT_POSITION);
}

describe('applyClosingFill', () => {
  it('ends a position at most, and counts the whole fee', () => {
    const position = applyClosingFill(booked(fill('buy', '10', '50000', '2.5')), fill('sell', '15', '51000', '3'), btc);
    expect([position.side, toText(position.quantity), toText(position.cost)]).toEqual([null, '0', '0']);
    expect([toText(position.realizedPnl), toText(position.fees)]).toEqual(['100', '5.5']);
  });

  it('closes a part as any fill does', () => {
    const held = booked(fill('sell', '10', '50000'));
    expect(applyClosingFill(held, fill('buy', '4', '49000'), btc)).toEqual(
      applyFill(held, fill('buy', '4', '49000'), btc),
    );
  });

  it('opens nothing where nothing is held', () => {
    const position = applyClosingFill(FLAT_POSITION, fill('buy', '4', '49000', '1'), btc);
    expect([position.side, toText(position.quantity), toText(position.fees)]).toEqual([null, '0', '1']);
  });
});

describe('applyFill', () => {
  it('averages by size when adding', () => {
    const position = booked(fill('buy', '10', '50000'), fill('buy', '30', '54000'));
    expect(averageEntry(position, btc)?.toFixed()).toBe('53000');
    expect([position.side, toText(position.quantity)]).toEqual(['long', '40']);
  });

  it('keeps the average and realises profit when reducing', () => {
    const position = booked(fill('sell', '10', '50000'), fill('buy', '4', '49000'));
    expect(averageEntry(position, btc)?.toFixed()).toBe('50000');
    expect(toText(position.realizedPnl)).toBe('40');
    expect(toText(unrealizedPnl(position, dec(51000), btc))).toBe('-60');
  });

  it('flips with what exceeds the position, at the fill’s price', () => {
    const position = booked(fill('buy', '10', '50000', '2.5'), fill('sell', '15', '51000', '-1'));
    expect([position.side, toText(position.quantity)]).toEqual(['short', '5']);
    expect(averageEntry(position, btc)?.toFixed()).toBe('51000');
    expect([toText(position.realizedPnl), toText(position.fees)]).toEqual(['100', '1.5']);
  });

  it('refuses an empty fill', () => {
    expect(() => applyFill(FLAT_POSITION, fill('buy', '0', '1'), btc)).toThrow(RangeError);
  });

  it('neither makes nor loses money: total profit is the cash flow plus the worth of what is open', () => {
    const fills = fc.array(
      fc
        .record({
          side: fc.constantFrom('buy' as const, 'sell' as const),
          quantity: fc.integer({ min: 1, max: 100_000 }),
          price: fc.integer({ min: 1, max: 10_000_000 }),
        })
        .map(({ side, quantity, price }) => ({
          side,
          quantity: dec(quantity).div(100),
          price: dec(price).div(10),
          fee: ZERO,
        })),
      { maxLength: 40 },
    );
    fc.assert(
      fc.property(fills, fc.integer({ min: 1, max: 1_000_000 }), (all, markNumber) => {
        const mark = dec(markNumber);
        const position = booked(...all);
        const cash = all.reduce((sum, one) => {
          const worth = one.quantity.times(one.price).times(btc.contractValue);
          return one.side === 'buy' ? sum.minus(worth) : sum.plus(worth);
        }, ZERO);
        const net = all.reduce(
          (sum, one) => (one.side === 'buy' ? sum.plus(one.quantity) : sum.minus(one.quantity)),
          ZERO,
        );
        const signed = position.side === 'short' ? position.quantity.neg() : position.quantity;
        expect(signed.eq(net)).toBe(true);
        expect(position.side === null).toBe(net.isZero());
        if (net.isZero()) expect(position.cost.isZero()).toBe(true);
        const profit = position.realizedPnl.plus(unrealizedPnl(position, mark, btc));
        expect(profit.eq(cash.plus(net.times(mark).times(btc.contractValue)))).toBe(true);
      }),
    );
  });
});
