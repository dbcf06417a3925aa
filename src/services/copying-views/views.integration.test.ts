import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { OperationName } from '@/contracts/api/operations';
import type { AccountMode } from '@/domain/account-mode';
import { TRADE_STATUSES, type TradeStatus } from '@/domain/order-state';
import { countReceipts, type ReceiptState, receiptState } from '@/domain/receipt';
import { newId } from '@/platform/ids';
import { type ApiCall, type ApiHarness, createApiHarness } from '@/testing/api/harness';
import { createFollower, createSignal, createTenant, createTrade, type TestTenant } from '@/testing/api/rows';
import { pricesKey } from '../pricing/publish-prices';

let harness: ApiHarness;
let tenant: TestTenant;
let as: string;

beforeAll(async () => {
  harness = await createApiHarness();
  tenant = await createTenant(harness, 'Home', ['First', 'Second']);
  as = tenant.tokens.admin;
});
afterAll(() => harness.close());

const firstFollower = () => {
  const [follower] = tenant.followers;
  if (follower === undefined) throw new Error('no follower');
  return follower;
};

/** A signal with one follower for each list of legs. */
async function signalWith(
  followers: readonly (readonly Partial<Parameters<typeof createTrade>[1]>[])[],
): Promise<string> {
  const { id: tenantId, sourceId, strategyId } = tenant;
  const signalId = await createSignal(harness, { tenantId, sourceId, word: 'Home' });
  const { customerId, accountId } = firstFollower();
  const make = async (legs: (typeof followers)[number]): Promise<void> => {
    const common = { tenantId, signalId, strategyId, customerId, accountId, subscriptionId: newId() };
    for (const leg of legs) await createTrade(harness, { ...common, ...leg });
  };
  const waiting = [...followers];
  const runner = async (): Promise<void> => {
    for (let legs = waiting.shift(); legs !== undefined; legs = waiting.shift()) await make(legs);
  };
  await Promise.all(Array.from({ length: 4 }, runner));
  return signalId;
}

describe('the counts of a signal', () => {
  it('follow the domain for every pair of legs, in the signal and in its receipts', { timeout: 90_000 }, async () => {
    const amounts: Partial<Record<TradeStatus, readonly string[]>> = {
      filled: ['10'],
      partially_filled: ['4'],
      canceled: ['0', '3'],
      expired: ['0', '3'],
    };
    const legs = TRADE_STATUSES.flatMap((status) =>
      (amounts[status] ?? ['0']).map((filledQuantity) => ({ status, filledQuantity })),
    );
    const pairs = legs.flatMap((close) =>
      legs.map((open) => [
        { ...close, leg: 'close' as const },
        { ...open, leg: 'open' as const },
      ]),
    );
    const stops = legs.filter(({ status }) => status !== 'denied').map((leg) => ({ ...leg, leg: 'stop' as const }));
    const entries = legs.map((leg) => ({ ...leg, leg: 'open' as const }));
    const protectedEntries = entries.flatMap((entry) => stops.map((stop) => [entry, stop]));
    const followers = [...entries.map((leg) => [leg]), ...pairs, ...stops.map((stop) => [stop]), ...protectedEntries];
    const signalId = await signalWith(followers);
    const outline = (leg: (typeof followers)[number][number]) => ({
      leg: leg.leg,
      status: leg.status,
      filled: leg.filledQuantity !== '0',
    });
    const expected = countReceipts(
      followers.flatMap((own, at) => own.map((leg) => ({ ...outline(leg), subscriptionId: String(at) }))),
    );
    const { data } = await harness.call('getSignal', { as, params: { id: signalId } });
    expect(data.counts).toEqual(expected);

    const states = new Map<ReceiptState, number>();
    for (const own of followers) {
      const state = receiptState(own.map(outline));
      states.set(state, (states.get(state) ?? 0) + 1);
    }
    for (const [state, count] of states) {
      const page = await harness.call('listReceipts', {
        as,
        params: { id: signalId },
        query: { state, limit: '1000' },
      });
      expect([state, page.data.items.length]).toEqual([state, count]);
      expect(page.data.items.every((receipt) => receipt.state === state)).toBe(true);
    }
  });

  it('are zero for a signal without followers', async () => {
    const signalId = await signalWith([]);
    const { data } = await harness.call('getSignal', { as, params: { id: signalId } });
    expect(data.counts).toEqual({ total: 0, filled: 0, partial: 0, open: 0, denied: 0, rejected: 0, unknown: 0 });
    expect(data.timings.lastFilledAt).toBeNull();
    const receipts = await harness.call('listReceipts', { as, params: { id: signalId } });
    expect(receipts.data).toEqual({ items: [], nextCursor: null });
  });

  it('are the own ones for a customer, who sees no signal that he has no part in', async () => {
    const { token, subscriptionId } = firstFollower();
    const own = await harness.call('getSignal', { as: token, params: { id: tenant.signalId } });
    expect(own.data.counts).toMatchObject({ total: 1, filled: 1 });
    const receipts = await harness.call('listReceipts', { as: token, params: { id: tenant.signalId } });
    expect(receipts.data.items.map((receipt) => receipt.subscriptionId)).toEqual([subscriptionId]);
    const foreign = await signalWith([]);
    expect((await harness.call('getSignal', { as: token, params: { id: foreign } })).status).toBe(404);
    expect((await harness.call('listReceipts', { as: token, params: { id: foreign } })).status).toBe(404);
  });
});

