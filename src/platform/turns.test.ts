import { describe, expect, it } from 'vitest';
import { Turns } from './turns';

describe('turns', () => {
  it('go to the groups one after the other, however much of one of them runs', async () => {
    const turns = new Turns();
    const taken: string[] = [];
    const work = async (group: string, times: number): Promise<void> => {
      for (let time = 0; time < times; time += 1) {
        await turns.next(group);
        taken.push(group);
      }
    };
    await Promise.all([work('b', 3), work('b', 3), work('b', 3), work('a', 4)]);
    expect(taken.slice(0, 8)).toEqual(['b', 'a', 'b', 'a', 'b', 'a', 'b', 'a']);
    expect(taken).toHaveLength(13);
  });
});
