import pino from 'pino';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { BALANCE_OLD_AFTER } from '@/domain/balance-age';
import type { Venue } from '@/exchanges/port';
import { Prisma } from '@/platform/database/database';
import { newId } from '@/platform/ids';
import { sealCredentials } from '@/services/accounts/credentials';
import { Stage, type StageFollower, type StageWorker, until } from '@/testing/copying/stage';
import { BalanceAsker } from './balance-asker';
import { BalanceBook } from './balance-book';
import { BalanceWatch } from './balance-watch';
import { EQUITY_UNKNOWN } from './due-accounts';

const SILENT = pino({ level: 'silent' });
const MINUTE = 60_000;
const BALANCE_PATH = '/api/v5/account/balance';
const OPEN = { action: 'open', side: 'long', quantity: { unit: 'contracts', value: '1' } };

let stage: Stage;
let worker: StageWorker;
let one: StageFollower;
let two: StageFollower;
const clock = { at: Date.now(), now: () => clock.at };
/** Questions that left, and how many of them were on their way at once. */
const asked = { accounts: [] as string[], now: 0, most: 0 };
let suspected: string[] = [];
let watch: BalanceWatch;
let book: BalanceBook;

beforeAll(async () => {
  stage = await Stage.open();
  const followers = await stage.addFollowers([{}, {}]);
  if (followers[0] === undefined || followers[1] === undefined) throw new Error('no followers');
  [one, two] = [followers[0], followers[1]];
  worker = await stage.worker({ streams: false });
  ({ watch, book } = newWatch());
});
afterAll(async () => {
  await book.close();
  await stage.close();
});

function newWatch() {
  const { deps } = worker;
  const venue = (key: string): Venue => counting(deps.venue(key));
  const newBook = new BalanceBook({ database: deps.database, clock, logger: SILENT });
  const asker = new BalanceAsker({ venue, book: newBook });
  const suspect = (accountId: string) => suspected.push(accountId);
  return { book: newBook, watch: new BalanceWatch({ ...deps, venue, asker, book: newBook, suspect, clock }) };
}

function counting(venue: Venue): Venue {
  const account: Venue['account'] = (access) => {
    const client = venue.account(access);
    return {
      ...client,
      getBalance: async () => {
        asked.accounts.push(access.accountId);
        asked.now += 1;
        asked.most = Math.max(asked.most, asked.now);
        return client.getBalance().finally(() => {
          asked.now -= 1;
        });
      },
    };
  };
  return new Proxy(venue, { get: (target, name) => (name === 'account' ? account : Reflect.get(target, name)) });
}

/** Lets time go by: on the watch's clock, and for what the rows know. */
async function pass(ms: number): Promise<void> {
  clock.at += ms;
  await stage.db.$executeRaw(
    Prisma.sql`UPDATE ExchangeAccount SET equityAt = equityAt - INTERVAL ${Prisma.raw(String(ms / 1000))} SECOND
      WHERE tenantId = ${stage.tenantId}`,
  );
}

const round = () => watch.runOnce((id) => id === one.accountId || id === two.accountId);

async function ages(): Promise<number[]> {
  const rows = await stage.db.$queryRaw<{ age: unknown }[]>(
    Prisma.sql`SELECT TIMESTAMPDIFF(SECOND, equityAt, UTC_TIMESTAMP(3)) AS age FROM ExchangeAccount
      WHERE tenantId = ${stage.tenantId} AND id IN (${one.accountId}, ${two.accountId})`,
  );
  return rows.map(({ age }) => Number(age) * 1000);
}

const account = ({ accountId }: StageFollower) =>
  stage.db.exchangeAccount.findUniqueOrThrow({ where: { id: accountId } });

async function play(fields: Record<string, unknown>) {
  const id = await stage.send(fields);
  await worker.copy(id);
  return stage.trades(id);
}

const fault = (rule: Record<string, unknown>) => stage.control('faults', rule);

