import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTestDatabase, type TestDatabase } from '@/testing/services';
import { newId } from '../ids';
import { bulkInsert, bulkUpdate } from './bulk';
import { connectDatabase, type Database, Prisma } from './database';

const COLUMNS = {
  subscriptionId: 'CHAR(32)',
  instrumentId: 'VARCHAR(64)',
  side: 'VARCHAR(64)',
  quantity: 'DECIMAL(36,18)',
  updatedAt: 'DATETIME(3)',
} as const;

describe('bulk statements', () => {
  const tenantId = newId();
  let rows: TestDatabase;
  let database: Database;

  beforeAll(async () => {
    rows = await createTestDatabase();
    database = connectDatabase(rows.url, 2);
  });
  afterAll(async () => {
    await database.close();
    await rows.drop();
  });

  const row = (quantity: string) => ({
    subscriptionId: newId(),
    instrumentId: 'okx:BTC-USDT-SWAP',
    side: 'long',
    quantity,
    updatedAt: new Date('2026-01-02T03:04:05.678Z'),
  });

  it('write many rows exactly: 18 decimals, milliseconds, the tenant', async () => {
    const db = database.forTenant(tenantId);
    const many = Array.from({ length: 1000 }, (_, index) => row(`${index}.000000000000000001`));
    await bulkInsert(db, 'RoundingDebt', tenantId, COLUMNS, many);
    const first = await db.roundingDebt.findFirstOrThrow({ where: { subscriptionId: many[7]?.subscriptionId } });
    expect(first.quantity.toFixed()).toBe('7.000000000000000001');
    expect(first.updatedAt.toISOString()).toBe('2026-01-02T03:04:05.678Z');
    expect(await db.roundingDebt.count()).toBe(1000);
  });

  it('find what they update by its key', async () => {
    const seen: Prisma.Sql[] = [];
    const recorder = { $executeRaw: async (statement: Prisma.Sql) => seen.push(statement) };
    const key = ['subscriptionId', 'instrumentId', 'side'] as const;
    await bulkUpdate(recorder, 'RoundingDebt', tenantId, key, COLUMNS, [row('1'), row('2')]);
    const plan = await database.statements.$queryRaw<{ table: string; key: string | null }[]>(
      Prisma.sql`EXPLAIN FORMAT=TRADITIONAL ${seen[0]}`,
    );
    expect(plan.find(({ table }) => table === 't')?.key).toBe('PRIMARY');
  });

  it('write more rows than one statement may hold', async () => {
    const crowd = newId();
    const db = database.forTenant(crowd);
    const many = Array.from({ length: 5001 }, (_, index) => row(String(index)));
    expect(await bulkInsert(db, 'RoundingDebt', crowd, COLUMNS, many)).toBe(5001);
    const doubled = many.map((one) => ({ ...one, quantity: String(Number(one.quantity) * 2) }));
    const key = ['subscriptionId', 'instrumentId', 'side'] as const;
    expect(await bulkUpdate(db, 'RoundingDebt', crowd, key, COLUMNS, doubled)).toBe(5001);
    const last = await db.roundingDebt.findFirstOrThrow({ where: { subscriptionId: many[5000]?.subscriptionId } });
    expect(last.quantity.toFixed()).toBe('10000');
  });

  it('say so when a key is there already, unless asked to ignore or replace', async () => {
    const db = database.forTenant(tenantId);
    const one = row('1');
    const newer = { ...one, quantity: '2' };
    const quantity = async () =>
      (await db.roundingDebt.findFirstOrThrow({ where: { subscriptionId: one.subscriptionId } })).quantity.toFixed();
    await bulkInsert(db, 'RoundingDebt', tenantId, COLUMNS, [one]);
    await expect(bulkInsert(db, 'RoundingDebt', tenantId, COLUMNS, [newer])).rejects.toThrow();
    await bulkInsert(db, 'RoundingDebt', tenantId, COLUMNS, [newer], 'ignore');
    expect(await quantity()).toBe('1');
    await bulkInsert(db, 'RoundingDebt', tenantId, COLUMNS, [newer], { replace: ['quantity'] });
    expect(await quantity()).toBe('2');
  });

  it("stamp what they update with the database's time", async () => {
    const db = database.forTenant(tenantId);
    const old = { ...row('1'), updatedAt: new Date('2020-01-01') };
    await bulkInsert(db, 'RoundingDebt', tenantId, COLUMNS, [old]);
    const { updatedAt: _, ...columns } = COLUMNS;
    const key = ['subscriptionId', 'instrumentId', 'side'] as const;
    await bulkUpdate(db, 'RoundingDebt', tenantId, key, columns, [{ ...old, quantity: '5' }], '', [], ['updatedAt']);
    const [stamped] = await db.$queryRaw<{ age: unknown }[]>(
      Prisma.sql`SELECT TIMESTAMPDIFF(SECOND, updatedAt, UTC_TIMESTAMP(3)) AS age FROM RoundingDebt
        WHERE tenantId = ${tenantId} AND subscriptionId = ${old.subscriptionId}`,
    );
    expect(Number(stamped?.age)).toBeLessThan(60);
  });

  it('update by key, within the tenant alone', async () => {
    const other = newId();
    const mine = row('1');
    const theirs = row('1');
    const key = ['subscriptionId', 'instrumentId', 'side'] as const;
    await bulkInsert(database.forTenant(tenantId), 'RoundingDebt', tenantId, COLUMNS, [mine]);
    await bulkInsert(database.forTenant(other), 'RoundingDebt', other, COLUMNS, [theirs]);
    const changed = [mine, theirs].map((one) => ({ ...one, quantity: '5' }));
    expect(await bulkUpdate(database.forTenant(tenantId), 'RoundingDebt', tenantId, key, COLUMNS, changed)).toBe(1);
    const untouched = await database.forTenant(other).roundingDebt.findFirstOrThrow();
    expect(untouched.quantity.toFixed()).toBe('1');
  });
});
