import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { newId } from '@/platform/ids';
import { type ApiHarness, createApiHarness } from '@/testing/api/harness';
import { createTenant, type TestTenant } from '@/testing/api/rows';
import { WorkerRegistry } from '../execution/worker-registry';
import { noteComparison } from '../reconciliation/comparisons';
import { tellFigures } from './worker-figures';

let harness: ApiHarness;
let home: TestTenant;
let abroad: TestTenant;

beforeAll(async () => {
  harness = await createApiHarness();
  home = await createTenant(harness, 'Home', ['Own', 'Neighbour']);
  abroad = await createTenant(harness, 'Foreign', ['Foreigner']);
});
afterAll(() => harness.close());

async function addDrift(tenant: TestTenant, follower: number, resolved: boolean): Promise<string> {
  const { customerId, accountId, subscriptionId } = tenant.followers[follower] ?? { customerId: '', accountId: '' };
  const id = newId();
  const at = new Date();
  await harness.database.system.positionDrift.create({
    data: {
      id,
      tenantId: tenant.id,
      customerId,
      accountId,
      subscriptionId,
      instrumentId: 'okx:BTC-USDT-SWAP',
      side: 'long',
      kind: 'missing',
      booked: '10',
      held: '6',
      firstSeenAt: at,
      lastSeenAt: at,
      resolvedAt: resolved ? at : null,
    },
  });
  return id;
}

describe('the system view', () => {
  it("counts the tenant's own unsettled orders, drift and waiting signals", async () => {
    const { system } = harness.database;
    await addDrift(home, 0, false);
    await addDrift(home, 0, true);
    await addDrift(abroad, 0, false);
    const tradeId = home.followers[0]?.tradeId ?? '';
    await system.trade.updateMany({ where: { id: tradeId }, data: { status: 'unknown', code: 'TRANSPORT' } });
    await system.trade.updateMany({
      where: { id: home.followers[1]?.tradeId },
      data: { status: 'live', orderType: 'limit' },
    });
    await system.signal.updateMany({
      where: { id: home.signalId },
      data: { status: 'dispatching', receivedAt: new Date(Date.now() - 5000) },
    });
    const { data } = await harness.call('getSystem', { as: home.tokens.operator });
    expect(data.unsettled).toMatchObject({ count: 1, resting: 1 });
    expect(data.unsettled.items).toMatchObject([{ id: tradeId, status: 'unknown', code: 'TRANSPORT' }]);
    expect(data.unsettled.oldestAt).toBe(data.unsettled.items[0]?.createdAt);
    expect(data.drift.open).toBe(1);
    expect(data.signals.unfinished).toBe(1);
    expect(data.signals.oldestAgeMs).toBeGreaterThanOrEqual(5000);
    const other = await harness.call('getSystem', { as: abroad.tokens.admin });
    expect(other.data).toMatchObject({ unsettled: { count: 0, resting: 0, items: [] }, drift: { open: 1 } });
  });

  it('says how many accounts were compared with their venue, and of the others why not', async () => {
    const { redis, environment } = harness.context;
    const prefix = environment.REDIS_PREFIX;
    const [own, neighbour] = home.followers;
    if (own === undefined || neighbour === undefined) throw new Error('no followers');
    const { system } = harness.database;
    await system.exchangeAccount.updateMany({ where: { tenantId: home.id }, data: { health: 'healthy' } });
    const look = async () => (await harness.call('getSystem', { as: home.tokens.operator })).data.drift.comparisons;
    expect(await look()).toMatchObject({ accounts: 2, compared: 0, oldestAt: null });
    expect((await look())?.missing.map(({ customerName, code }) => [customerName, code])).toEqual([
      ['Neighbour customer', 'NOT_COMPARED'],
      ['Own customer', 'NOT_COMPARED'],
    ]);

    const comparedAt = Date.now() - 20_000;
    const note = (accountId: string, obstacle: 'UNSETTLED' | null, at = comparedAt) =>
      noteComparison(redis, prefix, { tenantId: home.id, accountId }, { comparedAt: at, obstacle });
    await note(own.accountId, null);
    await note(neighbour.accountId, 'UNSETTLED');
    const at = new Date(comparedAt).toISOString();
    expect(await look()).toMatchObject({ accounts: 2, compared: 1, oldestAt: at, newestAt: at });
    expect((await look())?.missing).toMatchObject([{ code: 'UNSETTLED', comparedAt: at }]);

    // What was compared long ago, and a key that does not work, prove nothing of now.
    await note(own.accountId, null, Date.now() - 3_600_000);
    await system.exchangeAccount.updateMany({
      where: { id: neighbour.accountId },
      data: { health: 'failing', healthCode: 'CREDENTIALS_REJECTED' },
    });
    expect((await look())?.missing.map(({ code }) => code)).toEqual(['CREDENTIALS_REJECTED', 'NOT_COMPARED']);
  });

  it('shows living workers with their streams, the queue and the stream of pushes', async () => {
    const { redis, environment, logger } = harness.context;
    const prefix = environment.REDIS_PREFIX;
    await new WorkerRegistry(redis, `${prefix}:workers`, 'worker-b', logger).beat();
    await new WorkerRegistry(redis, `${prefix}:workers`, 'worker-a', logger).beat();
    await redis.zadd(`${prefix}:workers`, Date.now() - 60_000, 'worker-gone');
    const since = Date.now() - 7000;
    await tellFigures(redis, prefix, 'worker-a', {
      streams: { open: 3, live: 2 },
      signals: 1,
      breakers: [
        {
          ...{ venue: 'okx', mode: 'demo', state: 'open', since, failures: 6 },
          ...{ lastFailure: 'timeout', lastFailureAt: since + 6000, nextProbeAt: null },
        },
      ],
    });
    await redis.lpush(`${prefix}:copy-signal:wait`, '1', '2');
    await redis.xadd(`${prefix}:events`, '*', 'm', '[]');
    const { data } = await harness.call('getSystem', { as: home.tokens.admin });
    expect(data.workers?.map(({ name, streams, signals }) => [name, streams, signals])).toEqual([
      ['worker-a', { open: 3, live: 2 }, 1],
      ['worker-b', null, null],
    ]);
    expect(data.breakers).toEqual([
      {
        ...{ worker: 'worker-a', venue: 'okx', mode: 'demo', state: 'open', since: new Date(since).toISOString() },
        ...{ failures: 6, lastFailure: 'timeout', nextProbeAt: null },
        lastFailureAt: new Date(since + 6000).toISOString(),
      },
    ]);
    expect(data.queue).toEqual({ waiting: 2, active: 0, delayed: 0 });
    expect(data.events).toEqual({ length: 1 });
  });

  it('names every switch that is on', async () => {
    await harness.database.system.platform.create({ data: { id: 1, killSwitch: 'halt' } });
    await harness.database.system.strategy.updateMany({
      where: { id: home.strategyId },
      data: { killSwitch: 'reduce_only' },
    });
    const { data } = await harness.call('getSystem', { as: home.tokens.admin });
    expect(data.killSwitches.map(({ scope, level }) => [scope, level])).toEqual([
      ['platform', 'halt'],
      ['strategy', 'reduce_only'],
    ]);
  });

  it('answers without what Redis knows while Redis is away', async () => {
    const { redis } = harness.context;
    const away = redis.duplicate({ host: '127.0.0.1', port: 1, retryStrategy: () => null, maxRetriesPerRequest: 0 });
    away.on('error', () => undefined);
    const { getSystem } = await import('./get-system');
    const actor = { tenantId: home.id, role: 'admin', userId: null, tokenId: null, customerId: null } as const;
    const view = await getSystem({ ...harness.context, redis: away }, actor);
    expect([view.workers, view.breakers, view.queue, view.events]).toEqual([null, null, null, null]);
    expect(view.drift.open).toBe(1);
    away.disconnect();
  });
});