describe('what accounts are worth', () => {
  it('is always known, however long nothing happens', async () => {
    asked.accounts = [];
    for (let idle = 0; idle < 24 * 60; idle += 3) {
      await pass(3 * MINUTE);
      await round();
      expect(Math.max(...(await ages()))).toBeLessThan(BALANCE_OLD_AFTER);
    }
    // Each account every other time, and no more.
    expect(asked.accounts).toHaveLength(2 * 240);
    asked.accounts = [];
    expect(await play(OPEN)).toMatchObject([{ status: 'filled' }, { status: 'filled' }]);
    expect(await play({ action: 'close' })).toMatchObject([{ status: 'filled' }, { status: 'filled' }]);
  }, 120_000);

  it('is known of an account that was emptied: nothing', async () => {
    await stage.control('balance', { account: one.venueAccount, balance: '0' });
    for (const _ of [1, 2, 3]) {
      await pass(8 * MINUTE);
      await round();
    }
    const row = await account(one);
    expect([row.equity?.toFixed(), row.available?.toFixed(), row.health]).toEqual(['0', '0', 'healthy']);
    const trades = await play(OPEN);
    const ofEmpty = trades.find(({ accountId }) => accountId === one.accountId);
    expect(ofEmpty).toMatchObject({ status: 'denied' });
    expect(ofEmpty?.code).not.toBe(EQUITY_UNKNOWN);
    await stage.control('balance', { account: one.venueAccount, balance: '100000' });
    await play({ action: 'close' });
  });

  it('is asked for once a rate limit has passed', async () => {
    await fault({ id: 'limit', kind: 'refuse', code: '50011', status: 429, match: { path: BALANCE_PATH } });
    await pass(5 * MINUTE);
    asked.accounts = [];
    await round();
    const during = asked.accounts.length;
    clock.at += 1_000;
    await round();
    expect(asked.accounts).toHaveLength(during);
    await fault({ remove: 'limit' });
    clock.at += 10_000;
    await round();
    expect(Math.max(...(await ages()))).toBeLessThan(MINUTE);
    expect([(await account(one)).health, (await account(two)).health]).toEqual(['healthy', 'healthy']);
  });

  it('lets an account take no entries where its venue does not say it, and mends that by itself', async () => {
    await play(OPEN);
    const match = { path: BALANCE_PATH, account: one.venueAccount };
    await fault({ id: 'mute', kind: 'refuse', code: '50026', status: 500, match });
    stage.published.length = 0;
    for (let minute = 0; minute < 14; minute += 1) {
      await pass(MINUTE);
      await round();
    }
    // The figure of a quarter of an hour ago may still be used.
    expect((await account(one)).health).toBe('healthy');
    for (let minute = 14; minute < 18; minute += 1) {
      await pass(MINUTE);
      await round();
    }
    expect(await account(one)).toMatchObject({ health: 'limited', healthCode: EQUITY_UNKNOWN });
    expect((await account(two)).health).toBe('healthy');
    const told = stage.published.filter(({ event }) => event === 'account_update');
    expect(told.map(({ room }) => room)).toEqual([`tenant:${stage.tenantId}:admins`, `customer:${one.customerId}`]);
    expect(await stage.db.auditLog.findMany({ where: { subject: `account:${one.accountId}` } })).toMatchObject([
      { action: 'account.health', detail: { from: 'healthy', to: 'limited', code: EQUITY_UNKNOWN } },
    ]);

    const entries = await play(OPEN);
    const problem = EQUITY_UNKNOWN;
    expect(entries.find(({ accountId }) => accountId === one.accountId)).toMatchObject({
      status: 'denied',
      code: 'ACCOUNT_UNAVAILABLE',
      detail: { problem },
    });
    expect(entries.find(({ accountId }) => accountId === two.accountId)).toMatchObject({ status: 'filled' });
    // Whoever cannot enter can still leave.
    expect(await play({ action: 'close' })).toMatchObject([{ status: 'filled' }, { status: 'filled' }]);

    await fault({ remove: 'mute' });
    await pass(2 * MINUTE);
    await round();
    await pass(MINUTE);
    await round();
    expect(await account(one)).toMatchObject({ health: 'healthy', healthCode: null });
  }, 60_000);

  it('has a refused key checked', async () => {
    suspected = [];
    const match = { path: BALANCE_PATH, account: two.venueAccount };
    await fault({ id: 'key', kind: 'refuse', code: '50111', status: 401, match });
    await pass(5 * MINUTE);
    await round();
    await fault({ remove: 'key' });
    expect(suspected).toEqual([two.accountId]);
  });

  it('is no reason to call accounts limited while their venue is gone, and asked for once it is back', async () => {
    const breaker = worker.deps.venue('okx').breaker('simulated');
    await fault({ id: 'gone', kind: 'status', status: 503, match: { path: '/api/v5/*' } });
    await until(async () => {
      await pass(MINUTE);
      await round();
      return !breaker.reachable;
    }, 'the breaker opens');
    await pass(20 * MINUTE);
    asked.accounts = [];
    await round();
    expect(asked.accounts).toEqual([]);
    expect([(await account(one)).health, (await account(two)).health]).toEqual(['healthy', 'healthy']);
    await fault({ remove: 'gone' });
    await until(() => breaker.reachable, 'the venue answers again');
    // Faster than any look: the signal asks itself.
    expect(await play(OPEN)).toMatchObject([{ status: 'filled' }, { status: 'filled' }]);
    await play({ action: 'close' });
  }, 60_000);

  it('is asked for of a thousand accounts at a pace', async () => {
    const crowd = await addCrowd(1000);
    const ids = new Set(crowd);
    asked.accounts = [];
    asked.most = 0;
    const rounds: number[] = [];
    for (let second = 0; second < 120 && asked.accounts.length < crowd.length; second += 1) {
      const before = asked.accounts.length;
      clock.at += 1000;
      await watch.runOnce((id) => ids.has(id));
      rounds.push(asked.accounts.length - before);
    }
    expect(new Set(asked.accounts).size).toBe(crowd.length);
    expect(asked.accounts).toHaveLength(crowd.length);
    expect(Math.max(...rounds)).toBeLessThanOrEqual(64);
    expect(asked.most).toBeLessThanOrEqual(4);
    const unknown = await stage.db.exchangeAccount.count({ where: { id: { in: crowd }, equity: null } });
    expect(unknown).toBe(0);
  }, 120_000);

  it('makes way for orders, though not for ever', async () => {
    await pass(5 * MINUTE);
    clock.at += 10_000;
    asked.accounts = [];
    const owns = (id: string) => id === one.accountId;
    await watch.runOnce(owns, () => true);
    expect(asked.accounts).toEqual([]);
    clock.at += 2000;
    await watch.runOnce(owns, () => true);
    expect(asked.accounts).toEqual([one.accountId]);
  });
});

/** Accounts whose balance nobody has read yet. */
async function addCrowd(count: number): Promise<string[]> {
  const tenant = await stage.database.system.tenant.findUniqueOrThrow({ where: { id: stage.tenantId } });
  const cipher = stage.cipher.forTenant(tenant);
  const { accounts } = await stage.control<{ accounts: { apiKey: string; secret: string; passphrase: string }[] }>(
    'accounts',
    { balance: '5000', posMode: 'net_mode', count },
  );
  const { tenantId, strategyId } = stage;
  const { customerId } = one;
  const rows = accounts.map((key) => ({ id: newId(), key }));
  await stage.db.exchangeAccount.createMany({
    data: rows.map(({ id, key }) => ({
      id,
      tenantId,
      customerId,
      venue: 'okx',
      label: 'One of many',
      mode: 'simulated' as const,
      credentials: sealCredentials(cipher, id, key),
      keyHint: '',
      health: 'healthy' as const,
    })),
  });
  await stage.db.subscription.createMany({
    data: rows.map(({ id: accountId }) => ({ id: newId(), tenantId, customerId, accountId, strategyId })),
  });
  return rows.map(({ id }) => id);
}
