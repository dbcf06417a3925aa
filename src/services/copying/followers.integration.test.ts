import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Prisma, type RawReader } from '@/platform/database/database';
import { newId } from '@/platform/ids';
import { Stage } from '@/testing/copying/stage';
import { type FollowerCursor, type FollowerQuery, readFollowers, readModes } from './followers';

const CROWD = 300;
const OF_SECOND = 100;

type PlanRow = { readonly table: string | null; readonly type: string | null; readonly Extra: string | null };

describe('reading followers', () => {
  let stage: Stage;
  let second: string;

  beforeAll(async () => {
    stage = await Stage.open();
    await stage.addFollowers([{}, {}, {}]);
    const { id, ...first } = await stage.db.strategy.findFirstOrThrow({ omit: { symbols: true } });
    second = newId();
    await stage.db.strategy.create({ data: { ...first, id: second, name: 'Another strategy of this source' } });
    await addCrowd(CROWD);
    const rows = await stage.db.subscription.findMany({ where: { strategyId: id }, take: OF_SECOND });
    await stage.db.subscription.createMany({ data: rows.map((row) => ({ ...row, id: newId(), strategyId: second })) });
  });
  afterAll(() => stage.close());

  function query(strategyIds: readonly string[], after: FollowerCursor | null, limit: number): FollowerQuery {
    const instrument = stage.catalogue.require('okx:BTC-USDT-SWAP');
    return { tenantId: stage.tenantId, strategyIds, instrument, now: Date.now(), ended: false, after, limit };
  }

  /** Of a handful of rows MySQL reads each table whole. */
  async function addCrowd(size: number): Promise<void> {
    const { tenantId, strategyId, db } = stage;
    const account = await db.exchangeAccount.findFirstOrThrow({ omit: { preflight: true } });
    const crowd = Array.from({ length: size }, () => ({ customerId: newId(), accountId: newId() }));
    await db.customer.createMany({ data: crowd.map(({ customerId: id }) => ({ id, tenantId, name: 'One of many' })) });
    await db.exchangeAccount.createMany({
      data: crowd.map(({ accountId: id, customerId }) => ({ ...account, id, customerId })),
    });
    await db.subscription.createMany({ data: crowd.map((ids) => ({ id: newId(), tenantId, strategyId, ...ids })) });
    await stage.database.system.$executeRaw`ANALYZE TABLE Customer, ExchangeAccount, Subscription`;
  }

  /** How MySQL would run what is asked of it. */
  async function plans(ask: (db: RawReader) => Promise<unknown>): Promise<readonly PlanRow[]> {
    const asked: Prisma.Sql[] = [];
    const recorder = {
      $queryRaw: async (sql: Prisma.Sql) => {
        asked.push(sql);
        return [];
      },
    };
    await ask(recorder as unknown as RawReader);
    const { statements } = stage.database;
    const rows = await Promise.all(asked.map((sql) => statements.$queryRaw<PlanRow[]>(Prisma.sql`EXPLAIN ${sql}`)));
    return rows.flat();
  }

  it('comes to each of them once, strategy by strategy', async () => {
    const strategies = [stage.strategyId, second];
    const seen: string[] = [];
    let after: FollowerCursor | null = null;
    do {
      const slice = await readFollowers(stage.database.statements, query(strategies, after, 150));
      seen.push(...slice.followers.map(({ strategyId, snapshot }) => `${strategyId} ${snapshot.accountId}`));
      after = slice.next;
    } while (after !== null);
    expect(seen).toHaveLength(3 + CROWD + OF_SECOND);
    expect(seen).toEqual([...new Set(seen)].sort());
  });

  it.each([
    ['the first slice of one strategy', 1, false],
    ['a later slice of one strategy', 1, true],
    ['the first slice of two strategies', 2, false],
    ['a later slice of two strategies', 2, true],
  ])('takes %s from the index in its order, without sorting all of them', async (_, strategies, isLater) => {
    const ids = [stage.strategyId, second].sort().slice(0, strategies);
    const after = isLater ? { strategyId: ids[0] ?? '', accountId: stage.followers[0]?.accountId ?? '' } : null;
    const plan = await plans((db) => readFollowers(db, query(ids, after, 40)));
    expect(plan.length).toBeGreaterThan(5);
    for (const { Extra } of plan) expect(Extra ?? '').not.toMatch(/filesort|temporary/);
  });

  it('finds the modes without looking at every account', async () => {
    const plan = await plans((db) => readModes(db, stage.tenantId, [stage.strategyId], 'okx'));
    expect(plan.length).toBeGreaterThan(5);
    for (const { table, type } of plan) if (table !== null) expect(type, table).not.toBe('ALL');
    for (const { Extra } of plan) expect(Extra ?? '').not.toMatch(/filesort|temporary/);
  });

  it('tells the modes in which somebody follows, not those of others', async () => {
    const { database, tenantId, db } = stage;
    const modes = async () => readModes(database.statements, tenantId, [stage.strategyId, second], 'okx');
    expect(await modes()).toEqual(['simulated']);
    const [first, other, third] = stage.followers;
    const three = stage.followers.map(({ accountId }) => accountId);
    await db.subscription.updateMany({ where: { accountId: { notIn: three } }, data: { status: 'ended' } });
    await db.exchangeAccount.updateMany({ where: { id: third?.accountId }, data: { mode: 'live' } });
    expect([...(await modes())].sort()).toEqual(['live', 'simulated']);
    // He has a live account, and follows nobody with it.
    await db.subscription.updateMany({ where: { accountId: third?.accountId }, data: { status: 'ended' } });
    expect(await modes()).toEqual(['simulated']);
    await db.exchangeAccount.updateMany({
      where: { id: first?.accountId },
      data: { mode: 'demo', venue: 'elsewhere' },
    });
    expect(await modes()).toEqual(['simulated']);
    await db.exchangeAccount.updateMany({ where: { id: other?.accountId }, data: { mode: 'demo' } });
    expect(await modes()).toEqual(['demo']);
    expect(await readModes(database.statements, newId(), [stage.strategyId], 'okx')).toEqual([]);
    expect(await readModes(database.statements, tenantId, [], 'okx')).toEqual([]);
  });
});