describe('a signal', () => {
  it('says by which name in USD its sender meant USDT', async () => {
    const { system } = harness.database;
    const id = await signalWith([]);
    const show = async () => (await harness.call('getSignal', { as, params: { id } })).data.takenForUsdt;
    expect(await show()).toBeNull();
    const { intent } = await system.signal.findUniqueOrThrow({ where: { id } });
    const read = { ...(intent as object), symbol: 'BTCUSD', usdMeantUsdt: true };
    await system.signal.update({ where: { id }, data: { intent: read } });
    expect(await show()).toBe('BTCUSD');
  });
});

describe('a receipt', () => {
  it('tells the order, its arithmetic, rules, fills, slippage and latency', async () => {
    const { data } = await harness.call('listReceipts', { as, params: { id: tenant.signalId } });
    const receipt = data.items.find((item) => item.customerId === firstFollower().customerId);
    expect(receipt).toMatchObject({ state: 'filled', customerName: 'First customer', strategyName: 'Home strategy' });
    expect(receipt?.trades).toHaveLength(1);
    expect(receipt?.trades[0]).toMatchObject({
      symbol: 'BTC-USDT-SWAP',
      leg: 'open',
      quantity: '10',
      quantityBase: '0.1',
      averagePrice: '50010',
      slippage: '0.0002',
      fee: '-2.5',
      reason: null,
      clientOrderId: receipt?.trades[0]?.id,
      arithmetic: [{ label: 'ratio_times_leader', expression: '0.1 × 100', value: '10' }],
      checks: [{ rule: 'leverage', value: '2', limit: '10', passed: true }],
      fills: [{ quantity: '10', price: '50010', fee: '-2.5', feeCurrency: 'USDT' }],
    });
    expect(receipt?.trades[0]?.latencyMs).toBeGreaterThanOrEqual(0);
  });

  it('of a reversal has two trades, the close first', async () => {
    const signalId = await signalWith([[{ leg: 'open', status: 'live' }, { leg: 'close' }]]);
    const { data } = await harness.call('listReceipts', { as, params: { id: signalId } });
    expect(data.items[0]?.state).toBe('open');
    expect(data.items[0]?.trades.map((trade) => trade.leg)).toEqual(['close', 'open']);
  });

  it('says in the language of its reader why nothing was copied', async () => {
    const detail = { symbol: 'BTC-USDT-SWAP' };
    const signalId = await signalWith([
      [{ status: 'denied', code: 'PRICE_UNKNOWN', detail }],
      [{ status: 'rejected', code: '51008', detail: { message: 'Insufficient balance' } }],
    ]);
    const ask = async (language: string, code: string) => {
      const headers = { 'accept-language': language };
      const { data } = await harness.call('listReceipts', { as, params: { id: signalId }, query: { code }, headers });
      return data.items.map((receipt) => receipt.trades[0]?.reason);
    };
    expect(await ask('en-GB', 'PRICE_UNKNOWN')).toEqual(['No current price of BTC-USDT-SWAP is known.']);
    expect(await ask('zh-CN,zh;q=0.9', 'PRICE_UNKNOWN')).toEqual(['BTC-USDT-SWAP 的当前价格未知。']);
    expect(await ask('en', '51008')).toEqual(['Not enough balance or margin at the exchange.']);
    expect(await ask('zh-CN', '51008')).toEqual(['交易所账户的余额或保证金不足。']);
    const { data } = await harness.call('listReceipts', { as, params: { id: signalId }, query: { code: '51008' } });
    expect(data.items[0]?.trades[0]?.venueMessage).toBe('Insufficient balance');
    expect(await ask('en', 'ORDER_CAP')).toEqual([]);
  });

  it('comes page by page, each once', async () => {
    const signalId = await signalWith(Array.from({ length: 7 }, () => [{}]));
    const seen: string[] = [];
    let cursor: string | null | undefined;
    while (cursor !== null) {
      const query: Record<string, string> = { limit: '3', ...(cursor === undefined ? {} : { cursor }) };
      const { data } = await harness.call('listReceipts', { as, params: { id: signalId }, query });
      seen.push(...data.items.map((receipt) => receipt.subscriptionId));
      cursor = data.nextCursor;
    }
    expect(seen).toHaveLength(7);
    expect(new Set(seen).size).toBe(7);
    expect([...seen].sort()).toEqual(seen);
  });
});

