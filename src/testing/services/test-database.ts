import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { type Connection, createConnection } from 'mariadb';
import { parseDatabaseUrl } from '@/platform/database/database-url';
import { applyMigrations } from '@/platform/database/migrations';

export interface TestDatabase {
  /** mysql://user:password@host:port/name */
  readonly url: string;
  drop(): Promise<void>;
}

/** An empty database with a name of its own, on the server of TEST_DATABASE_URL. */
export async function createEmptyTestDatabase(): Promise<TestDatabase> {
  const serverUrl = process.env.TEST_DATABASE_URL;
  if (!serverUrl) throw new Error('TEST_DATABASE_URL is not set: run this test in the integration project');
  const name = `test_${randomBytes(6).toString('hex')}`;
  await execute(serverUrl, `CREATE DATABASE \`${name}\` CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci`);
  const url = new URL(serverUrl);
  url.pathname = `/${name}`;
  return { url: url.href, drop: () => execute(serverUrl, `DROP DATABASE IF EXISTS \`${name}\``) };
}

/** A database of its own for one test, as it is once every migration is applied. Drop it afterwards. */
export async function createTestDatabase(): Promise<TestDatabase> {
  const database = await createEmptyTestDatabase();
  const tables = process.env.TEST_TABLES;
  if (tables === undefined) await applyMigrations({ url: database.url, directory: resolve('prisma/migrations') });
  else await execute(database.url, await readFile(tables, 'utf8'));
  return database;
}

/**
 * What makes the tables of every migration at once: hundreds of tests have a database of their own, and going through all migrations
 * takes four times as long.
 */
export async function describeTables(): Promise<string> {
  const database = await createEmptyTestDatabase();
  try {
    await applyMigrations({ url: database.url, directory: resolve('prisma/migrations') });
    return await using(database.url, async (connection) => {
      const tables: { name: string }[] = await connection.query(
        'SELECT table_name AS name FROM information_schema.tables WHERE table_schema = DATABASE()',
      );
      const statements = ['SET FOREIGN_KEY_CHECKS = 0'];
      for (const { name } of tables) {
        const [table] = await connection.query(`SHOW CREATE TABLE \`${name}\``);
        statements.push(table['Create Table']);
      }
      return statements.join(';\n');
    });
  } finally {
    await database.drop();
  }
}

async function execute(url: string, sql: string): Promise<void> {
  await using(url, (connection) => connection.query(sql));
}

async function using<T>(url: string, act: (connection: Connection) => Promise<T>): Promise<T> {
  const { connection: address } = parseDatabaseUrl(url);
  const connection = await createConnection({ ...address, multipleStatements: true });
  try {
    return await act(connection);
  } finally {
    await connection.end();
  }
}
