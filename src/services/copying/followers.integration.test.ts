import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Instrument } from '@/domain/instrument';
import { Prisma, type RawReader } from '@/platform/database/database';
import { newId } from '@/platform/ids';
import { Stage } from '@/testing/copying/stage';
import { endsOfSlices, type FollowersInOrder } from './follower-order';
import { readFollowers, readModes } from './followers';

const CROWD = 300;
const OF_SECOND = 100;

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

  function instrument(): Instrument {
    return stage.catalogue.require('okx:BTC-USDT-SWAP');
  }

  function followersOf(strategyIds: readonly string[]): FollowersInOrder {
    return { tenantId: stage.tenantId, strategyIds, ended: false };
  }

  /** Of a handful of rows MySQL reads each table whole. */
  async function addCrowd(size: number): Promise<void> {
    const { tenantId, strategyId, db } = stage;
    const account = await db.exchangeAccount.findFirstOrThrow({ omit: { preflight: true } });
    const crowd = Array.from({ length: size }, () => ({ customerId: newId(), accountId: newId() }));
    await db.customer.createMany({ data: crowd.map(({ customerId: id }) => ({ id, tenantId, name: 'One of many' })) });
    await db.exchangeAccount.createMany({
      // Each is somebody else at the venue.
      data: crowd.map(({ accountId: id, customerId }) => ({
        ...account,
        id,
        customerId,
        tradesAs: id,
        venueUserId: id,
      })),
    });
    await db.subscription.createMany({ data: crowd.map((ids) => ({ id: newId(), tenantId, strategyId, ...ids })) });
    await stage.database.system.$executeRaw`ANALYZE TABLE Customer, ExchangeAccount, Subscription`;
  }

  /** Rows that MySQL goes through one after the other for this; look-ups by a whole key are not counted. */
  async function rowsGoneThrough(act: (db: RawReader) => Promise<unknown>): Promise<number> {
    return stage.database.statements.transaction(async (tx) => {
      const count = async (): Promise<number> => {
        const rows = await tx.$queryRaw<{ Value: unknown }[]>(
          Prisma.sql`SHOW SESSION STATUS WHERE Variable_name IN ('Handler_read_next', 'Handler_read_rnd', 'Handler_read_rnd_next')`,
        );
        return rows.reduce((sum, { Value }) => sum + Number(Value), 0);
      };
      const [first, second] = [await count(), await count()];
      await act(tx);
      // Counting goes through rows, too.
      return (await count()) - second - (second - first);
    });
  }

  /** Of hundreds. MySQL counts what it keeps of forty followers for the next step once more; MariaDB does not. */
  const ENOUGH = 110;

  it.each([
    ['the first slice of one strategy', 1, 0],
    ['a later slice of one strategy', 1, 200],
    ['the first slice of two strategies', 2, 0],
    ['a later slice of two strategies', 2, 50],
  ])('goes through no others for %s', async (_, strategies, given) => {
    const ids = [stage.strategyId, second].sort().slice(-strategies);
    const [strategyId = ''] = strategies === 1 ? [stage.strategyId] : ids;
    const before = await stage.db.subscription.findMany({
      where: { strategyId },
      orderBy: { accountId: 'asc' },
      take: given,
    });
    const accountId = before.at(-1)?.accountId;
    const after = accountId === undefined ? null : { strategyId, accountId };
    const asked = followersOf(strategies === 1 ? [strategyId] : ids);
    const { statements } = stage.database;
    const [upTo = null] = await endsOfSlices(statements, asked, after, [40]);
    expect(await rowsGoneThrough((db) => endsOfSlices(db, asked, after, [40]))).toBeLessThan(ENOUGH);
    // Each of several is counted from the beginning, and nobody after them.
    expect(await rowsGoneThrough((db) => endsOfSlices(db, asked, after, [10, 10, 10]))).toBeLessThan(ENOUGH);
    const query = { ...asked, range: { after, upTo }, instrument: instrument(), now: Date.now() };
    expect(await readFollowers(statements, query)).toHaveLength(40);
    expect(await rowsGoneThrough((db) => readFollowers(db, query))).toBeLessThan(ENOUGH);
  });

  it('finds the modes without going through all followers', async () => {
    const modes = (db: RawReader) => readModes(db, stage.tenantId, [stage.strategyId], 'okx');
    expect(await rowsGoneThrough(modes)).toBeLessThan(30);
    // Accounts of a mode in which nobody follows.
    const account = await stage.db.exchangeAccount.findFirstOrThrow({ omit: { preflight: true } });
    await stage.db.exchangeAccount.createMany({
      data: Array.from({ length: 3 }, () => ({ ...account, id: newId(), mode: 'demo' as const, tradesAs: null })),
    });
    expect(await modes(stage.database.statements)).toEqual(['simulated']);
    expect(await rowsGoneThrough(modes)).toBeLessThan(30);
  });

  it('tells the modes in which somebody follows, not those of others', async () => {
    const { database, tenantId, db } = stage;
    const both = [stage.strategyId, second];
    const modes = async () => [...(await readModes(database.statements, tenantId, both, 'okx'))].sort();
    const [first, other, third] = stage.followers;
    const three = stage.followers.map(({ accountId }) => accountId);
    await db.subscription.updateMany({ where: { accountId: { notIn: three } }, data: { status: 'ended' } });
    expect(await modes()).toEqual(['simulated']);
    await db.exchangeAccount.updateMany({ where: { id: third?.accountId }, data: { mode: 'live' } });
    expect(await modes()).toEqual(['live', 'simulated']);
    await db.subscription.updateMany({ where: { accountId: third?.accountId }, data: { status: 'paused' } });
    expect(await modes()).toEqual(['live', 'simulated']);
    // He still has the account, and follows nobody with it.
    await db.subscription.updateMany({ where: { accountId: third?.accountId }, data: { status: 'ended' } });
    expect(await modes()).toEqual(['simulated']);
    // One follows at another venue; accounts of that mode that follow nobody are here.
    await db.exchangeAccount.updateMany({
      where: { id: first?.accountId },
      data: { mode: 'demo', venue: 'elsewhere' },
    });
    expect(await modes()).toEqual(['simulated']);
    await db.exchangeAccount.updateMany({ where: { id: other?.accountId }, data: { mode: 'demo' } });
    expect(await modes()).toEqual(['demo']);
    expect(await readModes(database.statements, tenantId, [], 'okx')).toEqual([]);
  });

  it('tells no modes of another tenant', async () => {
    const neighbour = await stage.beside();
    try {
      await neighbour.addFollowers([{}]);
      const { database, tenantId } = neighbour;
      expect(await readModes(database.statements, tenantId, [neighbour.strategyId], 'okx')).toEqual(['simulated']);
      await stage.db.exchangeAccount.updateMany({ data: { mode: 'simulated' } });
      await stage.db.subscription.updateMany({ data: { status: 'active' } });
      expect(await readModes(database.statements, tenantId, [stage.strategyId], 'okx')).toEqual([]);
    } finally {
      await neighbour.close();
    }
  });
});
