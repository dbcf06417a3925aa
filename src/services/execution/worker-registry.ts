import { createHash } from 'node:crypto';
import type { Redis } from 'ioredis';
import type { Logger } from '@/platform/log';

/** A worker that has not been heard of for this long is gone, ms. */
export const GONE_AFTER = 6000;
/** Accounts whose owner is remembered at most; accounts that are gone are forgotten with them. */
const KEPT = 100_000;

/** The sorted set of living workers: names by the time of their last beat, epoch ms. */
export const workersKey = (prefix: string): string => `${prefix}:workers`;

/**
 * Notes a beat, forgets who has not been heard of for too long, and tells who is left: by the clock of Redis, because workers' own may
 * be far apart.
 */
const BEAT = `
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
redis.call('ZADD', KEYS[1], now, ARGV[1])
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now - ARGV[2])
return redis.call('ZRANGE', KEYS[1], 0, -1)`;

/** Workers know each other by heartbeats in Redis and divide the accounts among themselves (rendezvous hashing). */
export class WorkerRegistry {
  #workers: readonly string[];
  /** Asked for every account several times a second; the division changes when a worker comes or goes. */
  readonly #owned = new Map<string, boolean>();

  constructor(
    readonly redis: Redis,
    readonly key: string,
    readonly self: string,
    readonly logger: Logger,
  ) {
    this.#workers = [self];
  }

  /** Says that this worker lives and learns who else does. Keeps the last known division while Redis is away. */
  async beat(): Promise<void> {
    try {
      const living = (await this.redis.eval(BEAT, 1, this.key, this.self, GONE_AFTER)) as string[];
      const workers = living.length === 0 ? [this.self] : living.sort();
      if (workers.length === this.#workers.length && workers.every((worker, index) => worker === this.#workers[index]))
        return;
      this.#workers = workers;
      this.#owned.clear();
    } catch (error) {
      this.logger.debug({ reason: (error as Error).message }, 'workers could not be counted');
    }
  }

  /** Exactly one of the living workers answers true for an account; a change of workers moves only what must move. */
  owns = (accountId: string): boolean => {
    let owned = this.#owned.get(accountId);
    if (owned === undefined) {
      owned = this.#isOwner(accountId);
      if (this.#owned.size >= KEPT) this.#owned.clear();
      this.#owned.set(accountId, owned);
    }
    return owned;
  };

  #isOwner(accountId: string): boolean {
    let best = '';
    let owner = this.self;
    for (const worker of this.#workers) {
      const weight = createHash('sha1').update(`${worker}|${accountId}`).digest('hex');
      if (weight > best) {
        best = weight;
        owner = worker;
      }
    }
    return owner === this.self;
  }

  async leave(): Promise<void> {
    await this.redis.zrem(this.key, this.self).catch(() => undefined);
  }
}
