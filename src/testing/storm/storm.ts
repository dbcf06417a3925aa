import { setTimeout as delay } from 'node:timers/promises';
import { Prisma } from '@/platform/database/database';
import { readRows, readVenueBooks } from './books';
import { type Cast, dismissCast, makeCast } from './cast';
import { type Books, compareBooks, ERRORS, type ErrorKind, type Evidence } from './compare';
import { makeScenario, type Scenario, SOURCES } from './scenario';
import { repeats, type Sent, sendSignal } from './sender';
import { tellStory } from './story';
import { type FaultEvent, makeWeather, type Weather } from './weather';
import type { World } from './world';

export type SeedOptions = {
  readonly seed: number;
  readonly followers: number;
  readonly signals: number;
  readonly kills: number;
};

export type SeedResult = {
  readonly seed: number;
  readonly signals: number;
  readonly orders: number;
  readonly kills: number;
  readonly faults: number;
  readonly settleMs: number;
} & Readonly<Record<ErrorKind, number>>;

/** Everything must be settled this long after the last fault, ms. */
const SETTLE_WITHIN = 180_000;

type Log = (line: string) => void;

/** One seed: a tenant of its own, its signals, its faults, calm, and the comparison of the three books. */
export async function runSeed(
  world: World,
  options: SeedOptions,
  log: Log,
): Promise<{ readonly result: SeedResult; readonly stories: readonly string[]; readonly books: Books }> {
  const scenario = makeScenario(options.seed, options.followers, options.signals);
  const weather = makeWeather(
    options.seed,
    scenario.signals.map((signal) => signal.at),
    scenario.length,
    options.kills,
  );
  await world.allReady();
  // The accounts of the seed before are let go of, lest their keys be refused by a venue that never knew them.
  await waitStreams(world, (open) => open === 0);
  await world.freshVenue();
  const cast = await makeCast(world, scenario);
  await waitStreams(world, (open) => open >= scenario.followers.length);

  const storm = new Storm(world, cast, scenario, weather, log);
  const sent = await storm.rage();
  const calmAt = Date.now();
  const settled = await waitSettled(world, cast, log);
  const settleMs = Date.now() - calmAt;

  const rows = await readRows(world, cast);
  const venue = await readVenueBooks(world, cast);
  const books = { scenario, cast, sent, rows, venue, evidence: storm.evidence };
  const findings = [...compareBooks(books)];
  if (!settled)
    findings.push({
      kind: 'wrongState',
      text: 'not settled in time',
      tradeId: null,
      signalId: null,
      subscriptionId: null,
    });
  const counts = Object.fromEntries(
    ERRORS.map((kind) => [kind, findings.filter((finding) => finding.kind === kind).length]),
  ) as Record<ErrorKind, number>;
  const stories = findings.map((finding) => tellStory(world, finding, rows, venue));
  await dismissCast(world, cast);
  const { kills, faults } = storm;
  const { seed } = options;
  return {
    result: { seed, signals: sent.length, orders: venue.orders.length, kills, faults, ...counts, settleMs },
    stories,
    books,
  };
}

/** Waits until the accounts' streams are as they should be between two storms; they need not be. */
async function waitStreams(world: World, enough: (open: number) => boolean): Promise<void> {
  const deadline = Date.now() + 30_000;
  while (Date.now() < deadline) {
    const { orderStreams } = await world.ask<{ orderStreams: number }>('health');
    if (enough(orderStreams)) return;
    await delay(200);
  }
}

class Storm {
  kills = 0;
  faults = 0;
  readonly #marks: { readonly blame: string; readonly from: number; readonly to: number }[] = [];
  readonly #start = Date.now();

  constructor(
    private readonly world: World,
    private readonly cast: Cast,
    private readonly scenario: Scenario,
    private readonly weather: Weather,
    private readonly log: Log,
  ) {}

  readonly evidence: Evidence = {
    blames: (blame, from, to) => this.#marks.some((mark) => mark.blame === blame && mark.from <= to && mark.to >= from),
  };

