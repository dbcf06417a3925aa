import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  approximate,
  compare,
  DECIMAL_STRING,
  dec,
  InvalidDecimalError,
  isAbove,
  isAboveZero,
  isBelow,
  isBelowZero,
  parseDecimal,
  quantize,
  roundDownToStep,
  roundToStep,
  roundUpToStep,
  sum,
  toText,
} from './decimal';

fc.configureGlobal({ seed: 20_260_501 });

const digits = fc.bigInt({ min: -(10n ** 18n) + 1n, max: 10n ** 18n - 1n });
const decimalText = fc
  .tuple(digits, fc.nat({ max: 999_999_999 }))
  .map(([whole, fraction]) => toText(dec(`${whole}.${String(fraction).padStart(9, '0')}`)));
const step = fc.constantFrom('1', '0.1', '0.01', '0.001', '0.5', '0.25', '5', '0.00000001').map((text) => dec(text));

describe('parseDecimal', () => {
  it('keeps every plain decimal exactly', () => {
    fc.assert(
      fc.property(decimalText, (text) => {
        expect(toText(parseDecimal(text))).toBe(text);
      }),
    );
  });

  it.each(['', ' 1', '1 ', '+1', '01', '1.', '.5', '1e3', '0x10', 'NaN', 'Infinity', '1,000', '1_000', '--1', '１'])(
    'refuses %j',
    (text) => expect(() => parseDecimal(text)).toThrow(InvalidDecimalError),
  );

  it('refuses more than 18 digits on either side', () => {
    expect(() => parseDecimal('1'.repeat(19))).toThrow(InvalidDecimalError);
    expect(() => parseDecimal(`0.${'1'.repeat(19)}`)).toThrow(InvalidDecimalError);
  });
});

/** Of every size, and often alike: differing in a late digit, in sign, or not at all. */
const near = fc
  .tuple(
    fc.constantFrom('', '-'),
    fc.constantFrom('0', '1', '12345678', '99999999999999'),
    fc.nat({ max: 3 }),
    fc.nat({ max: 18 }),
  )
  .map(([sign, whole, digit, place]) => dec(`${sign}${whole}.${'0'.repeat(place)}${digit}`));
const anySize = fc.oneof(near, decimalText.map(dec));

describe('comparing', () => {
  it('tells what the library tells', () => {
    fc.assert(
      fc.property(anySize, anySize, (a, b) => {
        expect(Math.sign(compare(a, b))).toBe(a.comparedTo(b));
        expect(compare(a, dec(a))).toBe(0);
        expect([isAbove(a, b), isBelow(a, b)]).toEqual([a.gt(b), a.lt(b)]);
        expect([isAboveZero(a), isBelowZero(a)]).toEqual([a.gt(0), a.lt(0)]);
      }),
      { numRuns: 2000 },
    );
  });

  it('knows no sign of zero, and lets nothing be above or below what is no number', () => {
    const [zero, minusZero, endless] = [dec(0), dec('-0'), dec(1).div(0)];
    expect([compare(zero, minusZero), compare(minusZero, zero)]).toEqual([0, 0]);
    expect([isAboveZero(minusZero), isBelowZero(minusZero)]).toEqual([false, false]);
    expect([isAbove(endless, dec(9)), isBelow(endless.neg(), dec(9))]).toEqual([true, true]);
    const none = zero.div(0);
    expect([isAbove(none, zero), isBelow(none, zero), isAboveZero(none), isBelowZero(none)]).toEqual(
      Array(4).fill(false),
    );
  });
});

describe('sum', () => {
  it('is what the library adds', () => {
    const orZero = fc.oneof(anySize, fc.constant(dec(0)));
    fc.assert(
      fc.property(orZero, orZero, (a, b) => {
        expect(toText(sum(a, b))).toBe(toText(a.plus(b)));
      }),
    );
  });
});

describe('approximate', () => {
  it('is nearly the number', () => {
    fc.assert(
      fc.property(anySize, fc.integer({ min: -18, max: 18 }), (value, exponent) => {
        const scaled = value.times(dec(10).pow(exponent));
        const error = Math.abs(approximate(scaled) - scaled.toNumber());
        expect(error).toBeLessThanOrEqual(2e-15 * Math.abs(scaled.toNumber()));
      }),
      { numRuns: 2000 },
    );
    expect(approximate(dec(1).div(0))).toBeNaN();
  });
});

describe('toText', () => {
  it('never writes an exponent', () => {
    expect(toText(dec('0.000000000000000001'))).toBe('0.000000000000000001');
    expect(toText(dec('1000000000000000000000'))).toBe('1000000000000000000000');
    expect(toText(dec('1.500'))).toBe('1.5');
  });
});

describe('rounding to a step', () => {
  it('goes down to a multiple less than one step away', () => {
    fc.assert(
      fc.property(decimalText, step, (text, size) => {
        const value = dec(text).abs();
        const rounded = roundDownToStep(value, size);
        expect(rounded.mod(size).isZero()).toBe(true);
        expect(rounded.lte(value)).toBe(true);
        expect(value.minus(rounded).lt(size)).toBe(true);
      }),
    );
  });

  it('goes up to a multiple less than one step away', () => {
    fc.assert(
      fc.property(decimalText, step, (text, size) => {
        const value = dec(text).abs();
        const rounded = roundUpToStep(value, size);
        expect(rounded.mod(size).isZero()).toBe(true);
        expect(rounded.gte(value)).toBe(true);
        expect(rounded.minus(value).lt(size)).toBe(true);
      }),
    );
  });

  it('leaves multiples alone in every direction', () => {
    fc.assert(
      fc.property(fc.nat(), step, (count, size) => {
        const value = size.times(count);
        for (const round of [roundDownToStep, roundUpToStep, roundToStep]) {
          expect(toText(round(value, size))).toBe(toText(value));
        }
      }),
    );
  });
});

describe('quantize', () => {
  it('gives thirds back their whole', () => {
    expect(toText(quantize(dec(1).div(3).times(3)))).toBe('1');
  });

  it('always fits what may cross a boundary', () => {
    fc.assert(
      fc.property(fc.integer(), fc.integer({ min: 1 }), (a, b) => {
        const text = toText(quantize(dec(a).div(b)));
        expect(text).toMatch(DECIMAL_STRING);
      }),
    );
  });
});
