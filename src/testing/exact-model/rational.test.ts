import { describe, expect, it } from 'vitest';
import { Rational, rounded } from './rational';

const q = (text: string) => Rational.parse(text);

describe('Rational', () => {
  it('reckons exactly', () => {
    const third = q('1').over(q('3'));
    expect(third.plus(third).plus(third).eq(q('1'))).toBe(true);
    expect(q('-0.5').times(q('4')).minus(q('1')).eq(q('-3'))).toBe(true);
    expect([q('0.1').gt(q('0.09')), q('-1').lt(q('-0.5')), q('-2').sign, q('0').sign]).toEqual([true, true, -1, 0]);
    expect(() => q('1').over(q('0'))).toThrow(RangeError);
    expect(() => q('1e3')).toThrow('plain');
  });

  it('rounds down, up and to the nearest step', () => {
    expect(q('0.129').down(q('0.01')).eq(q('0.12'))).toBe(true);
    expect(q('-0.121').down(q('0.01')).eq(q('-0.13'))).toBe(true);
    expect(q('0.121').up(q('0.01')).eq(q('0.13'))).toBe(true);
    expect(q('7.3').down(q('0.5')).eq(q('7'))).toBe(true);
    expect(q('0.25').nearest(q('0.1')).eq(q('0.3'))).toBe(true);
    expect(q('-0.25').nearest(q('0.1')).eq(q('-0.3'))).toBe(true);
    expect(rounded(q('2').over(q('3'))).eq(q('0.666666666666666667'))).toBe(true);
  });
});
