import { describe, expect, it } from 'vitest';
import { StragglerRound } from './straggler-round';

const unknown = (id: string) => ({ id, accountId: 'a', status: 'unknown', orderType: 'market' }) as const;
const resting = (id: string, accountId: string) => ({ id, accountId, status: 'live', orderType: 'limit' }) as const;
const stuck = Array.from({ length: 250 }, (_, index) => unknown(`stuck-${String(index).padStart(3, '0')}`));

describe('the round of stragglers', () => {
  it('comes to everybody in turn, however many cannot be settled', () => {
    const round = new StragglerRound();
    const first = round.turn('t', [unknown('z-late'), ...stuck]);
    const second = round.turn('t', [...stuck, unknown('z-late')]);
    expect(first).toHaveLength(200);
    expect(first).not.toContain('z-late');
    expect(second).toContain('z-late');
    expect(new Set([...first, ...second]).size).toBe(251);
    expect(round.turn('other', [unknown('b')])).toEqual(['b']);
  });

  it('takes resting orders only where no stream tells of them, and not in every look', () => {
    const round = new StragglerRound((accountId) => accountId === 'watched');
    const found = [resting('r1', 'watched'), resting('r2', 'silent'), unknown('u')];
    round.begin(1_000_000);
    expect(round.turn('t', found)).toEqual(['r2', 'u']);
    round.begin(1_003_000);
    expect(round.turn('t', found)).toEqual(['u']);
    round.begin(1_010_000);
    expect(round.turn('t', found)).toEqual(['r2', 'u']);
  });

  it('looks through each trade for missing fills once, and remembers what it found', () => {
    const round = new StragglerRound();
    const now = 10_000_000;
    const since = (at: number) => {
      round.begin(at);
      return round.fillsSince(at)?.getTime() ?? null;
    };
    expect(since(now)).toBe(now - 900_000);
    const lacking = { tenantId: 't', accountId: 'a' };
    expect(round.lackingFills([lacking], now, true)).toMatchObject([lacking]);
    expect(since(now + 15_000)).toBe(now - 30_000);
    expect(round.lackingFills([], now + 15_000, true)).toMatchObject([lacking]);
    // Where not all could be found at once, nothing counts as looked through.
    round.lackingFills([], now + 90_000, false);
    expect(since(now + 90_000)).toBe(now + 15_000 - 30_000);
    round.fillsComplete('a');
    expect(round.lackingFills([], now + 18_000, true)).toEqual([]);
  });

  it('does not look through all that was traded in every look', () => {
    const round = new StragglerRound();
    round.begin(1_000_000);
    expect(round.fillsSince(1_000_000)).not.toBeNull();
    round.begin(1_003_000);
    expect(round.fillsSince(1_003_000)).toBeNull();
    round.begin(1_015_000);
    expect(round.fillsSince(1_015_000)).not.toBeNull();
  });
});
