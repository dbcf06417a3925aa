import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { connectDatabase, type Database } from '@/platform/database/database';
import { newId } from '@/platform/ids';
import { createTestDatabase, type TestDatabase } from '@/testing/services';
import { takeEquitySnapshots, thinEquitySnapshots } from './equity-snapshots';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const NOW = Date.UTC(2026, 10, 21, 12, 7, 30);

let testDatabase: TestDatabase;
let database: Database;
let tenantId: string;
let customerId: string;

beforeAll(async () => {
  testDatabase = await createTestDatabase();
  database = connectDatabase(testDatabase.url);
});
afterAll(async () => {
  await database.close();
  await testDatabase.drop();
});
beforeEach(async () => {
  await database.system.equitySnapshot.deleteMany();
  await database.system.exchangeAccount.deleteMany();
  tenantId = newId();
  customerId = newId();
  await database.system.tenant.create({ data: { id: tenantId, name: 'T', slug: tenantId, wrappedKey: 'k' } });
  await database.system.customer.create({ data: { id: customerId, tenantId, name: 'C' } });
});

async function createAccount(
  equity: string | null,
  health: 'healthy' | 'failing' = 'healthy',
  equityAt = new Date(NOW),
): Promise<string> {
  const id = newId();
  await database.system.exchangeAccount.create({
    data: {
      id,
      tenantId,
      customerId,
      venue: 'okx',
      label: 'A',
      credentials: '-',
      keyHint: '-',
      equity,
      equityAt,
      health,
    },
  });
  return id;
}

describe('takeEquitySnapshots', () => {
  it('notes what is known, once every five minutes', async () => {
    const known = await createAccount('1234.567890123456789');
    await createAccount(null);
    await createAccount('5', 'failing');
    await createAccount('6', 'healthy', new Date(NOW - 20 * MINUTE));
    await takeEquitySnapshots({ database, clock: { now: () => NOW } });
    await takeEquitySnapshots({ database, clock: { now: () => NOW + 2 * MINUTE } });
    const rows = await database.system.equitySnapshot.findMany();
    expect(rows.map((row) => [row.accountId, row.tenantId, row.customerId, row.equity.toFixed(), row.takenAt])).toEqual(
      [[known, tenantId, customerId, '1234.567890123456789', new Date(Date.UTC(2026, 10, 21, 12, 5))]],
    );
    await takeEquitySnapshots({ database, clock: { now: () => NOW + 3 * MINUTE } });
    expect(await database.system.equitySnapshot.count()).toBe(2);
  });
});

describe('thinEquitySnapshots', () => {
  it('keeps all for two days, then one an hour, after 90 days one a day', async () => {
    const accountId = await createAccount('1');
    const points = (from: number, count: number) =>
      Array.from({ length: count }, (_, index) => ({
        accountId,
        tenantId,
        customerId,
        equity: '1',
        takenAt: new Date(from + index * 5 * MINUTE),
      }));
    const fresh = Date.UTC(2026, 10, 20, 0);
    const older = Date.UTC(2026, 10, 10, 6, 10);
    const oldest = Date.UTC(2026, 7, 1, 0, 5);
    await database.system.equitySnapshot.createMany({
      data: [...points(fresh, 24), ...points(older, 30), ...points(oldest, 288)],
    });
    await thinEquitySnapshots({ database, clock: { now: () => NOW } });
    await thinEquitySnapshots({ database, clock: { now: () => NOW } });
    const rows = await database.system.equitySnapshot.findMany({ orderBy: { takenAt: 'asc' } });
    const times = rows.map((row) => row.takenAt.getTime());
    expect(times.filter((at) => at >= fresh)).toHaveLength(24);
    expect(times.filter((at) => at >= older && at < fresh)).toEqual([
      older,
      Date.UTC(2026, 10, 10, 7),
      Date.UTC(2026, 10, 10, 8),
    ]);
    expect(times.filter((at) => at < older)).toEqual([oldest, Date.UTC(2026, 7, 2, 0)]);
    expect(times.every((at) => at % (5 * MINUTE) === 0 && at < NOW + HOUR)).toBe(true);
  });
});
