import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { newId } from '@/platform/ids';
import { WORKER_FLAGS } from '../../../../scripts/start/worker-flags';
import { type BenchWorld, until } from '../bench-world';
import type { Child } from '../child';
import { type Figure, figure } from '../figures';
import { dismissTenant, type Key, makeKey, makeTenant, type Tenant } from '../followers';
import { measureFollowerMemory } from '../memory';
import { Sender } from '../signals';
import type { FloorRun } from './floor-process';
import type { NaiveRun } from './naive-process';
import { type ProductRound, runProductRound } from './product-round';

export type FanoutCase = {
  readonly name: 'n1000' | 'n5000' | 'n1000rtt60';
  readonly followers: number;
  readonly delayMs: number;
  readonly connections: number;
  /** How many of the rounds also run the naive way. */
  readonly naiveRounds: number;
};

export const FANOUT_CASES: readonly FanoutCase[] = [
  { name: 'n1000', followers: 1000, delayMs: 0, connections: 256, naiveRounds: Number.POSITIVE_INFINITY },
  { name: 'n1000rtt60', followers: 1000, delayMs: 60, connections: 1000, naiveRounds: Number.POSITIVE_INFINITY },
  { name: 'n5000', followers: 5000, delayMs: 0, connections: 256, naiveRounds: 3 },
];

export type FanoutFigures = {
  /** Last answer read, and all answers committed, × the floor; the naive way's last answer × ours. */
  readonly ackRatio: Figure;
  readonly persistedRatio: Figure;
  readonly naiveRatio: Figure;
  /** From the webhook's 202 until the venue has read the first order. */
  readonly firstOrderMs: Figure;
  /** The worker's processor time until all answers are committed. */
  readonly cpuPerOrderUs: Figure;
  /** What the worker keeps for a follower, his socket apart. */
  readonly bytesPerFollower: Figure | null;
  readonly floorMs: Figure;
  readonly floorCpuPerOrderUs: Figure;
  readonly ackMs: Figure;
  readonly persistedMs: Figure;
  /** All orders rows of Trade, with their answers. */
  readonly rowsMs: Figure;
  /** All fills and positions committed, the signal finished: fills come a set time after the answers. */
  readonly doneMs: Figure;
  readonly doneCpuPerOrderUs: Figure;
  readonly naiveMs: Figure;
  readonly acceptMs: Figure;
  /** The first signal after the worker's start, last answer. */
  readonly firstSignalAckMs: number;
  readonly stagesMs: Readonly<Record<keyof ProductRound['stages'], Figure>>;
  readonly rounds: number;
  readonly naiveRounds: number;
};

export type FanoutOptions = {
  readonly rounds: number;
  /** From an order's answer to its fill, ms. */
  readonly fillAfterMs: number;
  readonly cases: readonly FanoutCase['name'][];
  /** How the product's orders travel: the operator's setting of that name. */
  readonly transport: 'rest' | 'stream';
  /** Writes a profile of the worker over some signals of each case into this folder. */
  readonly profileInto?: string;
  readonly log: (line: string) => void;
};

const WARM_ROUNDS = 5;
const PROFILED_ROUNDS = 4;
const STREAMS_WITHIN = 180_000;
/** What a round leaves behind (pushes, balances, looks) is over by then, ms. */
const CALM = 400;

/** Runs the fan-out's cases, each round the product, its floor and the naive way after each other. */
export async function runFanout(
  world: BenchWorld,
  options: FanoutOptions,
): Promise<Readonly<Record<string, FanoutFigures>>> {
  const web = await world.startWebhook();
  const floor = world.spawn('floor', 'src/testing/bench/fanout/floor-process.ts', {}, WORKER_FLAGS);
  const naive = world.spawn('naive', 'src/testing/bench/fanout/naive-process.ts', {}, WORKER_FLAGS);
  const sender = new Sender(world);
  const figures: Record<string, FanoutFigures> = {};
  try {
    for (const one of FANOUT_CASES) {
      if (!options.cases.includes(one.name)) continue;
      const keys = Array.from({ length: one.followers }, makeKey);
      const tenant = await makeTenant(world, one.followers);
      await world.venue.ask('settings', { delayMs: one.delayMs, fillAfterMs: options.fillAfterMs });
      await floor.ask('prepare', { origin: world.venueOrigin, connections: one.connections });
      await naive.ask('prepare', {
        origin: world.venueOrigin,
        mysqlUrl: world.mysqlUrl,
        redisUrl: world.redisUrl,
        keys,
      });
      const worker = await world.startWorker({
        placementConnections: one.connections,
        env: { ORDER_TRANSPORT: options.transport },
      });
      await awaitStreams(world, one.followers);
      const bench = new FanoutBench({ world, worker, floor, naive, sender, tenant, keys, one, options });
      const measured = await bench.run();
      await world.stop(worker);
      // Who looks for the time wants it soon.
      const memory = options.profileInto === undefined ? await measureFollowerMemory(world, sender, tenant) : null;
      figures[one.name] = { ...measured, bytesPerFollower: memory };
      await dismissTenant(world, tenant);
    }
  } finally {
    await sender.close();
    await Promise.all([web, floor, naive].map((child) => world.stop(child)));
  }
  return figures;
}

