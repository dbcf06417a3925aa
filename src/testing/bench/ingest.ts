import { setTimeout as delay } from 'node:timers/promises';
import type { BenchWorld } from './bench-world';
import { type Figure, figure, percentile } from './figures';
import { makeTenant, type Tenant } from './followers';
import { instant } from './instant';
import { Sender } from './signals';

const SENDERS = 50;
const WARM_MS = 3000;
const ROUND_MS = 2500;
const PACED_MS = 3000;
/** Each sender's pause between two signals, ms. */
const PACE = 1000;

export type IngestFigures = {
  readonly senders: number;
  /** Signals accepted a second. */
  readonly perSecond: Figure;
  /** From the sender's first byte to the whole 202, ms. */
  readonly p50Ms: Figure;
  readonly p95Ms: Figure;
  readonly p99Ms: Figure;
  /** The same senders, each with a signal a second at a moment of his own. */
  readonly pacedP50Ms: Figure;
  readonly pacedP95Ms: Figure;
  readonly pacedP99Ms: Figure;
  readonly rounds: number;
};

/**
 * Fifty senders, each with a source of its own, send to the whole web process as fast as they are answered, and then at a signal a
 * second each: every 202 means a committed row and a queued job. No worker runs, so that what is measured is taking in alone.
 */
export async function runIngest(world: BenchWorld, rounds: number): Promise<IngestFigures> {
  const tenants: Tenant[] = [];
  for (let sender = 0; sender < SENDERS; sender += 1) tenants.push(await makeTenant(world, 0));
  const web = await world.startWeb();
  const sender = new Sender(world, SENDERS);
  try {
    await sendAll(sender, tenants, WARM_MS);
    const measured: { perSecond: number; sorted: number[] }[] = [];
    const pacedTimes: (readonly number[])[] = [];
    for (let round = 0; round < rounds; round += 1) {
      measured.push(await sendAll(sender, tenants, ROUND_MS));
      await delay(200);
      pacedTimes.push(await sendPaced(sender, tenants));
    }
    const of = (share: number): Figure => figure(measured.map(({ sorted }) => percentile(sorted, share)));
    const paced = (share: number): Figure => figure(pacedTimes.map((sorted) => percentile(sorted, share)));
    return {
      senders: SENDERS,
      perSecond: figure(measured.map(({ perSecond }) => perSecond)),
      p50Ms: of(0.5),
      p95Ms: of(0.95),
      p99Ms: of(0.99),
      pacedP50Ms: paced(0.5),
      pacedP95Ms: paced(0.95),
      pacedP99Ms: paced(0.99),
      rounds,
    };
  } finally {
    await sender.close();
    await world.stop(web);
    // Nobody is to work on them.
    const { signal } = world.database.system;
    await signal.updateMany({ where: { status: 'received' }, data: { status: 'rejected', rejectCode: 'NOT_COPIED' } });
    await world.redis.flushdb();
  }
}

async function sendAll(
  sender: Sender,
  tenants: readonly Tenant[],
  forMs: number,
): Promise<{ readonly perSecond: number; readonly sorted: number[] }> {
  const started = instant();
  const times: number[] = [];
  await Promise.all(
    tenants.map(async (tenant) => {
      while (instant() - started < forMs) {
        const { postedAt, acceptedAt } = await sender.send(tenant);
        times.push(acceptedAt - postedAt);
      }
    }),
  );
  const seconds = (instant() - started) / 1000;
  return { perSecond: times.length / seconds, sorted: times.sort((a, b) => a - b) };
}

/** Times of the answers, sorted. */
async function sendPaced(sender: Sender, tenants: readonly Tenant[]): Promise<readonly number[]> {
  const times: number[] = [];
  await Promise.all(
    tenants.map(async (tenant, index) => {
      const started = instant() + (index * PACE) / tenants.length;
      for (let at = 0; at < PACED_MS; at += PACE) {
        await delay(Math.max(0, started + at - instant()));
        const { postedAt, acceptedAt } = await sender.send(tenant);
        times.push(acceptedAt - postedAt);
      }
    }),
  );
  return times.sort((a, b) => a - b);
}
