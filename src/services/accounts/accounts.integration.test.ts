import { inspect } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { PREFLIGHT_CHECKS, Preflight } from '@/contracts/api/people';
import type { RealtimeMessage } from '@/contracts/realtime';
import type { Venues } from '@/exchanges/registry';
import { newId } from '@/platform/ids';
import { createLogger } from '@/platform/log';
import { type Simulator, startSimulator } from '@/simulator/simulator';
import { type ApiHarness, createApiHarness } from '@/testing/api/harness';
import { createTenant, type TestFollower, type TestTenant } from '@/testing/api/rows';
import { installedVenues } from '../venues';
import { openCredentials } from './credentials';
import { runPreflight } from './run-preflight';
import { findUnidentified } from './unidentified-accounts';

type Key = { apiKey: string; secret: string; passphrase: string };

let harness: ApiHarness;
let simulator: Simulator;
let venues: Venues;
let tenant: TestTenant;
let follower: TestFollower;
let pushes: RealtimeMessage[] = [];
const logger = createLogger('test', 'silent');

beforeAll(async () => {
  harness = await createApiHarness();
  tenant = await createTenant(harness, 'Home', ['Own', 'Neighbour']);
  const [first] = tenant.followers;
  if (first === undefined) throw new Error('no follower');
  follower = first;
  simulator = await startSimulator({ port: 0, walk: false });
  venues = installedVenues(
    {
      SIMULATOR_REST_URL: simulator.rest,
      SIMULATOR_WS_URL: simulator.ws,
      LIVE_TRADING: false,
      ORDER_TRANSPORT: 'rest',
      PLACEMENT_CONNECTIONS: 1,
      OKX_REGION: 'global',
    },
    logger,
  );
  harness.onPreflight = preflight;
});
afterAll(async () => {
  await venues.close();
  await simulator.stop();
  await harness.close();
});

function preflight(accountId: string): Promise<unknown> {
  return runPreflight(
    {
      database: harness.database,
      cipher: harness.context.cipher,
      venue: (key) => venues.get(key),
      publish: async (messages) => {
        pushes.push(...messages);
      },
      logger,
    },
    accountId,
  );
}

async function newKey(options: Record<string, string> = {}): Promise<Key> {
  const response = await fetch(`${simulator.control}/control/accounts`, {
    method: 'POST',
    body: JSON.stringify({ balance: '2500', posMode: 'net_mode', ip: '127.0.0.1', ...options }),
  });
  const { apiKey, secret, passphrase } = (await response.json()) as Key;
  return { apiKey, secret, passphrase };
}

const connect = (key: Key, fields: Record<string, unknown> = {}) =>
  harness.call('createExchangeAccount', {
    as: follower.token,
    body: { label: 'Main', mode: 'simulated', ...key, ...fields },
  });

const finding = (preflight: Preflight | null, check: (typeof PREFLIGHT_CHECKS)[number]) =>
  preflight?.find((one) => one.check === check);

