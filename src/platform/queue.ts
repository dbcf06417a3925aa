import Bull from 'bull';
import type { Redis } from 'ioredis';
import type { z } from 'zod';
import { type EffectPlane, OPEN_PLANE } from './effects';
import type { Logger } from './log';
import { openRedis } from './redis';

/** One kind of job, as the catalogue (contracts/jobs) describes it. */
export type JobDefinition<S extends z.ZodType> = {
  readonly payload: S;
  readonly attempts: number;
  readonly backoffMs: number;
  readonly concurrency: number;
};

export interface JobProducer<P> {
  /** Rejects quickly when Redis is away. `jobId` makes repeats harmless while the first one is still known. */
  enqueue(payload: P, jobId: string): Promise<void>;
  close(): Promise<void>;
}

export interface JobConsumer {
  /** Waits for running jobs, then disconnects. */
  close(): Promise<void>;
}

/** How many jobs of one queue wait, run, and wait for another attempt. Rejects when Redis is away. */
export async function queueLengths(
  redis: Redis,
  prefix: string,
  name: string,
): Promise<{ readonly waiting: number; readonly active: number; readonly delayed: number }> {
  const key = (part: string): string => `${prefix}:${name}:${part}`;
  const [waiting, active, delayed] = await Promise.all([
    redis.llen(key('wait')),
    redis.llen(key('active')),
    redis.zcard(key('delayed')),
  ]);
  return { waiting, active, delayed };
}

type QueueOptions = {
  readonly redisUrl: string;
  readonly prefix: string;
  readonly logger: Logger;
  readonly effects?: EffectPlane;
};

function bullOptions(url: string, prefix: string, role: 'producer' | 'consumer'): Bull.QueueOptions {
  return {
    prefix,
    createClient: (type) =>
      // Bull forbids maxRetriesPerRequest and the ready check on its blocking and subscribing connections.
      type === 'client' && role === 'producer'
        ? openRedis(url, { maxRetriesPerRequest: 1, commandTimeout: 2000, enableOfflineQueue: true })
        : openRedis(url, { maxRetriesPerRequest: null, enableReadyCheck: false }),
  };
}

/** The sending end of one queue. Keeps Bull out of the rest of the program, so that another library can take its place. */
export function createJobProducer<S extends z.ZodType>(
  name: string,
  definition: JobDefinition<S>,
  options: QueueOptions,
): JobProducer<z.infer<S>> {
  const queue = new Bull(name, bullOptions(options.redisUrl, options.prefix, 'producer'));
  queue.on('error', (error) => options.logger.warn({ queue: name, reason: error.message }, 'queue is away'));
  return {
    async enqueue(payload, jobId) {
      const checked = definition.payload.parse(payload);
      await (options.effects ?? OPEN_PLANE).perform({ kind: 'queue', name }, () =>
        queue.add(checked, {
          jobId,
          attempts: definition.attempts,
          backoff: { type: 'exponential', delay: definition.backoffMs },
          removeOnComplete: true,
          removeOnFail: true,
        }),
      );
    },
    async close() {
      await queue.close();
    },
  };
}

/** The working end of one queue. `work` is called with a checked payload; a rejection counts as a failed attempt. */
export function createJobConsumer<S extends z.ZodType>(
  name: string,
  definition: JobDefinition<S>,
  options: QueueOptions,
  work: (payload: z.infer<S>) => Promise<void>,
): JobConsumer {
  const queue = new Bull(name, bullOptions(options.redisUrl, options.prefix, 'consumer'));
  queue.on('error', (error) => options.logger.warn({ queue: name, reason: error.message }, 'queue is away'));
  queue.on('failed', (job, error) =>
    options.logger.error({ queue: name, job: job.id, attempt: job.attemptsMade, reason: error.message }, 'job failed'),
  );
  queue
    .process(definition.concurrency, async (job) => {
      await work(definition.payload.parse(job.data));
    })
    .catch((error: Error) => options.logger.error({ queue: name, reason: error.message }, 'queue stopped'));
  return {
    async close() {
      await queue.close();
    },
  };
}
