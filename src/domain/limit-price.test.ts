import { describe, expect, it } from 'vitest';
import { dec } from './decimal';
import { mirroredLimit, worstPriceNow, worthPrice } from './limit-price';

const text = (price: { toFixed(): string } | null) => price?.toFixed() ?? null;
const of = (limit: number | null) => (limit === null ? null : dec(limit));

describe('worthPrice', () => {
  it.each([
    ['buy', null, 100, '100'],
    ['buy', 90, 100, '90'],
    ['buy', 110, 100, '110'],
    ['sell', 110, 100, '110'],
    ['sell', 50, 100, '100'],
    ['sell', 50, null, '50'],
    ['sell', null, null, null],
  ] as const)('of a %s with limit %s at %s is %s', (side, limit, market, price) => {
    expect(text(worthPrice(side, of(limit), of(market)))).toBe(price);
  });
});

describe('worstPriceNow', () => {
  it.each([
    ['buy', null, 100, '100'],
    ['buy', 99, 100, null],
    ['buy', 100, 100, '100'],
    ['buy', 110, 100, '110'],
    ['sell', 101, 100, null],
    ['sell', 50, 100, '50'],
    ['sell', 50, null, null],
  ] as const)('of a %s with limit %s at %s is %s', (side, limit, market, price) => {
    expect(text(worstPriceNow(side, of(limit), of(market)))).toBe(price);
  });
});

describe('mirroredLimit', () => {
  it('lies as far from the market on the other side', () => {
    expect([95, 105, 100, 250].map((limit) => text(mirroredLimit(dec(limit), dec(100))))).toEqual([
      '105',
      '95',
      '100',
      '-50',
    ]);
  });
});