describe('connecting an account', () => {
  it('checks the key at the venue and answers with what was found', async () => {
    pushes = [];
    const key = await newKey();
    const { status, data } = await connect(key);
    expect(status).toBe(201);
    expect(data).toMatchObject({
      customerId: follower.customerId,
      customerName: 'Own customer',
      keyHint: key.apiKey.slice(-4),
      health: 'healthy',
      healthCode: null,
      positionMode: 'net',
      equity: '2500',
    });
    expect(data.preflight?.filter((one) => one.result !== 'ok')).toEqual([]);
    expect(pushes.map((message) => [message.room, message.event])).toEqual([
      [`tenant:${tenant.id}:admins`, 'account_update'],
      [`customer:${follower.customerId}`, 'account_update'],
    ]);
    expect(pushes[0]?.payload).toMatchObject([{ accountId: data.id, health: 'healthy', equity: '2500' }]);
  });

  it('keeps the key sealed, readable in its own row alone', async () => {
    const key = await newKey();
    const answer = await connect(key);
    const { system } = harness.database;
    const row = await system.exchangeAccount.findUniqueOrThrow({
      where: { id: answer.data.id },
      include: { tenant: true },
    });
    const audit = await system.auditLog.findMany({ where: { tenantId: tenant.id } });
    const stored = inspect([row, audit, pushes], { depth: null });
    for (const secret of Object.values(key)) {
      expect(answer.text).not.toContain(secret);
      expect(stored).not.toContain(secret);
    }
    const cipher = harness.context.cipher.forTenant(row.tenant);
    expect(openCredentials(cipher, row).reveal()).toEqual(key);
    expect(() => openCredentials(cipher, { ...row, id: follower.accountId })).toThrow();
    expect(JSON.stringify(openCredentials(cipher, row))).toBe('"[credentials]"');
  });

  it('takes over the position mode of the venue', async () => {
    const { data } = await connect(await newKey({ posMode: 'long_short_mode' }));
    expect(data.positionMode).toBe('long_short');
  });

  it('refuses a key that may withdraw', async () => {
    const { data } = await connect(await newKey({ perm: 'read_only,trade,withdraw' }));
    expect(data).toMatchObject({ health: 'failing', healthCode: 'WITHDRAW_PERMISSION' });
    expect(finding(data.preflight, 'withdraw')).toMatchObject({ result: 'failed', code: 'WITHDRAW_PERMISSION' });
  });

  it('refuses a key that may not trade', async () => {
    const { data } = await connect(await newKey({ perm: 'read_only' }));
    expect(data).toMatchObject({ health: 'failing', healthCode: 'NO_TRADE_PERMISSION' });
  });

  it.each(['apiKey', 'secret', 'passphrase'] as const)('says so where the %s is wrong', async (part) => {
    const key = await newKey();
    const { data } = await connect({ ...key, [part]: 'something-else-entirely' });
    expect(data).toMatchObject({ health: 'failing', healthCode: 'CREDENTIALS_REJECTED', equity: null });
    const credentials = finding(data.preflight, 'credentials');
    expect(credentials?.detail.venueCode).toMatch(/^50\d\d\d$/);
    expect(finding(data.preflight, 'reachable')?.result).toBe('ok');
    expect(finding(data.preflight, 'trade')?.result).toBe('skipped');
  });

  it('says so where the key is bound to other addresses, and warns where it is bound to none', async () => {
    const elsewhere = await connect(await newKey({ ip: '203.0.113.7' }));
    expect(elsewhere.data).toMatchObject({ health: 'failing', healthCode: 'CREDENTIALS_REJECTED' });
    const unbound = await connect(await newKey({ ip: '' }));
    expect(unbound.data.health).toBe('healthy');
    expect(finding(unbound.data.preflight, 'ip_binding')).toMatchObject({ result: 'skipped', code: 'NOT_NEEDED' });
  });

  it('warns of an empty account', async () => {
    const { data } = await connect(await newKey({ balance: '0' }));
    expect(data.health).toBe('healthy');
    expect(finding(data.preflight, 'balance')).toMatchObject({ result: 'warning', code: 'EMPTY_BALANCE' });
  });

  it('refuses live accounts while live trading is switched off', async () => {
    const answer = await connect(await newKey(), { mode: 'live' });
    expect([answer.status, answer.error.code, answer.error.field]).toEqual([403, 'FORBIDDEN', 'mode']);
  });

  it('refuses venues that are not there', async () => {
    const answer = await connect(await newKey(), { venue: 'elsewhere' });
    expect([answer.status, answer.error.field]).toEqual([400, 'venue']);
  });

  it('answers at once when nobody can be asked to check the key', async () => {
    const wait = harness.onPreflight;
    harness.onPreflight = async () => {
      throw new Error('the queue is away');
    };
    const { status, data } = await connect(await newKey());
    harness.onPreflight = wait;
    expect([status, data.health, data.preflight]).toEqual([201, 'unchecked', null]);
    const { id } = data;
    const again = await harness.call('preflightExchangeAccount', { as: follower.token, params: { id } });
    expect(again.data.health).toBe('healthy');
  });
});

