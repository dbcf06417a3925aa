import type { Redis } from 'ioredis';
import type { Logger } from '@/platform/log';
import { connectRedis } from '@/platform/redis';

/**
 * A call to all workers to look at the kill switches now. A courtesy that makes them a little faster: they look
 * several times a second anyway.
 */
const channelOf = (prefix: string): string => `${prefix}:kill-switch`;

/** Never rejects. */
export async function callWorkers(redis: Pick<Redis, 'publish'>, prefix: string): Promise<void> {
  await redis.publish(channelOf(prefix), '').catch(() => undefined);
}

/** Calls `look` whenever a switch was thrown, until the answered function is called. */
export function hearCalls(redisUrl: string, prefix: string, logger: Logger, look: () => void): () => void {
  const redis = connectRedis(redisUrl, 'consumer', logger);
  redis.on('message', look);
  void redis.subscribe(channelOf(prefix)).catch(() => undefined);
  return () => redis.disconnect();
}
