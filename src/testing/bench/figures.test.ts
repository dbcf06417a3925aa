import { describe, expect, it } from 'vitest';
import { figure, percentile } from './figures';

describe('figure', () => {
  it('gives the middle of an odd and of an even number of rounds', () => {
    expect(figure([3, 1, 2])).toEqual({ median: 2, min: 1, max: 3 });
    expect(figure([4, 1, 2, 3]).median).toBe(2.5);
  });

  it('refuses to speak of no rounds', () => {
    expect(() => figure([])).toThrow('No round');
  });
});

describe('percentile', () => {
  it('interpolates between neighbours', () => {
    expect(percentile([0, 10, 20, 30, 40], 0.95)).toBeCloseTo(38);
    expect(percentile([7], 0.99)).toBe(7);
  });
});