describe('an account of the venue', () => {
  const held = (accountId: string) => ({
    subscriptionId: newId(),
    instrumentId: 'okx:BTC-USDT-SWAP',
    side: 'long' as const,
    tenantId: tenant.id,
    customerId: follower.customerId,
    accountId,
    strategyId: newId(),
    quantity: '1',
    updatedAt: new Date(),
  });

  it('trades in one row, in whichever tenant, and the later one learns no more than that', async () => {
    const key = await newKey();
    const first = await connect(key);
    expect(first.data.health).toBe('healthy');
    const again = await connect(key);
    expect(again.data).toMatchObject({ health: 'failing', healthCode: 'ACCOUNT_IN_USE' });
    expect(finding(again.data.preflight, 'identity')).toEqual({
      check: 'identity',
      result: 'failed',
      code: 'ACCOUNT_IN_USE',
      detail: {},
    });
    const elsewhere = await createTenant(harness, 'Away', ['Stranger']);
    const theirs = await harness.call('createExchangeAccount', {
      as: elsewhere.followers[0]?.token ?? '',
      body: { label: 'Main', mode: 'simulated', ...key },
    });
    expect(theirs.data).toMatchObject({ health: 'failing', healthCode: 'ACCOUNT_IN_USE' });
    expect(theirs.text).not.toContain(first.data.id);
    expect(theirs.text).not.toContain(tenant.id);
  });

  it('trades in one row when two are checked at the same moment', async () => {
    const key = await newKey();
    const answers = await Promise.all([connect(key), connect(key), connect(key)]);
    expect(answers.map(({ data }) => data.healthCode).sort()).toEqual(['ACCOUNT_IN_USE', 'ACCOUNT_IN_USE', null]);
  });

  it('is free again once its row is removed', async () => {
    const key = await newKey();
    const first = await connect(key);
    const second = await connect(key);
    const as = follower.token;
    await harness.call('deleteExchangeAccount', { as, params: { id: first.data.id } });
    const after = await harness.call('preflightExchangeAccount', { as, params: { id: second.data.id } });
    expect(after.data).toMatchObject({ health: 'healthy', healthCode: null });
  });

  it('stays its row’s while the key does not work', async () => {
    const key = await newKey();
    const first = await connect(key);
    await harness.database.system.exchangeAccount.update({ where: { id: first.data.id }, data: { credentials: 'x' } });
    const as = tenant.tokens.admin;
    await harness.call('preflightExchangeAccount', { as, params: { id: first.data.id } });
    expect((await connect(key)).data.healthCode).toBe('ACCOUNT_IN_USE');
  });

  it('is not taken by a key that may not trade', async () => {
    const { system } = harness.database;
    const { data } = await connect(await newKey({ perm: 'read_only' }));
    const row = await system.exchangeAccount.findUniqueOrThrow({ where: { id: data.id } });
    expect(row.venueUserId).not.toBeNull();
    expect(row.tradesAs).toBeNull();
  });

  it('is not changed for another one under positions, which only a key of the old one may close', async () => {
    const { system } = harness.database;
    const as = follower.token;
    const { data } = await connect(await newKey());
    const params = { id: data.id };
    const before = await system.exchangeAccount.findUniqueOrThrow({ where: params });
    const position = await system.position.create({ data: held(data.id) });
    const foreign = await harness.call('updateExchangeAccount', {
      as,
      params,
      body: await newKey({ posMode: 'long_short_mode', balance: '7' }),
    });
    expect(foreign.data).toMatchObject({
      health: 'failing',
      healthCode: 'OTHER_ACCOUNT',
      positionMode: 'net',
      equity: '2500',
    });
    expect(await system.exchangeAccount.findUniqueOrThrow({ where: params })).toMatchObject({
      venueUserId: before.venueUserId,
      tradesAs: before.venueUserId,
    });
    const { subscriptionId, instrumentId, side } = position;
    await system.position.delete({
      where: { subscriptionId_instrumentId_side: { subscriptionId, instrumentId, side } },
    });
    const flat = await harness.call('preflightExchangeAccount', { as, params });
    expect(flat.data).toMatchObject({ health: 'healthy', positionMode: 'long_short', equity: '7' });
  });

  it('says how many others of its owner trade here', async () => {
    const main = await uidOf((await connect(await newKey())).data.id);
    const { data } = await connect(await newKey({ mainUid: main }));
    expect(data.health).toBe('healthy');
    expect(finding(data.preflight, 'identity')).toMatchObject({ result: 'ok', detail: { relatives: '1' } });
  });

  it('is asked who it is where its row is from before that was asked', async () => {
    const { system } = harness.database;
    const key = await newKey();
    const { data } = await connect(key);
    await system.exchangeAccount.updateMany({
      where: { id: { not: data.id }, tradesAs: null },
      data: { health: 'failing' },
    });
    await system.exchangeAccount.update({ where: { id: data.id }, data: { tradesAs: null, venueUserId: null } });
    expect(await findUnidentified(system, () => false)).toEqual([]);
    expect(await findUnidentified(system, () => true)).toEqual([data.id]);
    await preflight(data.id);
    expect(await findUnidentified(system, () => true)).toEqual([]);
  });

  async function uidOf(id: string): Promise<string> {
    const row = await harness.database.system.exchangeAccount.findUniqueOrThrow({ where: { id } });
    return row.venueUserId ?? '';
  }
});

