import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FairQueue } from './fair-queue';

function drained<T>(queue: FairQueue<T>): readonly T[] {
  const items: T[] = [];
  for (let item = queue.shift(); item !== null; item = queue.shift()) items.push(item);
  return items;
}

describe('a fair queue', () => {
  it('gives the groups their turns one after the other', () => {
    const queue = new FairQueue<string>();
    for (const item of ['b1', 'b2', 'b3', 'b4']) queue.push('b', item);
    queue.push('a', 'a1');
    expect(queue.shift()).toBe('b1');
    queue.push('c', 'c1');
    queue.push('a', 'a2');
    expect(drained(queue)).toEqual(['a1', 'b2', 'c1', 'a2', 'b3', 'b4']);
  });

  it('passes over groups that may not go, which keep their place', () => {
    const queue = new FairQueue<string>();
    for (const item of ['b1', 'b2']) queue.push('b', item);
    queue.push('a', 'a1');
    queue.push('a', 'a2');
    const notB = (group: string) => group !== 'b';
    expect([queue.shift(notB), queue.shift(notB), queue.shift(notB)]).toEqual(['a1', 'a2', null]);
    expect([queue.length, queue.lengthOf('b'), queue.lengthOf('a')]).toEqual([2, 2, 0]);
    expect(drained(queue)).toEqual(['b1', 'b2']);
  });

  it('loses nothing, keeps the order of each group, and lets nobody wait for two of another group', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom('a', 'b', 'c', 'd'), { maxLength: 60 }), (groups) => {
        const queue = new FairQueue<{ group: string; index: number }>();
        for (const [index, group] of groups.entries()) queue.push(group, { group, index });
        const items = drained(queue);
        expect([...items].sort((a, b) => a.index - b.index)).toEqual(groups.map((group, index) => ({ group, index })));
        items.forEach((item, at) => {
          const later = items.slice(at + 1);
          for (const other of later.filter(({ group }) => group === item.group)) {
            expect(other.index).toBeGreaterThan(item.index);
          }
          // Whoever still waits has its turn before the same group has another one.
          const again = later.findIndex(({ group }) => group === item.group);
          const between = new Set((again === -1 ? [] : later.slice(0, again)).map(({ group }) => group));
          const waiting = new Set((again === -1 ? [] : later.slice(again)).map(({ group }) => group));
          for (const group of waiting) if (group !== item.group) expect(between.has(group)).toBe(true);
        });
      }),
    );
  });
});
