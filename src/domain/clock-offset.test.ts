import { describe, expect, it } from 'vitest';
import { type ClockOffset, offsetOf, refineOffset, timeThere } from './clock-offset';

const width = ({ low, high }: ClockOffset): number => high - low;

describe('an offset between two clocks', () => {
  it('holds the truth, wherever in the round trip the other clock was read', () => {
    const truth = 1_700_000_000_123.4;
    for (const share of [0, 0.25, 0.5, 1]) {
      const [asked, heard] = [1000, 1040];
      const told = Math.floor(asked + (heard - asked) * share + truth);
      const offset = offsetOf(asked, told, heard);
      expect(offset.low).toBeLessThanOrEqual(truth);
      expect(offset.high).toBeGreaterThanOrEqual(truth);
      expect(width(offset)).toBeLessThanOrEqual(41);
    }
  });

  it('is known better with each quick answer, and no worse for a slow one', () => {
    const first = offsetOf(0, 5000, 100);
    const quick = refineOffset(first, offsetOf(200, 5204, 206));
    expect(width(quick)).toBeLessThan(10);
    const slow = refineOffset(quick, offsetOf(300, 6500, 2800));
    expect(width(slow)).toBeLessThan(12);
    expect(Math.abs(timeThere(slow, 3000) - 8001)).toBeLessThanOrEqual(6);
  });

  it('is known less well the older it is', () => {
    const old = offsetOf(0, 5000, 2);
    const later = refineOffset(old, offsetOf(100_000, 106_000, 102_000));
    expect(width(later)).toBeGreaterThan(width(old) + 90);
    expect(width(later)).toBeLessThan(110);
  });

  it('follows a clock that was set, forwards and backwards', () => {
    const before = offsetOf(0, 5000, 10);
    for (const step of [30_000, -30_000, 50, -50]) {
      const after = refineOffset(before, offsetOf(1000, 6005 + step, 1010));
      expect(Math.abs(timeThere(after, 2000) - (7000 + step))).toBeLessThanOrEqual(6);
    }
  });

  it('gives whole milliseconds', () => {
    expect(timeThere(offsetOf(0.3, 1_700_000_000_000, 1.9), 12.345)).toBe(1_700_000_000_012);
  });
});
