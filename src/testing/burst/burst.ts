import { setTimeout as delay } from 'node:timers/promises';
import { Prisma } from '@/platform/database/database';
import { type Cast, dismissCast, makeCast } from '../storm/cast';
import type { StormSignal } from '../storm/scenario';
import { type Sent, sendSignal } from '../storm/sender';
import type { World } from '../storm/world';
import { checkBurst, FAULTS, type FaultKind } from './check';
import { planBurst } from './plan';
import { type Memory, Watch } from './watch';

export type BurstOptions = { readonly seed: number; readonly followers: number; readonly signals: number };

export type BurstResult = {
  readonly signals: number;
  readonly followers: number;
  /** At the venue. */
  readonly orders: number;
  readonly receipts: number;
  /** Workers that finished signals. */
  readonly workers: number;
  /** Time in which all signals were taken in, and the slowest answer, ms. */
  readonly sentIn: number;
  readonly slowestAnswer: number;
  /** From the first signal's receipt until nothing was unfinished, ms. */
  readonly took: number;
  readonly ordersPerSecond: number;
  readonly longestQueueAge: number;
  /** By process, MB. */
  readonly memory: Readonly<Record<string, Memory>>;
} & Readonly<Record<FaultKind, number>>;

/** Without a signal finished for so long, ms, the queue does not drain. */
const STUCK_AFTER = 90_000;

type Log = (line: string) => void;

/** Sends all signals at once, each lane in its order, waits until all are copied, and compares the books. */
export async function runBurst(
  world: World,
  options: BurstOptions,
  log: Log,
): Promise<{ readonly result: BurstResult; readonly findings: readonly string[] }> {
  const plan = planBurst(options.seed, options.followers, options.signals);
  await world.allReady();
  await world.ask('settings', { walk: false });
  const cast = await makeCast(world, plan.scenario);
  await waitStreams(world, options.followers);
  log(`${options.followers} accounts have their streams`);

  const watch = new Watch(world, cast.tenantId, options.signals);
  try {
    const startedAt = Date.now();
    let slowestAnswer = 0;
    const sendLane = async (lane: readonly StormSignal[]): Promise<readonly Sent[]> => {
      const sent: Sent[] = [];
      const source = lane[0]?.source ?? 'a';
      for (const signal of lane) {
        const at = Date.now();
        sent.push(await sendSignal(`${world.web}/api/webhooks/${cast.tokens[source]}`, signal));
        slowestAnswer = Math.max(slowestAnswer, Date.now() - at);
      }
      return sent;
    };
    const sent = (await Promise.all(plan.lanes.map(sendLane))).flat();
    const sentIn = Date.now() - startedAt;
    log(`${sent.length} signals were taken in within ${sentIn} ms`);
    await drained(watch, log);
    const took = Date.now() - startedAt;
    await settled(world, cast);
    const memory = await watch.stop();
    const check = await checkBurst(world, cast, plan, sent);
    const { workers, receipts } = await totals(world, cast);
    await dismissCast(world, cast);
    const { followers, signals } = options;
    const { orders, counts } = check;
    const ordersPerSecond = Math.round(orders / (took / 1000));
    const { longestQueueAge } = watch;
    const figures = { sentIn, slowestAnswer, took, ordersPerSecond, longestQueueAge, memory };
    return {
      result: { signals, followers, orders, receipts, workers, ...counts, ...figures },
      findings: check.findings,
    };
  } finally {
    await watch.stop();
  }
}

/** Whether anything is lost, doubled, out of order or wrong. */
export function isFlawless(result: BurstResult): boolean {
  return FAULTS.every((kind) => result[kind] === 0);
}

async function waitStreams(world: World, wanted: number): Promise<void> {
  const deadline = Date.now() + 120_000;
  while (Date.now() < deadline) {
    const { orderStreams } = await world.ask<{ orderStreams: number }>('health');
    if (orderStreams >= wanted) return;
    await delay(200);
  }
  throw new Error('The accounts did not get their streams in time');
}

/** Resolves when no signal is unfinished. Throws when nothing moves any more. */
async function drained(watch: Watch, log: Log): Promise<void> {
  let least = Number.POSITIVE_INFINITY;
  let movedAt = Date.now();
  for (;;) {
    await watch.look();
    const waiting = watch.waiting ?? Number.POSITIVE_INFINITY;
    if (waiting === 0) return;
    if (waiting < least) {
      if (Math.floor(waiting / 20) < Math.floor(least / 20)) log(`${waiting} signals are waiting`);
      least = waiting;
      movedAt = Date.now();
    }
    if (Date.now() - movedAt > STUCK_AFTER) throw new Error(`${waiting} signals are stuck`);
    await delay(250);
  }
}

/** Resolves when every trade has come to its end. What does not is found by the comparison. */
async function settled(world: World, cast: Cast): Promise<void> {
  const db = world.database.forTenant(cast.tenantId);
  for (const deadline = Date.now() + 60_000; Date.now() < deadline; await delay(250)) {
    const open = await db.trade.count({
      where: { status: { in: ['planned', 'unknown', 'live', 'partially_filled'] } },
    });
    if (open === 0) return;
  }
}

async function totals(world: World, cast: Cast): Promise<{ readonly workers: number; readonly receipts: number }> {
  const db = world.database.forTenant(cast.tenantId);
  const [row] = await db.$queryRaw<{ workers: bigint }[]>(
    Prisma.sql`SELECT COUNT(DISTINCT claimedBy) AS workers FROM \`Signal\` WHERE tenantId = ${cast.tenantId}`,
  );
  return { workers: Number(row?.workers ?? 0), receipts: await db.trade.count({ where: {} }) };
}
