import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { newId } from '@/platform/ids';
import { createTestDatabase, type TestDatabase } from '@/testing/services';
import { connectDatabase, type Database, Prisma, type TenantClient } from './database';
import { JSON_FIELDS, TenantScopeError } from './tenant-scope';

let testDatabase: TestDatabase;
let database: Database;
const [home, abroad] = [newId(), newId()];

/** One row of every model, belonging to `tenantId`; ids repeat so that relations hold. */
async function fill(tenantId: string): Promise<void> {
  const { system } = database;
  const at = new Date();
  const [customerId, accountId, sourceId, strategyId, subscriptionId, signalId, tradeId, channelId] = Array.from(
    { length: 8 },
    () => newId(),
  ) as [string, string, string, string, string, string, string, string];
  const instrumentId = 'okx:BTC-USDT-SWAP';
  const common = { tenantId };
  await system.tenant.create({ data: { id: tenantId, name: 'a', slug: tenantId, wrappedKey: 'k' } });
  await system.customer.create({ data: { ...common, id: customerId, name: 'c' } });
  await system.user.create({
    data: { ...common, id: newId(), email: `${tenantId}@example.com`, passwordHash: 'x', role: 'admin' },
  });
  await system.apiToken.create({
    data: { ...common, id: newId(), name: 't', tokenHash: tenantId.padEnd(64, '0'), prefix: 'ss_', role: 'admin' },
  });
  await system.exchangeAccount.create({
    data: { ...common, id: accountId, customerId, venue: 'okx', label: 'a', credentials: 's', keyHint: '0000' },
  });
  await system.accountLeverage.create({
    data: { ...common, accountId, instrumentId, marginMode: 'cross', leverage: '2' },
  });
  await system.signalSource.create({
    data: { ...common, id: sourceId, name: 's', venue: 'okx', tokenHash: tenantId.padEnd(64, '1'), tokenSealed: 's' },
  });
  await system.strategy.create({ data: { ...common, id: strategyId, signalSourceId: sourceId, name: 's' } });
  await system.subscription.create({ data: { ...common, id: subscriptionId, customerId, strategyId, accountId } });
  await system.signalLane.create({ data: { ...common, sourceId, instrumentId } });
  await system.signal.create({
    data: {
      ...common,
      id: signalId,
      sourceId,
      instrumentId,
      idempotencyKey: 'k',
      format: 'native',
      intent: {},
      rawBody: '',
      sentAt: at,
      expiresAt: at,
      receivedAt: at,
    },
  });
  await system.rejectedMessage.create({
    data: { ...common, id: newId(), sourceId, code: 'X', message: 'm', rawBody: '', receivedAt: at },
  });
  await system.trade.create({
    data: {
      ...common,
      id: tradeId,
      signalId,
      strategyId,
      subscriptionId,
      customerId,
      accountId,
      instrumentId,
      leg: 'open',
      side: 'buy',
      positionSide: 'long',
      reduceOnly: false,
      orderType: 'market',
      leverage: '1',
      quantity: '1',
      status: 'filled',
      decision: {},
      createdAt: at,
      updatedAt: at,
    },
  });
  await system.fill.create({
    data: {
      ...common,
      id: newId(),
      tradeId,
      accountId,
      instrumentId,
      venueFillId: '1',
      quantity: '1',
      price: '1',
      fee: '0',
      feeCurrency: 'USDT',
      filledAt: at,
    },
  });
  await system.position.create({
    data: {
      ...common,
      subscriptionId,
      instrumentId,
      side: 'long',
      customerId,
      accountId,
      strategyId,
      quantity: '1',
      updatedAt: at,
    },
  });
  await system.roundingDebt.create({
    data: { ...common, subscriptionId, instrumentId, side: 'long', quantity: '0', updatedAt: at },
  });
  await system.positionDrift.create({
    data: {
      ...common,
      id: newId(),
      customerId,
      accountId,
      instrumentId,
      side: 'long',
      kind: 'size',
      booked: '1',
      held: '2',
      firstSeenAt: at,
      lastSeenAt: at,
    },
  });
  await system.protection.create({
    data: {
      ...common,
      subscriptionId,
      instrumentId,
      side: 'long',
      customerId,
      accountId,
      strategyId,
      signalId: newId(),
      nextAt: at,
      updatedAt: at,
    },
  });
  await system.positionExit.create({
    data: {
      ...common,
      subscriptionId,
      instrumentId,
      side: 'long',
      customerId,
      accountId,
      strategyId,
      sourceId,
      cause: 'leader_left',
      dueAt: at,
      nextAt: at,
      updatedAt: at,
    },
  });
  await system.writtenPlan.create({
    data: { ...common, signalId: newId(), part: 0, shape: '{}', trades: '[]', createdAt: at },
  });
  await system.equitySnapshot.create({ data: { ...common, accountId, takenAt: at, customerId, equity: '1' } });
  await system.notificationChannel.create({
    data: { ...common, id: channelId, kind: 'dingtalk', name: 'n', configSealed: 's' },
  });
  await system.notification.create({
    data: {
      ...common,
      id: newId(),
      channelId,
      dedupeKey: 'd',
      event: 'e',
      payload: {},
      nextAttemptAt: at,
      createdAt: at,
    },
  });
  await system.auditLog.create({
    data: {
      ...common,
      id: newId(),
      actor: 'system',
      action: 'a',
      subject: 's',
      detail: {},
      previousHash: '0'.repeat(64),
      hash: '1'.repeat(64),
      createdAt: at,
    },
  });
  await system.setting.create({ data: { ...common, key: 'k', value: {} } });
}

