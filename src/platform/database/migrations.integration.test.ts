import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createConnection } from 'mariadb';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createEmptyTestDatabase, type TestDatabase } from '@/testing/services';
import { parseDatabaseUrl } from './database-url';
import { applyMigrations, MigrationError } from './migrations';

let database: TestDatabase;
let directory: string;

beforeEach(async () => {
  database = await createEmptyTestDatabase();
  directory = await mkdtemp(join(tmpdir(), 'migrations-'));
});

afterEach(async () => {
  await database.drop();
  await rm(directory, { recursive: true });
});

async function write(name: string, sql: string): Promise<void> {
  await mkdir(join(directory, name), { recursive: true });
  await writeFile(join(directory, name, 'migration.sql'), sql);
}

const apply = () => applyMigrations({ url: database.url, directory });

async function query<Row>(sql: string): Promise<Row[]> {
  const connection = await createConnection({ ...parseDatabaseUrl(database.url).connection, multipleStatements: true });
  try {
    return await connection.query(sql);
  } finally {
    await connection.end();
  }
}

async function failure(): Promise<MigrationError> {
  const error = await apply().catch((thrown: unknown) => thrown);
  if (!(error instanceof MigrationError)) throw new Error(`expected a MigrationError, got ${String(error)}`);
  return error;
}

describe('applyMigrations', () => {
  it('applies what is pending in order of name and keeps the history as Prisma does', async () => {
    await write('20260102000000_second', 'INSERT INTO a (id) VALUES (1);');
    await write('20260101000000_first', 'CREATE TABLE a (id INT PRIMARY KEY);\nCREATE TABLE b (id INT PRIMARY KEY);\n');
    await expect(apply()).resolves.toEqual({
      applied: ['20260101000000_first', '20260102000000_second'],
      alreadyApplied: 0,
    });
    await write('20260103000000_third', '-- nothing yet\n');
    await expect(apply()).resolves.toEqual({ applied: ['20260103000000_third'], alreadyApplied: 2 });

    const rows = await query<Record<string, unknown>>(
      "SELECT *, IF(finished_at IS NULL, 'no', 'yes') AS finished FROM _prisma_migrations ORDER BY migration_name",
    );
    expect(rows).toHaveLength(3);
    expect(rows[1]).toMatchObject({
      id: expect.stringMatching(/^[0-9a-f-]{36}$/),
      // sha256sum of the file
      checksum: 'e01689c59ca58d1dfaf279955693e0849e15385533a7c71ba7e5e6d0c36b2fc8',
      migration_name: '20260102000000_second',
      finished: 'yes',
      logs: null,
      rolled_back_at: null,
      applied_steps_count: 1,
    });
  });

  it('takes semicolons in texts, comments and triggers for what they are', async () => {
    await write(
      '20260101000000_first',
      `CREATE TABLE notes (id INT PRIMARY KEY, text VARCHAR(40) DEFAULT 'a;b'); -- not; here
       CREATE TRIGGER frozen BEFORE UPDATE ON notes FOR EACH ROW BEGIN SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'frozen; sorry'; END;
       INSERT INTO notes (id) VALUES (1);`,
    );
    await apply();
    await expect(query('SELECT text FROM notes')).resolves.toMatchObject([{ text: 'a;b' }]);
    await expect(query("UPDATE notes SET text = 'x'")).rejects.toThrow('frozen; sorry');
  });

  it('records a failure with its reason and applies nothing after it', async () => {
    await write('20260101000000_first', 'CREATE TABLE a (id INT PRIMARY KEY); CREATE TABEL b (id INT);');
    await write('20260102000000_second', 'CREATE TABLE c (id INT PRIMARY KEY);');
    const first = await failure();
    expect(first.code).toBe('P3018');
    expect(first.message).toContain('Migration name: 20260101000000_first');
    expect(first.message).toContain('Database error code: 1064');
    const second = await failure();
    expect(second.code).toBe('P3009');
    expect(second.message).toMatch(/The `20260101000000_first` migration started at .+ failed/);
    await expect(query("SHOW TABLES LIKE 'c'")).resolves.toEqual([]);
  });

  it('goes on once the failed migration has been marked as rolled back', async () => {
    await write('20260101000000_first', 'CREATE TABEL a (id INT);');
    await failure();
    await query('UPDATE _prisma_migrations SET rolled_back_at = UTC_TIMESTAMP(3)');
    await write('20260101000000_first', 'CREATE TABLE a (id INT PRIMARY KEY);');
    await expect(apply()).resolves.toMatchObject({ applied: ['20260101000000_first'] });
  });

  it('refuses a migration that was changed after it was applied, but not turned line ends', async () => {
    await write('20260101000000_first', 'CREATE TABLE a (\nid INT PRIMARY KEY);\n');
    await apply();
    await write('20260101000000_first', 'CREATE TABLE a (\r\nid INT PRIMARY KEY);\r\n');
    await expect(apply()).resolves.toMatchObject({ alreadyApplied: 1 });
    await write('20260101000000_first', 'CREATE TABLE a (\nid BIGINT PRIMARY KEY);\n');
    expect((await failure()).code).toBe('MIGRATION_CHANGED');
  });

  it('refuses a history that the folder does not know', async () => {
    await write('20260101000000_first', 'CREATE TABLE a (id INT PRIMARY KEY);');
    await apply();
    await rm(join(directory, '20260101000000_first'), { recursive: true });
    expect((await failure()).code).toBe('MIGRATION_MISSING');
  });

  it('refuses a database that holds tables of something else', async () => {
    await query('CREATE TABLE stranger (id INT PRIMARY KEY)');
    await write('20260101000000_first', 'CREATE TABLE a (id INT PRIMARY KEY);');
    expect((await failure()).code).toBe('P3005');
  });

  it('creates the database when it is absent', async () => {
    await database.drop();
    await write('20260101000000_first', 'CREATE TABLE a (id INT PRIMARY KEY);');
    await expect(apply()).resolves.toMatchObject({ applied: ['20260101000000_first'] });
  });

  it('lets only one of several runners that start together apply a migration', async () => {
    await write('20260101000000_first', 'CREATE TABLE a (id INT PRIMARY KEY);');
    const results = await Promise.all([apply(), apply(), apply()]);
    expect(results.flatMap((result) => result.applied)).toEqual(['20260101000000_first']);
  });
});
