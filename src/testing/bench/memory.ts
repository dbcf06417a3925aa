import { setTimeout as delay } from 'node:timers/promises';
import { type BenchWorld, until } from './bench-world';
import type { Child } from './child';
import { type Figure, figure } from './figures';
import { dismissTenant, makeTenant, type Tenant } from './followers';
import type { Usage } from './probe';
import { Sender } from './signals';

/** Signals before the first look: what grows by itself (compiled code, pools, caches of statements) has grown by then. */
const WARM_SIGNALS = 3;
const SIGNALS = 3;
const DONE_WITHIN = 120_000;
/** What a signal leaves running for a moment is over by then, ms. */
const CALM = 1500;

/**
 * What a worker keeps for each follower between signals when the followers' sockets are kept by other workers: objects after a
 * garbage collection with these followers, less the same with hardly any. One figure after each of several signals.
 */
export async function measureFollowerMemory(world: BenchWorld, sender: Sender, tenant: Tenant): Promise<Figure> {
  await world.keepStreamsAway();
  const few = await makeTenant(world, 10);
  const worker = await world.startWorker({ placementConnections: 32 });
  try {
    for (let signal = 0; signal < WARM_SIGNALS; signal += 1) {
      await copyOne(world, sender, few);
      // The same sizes of buffers and pools: a tenant of many must not pay for what stays for all.
      await copyOne(world, sender, tenant);
    }
    const samples: number[] = [];
    for (let signal = 0; signal < SIGNALS; signal += 1) {
      await copyOne(world, sender, tenant);
      samples.push(await held(worker));
    }
    await dismissTenant(world, tenant);
    // Whatever a worker remembers of followers is dropped when nobody follows any more and a signal says so.
    await copyOne(world, sender, few);
    const base = await held(worker);
    return figure(samples.map((bytes) => Math.max(0, bytes - base) / tenant.subscriptionIds.length));
  } finally {
    await world.stop(worker);
    await dismissTenant(world, few);
    await world.letStreamsBack();
  }
}

/** Objects after a garbage collection, bytes; the least of a few looks, for a look may come in the middle of some work. */
async function held(worker: Child): Promise<number> {
  let least = Number.POSITIVE_INFINITY;
  for (let look = 0; look < 3; look += 1) {
    await delay(CALM / 3);
    least = Math.min(least, (await worker.ask<Usage>('usage', { collect: true })).held);
  }
  return least;
}

/** Sends a signal and waits until it is finished. */
export async function copyOne(world: BenchWorld, sender: Sender, tenant: Tenant): Promise<void> {
  const { signalId } = await sender.send(tenant);
  const db = world.database.forTenant(tenant.id);
  const done = async (): Promise<boolean> => (await db.signal.count({ where: { id: signalId, status: 'done' } })) > 0;
  await until('a signal to be finished', DONE_WITHIN, done, 50);
}

export type MemoryFigures = {
  /** What a worker keeps for a follower whose socket another worker has, bytes. */
  readonly bytesPerFollower: Figure;
  /** What a follower's private stream takes beside that, bytes. */
  readonly bytesPerSocket: number;
};

const FOLLOWERS = 1000;
const STREAMS_WITHIN = 60_000;

/** What a thousand followers cost a worker, without and with their private streams. */
export async function runMemory(world: BenchWorld): Promise<MemoryFigures> {
  await world.venue.ask('settings', { delayMs: 0, fillAfterMs: 0 });
  const web = await world.startWebhook();
  const sender = new Sender(world);
  try {
    const bytesPerFollower = await measureFollowerMemory(world, sender, await makeTenant(world, FOLLOWERS));
    const tenant = await makeTenant(world, FOLLOWERS);
    const worker = await world.startWorker({ placementConnections: 32 });
    const streams = (wanted: (open: number) => boolean): Promise<void> =>
      until('private streams', STREAMS_WITHIN, async () => wanted(await world.venue.ask<number>('listeners')), 200);
    await streams((open) => open >= FOLLOWERS);
    for (let signal = 0; signal < WARM_SIGNALS; signal += 1) await copyOne(world, sender, tenant);
    const withStreams = await held(worker);
    await dismissTenant(world, tenant);
    await streams((open) => open === 0);
    const bytesPerSocket = Math.round((withStreams - (await held(worker))) / FOLLOWERS);
    await world.stop(worker);
    return { bytesPerFollower, bytesPerSocket };
  } finally {
    await sender.close();
    await world.stop(web);
  }
}
