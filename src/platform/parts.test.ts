import { describe, expect, it } from 'vitest';
import { inParts } from './parts';

describe('parts', () => {
  it('are of about the same size', () => {
    expect(inParts([1, 2, 3, 4, 5], 2)).toEqual([[1, 2], [3, 4], [5]]);
    expect(inParts([1, 2, 3, 4], 3)).toEqual([
      [1, 2],
      [3, 4],
    ]);
  });

  it('hold everything once, in its order, and none is empty or larger than it may be', () => {
    for (let length = 0; length <= 40; length += 1) {
      const items = Array.from({ length }, (_, index) => index);
      for (let most = 1; most <= 12; most += 1) {
        const parts = inParts(items, most);
        expect(parts.flat()).toEqual(items);
        expect(parts.every((part) => part.length > 0 && part.length <= most)).toBe(true);
      }
    }
  });
});