describe('a position in a list', () => {
  it('says how the venue’s differs from it, while it does', async () => {
    const { customerId, accountId } = firstFollower();
    const look = async () =>
      (await harness.call('listPositions', { as, query: { customerId } })).data.items.map(({ drift }) => drift);
    expect(await look()).toEqual([null]);
    const since = new Date();
    const id = newId();
    await harness.database.system.positionDrift.create({
      data: {
        ...{ id, tenantId: tenant.id, customerId, accountId, instrumentId: 'okx:BTC-USDT-SWAP', side: 'long' },
        ...{ kind: 'missing', booked: '10', held: '6', firstSeenAt: since, lastSeenAt: since },
      },
    });
    expect(await look()).toEqual([
      { kind: 'missing', booked: '10', bookedBase: '0.1', held: '6', heldBase: '0.06', since: since.toISOString() },
    ]);
    await harness.database.system.positionDrift.update({ where: { id }, data: { resolvedAt: since } });
    expect(await look()).toEqual([null]);
  });
});

describe('a list', () => {
  it.each([
    'listTrades',
    'listSignals',
    'listPositions',
    'listCustomers',
    'listExchangeAccounts',
    'listSubscriptions',
  ] as const)('%s comes page by page, each row once and in one order', async (name) => {
    const whole = await harness.call(name, { as, query: { limit: '200' } });
    const keyOf = (row: object) => JSON.stringify(row);
    const paged: string[] = [];
    let cursor: string | null | undefined;
    while (cursor !== null) {
      const query: Record<string, string> = { limit: '1', ...(cursor === undefined ? {} : { cursor }) };
      const { data } = await harness.call(name, { as, query });
      paged.push(...data.items.map(keyOf));
      cursor = data.nextCursor;
      if (paged.length > 40) break;
    }
    expect(paged).toEqual(whole.data.items.map(keyOf).slice(0, paged.length));
    expect(paged.length).toBe(Math.min(whole.data.items.length, 41));
  });

  it('of trades is filtered by customer, strategy, signal and status', async () => {
    const { customerId } = firstFollower();
    const signalId = await signalWith([[{ status: 'denied', code: 'PRICE_UNKNOWN' }], [{}]]);
    const count = async (query: Record<string, string>) =>
      (await harness.call('listTrades', { as, query: { ...query, limit: '200' } })).data.items.length;
    expect(await count({ signalId })).toBe(2);
    expect(await count({ signalId, status: 'denied' })).toBe(1);
    expect(await count({ signalId, customerId })).toBe(2);
    expect(await count({ signalId, strategyId: newId() })).toBe(0);
  });

  it('of trades comes as CSV, without formulas', async () => {
    const { system } = harness.database;
    const { customerId } = firstFollower();
    await system.customer.update({ where: { id: customerId }, data: { name: '=HYPERLINK("x"),"y"' } });
    const answer = await harness.call('listTrades', { as, query: { format: 'csv', customerId, limit: '2' } });
    await system.customer.update({ where: { id: customerId }, data: { name: 'First customer' } });
    expect(answer.headers.get('content-type')).toContain('text/csv');
    const lines = answer.text.trimEnd().split('\r\n');
    expect(lines).toHaveLength(3);
    expect(lines[0]).toMatch(/^id,createdAt,customerName,/);
    expect(lines[1]).toContain('"\'=HYPERLINK(""x""),""y"""');
    expect(answer.headers.get('x-next-cursor')).not.toBeNull();
    const accept = await harness.call('listTrades', { as, headers: { accept: 'text/csv' } });
    expect(accept.headers.get('content-type')).toContain('text/csv');
  });
});

