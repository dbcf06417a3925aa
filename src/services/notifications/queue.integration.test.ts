import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { connectDatabase, type Database, type Transaction } from '@/platform/database/database';
import { newId } from '@/platform/ids';
import { createTestDatabase, type TestDatabase } from '@/testing/services';
import { parseOutboxPayload } from './events';
import { queueAccountFailing, queueSignalNotifications, queueTradeNotifications } from './queue';

const NOW = Date.UTC(2026, 10, 21, 12, 0, 1);
const COUNTS = { total: 2, filled: 1, partial: 0, open: 0, denied: 1, rejected: 0, unknown: 0 };

let testDatabase: TestDatabase;
let database: Database;
let tenantId: string;
let signalId: string;
let filledTrade: string;
let customers: { id: string; accountId: string }[];

beforeAll(async () => {
  testDatabase = await createTestDatabase();
  database = connectDatabase(testDatabase.url);
  await database.system.instrument.create({
    data: {
      id: 'okx:BTC-USDT-SWAP',
      venue: 'okx',
      symbol: 'BTC-USDT-SWAP',
      baseCurrency: 'BTC',
      quoteCurrency: 'USDT',
      settleCurrency: 'USDT',
      contractValue: '0.01',
      lotSize: '0.01',
      minSize: '0.01',
      tickSize: '0.1',
      maxLeverage: '100',
    },
  });
});
afterAll(async () => {
  await database.close();
  await testDatabase.drop();
});

beforeEach(async () => {
  tenantId = newId();
  signalId = newId();
  const [sourceId, strategyId] = [newId(), newId()];
  const system = database.system;
  await system.tenant.create({ data: { id: tenantId, name: 'T', slug: tenantId, wrappedKey: 'k' } });
  await system.signalSource.create({
    data: { id: sourceId, tenantId, name: 'TradingView', venue: 'okx', tokenHash: newId().repeat(2), tokenSealed: '-' },
  });
  await system.strategy.create({ data: { id: strategyId, tenantId, signalSourceId: sourceId, name: 'Trend' } });
  customers = [];
  for (const name of ['One', 'Two']) {
    const [id, accountId] = [newId(), newId()];
    await system.customer.create({ data: { id, tenantId, name } });
    await system.exchangeAccount.create({
      data: {
        id: accountId,
        tenantId,
        customerId: id,
        venue: 'okx',
        label: `Account ${name}`,
        credentials: '-',
        keyHint: '-',
      },
    });
    customers.push({ id, accountId });
  }
  const at = new Date(NOW - 1000);
  await system.signal.create({
    data: {
      id: signalId,
      tenantId,
      sourceId,
      instrumentId: 'okx:BTC-USDT-SWAP',
      idempotencyKey: signalId,
      format: 'native',
      intent: { symbol: 'BTCUSDT', action: 'open', side: 'long' },
      rawBody: '',
      sentAt: at,
      expiresAt: at,
      receivedAt: at,
      firstSentAt: new Date(NOW - 960),
      lastAckAt: new Date(NOW - 900),
    },
  });
  const trade = (customer: { id: string; accountId: string } | undefined, overrides: object) => ({
    id: newId(),
    tenantId,
    signalId,
    strategyId,
    subscriptionId: newId(),
    customerId: customer?.id ?? '',
    accountId: customer?.accountId ?? '',
    instrumentId: 'okx:BTC-USDT-SWAP',
    leg: 'open' as const,
    side: 'buy' as const,
    positionSide: 'long' as const,
    reduceOnly: false,
    orderType: 'market' as const,
    leverage: '10',
    quantity: '5',
    decision: {},
    status: 'filled' as const,
    createdAt: at,
    updatedAt: at,
    ...overrides,
  });
  const filled = trade(customers[0], {
    decisionPrice: '60000',
    filledQuantity: '5',
    filledValue: '3003',
    fee: '-1.5',
    filledAt: new Date(NOW - 500),
  });
  filledTrade = filled.id;
  await system.trade.createMany({
    data: [
      filled,
      trade(customers[1], {
        status: 'denied',
        code: 'ORDER_CAP',
        detail: { orderMargin: '300', currency: 'USDT', share: '30%', equity: '1000', maximum: '5%' },
      }),
    ],
  });
});

