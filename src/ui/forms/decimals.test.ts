import { describe, expect, it } from 'vitest';
import { fractionToPercent, percentToFraction, plain, readDecimal } from './decimals';

describe('decimals of a form', () => {
  it.each([
    ['1,000.50', '1000.50'],
    [' 0.1 ', '0.1'],
    ['.5', '0.5'],
    ['5.', '5'],
    ['007', '7'],
    ['-0.2', '-0.2'],
    ['', null],
    [undefined, null],
    ['1e3', undefined],
    ['abc', undefined],
  ])('reads %s as %s', (typed, text) => {
    expect(readDecimal(typed)).toBe(text);
  });
  it('turns percent into fractions and back, exactly', () => {
    expect(percentToFraction('0.1')).toBe('0.001');
    expect(fractionToPercent('0.001')).toBe('0.1');
    expect(percentToFraction('')).toBeNull();
    expect(fractionToPercent(null)).toBeUndefined();
    expect(plain('10.000')).toBe('10');
  });
});
