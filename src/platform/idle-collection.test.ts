import { describe, expect, it } from 'vitest';
import { collectWhenIdle, youngSpace } from './idle-collection';

describe('collecting what is young while there is nothing to do', () => {
  const looks = (idle: boolean, used: number): number => {
    let collected = 0;
    const look = collectWhenIdle(() => idle, { used: () => used, collect: () => (collected += 1) });
    look();
    return collected;
  };

  it('waits until there is nothing to do', () => {
    expect(looks(false, 60_000_000)).toBe(0);
    expect(looks(true, 60_000_000)).toBe(1);
  });

  it('leaves what is not worth it', () => {
    expect(looks(true, 1_000_000)).toBe(0);
  });

  it('empties the space of the engine itself', () => {
    const young = youngSpace();
    young.collect();
    const made: number[][] = [];
    for (let round = 0; round < 1000; round += 1) made[round % 10] = new Array(50).fill(round);
    const before = young.used();
    young.collect();
    expect(young.used()).toBeLessThan(before);
  });
});
