import { requireDatabase } from '@/platform/database/require-database';
import { type Environment, readEnvironment } from '@/platform/env';
import { createLogger, type Logger } from '@/platform/log';
import { requireRedis } from '@/platform/require-redis';

/**
 * What every process does first: it reads its environment, and looks whether database and Redis take it as their addresses say. Where
 * no waiting mends what is wrong (a variable, TLS, a password), the process ends with one line that says what to do.
 */
export async function beginProcess(name: string): Promise<{ environment: Environment; logger: Logger }> {
  try {
    const environment = readEnvironment();
    await Promise.all([requireDatabase(environment.DATABASE_URL), requireRedis(environment.REDIS_URL)]);
    return { environment, logger: createLogger(name, environment.LOG_LEVEL) };
  } catch (error) {
    // LOG_LEVEL may be what is wrong.
    createLogger(name, 'fatal').fatal({ reason: (error as Error).message }, `${name} could not start`);
    process.exit(1);
  }
}
