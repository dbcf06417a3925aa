import { setTimeout as delay } from 'node:timers/promises';
import { type BenchWorld, until } from './bench-world';
import type { Child } from './child';
import { type Figure, figure } from './figures';
import { dismissTenant, makeTenant, type Tenant } from './followers';
import { instant, instantOf } from './instant';
import type { Usage } from './probe';
import { Sender } from './signals';

const SIGNALS_EACH = 4;
const WORKERS = [1, 2, 4] as const;
/** The backlog: so many lanes of so many signals over so many followers. */
const LANES = 8;
const LANE_SIGNALS = 4;
const LANE_FOLLOWERS = 100;
const DONE_WITHIN = 300_000;

export type ScaleFigures = {
  /** By number of followers: limit orders, so that no fill mixes in. */
  readonly followers: Readonly<
    Record<
      string,
      { readonly ackMs: Figure; readonly doneMs: Figure; readonly cpuPerOrderUs: Figure; readonly peakRssMb: number }
    >
  >;
  /** By number of workers: a backlog of signals of several lanes. */
  readonly workers: Readonly<
    Record<string, { readonly ms: number; readonly ordersPerSecond: number; readonly cpuPerOrderUs: number }>
  >;
};

/** How time and memory grow with followers, and how a backlog shrinks with workers. */
export async function runScale(
  world: BenchWorld,
  followers: readonly number[],
  log: (line: string) => void,
): Promise<ScaleFigures> {
  await world.venue.ask('settings', { delayMs: 0, fillAfterMs: 0 });
  await world.keepStreamsAway();
  const web = await world.startWebhook();
  const sender = new Sender(world);
  try {
    const byFollowers: Record<string, ScaleFigures['followers'][string]> = {};
    for (const count of followers) {
      byFollowers[count] = await growFollowers(world, sender, count);
      log(`scale: ${count} followers ${JSON.stringify(byFollowers[count])}`);
    }
    const byWorkers: Record<string, ScaleFigures['workers'][string]> = {};
    const tenants: Tenant[] = [];
    for (let lane = 0; lane < LANES; lane += 1) tenants.push(await makeTenant(world, LANE_FOLLOWERS));
    for (const count of WORKERS) {
      byWorkers[count] = await workBacklog(world, sender, tenants, count);
      log(`scale: ${count} workers ${JSON.stringify(byWorkers[count])}`);
    }
    for (const tenant of tenants) await dismissTenant(world, tenant);
    return { followers: byFollowers, workers: byWorkers };
  } finally {
    await sender.close();
    await world.stop(web);
    await world.letStreamsBack();
  }
}

async function growFollowers(world: BenchWorld, sender: Sender, count: number) {
  const tenant = await makeTenant(world, count);
  const worker = await world.startWorker({ placementConnections: 256 });
  try {
    const db = world.database.forTenant(tenant.id);
    const rounds: { ackMs: number; doneMs: number; cpuUs: number }[] = [];
    let peak = 0;
    for (let round = 0; round <= SIGNALS_EACH; round += 1) {
      const before = await worker.ask<Usage>('usage', { collect: false });
      const { signalId, acceptedAt } = await sender.send(tenant, { orderType: 'limit' });
      const looked = async (): Promise<boolean> => {
        peak = Math.max(peak, (await worker.ask<Usage>('usage', { collect: false })).rss);
        return (await db.signal.count({ where: { id: signalId, status: 'done' } })) > 0;
      };
      await until('a signal to be finished', DONE_WITHIN, looked, 50);
      const after = await worker.ask<Usage>('usage', { collect: false });
      const { lastAckAt, doneAt } = await db.signal.findUniqueOrThrow({ where: { id: signalId } });
      const resting = await db.trade.count({ where: { signalId, status: 'live' } });
      if (resting < count) throw new Error(`Only ${resting} of ${count} orders were accepted`);
      // Else every signal would find more resting orders than the one before.
      await db.trade.updateMany({ where: { signalId }, data: { status: 'canceled' } });
      // The first one finds cold code and cold connections.
      if (round > 0) {
        rounds.push({
          ackMs: instantOf(Number(lastAckAt)) - acceptedAt,
          doneMs: instantOf(Number(doneAt)) - acceptedAt,
          cpuUs: ((after.cpuMs - before.cpuMs) * 1000) / count,
        });
      }
      await delay(300);
    }
    return {
      ackMs: figure(rounds.map(({ ackMs }) => ackMs)),
      doneMs: figure(rounds.map(({ doneMs }) => doneMs)),
      cpuPerOrderUs: figure(rounds.map(({ cpuUs }) => cpuUs)),
      peakRssMb: Math.round(peak / 2 ** 20),
    };
  } finally {
    await world.stop(worker);
    await dismissTenant(world, tenant);
  }
}

/** Signals pile up while no worker runs; then so many workers start. Their start is not counted. */
async function workBacklog(world: BenchWorld, sender: Sender, tenants: readonly Tenant[], count: number) {
  const workers: Child[] = [];
  for (let worker = 0; worker < count; worker += 1) workers.push(await world.startWorker({ placementConnections: 64 }));
  try {
    // Each worker has seen some signals: compiled code is not what is measured.
    await drain(world, await sendAll(sender, tenants, count));
    const usages = () => Promise.all(workers.map((worker) => worker.ask<Usage>('usage', { collect: false })));
    const total = (list: readonly Usage[]): number => list.reduce((sum, { cpuMs }) => sum + cpuMs, 0);
    const before = total(await usages());
    const started = instant();
    await drain(world, await sendAll(sender, tenants, LANE_SIGNALS));
    const ms = instant() - started;
    const orders = tenants.length * LANE_SIGNALS * LANE_FOLLOWERS;
    return {
      ms: Math.round(ms),
      ordersPerSecond: Math.round((orders * 1000) / ms),
      cpuPerOrderUs: Math.round(((total(await usages()) - before) * 1000) / orders),
    };
  } finally {
    for (const worker of workers) await world.stop(worker);
  }
}

async function sendAll(sender: Sender, tenants: readonly Tenant[], each: number): Promise<readonly string[]> {
  const sent: string[] = [];
  for (let signal = 0; signal < each; signal += 1) {
    for (const tenant of tenants) sent.push((await sender.send(tenant, { orderType: 'limit' })).signalId);
  }
  return sent;
}

async function drain(world: BenchWorld, signalIds: readonly string[]): Promise<void> {
  const where = { id: { in: [...signalIds] }, status: { not: 'done' as const } };
  const done = async (): Promise<boolean> => (await world.database.system.signal.count({ where })) === 0;
  await until('the backlog to be worked off', DONE_WITHIN, done, 50);
}
