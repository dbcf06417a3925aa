import type { Redis } from 'ioredis';
import { type EffectPlane, OPEN_PLANE } from './effects';
import type { Logger } from './log';
import { openRedis } from './redis';

/** Kept entries: enough for browsers that were away for minutes; older ones are told to fetch their pages again. */
const KEPT_ENTRIES = 20_000;
/** Of what one publisher appends, so many bytes are kept: entries of a burst hold hundreds of trades each. */
const KEPT_BYTES = 32 * 1024 * 1024;

/** One append to the stream: its position, and the messages that were published together. */
export type StreamEntry<M> = { readonly cursor: string; readonly messages: readonly M[] };

export interface EventPublisher<M> {
  /** Never rejects: pushes are a courtesy, the rows are the truth. Messages of one call share one entry. */
  publish(messages: readonly M[]): Promise<void>;
  close(): Promise<void>;
}

/** Appends to a capped Redis stream that every web process reads. */
export function createEventPublisher<M>(
  redisUrl: string,
  prefix: string,
  logger: Logger,
  effects: EffectPlane = OPEN_PLANE,
  keptBytes = KEPT_BYTES,
): EventPublisher<M> {
  const redis = openRedis(redisUrl, { maxRetriesPerRequest: 1, commandTimeout: 2000 });
  redis.on('error', (error: Error) => logger.debug({ reason: error.message }, 'event stream is away'));
  const key = streamKey(prefix);
  const kept = new KeptEntries(keptBytes);
  return {
    async publish(messages) {
      if (messages.length === 0) return;
      try {
        const text = JSON.stringify(messages);
        await effects.perform({ kind: 'push', name: 'publish' }, async () => {
          const cursor = await redis.xadd(key, 'MAXLEN', '~', KEPT_ENTRIES, '*', 'm', text);
          const oldest = cursor === null ? null : kept.add(cursor, text.length);
          if (oldest !== null) await redis.xtrim(key, 'MINID', '~', oldest);
        });
      } catch (error) {
        logger.warn({ reason: (error as Error).message, messages: messages.length }, 'pushes were not published');
      }
    },
    async close() {
      redis.disconnect();
    },
  };
}

/** What a publisher appended and the stream still keeps of it. */
class KeptEntries {
  #entries: { readonly cursor: string; readonly size: number }[] = [];
  #size = 0;

  constructor(readonly most: number) {}

  /** Answers from where on the stream is to be kept; null: it need not be cut now. */
  add(cursor: string, size: number): string | null {
    this.#entries.push({ cursor, size });
    this.#size += size;
    if (this.#entries.length > 2 * KEPT_ENTRIES) this.#drop(KEPT_ENTRIES);
    // Cutting a tenth at a time keeps it rare.
    if (this.#size <= this.most * 1.1) return null;
    let first = 0;
    for (let left = this.#size; left > this.most && first < this.#entries.length - 1; first += 1) {
      left -= this.#entries[first]?.size ?? 0;
    }
    this.#drop(first);
    return this.#entries[0]?.cursor ?? null;
  }

  #drop(count: number): void {
    for (const { size } of this.#entries.splice(0, count)) this.#size -= size;
  }
}

/** Appends one entry with somebody else's connection: for programs that publish rarely. Rejects when Redis is away. */
export async function appendEvents(redis: Redis, prefix: string, messages: readonly unknown[]): Promise<void> {
  if (messages.length === 0) return;
  await redis.xadd(streamKey(prefix), 'MAXLEN', '~', KEPT_ENTRIES, '*', 'm', JSON.stringify(messages));
}

/** Entries that the stream keeps. Rejects when Redis is away. */
export function eventStreamLength(redis: Redis, prefix: string): Promise<number> {
  return redis.xlen(streamKey(prefix));
}

export interface EventReader<M> {
  /** Entries after `cursor`, oldest first; null when entries after it were already dropped. At most `limit`. */
  since(cursor: string, limit: number): Promise<readonly StreamEntry<M>[] | null>;
  close(): Promise<void>;
}

/** Calls `onEntry` with every entry from now on, for ever, through reconnects, without gaps. */
export function createEventReader<M>(
  redisUrl: string,
  prefix: string,
  logger: Logger,
  onEntry: (entry: StreamEntry<M>) => void,
): EventReader<M> {
  const key = streamKey(prefix);
  const blocking = openRedis(redisUrl, { maxRetriesPerRequest: null });
  const queries = openRedis(redisUrl, { maxRetriesPerRequest: 1, commandTimeout: 2000 });
  for (const redis of [blocking, queries]) {
    redis.on('error', (error: Error) => logger.debug({ reason: error.message }, 'event stream is away'));
  }
  let open = true;

  async function follow(): Promise<void> {
    let last: string | null = null;
    type Answer = [key: string, entries: [cursor: string, fields: string[]][]][] | null;
    while (open) {
      try {
        // "$" would skip what arrives while we reconnect: resolve the end once, then continue from what was read.
        last ??= (await blocking.xrevrange(key, '+', '-', 'COUNT', 1))[0]?.[0] ?? '0-0';
        const answer: Answer = await blocking.xread('COUNT', 200, 'BLOCK', 5000, 'STREAMS', key, last);
        for (const [cursor, fields] of answer?.[0]?.[1] ?? []) {
          last = cursor;
          const entry = toEntry<M>(cursor, fields, logger);
          if (entry !== null) onEntry(entry);
        }
      } catch (error) {
        if (!open) return;
        logger.warn({ reason: (error as Error).message }, 'event stream interrupted');
        await new Promise((resolve) => setTimeout(resolve, 500));
      }
    }
  }
  void follow();

  return {
    async since(cursor, limit) {
      const oldest = (await queries.xrange(key, '-', '+', 'COUNT', 1))[0]?.[0];
      if (oldest !== undefined && compareCursors(cursor, oldest) < 0) return null;
      const entries = await queries.xrange(key, `(${cursor}`, '+', 'COUNT', limit);
      return entries.flatMap(([id, fields]) => toEntry<M>(id, fields, logger) ?? []);
    },
    async close() {
      open = false;
      blocking.disconnect();
      queries.disconnect();
    },
  };
}

function streamKey(prefix: string): string {
  return `${prefix}:events`;
}

/** Null: it is no entry of ours, or cut. Whoever wrote it, the others are told what comes after it. */
function toEntry<M>(cursor: string, fields: readonly string[], logger: Logger): StreamEntry<M> | null {
  try {
    const messages: unknown = JSON.parse(fields[1] ?? '[]');
    if (Array.isArray(messages)) return { cursor, messages };
  } catch {
    // Told below.
  }
  logger.warn({ cursor }, 'an entry of the event stream cannot be read');
  return null;
}

/** Stream ids are "<ms>-<sequence>". */
export function compareCursors(a: string, b: string): number {
  const [aMs = '0', aSequence = '0'] = a.split('-');
  const [bMs = '0', bSequence = '0'] = b.split('-');
  return Number(aMs) - Number(bMs) || Number(aSequence) - Number(bSequence);
}

/** What a client may send as its cursor. */
export const CURSOR = /^\d{1,16}-\d{1,16}$/;
