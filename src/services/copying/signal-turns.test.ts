import { describe, expect, it, vi } from 'vitest';
import { Precedence } from '@/platform/precedence';
import { SignalTurns } from './signal-turns';

/** Copies end when the test says so. */
function controlled() {
  const begun: string[] = [];
  const ends = new Map<string, () => void>();
  const turns = new SignalTurns((signalId) => {
    begun.push(signalId);
    return new Promise((resolve) => ends.set(signalId, resolve));
  }, new Precedence());
  const end = async (signalId: string): Promise<void> => {
    ends.get(signalId)?.();
    await new Promise(setImmediate);
  };
  return { turns, begun, end };
}

const burst = (tenant: string, count: number) => Array.from({ length: count }, (_, index) => `${tenant}${index}`);

describe('turns of signals', () => {
  it('let a tenant begin at once while another one’s burst waits and its signals hang', () => {
    const { turns, begun } = controlled();
    for (const id of burst('b', 150)) turns.offer(id, 'b');
    expect(begun).toEqual(['b0', 'b1', 'b2', 'b3']);
    turns.offer('a0', 'a');
    expect(begun.at(-1)).toBe('a0');
    expect(turns.running).toBe(5);
  });

  it('take the next one as soon as one ends, each tenant in its order', async () => {
    const { turns, begun, end } = controlled();
    for (const id of burst('b', 6)) turns.offer(id, 'b');
    await end('b2');
    await end('b0');
    expect(begun).toEqual(['b0', 'b1', 'b2', 'b3', 'b4', 'b5']);
  });

  it('begin one at a time beside another tenant’s, and more again when he has been gone for a while', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
    const { turns, begun, end } = controlled();
    turns.offer('a0', 'a');
    for (const id of burst('b', 6)) turns.offer(id, 'b');
    expect(begun).toEqual(['a0', 'b0']);
    await end('a0');
    await end('b0');
    expect(begun).toEqual(['a0', 'b0', 'b1']);
    await vi.advanceTimersByTimeAsync(1200);
    expect(begun).toEqual(['a0', 'b0', 'b1', 'b2', 'b3', 'b4']);
    turns.close();
    vi.useRealTimers();
  });

  it('are given once to a signal that is offered again while it waits, and once more after it was offered while it ran', async () => {
    const { turns, begun, end } = controlled();
    for (const id of [...burst('b', 5), 'b4', 'b4', 'b0', 'b0']) turns.offer(id, 'b');
    expect(begun).toEqual(['b0', 'b1', 'b2', 'b3']);
    await end('b0');
    await end('b1');
    expect(begun).toEqual(['b0', 'b1', 'b2', 'b3', 'b4', 'b0']);
    await end('b0');
    expect(turns.running).toBe(3);
  });

  it('end with the worker, which learns what waits', async () => {
    const { turns, begun, end } = controlled();
    for (const id of burst('b', 6)) turns.offer(id, 'b');
    expect(turns.close().map(({ signalId }) => signalId)).toEqual(['b4', 'b5']);
    await end('b0');
    turns.offer('a0', 'a');
    expect(begun).toHaveLength(4);
  });

  it('do not keep more of one tenant in memory than a bound', () => {
    const { turns } = controlled();
    for (const id of burst('b', 2000)) turns.offer(id, 'b');
    expect(turns.close()).toHaveLength(1000);
  });

  it('begin our own signals at once, whatever leaders’ signals hang or wait, of one tenant some and of others besides', async () => {
    const { turns, begun, end } = controlled();
    turns.offer('a0', 'a');
    for (const id of burst('b', 150)) turns.offer(id, 'b');
    const before = begun.length;
    for (const id of burst('exit of b ', 20)) turns.offer(id, 'b', true);
    turns.offer('exit of a', 'a', true);
    expect(begun.slice(before)).toEqual([...burst('exit of b ', 16), 'exit of a']);
    await end('exit of b 3');
    expect(begun.at(-1)).toBe('exit of b 16');
  });

  it('do not let our own signals take the turn of a leader’s', () => {
    const { turns, begun } = controlled();
    for (const id of burst('exit', 100)) turns.offer(id, 'b', true);
    for (const id of burst('b', 6)) turns.offer(id, 'b');
    expect(begun.slice(-4)).toEqual(burst('b', 4));
    const left = turns.close();
    expect(left.filter(({ ours }) => ours)).toHaveLength(84);
    expect(left.filter(({ ours }) => !ours)).toHaveLength(2);
  });
});
