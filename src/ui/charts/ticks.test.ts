import { describe, expect, it } from 'vitest';
import { tickText } from './ticks';

const axis = (...values: number[]) => values.map((value) => tickText(value, values)).join(' ');

describe('tickText', () => {
  it('shows small values with the decimals that tell them apart', () => {
    expect(axis(0, 0.02, 0.04, 0.06)).toBe('0 0.02 0.04 0.06');
    expect(axis(-0.0005, 0, 0.0005)).toBe('−0.0005 0 0.0005');
    expect(axis(0, 0.25, 0.5)).toBe('0 0.25 0.50');
  });

  it('shows values that lie close together at any height', () => {
    expect(axis(10000, 10000.5, 10001)).toBe('10,000.0 10,000.5 10,001.0');
    expect(axis(1234.56, 1234.58)).toBe('1,234.56 1,234.58');
  });

  it('is short where it can be', () => {
    expect(axis(0, 500, 1000, 1500)).toBe('0 0.5k 1.0k 1.5k');
    expect(axis(-2e6, 0, 2e6)).toBe('−2M 0 2M');
    expect(axis(0, 5, 10)).toBe('0 5 10');
  });

  it('shows a lone value, and nothing but zero', () => {
    expect(axis(0.0123)).toBe('0.0123');
    expect(axis(0)).toBe('0');
    expect(axis(0, 0)).toBe('0 0');
  });

  it('gives no two different ticks the same words', () => {
    for (let exponent = -7; exponent <= 10; exponent += 1) {
      for (const base of [0, 1, 97]) {
        const values = Array.from({ length: 6 }, (_, at) => (base + at) * 10 ** exponent);
        expect(new Set(values.map((value) => tickText(value, values))).size).toBe(6);
      }
    }
  });
});
