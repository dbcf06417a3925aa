import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { dec, ZERO } from '@/domain/decimal';
import {
  averageAfterAdding,
  breakEvenPx,
  initialMargin,
  isMultiple,
  isolatedLiquidationPx,
  maintenanceMargin,
  quantity,
  TAKER_RATE,
  tradeFee,
  unrealizedPnl,
} from './arithmetic';

const price = fc.integer({ min: 1, max: 2_000_000 }).map((ticks) => dec(ticks).div(10));
const contracts = fc.integer({ min: 1, max: 1_000_000 }).map((lots) => dec(lots).div(100));
const lever = fc.integer({ min: 1, max: 100 }).map((value) => dec(value));
const sign = fc.constantFrom(1 as const, -1 as const);
const ctVal = fc.constantFrom('0.01', '0.1', '1', '100', '1000').map((value) => dec(value));

describe('a worked example of a linear swap', () => {
  const base = quantity(dec('-1.5'), dec('0.01'));

  it('values a short of 1.5 contracts', () => {
    expect(base.toFixed()).toBe('0.015');
    expect(unrealizedPnl(-1, dec('100000'), dec('99000'), base).toFixed()).toBe('15');
    expect(initialMargin(dec('99000'), base, dec('10')).toFixed()).toBe('148.5');
    expect(maintenanceMargin(dec('99000'), base, dec('0.004')).toFixed()).toBe('5.94');
    expect(tradeFee(dec('99000'), base, TAKER_RATE).toFixed()).toBe('-0.7425');
  });

  it('liquidates an isolated long of tenfold leverage about a tenth below its price', () => {
    const margin = initialMargin(dec('100000'), dec('0.01'), dec('10'));
    const px = isolatedLiquidationPx(1, dec('100000'), dec('0.01'), margin, dec('0.004'));
    expect(px.toDecimalPlaces(4).toFixed()).toBe('90406.8307');
  });
});

describe('arithmetic of linear swaps', () => {
  it('gives a long what it takes from a short', () => {
    fc.assert(
      fc.property(price, price, contracts, ctVal, (average, mark, size, value) => {
        const base = quantity(size, value);
        const long = unrealizedPnl(1, average, mark, base);
        expect(long.plus(unrealizedPnl(-1, average, mark, base)).isZero()).toBe(true);
      }),
    );
  });

  it('keeps the average between the old average and the new price, and the value unchanged', () => {
    fc.assert(
      fc.property(price, contracts, price, contracts, (average, held, px, added) => {
        const next = averageAfterAdding(average, held, px, added);
        const low = average.lt(px) ? average : px;
        const high = average.lt(px) ? px : average;
        const slack = dec('1e-40');
        expect(next.gte(low.minus(slack)) && next.lte(high.plus(slack))).toBe(true);
        const value = average.times(held).plus(px.times(added));
        expect(next.times(held.plus(added)).minus(value).abs().lt('1e-30')).toBe(true);
      }),
    );
  });

  it('opens at the price of the first fill', () => {
    fc.assert(fc.property(price, contracts, (px, added) => averageAfterAdding(ZERO, ZERO, px, added).eq(px)));
  });

  it('leaves exactly maintenance and the closing fee at the isolated liquidation price', () => {
    fc.assert(
      fc.property(sign, price, contracts, ctVal, lever, (direction, average, size, value, leverage) => {
        const base = quantity(size, value);
        const margin = initialMargin(average, base, leverage);
        const mmr = dec('0.004');
        const px = isolatedLiquidationPx(direction, average, base, margin, mmr);
        const left = margin.plus(unrealizedPnl(direction, average, px, base));
        const need = maintenanceMargin(px, base, mmr.plus(TAKER_RATE));
        expect(left.minus(need).abs().lt('1e-30')).toBe(true);
      }),
    );
  });

  it('brings everything realised to zero when closed at the break-even price', () => {
    fc.assert(
      fc.property(sign, price, contracts, ctVal, (direction, average, size, value) => {
        const base = quantity(size, value);
        const paid = tradeFee(average, base, TAKER_RATE);
        const px = breakEvenPx(direction, average, base, paid);
        const result = unrealizedPnl(direction, average, px, base)
          .plus(paid)
          .plus(tradeFee(px, base, TAKER_RATE));
        expect(result.abs().lt('1e-30')).toBe(true);
      }),
    );
  });

  it('knows multiples of a step', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 1e9 }), fc.constantFrom('0.01', '0.1', '1', '0.00001'), (count, step) => {
        expect(isMultiple(dec(count).times(step), dec(step))).toBe(true);
        expect(isMultiple(dec(count).times(step).plus(dec(step).div(10)), dec(step))).toBe(false);
      }),
    );
  });
});