  /** Signals, kills and faults side by side; resolves when all have happened and everything is up again. */
  async rage(): Promise<readonly Sent[]> {
    const queues = SOURCES.map((source) => this.#send(source));
    const disasters = [this.#killAll(), this.#freezeAll(), this.#faultAll()];
    const sent = (await Promise.all(queues)).flat();
    await Promise.all(disasters);
    await Promise.all(repeats);
    repeats.clear();
    await this.world.allReady();
    await this.world.ask('faults', { clear: true });
    return sent;
  }

  /** A source sends one signal after the other: what it sends is to be taken in in this order. */
  async #send(source: (typeof SOURCES)[number]): Promise<readonly Sent[]> {
    const sent: Sent[] = [];
    const url = `${this.world.web}/api/webhooks/${this.cast.tokens[source]}`;
    for (const signal of this.scenario.signals) {
      if (signal.source !== source) continue;
      await this.#until(signal.at);
      sent.push(await sendSignal(url, signal));
    }
    return sent;
  }

  /** Kills of different processes overlap; those of one wait until it is back. */
  async #killAll(): Promise<void> {
    const targets = new Set(this.weather.kills.map((kill) => kill.target));
    await Promise.all(
      [...targets].map(async (target) => {
        for (const kill of this.weather.kills.filter((candidate) => candidate.target === target)) {
          await this.#until(kill.at);
          const from = Date.now();
          this.log(`kill -9 ${target}, back after ${kill.downFor} ms`);
          if (!(await this.world.kill(target, kill.downFor))) continue;
          this.kills += 1;
          this.#marks.push({ blame: 'kill', from, to: Date.now() });
        }
      }),
    );
  }

  async #freezeAll(): Promise<void> {
    for (const freeze of this.weather.freezes) {
      await this.#until(freeze.at);
      this.log(`slow disk for ${freeze.ms} ms`);
      if (await this.world.freezeMysql(freeze.ms)) this.faults += 1;
    }
  }

  async #faultAll(): Promise<void> {
    await Promise.all(
      this.weather.faults.map(async (fault) => {
        await this.#until(fault.at);
        const from = await this.#set(fault.rules);
        if (from === null) return;
        this.log(fault.name);
        this.faults += 1;
        const lasting = Math.max(...fault.rules.map((rule) => Number(rule.durationMs ?? 0)));
        this.#marks.push({ blame: fault.blame, from, to: from + lasting });
      }),
    );
  }

  /** Sets rules at the venue, as soon as it is up; answers when. Null: it did not come back in time. */
  async #set(rules: FaultEvent['rules']): Promise<number | null> {
    for (const deadline = Date.now() + 10_000; Date.now() < deadline; await delay(200)) {
      try {
        const from = Date.now();
        await this.world.ask('faults', { faults: rules });
        return from;
      } catch {
        // The venue is down: a worse fault is going on.
      }
    }
    return null;
  }

  async #until(at: number): Promise<void> {
    const wait = this.#start + at - Date.now();
    if (wait > 0) await delay(wait);
  }
}

/** Nothing is unfinished any more, at ours and at the venue. */
async function waitSettled(world: World, cast: Cast, log: Log): Promise<boolean> {
  const deadline = Date.now() + SETTLE_WITHIN;
  const db = world.database.forTenant(cast.tenantId);
  let quiet = 0;
  for (;;) {
    try {
      const signals = await db.signal.count({ where: { status: { in: ['received', 'planning', 'dispatching'] } } });
      const trades = await db.trade.count({
        where: { status: { in: ['planned', 'unknown', 'live', 'partially_filled'] } },
      });
      const exits = await db.positionExit.count({ where: { doneAt: null } });
      const [{ lacking } = { lacking: 0n }] = await db.$queryRaw<{ lacking: bigint }[]>(
        Prisma.sql`SELECT COUNT(*) AS lacking FROM Trade t WHERE tenantId = ${cast.tenantId} AND filledQuantity >
          (SELECT COALESCE(SUM(f.quantity), 0) FROM Fill f WHERE f.tradeId = t.id)`,
      );
      const { accounts } = await world.ask<{ accounts: { pendingOrders: number }[] }>(`accounts?owner=${cast.owner}`);
      const pending = accounts.reduce((sum, account) => sum + account.pendingOrders, 0);
      // Twice in a row: the last reports are written together a moment later.
      quiet = signals + trades + exits + pending + Number(lacking) === 0 ? quiet + 1 : 0;
      if (quiet >= 3) return true;
      if (Date.now() > deadline) {
        log(
          `not settled: ${signals} signals, ${trades} trades, ${exits} exits, ${lacking} without fills, ${pending} orders at the venue`,
        );
        return false;
      }
    } catch (error) {
      log(`looking failed: ${(error as Error).message}`);
      if (Date.now() > deadline) return false;
    }
    await delay(300);
  }
}