describe('changing an account', () => {
  it('replaces the key with all of its parts, and checks the new one', async () => {
    const as = follower.token;
    const { data } = await connect(await newKey({ perm: 'read_only' }));
    const params = { id: data.id };
    const key = await newKey();
    const half = await harness.call('updateExchangeAccount', { as, params, body: { apiKey: key.apiKey } });
    expect([half.status, half.error.field]).toEqual([400, 'secret']);
    const whole = await harness.call('updateExchangeAccount', { as, params, body: { ...key, label: 'New' } });
    expect(whole.data).toMatchObject({ label: 'New', health: 'healthy', healthCode: null });
    expect(whole.data.keyHint).toBe(key.apiKey.slice(-4));
  });

  it('leaves it its margin mode while something of it is at the venue', async () => {
    const params = { id: follower.accountId };
    const change = (marginMode: 'cross' | 'isolated') =>
      harness.call('updateExchangeAccount', { as: follower.token, params, body: { marginMode } });
    const where = { accountId: follower.accountId };
    await harness.database.system.position.updateMany({ where, data: { quantity: '1' } });
    const refused = await change('isolated');
    expect([refused.status, refused.error.code, refused.error.field]).toEqual([409, 'CONFLICT', 'marginMode']);
    expect((await change('cross')).status).toBe(200);
    await harness.database.system.position.updateMany({ where, data: { quantity: '0' } });
    await harness.database.system.trade.updateMany({ where, data: { status: 'filled' } });
    await harness.database.system.protection.updateMany({ where, data: { open: false } });
    expect((await change('isolated')).data.marginMode).toBe('isolated');
    await change('cross');
  });

  it('keeps a healthy account healthy while its venue is away', async () => {
    const { data } = await connect(await newKey());
    const params = { id: data.id };
    await fetch(`${simulator.control}/control/faults`, {
      method: 'POST',
      body: JSON.stringify({ id: 'away', kind: 'refuse', code: '50001', status: 503, match: { path: '/api/v5/*' } }),
    });
    const away = await harness.call('preflightExchangeAccount', { as: follower.token, params });
    await fetch(`${simulator.control}/control/faults?id=away`, { method: 'DELETE' });
    expect(away.data).toMatchObject({ health: 'healthy', healthCode: null, equity: '2500' });
    expect(finding(away.data.preflight, 'reachable')).toMatchObject({ result: 'failed', code: 'VENUE_UNREACHABLE' });
  });

  it('does not write what was found of an old key over a new one', async () => {
    const { data } = await connect(await newKey());
    const { system } = harness.database;
    const checks = runPreflight(
      {
        database: harness.database,
        cipher: harness.context.cipher,
        venue: (key) => {
          const venue = venues.get(key);
          return {
            account: (access) => venue.account(access),
            market: (mode) => ({
              ...venue.market(mode),
              getTime: async () => {
                await system.exchangeAccount.update({
                  where: { id: data.id },
                  data: { credentials: 'another key', health: 'unchecked' },
                });
                return Date.now();
              },
            }),
          };
        },
        publish: async () => undefined,
        logger,
      },
      data.id,
    );
    await checks;
    const row = await system.exchangeAccount.findUniqueOrThrow({ where: { id: data.id } });
    expect(row.health).toBe('unchecked');
  });

  it('fails an account whose sealed key does not open', async () => {
    const { data } = await connect(await newKey());
    await harness.database.system.exchangeAccount.update({
      where: { id: data.id },
      data: { credentials: 'k1.broken' },
    });
    const { data: after } = await harness.call('preflightExchangeAccount', {
      as: tenant.tokens.admin,
      params: { id: data.id },
    });
    expect(after).toMatchObject({ health: 'failing', healthCode: 'CREDENTIALS_UNREADABLE' });
  });
});

