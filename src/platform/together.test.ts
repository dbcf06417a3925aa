import { describe, expect, it } from 'vitest';
import { Together } from './together';

describe('what many ask for at the same time', () => {
  it('is done together, and what comes meanwhile in the next run', async () => {
    const runs: number[][] = [];
    let release = (): void => undefined;
    const first = new Promise<void>((resolve) => {
      release = resolve;
    });
    const doubles = new Together<number, number>(async (items) => {
      runs.push([...items]);
      if (runs.length === 1) await first;
      return items.map((item) => item * 2);
    }, 3);
    const early = [1, 2].map((item) => doubles.add(item));
    await new Promise(setImmediate);
    const late = [3, 4, 5, 6].map((item) => doubles.add(item));
    release();
    expect(await Promise.all([...early, ...late])).toEqual([2, 4, 6, 8, 10, 12]);
    expect(runs).toEqual([[1, 2], [3, 4, 5], [6]]);
  });

  it('fails for one alone, or for all of a run and no other', async () => {
    const picky = new Together<number, number>(async (items) => {
      if (items.includes(13)) throw new Error('a bad run');
      return items.map((item) => (item < 0 ? new Error('negative') : item));
    }, 2);
    const outs = await Promise.allSettled([1, -1, 13, 2, 3].map((item) => picky.add(item)));
    expect(outs.map((out) => (out.status === 'fulfilled' ? out.value : out.reason.message))).toEqual([
      1,
      'negative',
      'a bad run',
      'a bad run',
      3,
    ]);
    expect(await picky.add(7)).toBe(7);
  });
});
