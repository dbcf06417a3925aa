import { randomBytes } from 'node:crypto';
import { resolve } from 'node:path';
import { createConnection } from 'mariadb';
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

/** A database of its own for one test file, with every migration applied. Drop it in `afterAll`. */
export async function createTestDatabase(): Promise<TestDatabase> {
  const database = await createEmptyTestDatabase();
  await applyMigrations({ url: database.url, directory: resolve('prisma/migrations') });
  return database;
}

async function execute(url: string, sql: string): Promise<void> {
  const { connectionLimit: _poolOnly, ...address } = parseDatabaseUrl(url);
  const connection = await createConnection(address);
  try {
    await connection.query(sql);
  } finally {
    await connection.end();
  }
}