describe('the list of drift', () => {
  it('shows a customer his own, with names and coins, and staff all of the tenant', async () => {
    await addDrift(home, 1, false);
    const staff = await harness.call('listDrift', { as: home.tokens.operator });
    expect(staff.data.items).toHaveLength(3);
    const open = await harness.call('listDrift', { as: home.tokens.operator, query: { state: 'open' } });
    expect(open.data.items.every((item) => item.resolvedAt === null)).toBe(true);
    expect(open.data.items).toHaveLength(2);
    const own = await harness.call('listDrift', { as: home.followers[1]?.token });
    expect(own.data.items).toMatchObject([{ kind: 'missing', booked: '10', bookedBase: '0.1', heldBase: '0.06' }]);
    expect(own.data.items[0]?.strategyName).not.toBeNull();
    const foreign = await harness.call('listDrift', {
      as: home.followers[1]?.token,
      query: { customerId: home.followers[0]?.customerId ?? '' },
    });
    expect(foreign.status).toBe(404);
  });

  it('goes on page by page', async () => {
    const seen: string[] = [];
    let cursor: string | null = null;
    do {
      const query: Record<string, string> = cursor === null ? { limit: '2' } : { limit: '2', cursor };
      const { data } = await harness.call('listDrift', { as: home.tokens.admin, query });
      seen.push(...data.items.map((item) => item.id));
      cursor = data.nextCursor;
    } while (cursor !== null);
    expect(seen).toHaveLength(3);
    expect(seen).toEqual([...seen].sort().reverse());
  });
});

describe("a subscription's drift policy", () => {
  it('is to follow the venue, and can be changed', async () => {
    const params = { id: home.followers[0]?.subscriptionId ?? '' };
    const before = await harness.call('getSubscription', { as: home.tokens.admin, params });
    expect(before.data.driftPolicy).toBe('repair');
    const body = { driftPolicy: 'alert' };
    const after = await harness.call('updateSubscription', { as: home.tokens.admin, params, body });
    expect(after.data.driftPolicy).toBe('alert');
  });
});