describe('a position', () => {
  const ask = async () => {
    const { customerId } = firstFollower();
    return (await harness.call('listPositions', { as, query: { customerId } })).data.items[0];
  };
  const setPrice = (price: string, at: number, mode: AccountMode = 'simulated') =>
    harness.context.redis.hset(
      pricesKey(harness.context.environment.REDIS_PREFIX, mode),
      'okx:BTC-USDT-SWAP',
      JSON.stringify({ price, at }),
    );

  it('is valued with the last price of its own mode', async () => {
    await setPrice('51000', Date.now());
    await setPrice('61000', Date.now(), 'live');
    expect(await ask()).toMatchObject({
      quantity: '10',
      quantityBase: '0.1',
      averagePrice: '50000',
      markPrice: '51000',
      unrealizedPnl: '100',
    });
  });

  it('has no value where the price is old or unknown', async () => {
    await setPrice('51000', Date.now() - 10 * 60_000);
    expect(await ask()).toMatchObject({ markPrice: null, unrealizedPnl: null });
    await harness.context.redis.del(pricesKey(harness.context.environment.REDIS_PREFIX, 'simulated'));
    expect(await ask()).toMatchObject({ markPrice: null, unrealizedPnl: null });
  });

  it.each([
    [{ request: 'place', confirmed: true, failures: 0 }, 'standing'],
    [{ request: 'place', confirmed: true, failures: 2 }, 'outdated'],
    [{ request: 'none', confirmed: true, failures: 2 }, 'failing'],
    [{ request: 'change', confirmed: false, failures: 0 }, 'pending'],
  ] as const)('says how its stop order stands (%j): %s', async (standing, state) => {
    const position = await harness.database.system.position.findFirstOrThrow({
      where: { customerId: firstFollower().customerId },
    });
    const { tenantId, subscriptionId, instrumentId, side, customerId, accountId, strategyId } = position;
    const of = { tenantId, subscriptionId, instrumentId, side, customerId, accountId, strategyId };
    const at = new Date();
    const asked = { askedStop: '48000', askedQuantity: '10' };
    const data = { ...of, ...standing, ...asked, signalId: newId(), nextAt: at, updatedAt: at };
    await harness.database.system.protection.deleteMany({ where: { subscriptionId } });
    await harness.database.system.protection.create({ data });
    expect((await ask())?.protection).toMatchObject({ state, stopPrice: '48000' });
    await harness.database.system.protection.deleteMany({ where: { subscriptionId } });
  });
});