beforeAll(async () => {
  testDatabase = await createTestDatabase();
  database = connectDatabase(testDatabase.url, 4);
  await fill(home);
  await fill(abroad);
});
afterAll(async () => {
  await database.close();
  await testDatabase.drop();
});

type Row = Record<string, unknown>;
type Delegate = {
  findMany(args?: object): Promise<Row[]>;
  findFirst(args?: object): Promise<Row | null>;
  findFirstOrThrow(args?: object): Promise<Row>;
  count(args?: object): Promise<number>;
  updateMany(args: object): Promise<{ count: number }>;
  deleteMany(args?: object): Promise<{ count: number }>;
  createMany(args: object): Promise<{ count: number }>;
  create(args: object): Promise<Row>;
  groupBy(args: object): Promise<Row[]>;
};

const UNSCOPED: readonly string[] = ['Instrument', 'Platform', 'Tenant'];
const SCOPED = Object.values(Prisma.ModelName).filter((model) => !UNSCOPED.includes(model));
const delegate = (client: unknown, model: string) =>
  (client as Record<string, Delegate>)[model.charAt(0).toLowerCase() + model.slice(1)] as Delegate;
const scope = (): TenantClient => database.forTenant(home);

describe.each(SCOPED)('%s in a tenant scope', (model) => {
  it('shows the rows of the tenant alone', async () => {
    const mine = delegate(scope(), model);
    const rows = await mine.findMany();
    expect(rows).toHaveLength(1);
    expect(rows[0]?.tenantId).toBe(home);
    expect(await delegate(database.system, model).count()).toBe(2);
    expect(await mine.count()).toBe(1);
  });

  it('finds nothing of another tenant, however it is asked for', async () => {
    const mine = delegate(scope(), model);
    const foreign = { where: { tenantId: abroad } };
    expect(await mine.findMany(foreign)).toEqual([]);
    expect(await mine.findFirst(foreign)).toBeNull();
    expect(await mine.count(foreign)).toBe(0);
    expect(await mine.findMany({ where: { OR: [{ tenantId: abroad }, { tenantId: home }] } })).toHaveLength(1);
    expect(await mine.findMany({ where: { AND: [{ tenantId: abroad }] } })).toEqual([]);
    expect(await mine.findMany({ where: { NOT: { tenantId: home } } })).toEqual([]);
    await expect(mine.findFirstOrThrow(foreign)).rejects.toThrow();
    expect(await mine.groupBy({ by: ['tenantId'] })).toEqual([{ tenantId: home }]);
  });

  it('changes and removes nothing of another tenant', async () => {
    const mine = delegate(scope(), model);
    expect(await mine.updateMany({ where: { tenantId: abroad }, data: {} })).toEqual({ count: 0 });
    expect(await mine.deleteMany({ where: { tenantId: abroad } })).toEqual({ count: 0 });
    expect(await delegate(database.system, model).count({ where: { tenantId: abroad } })).toBe(1);
  });

  it('cannot write into another tenant', async () => {
    const mine = delegate(scope(), model);
    await expect(mine.create({ data: { tenantId: abroad } })).rejects.toThrow(TenantScopeError);
    await expect(mine.createMany({ data: [{ tenantId: abroad }] })).rejects.toThrow(TenantScopeError);
    await expect(mine.updateMany({ data: { tenantId: abroad } })).rejects.toThrow(TenantScopeError);
    await expect(mine.updateMany({ data: { tenantId: { set: abroad } } })).rejects.toThrow(TenantScopeError);
  });
});

