import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTestDatabase, type TestDatabase } from '@/testing/services';
import { connectDatabase, type Database, Prisma } from './database';
import { textRows, timeOfText } from './text-rows';

describe('textRows', () => {
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

  const read = async <Name extends string>(columns: Readonly<Record<Name, string>>) => {
    const kind = textRows(columns);
    const [row] = await database.system.$queryRaw<{ row: string }[]>(Prisma.sql`SELECT ${kind.columns}`);
    if (row === undefined) throw new Error('No row');
    return kind.read(row);
  };

  it('reads numbers with all their digits, negative ones, none, and empty texts apart', async () => {
    expect(
      await read({
        amount: 'CAST(123456789012345678.123456789012345678 AS DECIMAL(36,18))',
        negative: 'CAST(-0.5 AS DECIMAL(36,18))',
        none: 'NULL',
        empty: "''",
        flag: 'TRUE',
      }),
    ).toEqual({
      amount: '123456789012345678.123456789012345678',
      negative: '-0.500000000000000000',
      none: null,
      empty: '',
      flag: '1',
    });
  });

  it('reads times to the millisecond', async () => {
    const { at } = await read({ at: "CAST('2026-01-31 12:00:00.123' AS DATETIME(3))" });
    expect(timeOfText(at ?? '')).toBe(Date.UTC(2026, 0, 31, 12, 0, 0, 123));
  });

  it('refuses a row in which a value holds the separator', async () => {
    await expect(read({ first: "'a\\tb'", second: "'c'" })).rejects.toThrow('3 values instead of 2');
  });
});
