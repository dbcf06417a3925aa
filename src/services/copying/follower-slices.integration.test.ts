import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Prisma, Statements } from '@/platform/database/database';
import { newId } from '@/platform/ids';
import { Stage } from '@/testing/copying/stage';
import { readStrategies } from './copy-deps';
import type { FollowerCursor } from './follower-order';
import { type FollowerSlice, FollowerSlices } from './follower-slices';

let stage: Stage;
beforeEach(async () => {
  stage = await Stage.open();
  await stage.addFollowers([{}, {}, {}, {}, {}]);
});
afterEach(() => stage.close());

/** Adds a strategy to the source, and moves two of the followers there. */
async function addStrategy(): Promise<void> {
  const { id, ...first } = await stage.db.strategy.findFirstOrThrow({ omit: { symbols: true } });
  const other = newId();
  await stage.db.strategy.create({ data: { ...first, id: other, name: 'Second' } });
  const moved = stage.followers.slice(1, 3).map(({ subscriptionId }) => subscriptionId);
  await stage.db.subscription.updateMany({
    where: { strategyId: id, id: { in: moved } },
    data: { strategyId: other },
  });
}

type Asked = {
  format?: string;
  after?: FollowerCursor | null;
  first?: number;
  growth?: number;
  statements?: Statements;
};

async function slicesOf(size: number, asked: Asked = {}): Promise<FollowerSlices> {
  const { database, tenantId, sourceId, catalogue } = stage;
  const { format = 'native', after = null, first = 0, growth = 1, statements = database.statements } = asked;
  const place = {
    id: newId(),
    tenantId,
    sourceId,
    format,
    instrument: catalogue.require('okx:BTC-USDT-SWAP'),
    strategies: await readStrategies({ database }, { tenantId, sourceId }),
  };
  const slices = { first: size, growth, most: size * growth, part: size };
  return new FollowerSlices({ database: { statements }, slices }, place, after, first);
}

async function all(slices: FollowerSlices): Promise<readonly FollowerSlice[]> {
  const read: FollowerSlice[] = [];
  do read.push(await slices.next());
  while (read.at(-1)?.next !== null);
  return read;
}

function ids(slices: readonly FollowerSlice[]): readonly string[] {
  return slices.flatMap(({ followers }) => followers.map(({ snapshot }) => snapshot.subscriptionId));
}

function everybody(): readonly string[] {
  return stage.followers.map(({ subscriptionId }) => subscriptionId).sort();
}

describe('the slices of the followers', () => {
  it.each([1, 2])('hold each follower of %s strategies once, whatever their size', async (strategies) => {
    if (strategies === 2) await addStrategy();
    const whole = await all(await slicesOf(1000));
    expect(whole).toHaveLength(1);
    expect([...ids(whole)].sort()).toEqual(everybody());
    for (const size of [1, 2, 3, 4, 5]) {
      const read = await all(await slicesOf(size));
      expect(ids(read)).toEqual(ids(whole));
      expect(read.map(({ followers }) => followers.length)).toEqual(
        Array.from({ length: Math.ceil(5 / size) }, (_, index) => Math.min(size, 5 - index * size)),
      );
    }
  });

  it.each([1, 2])('go on after any follower of %s strategies', async (strategies) => {
    if (strategies === 2) await addStrategy();
    const whole = ids(await all(await slicesOf(1000)));
    for (const [place, { next }] of (await all(await slicesOf(1))).entries()) {
      if (next === null) continue;
      const rest = await all(await slicesOf(2, { after: next }));
      expect(ids(rest)).toEqual(whole.slice(place + 1));
    }
  });

  it('are as large as those of their place among the slices of the signal', async () => {
    const sizes = async (first: number) =>
      (await all(await slicesOf(1, { first, growth: 2 }))).map(({ followers }) => followers.length);
    expect(await sizes(0)).toEqual([1, 2, 2]);
    expect(await sizes(1)).toEqual([2, 2, 1]);
  });

  // Of slices of one follower each, not all ends are found at once.
  it.each([1, 2])('of %s hold nobody twice who joins after their ends were found', async (size) => {
    const { accountId: _account, id: _id, ...like } = await stage.db.subscription.findFirstOrThrow();
    const slices = await slicesOf(size);
    slices.readAhead(1);
    const first = await slices.next();
    const account = await stage.db.exchangeAccount.findFirstOrThrow({ omit: { preflight: true } });
    // One before all others, one after them.
    const joining = ['0'.repeat(32), 'z'.repeat(32)];
    await stage.db.exchangeAccount.createMany({ data: joining.map((id) => ({ ...account, id, tradesAs: null })) });
    await stage.db.subscription.createMany({
      data: joining.map((accountId) => ({ ...like, id: newId(), accountId })),
    });
    const read = ids([first, ...(await all(slices))]);
    expect(new Set(read).size).toBe(read.length);
    expect(read).toEqual(expect.arrayContaining([...everybody()]));
  });

  it('leave out those who stopped following', async () => {
    const [gone] = everybody();
    await stage.db.subscription.updateMany({ where: { id: gone ?? '' }, data: { status: 'ended' } });
    expect(ids(await all(await slicesOf(2)))).not.toContain(gone);
  });

  it('are one without followers where nobody follows', async () => {
    await stage.db.subscription.updateMany({ where: {}, data: { status: 'ended' } });
    expect(await all(await slicesOf(2))).toEqual([{ followers: [], next: null }]);
  });

  it.each([1, 2, 9])('are the same when %s of them are read before they are asked for', async (ahead) => {
    const slices = await slicesOf(2);
    slices.readAhead(ahead);
    const read = await all(slices);
    expect([...ids(read)].sort()).toEqual(everybody());
    expect(read.map(({ followers }) => followers.length)).toEqual([2, 2, 1]);
  });

  it('do not go on past one that could not be read', async () => {
    const { statements } = stage.database;
    let asked = 0;
    const failing = Object.create(statements, {
      $queryRaw: {
        value: (query: Prisma.Sql) => {
          if (!query.sql.includes('JOIN Customer')) return statements.$queryRaw(query);
          asked += 1;
          return asked === 2 ? Promise.reject(new Error('The database is away')) : statements.$queryRaw(query);
        },
      },
    }) as typeof statements;
    const slices = await slicesOf(2, { statements: failing });
    expect((await slices.next()).followers).toHaveLength(2);
    slices.readAhead(3);
    await expect(slices.next()).rejects.toThrow('The database is away');
    await expect(slices.next()).rejects.toThrow('The database is away');
  });

  it('cannot be asked for after the last one', async () => {
    const slices = await slicesOf(5);
    expect((await slices.next()).next).toBeNull();
    await expect(slices.next()).rejects.toThrow('There are no more followers');
  });
});
