import { join } from 'node:path';
import { stopLeftover } from '../services/daemon';
import type { Guard } from '../services/guard';
import { startMariaDb } from '../services/mariadb';
import { ensurePrograms } from '../services/packages';
import { startRedis } from '../services/redis';
import { MARIADB, REDIS } from '../services/requirements';
import type { Secrets } from './secrets';

export interface Services {
  databaseUrl: string;
  redisUrl: string;
  /** Stops what was started here: Redis, then MariaDB. */
  stop(): Promise<void>;
}

export interface ServicesOptions {
  directory: string;
  ports: { mysql: number; redis: number };
  secrets: Secrets;
  guard: Guard;
  note(text: string): void;
  env: NodeJS.ProcessEnv;
}

const ALTERNATIVES = `  Docker:          docker compose up
  Your own:        set DATABASE_URL (mysql://user:password@host:3306/slipstream) and REDIS_URL (redis://host:6379)`;

/** Ends servers of the data folder that an interrupted run has left, so that the folder may be removed. */
export async function stopLeftoverServices(directory: string): Promise<void> {
  for (const name of ['mariadb', 'redis']) {
    const folder = join(directory, name);
    await stopLeftover(join(folder, `${name}.pid`), folder);
  }
}

/** MySQL and Redis: the given ones, else private ones in the data folder. */
export async function startServices(options: ServicesOptions): Promise<Services> {
  const { directory, ports, secrets, guard, env } = options;
  await ensurePrograms(
    [...(env.DATABASE_URL ? [] : [MARIADB]), ...(env.REDIS_URL ? [] : [REDIS])],
    options.note,
    ALTERNATIVES,
  );
  const [database, redis] = await Promise.allSettled([
    env.DATABASE_URL
      ? undefined
      : startMariaDb({
          directory: join(directory, 'mariadb'),
          port: ports.mysql,
          user: 'slipstream',
          password: secrets.databasePassword,
          database: 'slipstream',
          guard,
        }),
    env.REDIS_URL
      ? undefined
      : startRedis({ directory: join(directory, 'redis'), port: ports.redis, password: secrets.redisPassword, guard }),
  ]);
  const stop = async () => {
    if (redis.status === 'fulfilled') await redis.value?.stop();
    if (database.status === 'fulfilled') await database.value?.stop(60_000);
  };
  if (database.status === 'rejected' || redis.status === 'rejected') {
    await stop();
    throw database.status === 'rejected' ? database.reason : (redis as PromiseRejectedResult).reason;
  }
  return {
    databaseUrl: database.value?.url ?? env.DATABASE_URL ?? '',
    redisUrl: redis.value?.url ?? env.REDIS_URL ?? '',
    stop,
  };
}
