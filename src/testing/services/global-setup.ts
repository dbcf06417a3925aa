import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { startGuard } from '../../../scripts/services/guard';
import { startMariaDb } from '../../../scripts/services/mariadb';
import { anyFreePort } from '../../../scripts/services/ports';
import { startRedis } from '../../../scripts/services/redis';
import { describeTables } from './test-database';

/**
 * Gives one run of the integration tests its own MariaDB and Redis, unless TEST_DATABASE_URL and TEST_REDIS_URL name
 * running ones. Each run has a folder of its own, so several may run at once.
 */
export default async function setup(): Promise<() => Promise<void>> {
  const root = resolve(process.env.SLIPSTREAM_TEST_DIR ?? '.data-test');
  removeAbandoned(root);
  const directory = join(root, `run-${process.pid}`);
  const guard = startGuard();
  const password = randomBytes(12).toString('hex');
  const started = await Promise.all([
    process.env.TEST_DATABASE_URL
      ? undefined
      : startMariaDb({
          directory: join(directory, 'mariadb'),
          port: await anyFreePort(),
          user: 'tests',
          password,
          database: 'tests',
          mayCreateDatabases: true,
          relaxed: true,
          guard,
        }),
    process.env.TEST_REDIS_URL
      ? undefined
      : startRedis({
          directory: join(directory, 'redis'),
          port: await anyFreePort(),
          password,
          relaxed: true,
          guard,
        }),
  ]);
  const [database, redis] = started;
  // Vitest's workers inherit the environment of this process.
  if (database) process.env.TEST_DATABASE_URL = database.url;
  if (redis) process.env.TEST_REDIS_URL = redis.url;
  mkdirSync(directory, { recursive: true });
  const tables = join(directory, 'tables.sql');
  writeFileSync(tables, await describeTables());
  process.env.TEST_TABLES = tables;

  return async () => {
    await Promise.all(started.map((service) => service?.stop()));
    guard.close();
    if (database) delete process.env.TEST_DATABASE_URL;
    if (redis) delete process.env.TEST_REDIS_URL;
    delete process.env.TEST_TABLES;
    rmSync(directory, { recursive: true, force: true });
  };
}

/** Folders of runs that were killed. Their servers were stopped by the guard. */
function removeAbandoned(root: string): void {
  mkdirSync(root, { recursive: true });
  for (const name of readdirSync(root)) {
    const pid = /^run-(\d+)$/.exec(name)?.[1];
    if (pid && !existsSync(`/proc/${pid}`)) rmSync(join(root, name), { recursive: true, force: true });
  }
}
