import { describe, expect, it } from 'vitest';
import { histogram, quantile } from './histogram';

describe('histogram', () => {
  it('counts every value once, in bins of readable width', () => {
    const values = [12, 18, 19, 40, 41, 88, 90, 91, 92, 93];
    const bins = histogram(values, 1, 10);
    expect(bins.reduce((sum, { count }) => sum + count, 0)).toBe(values.length);
    expect(bins[0]).toEqual({ from: 10, to: 20, count: 3 });
    expect(bins.at(-1)).toEqual({ from: 90, to: 100, count: 4 });
  });
  it('takes equal, negative and no values', () => {
    expect(histogram([5, 5, 5]).reduce((sum, { count }) => sum + count, 0)).toBe(3);
    expect(histogram([-0.002, 0, 0.001]).reduce((sum, { count }) => sum + count, 0)).toBe(3);
    expect(histogram([0, 0])).toHaveLength(1);
    expect(histogram([])).toEqual([]);
  });
});

describe('the least width of a bin', () => {
  it('holds nearly equal values together, each at its own label', () => {
    const bins = histogram([0.00003, 0.000031, 0.00005, 0.00007], 0.00001);
    expect(bins.map(({ count }) => count)).toEqual([2, 0, 1, 0, 1]);
    const labels = bins.map(({ from }) => from.toFixed(5));
    expect(labels).toEqual(['0.00003', '0.00004', '0.00005', '0.00006', '0.00007']);
  });
});

describe('quantile', () => {
  it('answers the nearest rank', () => {
    expect(quantile([4, 1, 3, 2], 0.5)).toBe(2);
    expect(quantile([4, 1, 3, 2], 0.95)).toBe(4);
    expect(quantile([], 0.5)).toBeNull();
  });
});
