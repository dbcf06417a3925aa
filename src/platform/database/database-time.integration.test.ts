import { afterAll, afterEach, beforeAll, expect, it, vi } from 'vitest';
import { createTestDatabase, type TestDatabase } from '@/testing/services';
import { currentTime, setDatabaseTime } from '../clock';
import { createLogger } from '../log';
import { connectDatabase, type Database, Prisma } from './database';
import { followDatabaseTime } from './database-time';

const logger = createLogger('database-time-test', 'fatal');
let rows: TestDatabase;
let database: Database;

beforeAll(async () => {
  rows = await createTestDatabase();
  database = connectDatabase(rows.url, 1);
});
afterAll(async () => {
  await database.close();
  await rows.drop();
});
afterEach(() => {
  setDatabaseTime(null);
  vi.restoreAllMocks();
});

async function databaseNow(): Promise<number> {
  const [row] = await database.statements.$queryRaw<{ now: string }[]>(
    Prisma.sql`SELECT CAST(UNIX_TIMESTAMP(NOW(3)) * 1000 AS CHAR) AS now`,
  );
  return Number(row?.now);
}

it('tells the time of the database, wherever the clock of the machine stands', async () => {
  const machine = vi.spyOn(Date, 'now').mockReturnValue(1);
  expect(currentTime()).toBe(1);
  const end = await followDatabaseTime(database.system, logger);
  const before = await databaseNow();
  const told = currentTime();
  const after = await databaseNow();
  // A question takes its time, and clocks are told in whole milliseconds.
  const slack = after - before + 50;
  expect(told).toBeGreaterThanOrEqual(before - slack);
  expect(told).toBeLessThanOrEqual(after + slack);
  machine.mockReturnValue(Number.MAX_SAFE_INTEGER);
  expect(currentTime()).toBeLessThan(told + 60_000);
  end();
});

it('leaves the time of the machine where the database does not answer', async () => {
  vi.spyOn(Date, 'now').mockReturnValue(42);
  const away = { $queryRaw: () => Promise.reject(new Error('away')) };
  const end = await followDatabaseTime(away, logger);
  expect(currentTime()).toBe(42);
  end();
});
