import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  DECIMAL_STRING,
  dec,
  InvalidDecimalError,
  parseDecimal,
  quantize,
  roundDownToStep,
  roundToStep,
  roundUpToStep,
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