describe('removing an account', () => {
  it('works while nothing depends on it', async () => {
    const as = follower.token;
    const { data } = await connect(await newKey());
    const params = { id: data.id };
    expect((await harness.call('deleteExchangeAccount', { as, params })).data).toEqual({ id: data.id });
    expect((await harness.call('getExchangeAccount', { as, params })).status).toBe(404);
  });

  it('is refused while it follows a strategy or holds something', async () => {
    const answer = await harness.call('deleteExchangeAccount', {
      as: tenant.tokens.admin,
      params: { id: follower.accountId },
    });
    expect([answer.status, answer.error.code]).toEqual([409, 'CONFLICT']);
  });

  it('says what is in the way, and nothing once that is gone', async () => {
    const { system } = harness.database;
    const as = follower.token;
    const { data } = await connect(await newKey());
    const { id } = data;
    const now = new Date();
    const whose = {
      tenantId: tenant.id,
      customerId: follower.customerId,
      accountId: id,
      strategyId: newId(),
      instrumentId: 'okx:BTC-USDT-SWAP',
      side: 'long',
      updatedAt: now,
    } as const;
    const key = { subscriptionId: newId(), instrumentId: whose.instrumentId, side: whose.side };
    const position = { subscriptionId_instrumentId_side: key };
    const inTheWay = async () => {
      const { status, error } = await harness.call('deleteExchangeAccount', { as, params: { id } });
      const { details = {} } = error as { readonly details?: Readonly<Record<string, boolean>> };
      return [status, ...Object.keys(details).filter((what) => details[what])];
    };
    await system.position.create({ data: { ...whose, ...key, quantity: '1' } });
    expect(await inTheWay()).toEqual([409, 'positions']);
    await system.position.update({ where: position, data: { quantity: '0' } });
    await system.protection.create({ data: { ...whose, ...key, signalId: newId(), nextAt: now } });
    expect(await inTheWay()).toEqual([409, 'stopOrders']);
    await system.protection.update({ where: position, data: { open: false } });
    const plan = { signalId: newId(), part: 0, tenantId: tenant.id, createdAt: now };
    const trades = JSON.stringify([[newId(), id]]);
    await system.writtenPlan.create({ data: { ...plan, shape: '{}', trades } });
    expect(await inTheWay()).toEqual([409, 'orders']);
    await system.writtenPlan.deleteMany({ where: { signalId: plan.signalId } });
    expect((await harness.call('deleteExchangeAccount', { as, params: { id } })).status).toBe(200);
  });

  it('keeps its trades, erases its key and ends it', async () => {
    const { system } = harness.database;
    const as = follower.token;
    const key = await newKey();
    const { data } = await connect(key);
    const { id } = data;
    await system.subscription.create({
      data: {
        id: newId(),
        tenantId: tenant.id,
        customerId: follower.customerId,
        strategyId: (await system.strategy.findFirstOrThrow({ where: { tenantId: tenant.id } })).id,
        accountId: id,
        status: 'ended',
      },
    });
    expect((await harness.call('deleteExchangeAccount', { as, params: { id } })).status).toBe(200);
    const row = await system.exchangeAccount.findUniqueOrThrow({ where: { id } });
    expect(row).toMatchObject({ credentials: '', tradesAs: null, health: 'failing', healthCode: 'ENDED' });
    const answers = await Promise.all([
      harness.call('getExchangeAccount', { as, params: { id } }),
      harness.call('preflightExchangeAccount', { as, params: { id } }),
      harness.call('updateExchangeAccount', { as, params: { id }, body: { label: 'Again' } }),
      harness.call('deleteExchangeAccount', { as, params: { id } }),
    ]);
    expect(answers.map(({ status }) => status)).toEqual([404, 404, 404, 404]);
    const list = await harness.call('listExchangeAccounts', { as, query: { limit: '200' } });
    expect(list.data.items.map((account) => account.id)).not.toContain(id);
    expect((await connect(key)).data.health).toBe('healthy');
    await preflight(id);
    expect((await system.exchangeAccount.findUniqueOrThrow({ where: { id } })).health).toBe('failing');
  });
});