/** Waits until the worker has a private stream for every account. */
async function awaitStreams(world: BenchWorld, accounts: number): Promise<void> {
  const open = async (): Promise<boolean> => (await world.venue.ask<number>('listeners')) >= accounts;
  await until('all private streams', STREAMS_WITHIN, open, 500);
  // A new stream is followed by a look at what its gap may have hidden.
  await delay(5000);
}

type Parts = {
  readonly world: BenchWorld;
  readonly worker: Child;
  readonly floor: Child;
  readonly naive: Child;
  readonly sender: Sender;
  readonly tenant: Tenant;
  readonly keys: readonly Key[];
  readonly one: FanoutCase;
  readonly options: FanoutOptions;
};

class FanoutBench {
  constructor(readonly parts: Parts) {}

  async run(): Promise<Omit<FanoutFigures, 'bytesPerFollower'>> {
    const { one, options } = this.parts;
    const first = await this.#product();
    options.log(`${one.name}: first signal after the start ${first.ackMs.toFixed(0)} ms`);
    for (let round = 0; round < WARM_ROUNDS; round += 1) {
      await this.#product();
      await this.#floor();
    }
    if (one.naiveRounds > 0) await this.#naive();
    if (options.profileInto !== undefined) await this.#profile(options.profileInto);
    const rounds: { product: ProductRound; floor: FloorRun; naive: NaiveRun | null }[] = [];
    for (let round = 0; round < options.rounds; round += 1) {
      const naive = round < one.naiveRounds ? await this.#naive() : null;
      // The one that runs second finds warmer caches, so they take turns.
      const floorFirst = round % 2 === 0 ? await this.#floor() : null;
      const product = await this.#product();
      const floor = floorFirst ?? (await this.#floor());
      rounds.push({ product, floor, naive });
      options.log(
        `${one.name} ${round + 1}/${options.rounds}: floor ${floor.ms.toFixed(0)} ms, first ${product.firstOrderMs.toFixed(1)}, ` +
          `last ack ${product.ackMs.toFixed(0)} (× ${(product.ackMs / floor.ms).toFixed(2)}), ` +
          `persisted ${product.persistedMs.toFixed(0)} (× ${(product.persistedMs / floor.ms).toFixed(2)}), ` +
          `cpu ${((product.cpuMs * 1000) / one.followers).toFixed(0)} µs${naive === null ? '' : `, naive ${naive.ackMs.toFixed(0)} ms`}`,
      );
    }
    const products = rounds.map(({ product }) => product);
    const floors = rounds.map(({ floor }) => floor);
    const naives = rounds.flatMap(({ product, naive }) => (naive === null ? [] : [{ product, naive }]));
    const perOrder = (cpuMs: number): number => (cpuMs * 1000) / one.followers;
    const stage = (name: keyof ProductRound['stages']): Figure => figure(products.map(({ stages }) => stages[name]));
    return {
      ackRatio: figure(rounds.map(({ product, floor }) => product.ackMs / floor.ms)),
      persistedRatio: figure(rounds.map(({ product, floor }) => product.persistedMs / floor.ms)),
      naiveRatio: figure(naives.map(({ product, naive }) => naive.ackMs / product.ackMs)),
      firstOrderMs: figure(products.map(({ firstOrderMs }) => firstOrderMs)),
      cpuPerOrderUs: figure(products.map(({ cpuMs }) => perOrder(cpuMs))),
      floorMs: figure(floors.map(({ ms }) => ms)),
      floorCpuPerOrderUs: figure(floors.map(({ cpuMs }) => perOrder(cpuMs))),
      ackMs: figure(products.map(({ ackMs }) => ackMs)),
      persistedMs: figure(products.map(({ persistedMs }) => persistedMs)),
      rowsMs: figure(products.map(({ rowsMs }) => rowsMs)),
      doneMs: figure(products.map(({ doneMs }) => doneMs)),
      doneCpuPerOrderUs: figure(products.map(({ doneCpuMs }) => perOrder(doneCpuMs))),
      naiveMs: figure(naives.map(({ naive }) => naive.ackMs)),
      acceptMs: figure(products.map(({ acceptMs }) => acceptMs)),
      firstSignalAckMs: Math.round(first.ackMs),
      stagesMs: {
        planned: stage('planned'),
        firstSent: stage('firstSent'),
        lastAck: stage('lastAck'),
        persisted: stage('persisted'),
        rows: stage('rows'),
      },
      rounds: rounds.length,
      naiveRounds: naives.length,
    };
  }

  async #profile(folder: string): Promise<void> {
    const { worker, one } = this.parts;
    await worker.ask('startProfile');
    for (let round = 0; round < PROFILED_ROUNDS; round += 1) await this.#product();
    await worker.ask('stopProfile', { file: join(folder, `${one.name}.cpuprofile`) });
  }

  async #product(): Promise<ProductRound> {
    const { world, worker, sender, tenant } = this.parts;
    const round = await runProductRound(world, worker, sender, tenant);
    await delay(CALM);
    return round;
  }

  async #floor(): Promise<FloorRun> {
    const { floor, keys } = this.parts;
    const clientIds = keys.map(() => newId());
    const run = await floor.ask<FloorRun>('run', { keys, clientIds });
    // The venue's fills of these orders, which nobody listens to, are over then.
    await delay(CALM + this.parts.options.fillAfterMs);
    return run;
  }

  async #naive(): Promise<NaiveRun> {
    const run = await this.parts.naive.ask<NaiveRun>('run');
    await delay(CALM + this.parts.options.fillAfterMs);
    return run;
  }
}