describe('the dashboard', () => {
  it('counts the tenant and the days of the reader', async () => {
    const { data } = await harness.call('getDashboard', { as, query: { utcOffsetMinutes: '480' } });
    expect(data.figures).toMatchObject({
      customers: 2,
      activeCustomers: 2,
      followers: 2,
      strategies: 1,
      openPositions: 2,
    });
    expect(data.days).toHaveLength(30);
    expect(data.days.at(-1)?.day).toBe(new Date(Date.now() + 8 * 3_600_000).toISOString().slice(0, 10));
    const sum = (key: 'orders' | 'filled' | 'signals') => data.days.reduce((total, day) => total + day[key], 0);
    const { system } = harness.database;
    expect(sum('orders')).toBe(await system.trade.count({ where: { status: { not: 'denied' } } }));
    expect(sum('filled')).toBe(await system.trade.count({ where: { filledQuantity: { gt: 0 } } }));
    expect(sum('signals')).toBe(await system.signal.count());
    expect(data.lastSignals.length).toBeGreaterThan(0);
  });

  it('puts past days beside today, also from what it kept of them', async () => {
    const { system } = harness.database;
    const before = new Date(Date.now() - 3 * 86_400_000);
    const signalId = await signalWith([[{}], [{}], [{ status: 'denied', code: 'PRICE_UNKNOWN' }]]);
    await system.trade.updateMany({ where: { signalId }, data: { createdAt: before } });
    await system.signal.update({ where: { id: signalId }, data: { receivedAt: before } });
    await harness.context.redis.flushdb();
    const ask = async () => (await harness.call('getDashboard', { as })).data.days;
    const first = await ask();
    const day = before.toISOString().slice(0, 10);
    expect(first.find((one) => one.day === day)).toEqual({
      day,
      signals: 1,
      orders: 2,
      filled: 2,
      volume: '10002',
      realizedPnl: '0',
    });
    await signalWith([[{}]]);
    const second = await ask();
    expect(second.slice(0, -1)).toEqual(first.slice(0, -1));
    expect(second.at(-1)?.signals).toBe((first.at(-1)?.signals ?? 0) + 1);
    expect(second.at(-1)?.orders).toBe((first.at(-1)?.orders ?? 0) + 1);
  });

  it('shows what needs attention', async () => {
    const { system } = harness.database;
    const { accountId } = firstFollower();
    await system.exchangeAccount.update({
      where: { id: accountId },
      data: { health: 'failing', healthCode: 'CREDENTIALS_REJECTED' },
    });
    const signalId = await signalWith([[{ status: 'unknown', code: 'TIMEOUT' }], [{ status: 'unknown' }]]);
    const rejected = await signalWith([]);
    await system.signal.update({ where: { id: rejected }, data: { status: 'rejected', rejectCode: 'STALE_SIGNAL' } });
    const { data } = await harness.call('getDashboard', { as });
    const { attention } = data;
    expect(attention).toContainEqual(
      expect.objectContaining({
        kind: 'account_failing',
        subjectId: accountId,
        title: 'First account',
        customer: { id: firstFollower().customerId, name: 'First customer' },
        customers: 1,
        code: 'CREDENTIALS_REJECTED',
      }),
    );
    expect(attention).toContainEqual(
      expect.objectContaining({
        kind: 'trades_unknown',
        subjectId: signalId,
        title: 'BTC-USDT-SWAP',
        count: 2,
        customer: { id: firstFollower().customerId, name: 'First customer' },
        customers: 1,
      }),
    );
    expect(attention).toContainEqual(
      expect.objectContaining({ kind: 'signal_rejected', subjectId: rejected, code: 'STALE_SIGNAL' }),
    );
    expect(attention).toContainEqual(
      expect.objectContaining({
        kind: 'message_rejected',
        subjectId: tenant.sourceId,
        title: 'Home source',
        customer: null,
      }),
    );
    await system.exchangeAccount.update({
      where: { id: accountId },
      data: { health: 'limited', healthCode: 'EQUITY_UNKNOWN' },
    });
    const limited = await harness.call('getDashboard', { as });
    expect(limited.data.attention).toContainEqual(
      expect.objectContaining({ kind: 'account_limited', subjectId: accountId, code: 'EQUITY_UNKNOWN' }),
    );
    await system.exchangeAccount.update({ where: { id: accountId }, data: { health: 'healthy', healthCode: null } });
  });
});

