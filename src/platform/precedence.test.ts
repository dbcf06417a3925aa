import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Precedence } from './precedence';

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
});
afterEach(() => {
  vi.useRealTimers();
});

/** Groups with so many pieces of work each. */
function groups(pieces: Readonly<Record<string, number>>): Precedence {
  const precedence = new Precedence();
  for (const [group, count] of Object.entries(pieces)) for (let at = 0; at < count; at += 1) precedence.add(group);
  return precedence;
}

/** Whether a step of a group goes on, asked again at any time. */
function step(precedence: Precedence, group: string, id = `${group}0`): { done: boolean } {
  const state = { done: false };
  void precedence.giveWay(group, id).then(() => {
    state.done = true;
  });
  return state;
}

async function pass(ms: number): Promise<void> {
  await vi.advanceTimersByTimeAsync(ms);
}

describe('who has much to do', () => {
  it('waits while a piece of a quieter group is under way, and goes on as soon as it has ended', async () => {
    const precedence = groups({ a: 1, b: 10 });
    precedence.begin('a', 'a0');
    const [first, second] = [step(precedence, 'b', 'b0'), step(precedence, 'b', 'b1')];
    await pass(100);
    expect([first.done, second.done]).toEqual([false, false]);
    precedence.end('a0');
    await pass(0);
    expect([first.done, second.done]).toEqual([true, true]);
  });

  it('is not waited for by who has little', async () => {
    const precedence = groups({ a: 1, b: 10 });
    precedence.begin('b', 'b0');
    const quiet = step(precedence, 'a');
    await pass(0);
    expect(quiet.done).toBe(true);
  });

  it('does not wait for a piece that hangs', async () => {
    const precedence = groups({ a: 1, b: 10 });
    precedence.begin('a', 'a0');
    const loud = step(precedence, 'b');
    await pass(499);
    expect(loud.done).toBe(false);
    await pass(1);
    expect(loud.done).toBe(true);
  });

  it('does not wait for a piece that takes more turns than all of its own', async () => {
    const precedence = groups({ a: 1, b: 2 });
    precedence.begin('a', 'a0');
    for (let turn = 0; turn <= 8; turn += 1) await precedence.giveWay('a', 'a0');
    const loud = step(precedence, 'b');
    await pass(0);
    expect(loud.done).toBe(true);
  });

  it('is not left behind when its last piece is given up while it waits', async () => {
    const precedence = groups({ a: 1, b: 2 });
    precedence.begin('a', 'a0');
    const loud = step(precedence, 'b');
    precedence.remove('b');
    precedence.remove('b');
    await pass(0);
    expect(loud.done).toBe(true);
  });

  it('goes on for about a third of the time at least, however many quieter groups there always are', async () => {
    const precedence = groups({ b: 1000 });
    let steps = 0;
    const end = performance.now() + 9000;
    const work = async (): Promise<void> => {
      while (performance.now() < end) {
        await precedence.giveWay('b', 'b0');
        await new Promise((resolve) => setTimeout(resolve, 10));
        steps += 1;
      }
    };
    const working = work();
    for (let at = 0; performance.now() < end; at += 1) {
      precedence.add(`q${at}`);
      precedence.begin(`q${at}`, `q${at}`);
      await pass(50);
      if (at > 0) precedence.end(`q${at - 1}`);
      if (at > 0) precedence.remove(`q${at - 1}`);
    }
    await pass(2000);
    await working;
    // Of 900 that it would do alone.
    expect(steps).toBeGreaterThan(240);
    expect(steps).toBeLessThan(450);
  });
});

describe('equally loud groups', () => {
  it('do not wait for each other', async () => {
    const precedence = groups({ a: 10, b: 10 });
    precedence.begin('a', 'a0');
    precedence.begin('b', 'b0');
    const both = [step(precedence, 'a'), step(precedence, 'b')];
    await pass(0);
    expect(both.map(({ done }) => done)).toEqual([true, true]);
  });
});

describe('a group', () => {
  it('begins as many pieces as it likes while it is alone, and one at a time beside others', async () => {
    const precedence = groups({ a: 1, b: 10 });
    for (const id of ['b0', 'b1', 'b2']) precedence.begin('b', id);
    expect(precedence.mayBegin('b')).toBe(true);
    precedence.begin('a', 'a0');
    expect([precedence.mayBegin('b'), precedence.mayBegin('a')]).toEqual([false, false]);
    const ended = vi.fn();
    precedence.ended = ended;
    for (const id of ['b0', 'b1', 'b2']) precedence.end(id);
    expect(ended).toHaveBeenCalledTimes(3);
    expect(precedence.mayBegin('b')).toBe(true);
  });

  it('begins more when those that it began hang, and when the others have been gone for a while', async () => {
    const precedence = groups({ a: 1, b: 10 });
    precedence.begin('a', 'a0');
    for (const id of ['b0', 'b1']) precedence.begin('b', id);
    expect(precedence.mayBegin('b')).toBe(false);
    await pass(500);
    expect(precedence.mayBegin('b')).toBe(true);
    for (const id of ['b2', 'b3']) precedence.begin('b', id);
    expect(precedence.mayBegin('b')).toBe(false);
    await pass(500);
    for (const id of ['b4', 'b5', 'b6']) precedence.begin('b', id);
    expect(precedence.mayBegin('b')).toBe(true);
  });
});