async function addChannel(customerId: string | null): Promise<string> {
  const id = newId();
  await database.system.notificationChannel.create({
    data: { id, tenantId, customerId, kind: 'dingtalk', name: 'G', configSealed: '-' },
  });
  return id;
}

/** As use cases call it: in a transaction that is bound to the tenant. */
function inTransaction<T>(work: (tx: Transaction) => Promise<T>): Promise<T> {
  return database.forTenant(tenantId).$transaction((tx) => work(tx as unknown as Transaction));
}

async function queued(channelId: string) {
  const rows = await database.system.notification.findMany({ where: { channelId }, orderBy: { id: 'asc' } });
  return rows.map((row) => ({ key: row.dedupeKey, ...parseOutboxPayload(row.event, row.payload) }));
}

describe('queueSignalNotifications', () => {
  const queue = () =>
    inTransaction((tx) => queueSignalNotifications(tx, { tenantId, signalId, counts: COUNTS, now: NOW }));

  it('tells the tenant of the whole and each customer of his own, once', async () => {
    const tenants = await addChannel(null);
    const first = await addChannel(customers[0]?.id ?? null);
    const second = await addChannel(customers[1]?.id ?? null);
    await queue();
    await queue();
    expect(await queued(tenants)).toEqual([
      {
        key: `signal:${signalId}:done`,
        event: 'signal_done',
        payload: {
          signalId,
          sourceName: 'TradingView',
          symbol: 'BTC-USDT-SWAP',
          action: 'open',
          side: 'long',
          cause: null,
          quoteCurrency: 'USDT',
          rejectCode: null,
          counts: COUNTS,
          volume: '3003',
          realizedPnl: '0',
          slippage: '0.001',
          reasons: [{ code: 'ORDER_CAP', count: 1 }],
          timings: {
            receivedAt: NOW - 1000,
            firstSentAt: NOW - 960,
            lastAckAt: NOW - 900,
            lastFilledAt: NOW - 500,
          },
        },
      },
    ]);
    expect(await queued(first)).toMatchObject([
      {
        event: 'trade_filled',
        payload: { trades: [{ filledBase: '0.05', averagePrice: '60060', fee: '-1.5', accountLabel: 'Account One' }] },
      },
    ]);
    expect(await queued(second)).toMatchObject([
      { event: 'trade_denied', payload: { trades: [{ code: 'ORDER_CAP', detail: { equity: '1000' } }] } },
    ]);
  });

  it('asks for nothing more where nobody listens', async () => {
    await addChannel(null);
    await database.system.notificationChannel.updateMany({ where: { tenantId }, data: { enabled: false } });
    expect(await queue()).toBe(0);
  });
});

describe('queueTradeNotifications', () => {
  it('tells a customer of a trade that was settled later', async () => {
    const channel = await addChannel(customers[0]?.id ?? null);
    const about = { tenantId, signalId, tradeIds: [filledTrade], now: NOW };
    await inTransaction((tx) => queueTradeNotifications(tx, about));
    await inTransaction((tx) => queueTradeNotifications(tx, about));
    expect(await queued(channel)).toMatchObject([{ key: `trade:${filledTrade}:filled`, event: 'trade_filled' }]);
  });
});

describe('queueAccountFailing', () => {
  it('tells customer and tenant, once an hour for the same reason', async () => {
    const tenants = await addChannel(null);
    const own = await addChannel(customers[0]?.id ?? null);
    const others = await addChannel(customers[1]?.id ?? null);
    const accountId = customers[0]?.accountId ?? '';
    const queue = (code: string, now: number) =>
      inTransaction((tx) => queueAccountFailing(tx, { tenantId, accountId, health: 'failing', code, now }));
    await queue('KEY_INVALID', NOW);
    await queue('KEY_INVALID', NOW + 60_000);
    await queue('IP_NOT_ALLOWED', NOW + 60_000);
    await queue('KEY_INVALID', NOW + 3_600_000);
    expect(await queued(tenants)).toHaveLength(3);
    expect(await queued(own)).toMatchObject([
      { payload: { code: 'KEY_INVALID', label: 'Account One', customerName: 'One', at: NOW } },
      { payload: { code: 'IP_NOT_ALLOWED' } },
      { payload: { code: 'KEY_INVALID' } },
    ]);
    expect(await queued(others)).toHaveLength(0);
  });
});
