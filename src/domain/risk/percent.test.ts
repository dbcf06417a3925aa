import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { dec, shownQuotient } from '../decimal';
import { exceedsShare, percentText, quotientText } from './percent';

describe('a quotient as a percentage', () => {
  it('has at most two decimals, rounded half up', () => {
    expect(quotientText(dec(1), dec(3))).toBe('33.33%');
    expect(quotientText(dec(2), dec(3))).toBe('66.67%');
    expect(quotientText(dec('0.00125'), dec(1))).toBe('0.13%');
    expect(quotientText(dec('1.00005'), dec(1))).toBe('100.01%');
    expect(quotientText(dec(0), dec(7))).toBe('0%');
    expect(quotientText(dec(5), dec(10))).toBe('50%');
  });

  it('is as exact as a decimal division beside a half, and where a double has too few digits', () => {
    expect(quotientText(dec('0.001249999999999999999'), dec(1))).toBe('0.12%');
    expect(quotientText(dec('12345678901234.12345'), dec(1))).toBe('1234567890123412.35%');
  });

  it('tells the digits that a decimal division tells, whatever is divided', () => {
    const money = fc.bigInt({ min: 0n, max: 10n ** 24n }).map((units) => dec(units.toString()).div(1_000_000));
    fc.assert(
      fc.property(money, money, (a, b) => {
        fc.pre(b.gt(0));
        expect(quotientText(a, b)).toBe(percentText(shownQuotient(a, b)));
      }),
    );
  });
});

describe('a share that is exceeded', () => {
  it('is told to the last digit', () => {
    expect(exceedsShare(dec('50.000000000000000001'), dec('0.05'), dec(1000))).toBe(true);
    expect(exceedsShare(dec(50), dec('0.05'), dec(1000))).toBe(false);
    expect(exceedsShare(dec('49.999999999999999999'), dec('0.05'), dec(1000))).toBe(false);
    expect(exceedsShare(dec(0), dec('0.05'), dec(0))).toBe(false);
    expect(exceedsShare(dec(1), dec('0.05'), dec(0))).toBe(true);
    expect(exceedsShare(dec(0), dec('0.05'), dec(-1))).toBe(true);
  });

  it('is what decimals say, whatever is compared', () => {
    const amount = fc
      .bigInt({ min: -(10n ** 20n), max: 10n ** 24n })
      .map((units) => dec(units.toString()).div(1_000_000));
    const share = fc.integer({ min: 0, max: 1000 }).map((thousandths) => dec(thousandths).div(1000));
    const beside = fc
      .constantFrom('0', '0.000000000000000001', '-0.000000000000000001', '0.001')
      .map((text) => dec(text));
    fc.assert(
      fc.property(amount, share, amount, beside, (part, most, whole, off) => {
        for (const value of [part, most.times(whole).plus(off)]) {
          expect(exceedsShare(value, most, whole)).toBe(value.gt(most.times(whole)));
        }
      }),
    );
  });
});
