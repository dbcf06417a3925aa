import type { Redis } from 'ioredis';
import { z } from 'zod';
import { ACCOUNT_MODES } from '@/domain/account-mode';
import { BREAKER_STATES, CONTACT_FAILURES } from '@/domain/circuit-breaker';
import { GONE_AFTER, workersKey } from '../execution/worker-registry';

const epochMs = z.number().int();
const breakerSchema = z.object({
  venue: z.string(),
  mode: z.enum(ACCOUNT_MODES),
  state: z.enum(BREAKER_STATES),
  since: epochMs,
  failures: z.number().int(),
  lastFailure: z.enum(CONTACT_FAILURES).nullable(),
  lastFailureAt: epochMs.nullable(),
  nextProbeAt: epochMs.nullable(),
});
const figuresSchema = z.object({
  streams: z.object({ open: z.number().int(), live: z.number().int() }),
  signals: z.number().int(),
  /** One a mode of a venue that it used. */
  breakers: z.array(breakerSchema).readonly(),
});
/** What a worker says of itself. */
export type WorkerFigures = z.infer<typeof figuresSchema>;

export type LivingWorker = {
  readonly name: string;
  /** Epoch ms. */
  readonly seenAt: number;
  /** Null: not told yet. */
  readonly figures: WorkerFigures | null;
};

const figuresKey = (prefix: string, worker: string): string => `${prefix}:worker:${worker}`;

/** Never rejects: the next one comes in a moment. */
export async function tellFigures(redis: Redis, prefix: string, worker: string, figures: WorkerFigures): Promise<void> {
  await redis.set(figuresKey(prefix, worker), JSON.stringify(figures), 'PX', GONE_AFTER).catch(() => undefined);
}

/** By name. Rejects when Redis is away. */
export async function livingWorkers(redis: Redis, prefix: string, now: number): Promise<readonly LivingWorker[]> {
  const beats = await redis.zrangebyscore(workersKey(prefix), now - GONE_AFTER, '+inf', 'WITHSCORES');
  const workers: { name: string; seenAt: number }[] = [];
  for (let index = 0; index + 1 < beats.length; index += 2) {
    workers.push({ name: beats[index] ?? '', seenAt: Number(beats[index + 1]) });
  }
  if (workers.length === 0) return [];
  const told = await redis.mget(workers.map(({ name }) => figuresKey(prefix, name)));
  return workers
    .map((worker, index) => {
      const text = told[index] ?? null;
      const parsed = text === null ? null : figuresSchema.safeParse(JSON.parse(text));
      return { ...worker, figures: parsed?.success ? parsed.data : null };
    })
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}
