import { setTimeout as delay } from 'node:timers/promises';
import { queueLengths } from '@/platform/queue';
import { type BenchWorld, PREFIX, until } from './bench-world';
import { percentile } from './figures';
import { makeTenant } from './followers';
import { instant } from './instant';
import type { Usage } from './probe';
import { Sender } from './signals';

const FOLLOWERS = 200;
const SAMPLE_EVERY = 5000;
const STREAMS_WITHIN = 60_000;
const DRAIN_WITHIN = 120_000;

export type SoakOptions = {
  readonly minutes: number;
  /** Signals a second. */
  readonly rate: number;
  readonly log: (line: string) => void;
};

type Sample = {
  /** Objects of the worker after a garbage collection, and its whole memory, MB. */
  readonly heldMb: number;
  readonly rssMb: number;
  readonly handles: number;
  readonly redisKeys: number;
  /** Jobs that wait, and the age of the oldest unfinished signal, ms. */
  readonly queued: number;
  readonly oldestMs: number;
};

export type SoakFigures = {
  readonly minutes: number;
  readonly signals: number;
  readonly orders: number;
  readonly ratePerSecond: number;
  /** Medians of the second and of the last quarter of the time: growth shows between them. */
  readonly early: Sample;
  readonly late: Sample;
};

/** Signals at a steady rate over followers with streams: nothing may grow with time. */
export async function runSoak(world: BenchWorld, options: SoakOptions): Promise<SoakFigures> {
  await world.venue.ask('settings', { delayMs: 0, fillAfterMs: 0 });
  const web = await world.startWebhook();
  const tenant = await makeTenant(world, FOLLOWERS);
  const worker = await world.startWorker({ placementConnections: 64 });
  const sender = new Sender(world, 4);
  const db = world.database.forTenant(tenant.id);
  try {
    const open = async (): Promise<boolean> => (await world.venue.ask<number>('listeners')) >= FOLLOWERS;
    await until('all private streams', STREAMS_WITHIN, open, 200);
    const ends = instant() + options.minutes * 60_000;
    let signals = 0;
    const sending = (async () => {
      const started = instant();
      while (instant() < ends) {
        // In and out, so that positions and margins stay where they are.
        await sender.send(tenant, signals % 2 === 0 ? { quantity: '0.1' } : { action: 'close' });
        signals += 1;
        await delay(Math.max(0, started + (signals * 1000) / options.rate - instant()));
      }
    })();
    const samples: Sample[] = [];
    while (instant() < ends) {
      await delay(Math.min(SAMPLE_EVERY, Math.max(0, ends - instant())));
      const { held, rss, handles } = await worker.ask<Usage>('usage', { collect: true });
      const { waiting, active } = await queueLengths(world.redis, PREFIX, 'copy-signal');
      const oldest = await db.signal.findFirst({
        where: { status: { in: ['received', 'planning', 'dispatching'] } },
        orderBy: { sequence: 'asc' },
        select: { receivedAt: true },
      });
      const sample = {
        heldMb: held / 2 ** 20,
        rssMb: rss / 2 ** 20,
        handles,
        redisKeys: await world.redis.dbsize(),
        queued: waiting + active,
        oldestMs: oldest === null ? 0 : Date.now() - oldest.receivedAt.getTime(),
      };
      samples.push(sample);
      options.log(`soak: ${JSON.stringify(sample)}`);
    }
    await sending;
    const finished = async (): Promise<boolean> =>
      (await db.signal.count({ where: { status: { notIn: ['done', 'rejected'] } } })) === 0;
    await until('the last signals to be finished', DRAIN_WITHIN, finished);
    const quarter = Math.floor(samples.length / 4);
    return {
      minutes: options.minutes,
      signals,
      orders: await db.trade.count({ where: { status: 'filled' } }),
      ratePerSecond: Number((signals / (options.minutes * 60)).toFixed(2)),
      early: middle(samples.slice(quarter, 2 * quarter + 1)),
      late: middle(samples.slice(-quarter - 1)),
    };
  } finally {
    await sender.close();
    await world.stop(worker);
    await world.stop(web);
  }
}

function middle(samples: readonly Sample[]): Sample {
  const of = (name: keyof Sample): number => {
    const sorted = samples.map((sample) => sample[name]).sort((a, b) => a - b);
    return Number(percentile(sorted, 0.5).toFixed(1));
  };
  return {
    heldMb: of('heldMb'),
    rssMb: of('rssMb'),
    handles: of('handles'),
    redisKeys: of('redisKeys'),
    queued: of('queued'),
    oldestMs: of('oldestMs'),
  };
}
