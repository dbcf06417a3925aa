import { describe, expect, it } from 'vitest';
import { explore, type PointResult } from './explore';

describe('execution', () => {
  it('loses, doubles and missizes nothing, wherever it crashes or answers get lost', async () => {
    const wrong: PointResult[] = [];
    const { effects, runs } = await explore({ modes: ['net', 'long_short'], every: 31 }, (result) => {
      if (result.findings.length > 0) wrong.push(result);
    });
    expect(effects).toBeGreaterThan(100);
    expect(runs).toBeGreaterThan(20);
    expect(wrong.map(({ mode, at, kind, findings }) => ({ mode, at, kind, findings }))).toEqual([]);
  }, 300_000);
});
