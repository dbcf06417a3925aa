import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ExitView } from '@/contracts/api/exits';
import { type ApiHarness, createApiHarness } from '@/testing/api/harness';
import { createExit, createTenant, type TestTenant } from '@/testing/api/rows';

let harness: ApiHarness;
let home: TestTenant;
let abroad: TestTenant;

beforeAll(async () => {
  harness = await createApiHarness();
  home = await createTenant(harness, 'Home', ['Refused', 'Halted', 'Gone', 'Closing']);
  abroad = await createTenant(harness, 'Foreign', ['Foreigner']);
  const [refused, halted, gone, closing] = home.followers;
  await createExit(harness, home, refused, { dueFor: 40_000, code: '51022', message: 'Instrument suspended' });
  await createExit(harness, home, halted, { dueFor: 30_000, cause: 'flatten', obstacle: 'KILL_SWITCH', code: '51022' });
  await createExit(harness, home, gone, { dueFor: 90_000, cause: 'flatten', doneFor: 80_000, code: 'CUT' });
  await createExit(harness, home, closing, { dueFor: 1_000, cause: 'share', signalId: home.signalId });
  await createExit(harness, abroad, abroad.followers[0]);
});
afterAll(() => harness.close());

const ask = async (query: Record<string, string> = {}, as = home.tokens.operator) =>
  (await harness.call('listExits', { as, query })).data.items;
const names = (exits: readonly ExitView[]) => exits.map(({ customerName }) => customerName.split(' ')[0]);

describe('the list of exits', () => {
  it("shows staff the tenant's, the last due first, with what is in the way and what is still held", async () => {
    const exits = await ask();
    expect(names(exits)).toEqual(['Closing', 'Halted', 'Refused', 'Gone']);
    const [closing, halted, refused, gone] = exits;
    expect(refused).toMatchObject({
      ...{ cause: 'leader_left', symbol: 'BTC-USDT-SWAP', side: 'long', strategyName: 'Home strategy' },
      ...{ accountLabel: 'Refused account', obstacle: null, code: '51022', message: 'Instrument suspended' },
      ...{ held: '10', heldBase: '0.1', toldAt: null, doneAt: null, lapsed: false },
    });
    expect(refused?.nextAttemptAt).not.toBeNull();
    // Nothing is tried while it is kept from it, or while a signal is at it.
    expect(halted).toMatchObject({ obstacle: 'KILL_SWITCH', nextAttemptAt: null });
    expect(closing).toMatchObject({ signalId: home.signalId, nextAttemptAt: null });
    expect(gone).toMatchObject({ held: '0', heldBase: '0', code: 'CUT', nextAttemptAt: null });
    expect(gone?.doneAt).not.toBeNull();
  });

  it('is filtered by state, cause and customer', async () => {
    expect(names(await ask({ state: 'open' }))).toEqual(['Closing', 'Halted', 'Refused']);
    expect(names(await ask({ state: 'done' }))).toEqual(['Gone']);
    expect(names(await ask({ cause: 'flatten' }))).toEqual(['Halted', 'Gone']);
    expect(names(await ask({ customerId: home.followers[0]?.customerId ?? '' }))).toEqual(['Refused']);
  });

  it('shows a customer his own, and nobody those of another tenant', async () => {
    const own = home.followers[0];
    expect(names(await ask({}, own?.token))).toEqual(['Refused']);
    const foreign = await harness.call('listExits', {
      as: own?.token,
      query: { customerId: home.followers[1]?.customerId ?? '' },
    });
    expect(foreign.status).toBe(404);
    expect(names(await ask({}, abroad.tokens.admin))).toEqual(['Foreigner']);
  });

  it('goes on page by page, each once', async () => {
    const seen: ExitView[] = [];
    let cursor: string | null = null;
    do {
      const query: Record<string, string> = cursor === null ? { limit: '1' } : { limit: '1', cursor };
      const { data } = await harness.call('listExits', { as: home.tokens.admin, query });
      seen.push(...data.items);
      cursor = data.nextCursor;
    } while (cursor !== null);
    expect(names(seen)).toEqual(['Closing', 'Halted', 'Refused', 'Gone']);
    const { status, error } = await harness.call('listExits', { as: home.tokens.admin, query: { cursor: 'x' } });
    expect([status, error.field]).toEqual([400, 'cursor']);
  });
});

describe('a position that has to go', () => {
  it('says so, with the reason', async () => {
    const { data } = await harness.call('listPositions', { as: home.tokens.operator });
    const exits = new Map(data.items.map((row) => [row.customerName.split(' ')[0], row.exit]));
    expect(exits.get('Refused')).toMatchObject({ cause: 'leader_left', code: '51022', obstacle: null });
    expect(exits.get('Halted')).toMatchObject({ cause: 'flatten', obstacle: 'KILL_SWITCH', nextAttemptAt: null });
    expect([...exits.keys()].sort()).toEqual(['Closing', 'Halted', 'Refused']);
    await createExit(harness, home, home.followers[2], { doneFor: 1, lapsed: true });
    const after = await harness.call('listPositions', { as: home.followers[2]?.token });
    expect(after.data.items.map(({ exit }) => exit)).toEqual([null]);
  });
});

describe('exits that are not done in time', () => {
  it('are counted by the system view, and need attention, by instrument and reason', async () => {
    const [first, second, third, fourth] = home.followers;
    await createExit(harness, home, first, { dueFor: 31_000, code: '51022', message: 'Instrument suspended' });
    await createExit(harness, home, second, { dueFor: 90_000, code: '51022' });
    await createExit(harness, home, third, { dueFor: 40_000, obstacle: 'ACCOUNT_UNAVAILABLE', code: '51022' });
    await createExit(harness, home, fourth, { dueFor: 20_000, code: '51022' });
    const system = await harness.call('getSystem', { as: home.tokens.operator });
    expect(system.data.exits).toEqual({ open: 4, overdue: 3 });
    const { data } = await harness.call('getDashboard', { as: home.tokens.operator });
    const due = data.attention.filter(({ kind }) => kind === 'exit_due');
    expect(due.map(({ title, code, message, count }) => [title, code, message, count])).toEqual([
      ['BTC-USDT-SWAP', '51022', 'Instrument suspended', 2],
      ['BTC-USDT-SWAP', 'ACCOUNT_UNAVAILABLE', null, 1],
    ]);
    expect(Date.now() - new Date(due[0]?.at ?? 0).getTime()).toBeGreaterThan(80_000);
  });
});
