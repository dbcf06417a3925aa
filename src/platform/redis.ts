import { Redis, type RedisOptions } from 'ioredis';
import type { Logger } from './log';
import { parseRedisUrl } from './redis-url';

/**
 * producer  fails fast when Redis is away, so that a request can go on without it
 * consumer  waits and reconnects for ever
 */
export type RedisRole = 'producer' | 'consumer';

/** A connection to the Redis of this address. Every connection of the product is made here, so that all come by TLS where one does. */
export function openRedis(url: string, options: RedisOptions): Redis {
  return new Redis({ ...options, ...parseRedisUrl(url) });
}

export function connectRedis(url: string, role: RedisRole, logger: Logger): Redis {
  const redis = openRedis(url, {
    maxRetriesPerRequest: role === 'producer' ? 1 : null,
    enableOfflineQueue: role === 'consumer',
    commandTimeout: role === 'producer' ? 2000 : undefined,
    retryStrategy: (attempt) => Math.min(100 * 2 ** Math.min(attempt, 6), 3000),
  });
  let down = false;
  redis.on('error', (error: Error) => {
    if (!down) logger.warn({ reason: error.message }, 'redis is away');
    down = true;
  });
  redis.on('ready', () => {
    if (down) logger.info('redis is back');
    down = false;
  });
  return redis;
}
