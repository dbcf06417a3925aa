import { describe, expect, it } from 'vitest';
import { movingAverage } from './moving-average';

describe('movingAverage', () => {
  it('is the mean of the last values, and null until there are enough', () => {
    expect(movingAverage([1, 2, 3, 4], 2)).toEqual([null, 1.5, 2.5, 3.5]);
    expect(movingAverage([1], 7)).toEqual([null]);
  });
});