describe('the overview of a customer', () => {
  it('has his equity, curve, positions and last trades', async () => {
    const { token, customerId, accountId } = firstFollower();
    const { data } = await harness.call('getOverview', { as: token });
    expect(data).toMatchObject({ equity: '1234.5', available: '1000', customer: { id: customerId } });
    const told = new Date(Date.now() - 20 * 60_000);
    await harness.database.system.exchangeAccount.update({ where: { id: accountId }, data: { equityAt: told } });
    const old = await harness.call('getOverview', { as: token });
    expect(old.data.customer.equityAt).toBe(told.toISOString());
    expect(data.curve).toHaveLength(1);
    expect(data.curve[0]?.equity).toBe('1200');
    expect(data.accounts.map((account) => account.id)).toEqual([accountId]);
    expect(data.positions).toHaveLength(1);
    expect(data.lastTrades.length).toBeGreaterThan(0);
    const staff = await harness.call('getOverview', { as, query: { customerId } });
    expect(staff.data.customer.id).toBe(customerId);
    expect((await harness.call('getOverview', { as })).error.field).toBe('customerId');
  });

  it('adds up accounts, keeping the last value of each between its snapshots', async () => {
    const { system } = harness.database;
    const word = 'Curve';
    const { wrappedKey } = await system.tenant.findUniqueOrThrow({ where: { id: tenant.id } });
    const { id: tenantId, strategyId, signalId } = tenant;
    const options = { tenantId, wrappedKey, strategyId, signalId, word };
    const follower = await createFollower(harness, options);
    const { customerId, accountId } = follower;
    await system.equitySnapshot.deleteMany({ where: { customerId } });
    const second = newId();
    const hour = 3_600_000;
    const start = Date.now() - 10 * hour;
    const snapshot = (account: string, hours: number, equity: string) => ({
      accountId: account,
      customerId,
      tenantId,
      takenAt: new Date(start + hours * hour),
      equity,
    });
    await system.equitySnapshot.createMany({
      data: [
        snapshot(accountId, 0, '100'),
        snapshot(second, 2, '50'),
        snapshot(accountId, 4, '110'),
        snapshot(accountId, 4.0001, '120'),
        snapshot(second, 6, '40'),
      ],
    });
    const { data } = await harness.call('getOverview', { as: follower.token, query: { days: '1' } });
    expect(data.curve.map((point) => point.equity)).toEqual(['100', '150', '170', '160']);
  });
});

describe('every read', () => {
  /** Besides the look-up of the token. */
  const LIMITS: Partial<Record<OperationName, number>> = {
    listTrades: 1,
    getTrade: 1,
    listPositions: 1,
    listSignals: 2,
    getSignal: 2,
    listReceipts: 3,
    listCustomers: 4,
    listExchangeAccounts: 2,
    listStrategies: 2,
    listSubscriptions: 4,
    listSignalSources: 2,
    listRejectedMessages: 1,
    listApiTokens: 1,
    listAuditLog: 3,
    listInstruments: 1,
    getDashboard: 6,
    getOverview: 16,
  };

  it.each(Object.entries(LIMITS))(
    '%s asks the database at most %i times, however many rows there are',
    async (name, most) => {
      const operation = name as OperationName;
      const { customerId, tradeId } = firstFollower();
      const ids: Partial<Record<OperationName, string>> = { getTrade: tradeId };
      const options: ApiCall = {
        as,
        params: { id: ids[operation] ?? tenant.signalId },
        query: operation === 'getOverview' ? { customerId } : {},
      };
      await harness.call(operation, options);
      harness.statements();
      await harness.call(operation, options);
      const asked = harness.statements().filter((sql) => !sql.includes('`tokenHash` = ?'));
      expect([asked.length <= most, asked]).toEqual([true, asked]);
    },
  );
});

describe('names', () => {
  beforeAll(async () => {
    const { wrappedKey } = await harness.database.system.tenant.findUniqueOrThrow({ where: { id: tenant.id } });
    const { id: tenantId, strategyId, signalId } = tenant;
    for (const word of ['zoe', 'Ärger | 100 %', 'alpha', 'Alpha', '张三']) {
      await createFollower(harness, { tenantId, wrappedKey, strategyId, signalId, word });
    }
  });

  it.each([
    ['listCustomers', 'name'],
    ['listStrategies', 'name'],
    ['listExchangeAccounts', 'customerName'],
    ['listPositions', 'customerName'],
  ] as const)('order %s over all its pages', async (operation, field) => {
    const names: string[] = [];
    let cursor: string | null | undefined;
    while (cursor !== null) {
      const query: Record<string, string> = { limit: '2', ...(cursor === undefined ? {} : { cursor }) };
      const { data } = await harness.call(operation, { as, query });
      names.push(...data.items.map((row) => String((row as unknown as Record<string, unknown>)[field])));
      cursor = data.nextCursor;
    }
    const order = new Intl.Collator('en', { sensitivity: 'base' });
    const latin = names.filter((name) => /^[a-z]/i.test(name));
    expect(latin).toEqual([...latin].sort(order.compare));
    expect(names.length).toBe((await harness.call(operation, { as, query: { limit: '200' } })).data.items.length);
  });
});
