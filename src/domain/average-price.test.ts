import { describe, expect, it } from 'vitest';
import { averagePrice } from './average-price';
import { dec, toText, ZERO } from './decimal';

const btc = { contractValue: dec('0.01') };

describe('averagePrice', () => {
  it('is the value of one coin, rounded to what the database keeps', () => {
    expect(toText(averagePrice(btc, dec(2), dec(1000)) ?? ZERO)).toBe('50000');
    expect(toText(averagePrice(btc, dec(3), dec(1000)) ?? ZERO)).toBe('33333.333333333333333333');
    expect(toText(averagePrice(btc, dec(6), dec(1000)) ?? ZERO)).toBe('16666.666666666666666667');
  });

  it('is none of nothing', () => {
    expect(averagePrice(btc, ZERO, ZERO)).toBeNull();
  });
});
