import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readDatabaseShape } from '@/testing/schema/database-shape';
import { readPrismaShape } from '@/testing/schema/prisma-shape';
import type { SchemaShape } from '@/testing/schema/schema-shape';
import { createTestDatabase, type TestDatabase } from '@/testing/services';
import { connectDatabase, Prisma } from './database';

let database: TestDatabase;
let actual: SchemaShape;
let expected: SchemaShape;

beforeAll(async () => {
  database = await createTestDatabase();
  actual = await readDatabaseShape(database.url);
  expected = readPrismaShape(await readFile('prisma/schema.prisma', 'utf8'));
});

afterAll(() => database.drop());

describe('the migrations', () => {
  it('make the tables of the Prisma schema', () => {
    expect(Object.keys(actual).sort()).toEqual(Object.keys(expected).sort());
    expect(Object.keys(expected).length).toBeGreaterThan(10);
  });

  it('make their columns, with types, defaults and nullability', () => {
    expect(pick(actual, 'columns')).toEqual(pick(expected, 'columns'));
  });

  it('make their primary keys', () => {
    expect(pick(actual, 'primaryKey')).toEqual(pick(expected, 'primaryKey'));
  });

  it('make their indexes', () => {
    expect(pick(actual, 'indexes')).toEqual(pick(expected, 'indexes'));
  });

  it('make their foreign keys', () => {
    expect(pick(actual, 'foreignKeys')).toEqual(pick(expected, 'foreignKeys'));
  });

  // Compared by the rules of a language, ids take half as long again to be found; compared in two ways, no index serves a join.
  it('make ids that are compared byte by byte', async () => {
    const rows = connectDatabase(database.url, 1);
    const others = await rows.statements.$queryRaw<unknown[]>(Prisma.sql`
      SELECT TABLE_NAME, COLUMN_NAME, COLLATION_NAME FROM information_schema.COLUMNS
      WHERE TABLE_SCHEMA = DATABASE() AND COLLATION_NAME <> 'utf8mb4_bin'
        AND (COLUMN_TYPE = 'char(32)' OR COLUMN_NAME = 'instrumentId' OR (TABLE_NAME = 'Instrument' AND COLUMN_NAME = 'id'))`);
    await rows.close();
    expect(others).toEqual([]);
  });
});

function pick<Part extends keyof SchemaShape[string]>(schema: SchemaShape, part: Part) {
  return Object.fromEntries(Object.entries(schema).map(([table, shape]) => [table, shape[part]]));
}