describe('a tenant scope', () => {
  it('shows the own tenant row alone', async () => {
    expect((await scope().tenant.findMany()).map((row) => row.id)).toEqual([home]);
    expect(await scope().tenant.findUnique({ where: { id: abroad } })).toBeNull();
    expect(await scope().tenant.updateMany({ where: { id: abroad }, data: { name: 'taken' } })).toEqual({ count: 0 });
    await expect(
      scope().tenant.create({ data: { id: newId(), name: 'x', slug: 'x', wrappedKey: 'x' } }),
    ).rejects.toThrow(TenantScopeError);
  });

  it('lets no unique look-up, update or removal reach a foreign row by its id', async () => {
    const foreign = await database.system.customer.findFirstOrThrow({ where: { tenantId: abroad } });
    const where = { id: foreign.id };
    expect(await scope().customer.findUnique({ where })).toBeNull();
    await expect(scope().customer.findUniqueOrThrow({ where })).rejects.toThrow();
    await expect(scope().customer.update({ where, data: { name: 'taken' } })).rejects.toThrow();
    await expect(scope().customer.delete({ where })).rejects.toThrow();
  });

  it('does not reach what belongs to the whole installation', async () => {
    await expect(scope().platform.findMany()).rejects.toThrow();
    await expect(scope().platform.updateMany({ data: { killSwitch: 'none' } })).rejects.toThrow();
  });

  it('does not let an upsert take over a foreign row or hand over an own one', async () => {
    const own = await database.system.setting.findFirstOrThrow({ where: { tenantId: home } });
    const key = { tenantId_key: { tenantId: home, key: own.key } };
    const create = { tenantId: home, key: own.key, value: {} };
    await expect(
      scope().setting.upsert({ where: key, create, update: { tenantId: abroad, value: {} } }),
    ).rejects.toThrow(TenantScopeError);
    await expect(
      scope().setting.upsert({ where: key, create: { ...create, tenantId: abroad }, update: {} }),
    ).rejects.toThrow(TenantScopeError);
    await scope()
      .setting.upsert({
        where: { tenantId_key: { tenantId: abroad, key: own.key } },
        create: { tenantId: home, key: 'new', value: {} },
        update: { value: { taken: true } },
      })
      .catch(() => undefined);
    const foreign = await database.system.setting.findFirstOrThrow({ where: { tenantId: abroad } });
    expect(foreign.value).toEqual({});
  });

  it('refuses to write through relations, which it does not see into', async () => {
    const data = { id: newId(), name: 'x', tenant: { connect: { id: abroad } } } as never;
    await expect(scope().customer.create({ data })).rejects.toThrow(TenantScopeError);
    const own = await scope().customer.findFirstOrThrow();
    await expect(
      scope().customer.update({ where: { id: own.id }, data: { tenant: { connect: { id: abroad } } } }),
    ).rejects.toThrow(TenantScopeError);
    await expect(
      scope().customer.update({
        where: { id: own.id },
        data: { users: { create: { id: newId(), tenantId: abroad, email: 'x', passwordHash: 'x', role: 'admin' } } },
      }),
    ).rejects.toThrow(TenantScopeError);
  });

  it('knows every column of free JSON', () => {
    const schema = readFileSync('prisma/schema.prisma', 'utf8');
    const columns = [...schema.matchAll(/^\s+(\w+)\s+Json\b/gm)].map((match) => match[1] ?? '');
    expect([...JSON_FIELDS].sort()).toEqual([...new Set(columns)].sort());
  });

  it('keeps its bounds inside a transaction', async () => {
    await scope().$transaction(async (tx) => {
      expect(await tx.customer.count()).toBe(1);
      expect(await tx.customer.findFirst({ where: { tenantId: abroad } })).toBeNull();
      await expect(tx.customer.updateMany({ data: { tenantId: abroad } })).rejects.toThrow(TenantScopeError);
      await expect(tx.$queryRaw(Prisma.sql`SELECT id FROM Customer`)).rejects.toThrow(TenantScopeError);
    });
  });

  it('takes raw SQL only with its tenant bound', async () => {
    const rows = await scope().$queryRaw<{ id: string }[]>(
      Prisma.sql`SELECT id FROM Customer WHERE tenantId = ${home}`,
    );
    expect(rows).toHaveLength(1);
    await expect(scope().$queryRaw(Prisma.sql`SELECT id FROM Customer WHERE tenantId = ${abroad}`)).rejects.toThrow(
      TenantScopeError,
    );
    await expect(scope().$queryRaw(Prisma.sql`SELECT ${home}`)).rejects.toThrow(TenantScopeError);
    await expect(scope().$queryRawUnsafe('SELECT id FROM Customer')).rejects.toThrow(TenantScopeError);
    await expect(scope().$executeRawUnsafe('DELETE FROM Customer')).rejects.toThrow(TenantScopeError);
  });
});
