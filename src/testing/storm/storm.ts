import { setTimeout as delay } from 'node:timers/promises';
import { readRows, readVenueBooks } from './books';
import { Hands } from './by-hand';
import { dismissCast, makeCast } from './cast';
import { compareBooks } from './compare';
import { type Books, ERRORS, type ErrorKind, type Evidence, type Finding, finding } from './findings';
import { NakedWatch } from './naked';
import { makePoison } from './poison';
import { comparePoison } from './poison-receipts';
import { Rage } from './rage';
import { makeScenario, type Scenario } from './scenario';
import type { Sent } from './sender';
import { waitSettled } from './settled';
import { tellStory } from './story';
import type { StormTenant } from './tenant';
import { makeWeather } from './weather';
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
  /** Acts of customers beside us, and positions that the venue took. */
  readonly hands: number;
  readonly forced: number;
  /** Long times without anything, and clocks of workers that were set. */
  readonly idles: number;
  readonly clocks: number;
  readonly settleMs: number;
  /** The longest time for which an exit or a stop order was due while it could be done. */
  readonly nakedMs: number;
} & Readonly<Record<ErrorKind, number>>;

/** Faults while which nothing can be done about an exit or a stop order. */
const OBSTRUCTING = ['placement', 'refusal', 'query', 'clock'] as const;
/** The neighbour's followers are so much fewer. */
const FEWER = 5;

type Log = (line: string) => void;

/**
 * One seed: two tenants of its own, of which the second one has poison among its rows and messages, their signals, the faults, calm, and
 * the comparison of the three books of each.
 */
export async function runSeed(
  world: World,
  { seed, followers, signals, kills }: SeedOptions,
  log: Log,
): Promise<{ readonly result: SeedResult; readonly stories: readonly string[]; readonly books: Books }> {
  const scenario = makeScenario(seed, followers, signals);
  const neighbour = makeScenario(NEIGHBOUR + seed, Math.ceil(followers / FEWER), signals);
  const times = scenario.signals.map((signal) => signal.at);
  const weather = makeWeather(seed, times, scenario.length, kills);
  await world.allReady();
  // The accounts of the seed before are let go of, lest their keys be refused by a venue that never knew them.
  await waitStreams(world, (open) => open === 0);
  await world.freshVenue();
  const tenants = [await makeTenant(world, scenario, false), await makeTenant(world, neighbour, true)];
  await waitStreams(world, (open) => open >= scenario.followers.length + neighbour.followers.length);

  const rage = new Rage(world, tenants, weather, log);
  const obstructed = (): boolean =>
    !world.working || OBSTRUCTING.some((blame) => rage.evidence.blames(blame, Date.now(), Date.now()));
  const watches = tenants.map((tenant) => new NakedWatch(world, tenant.cast, tenant.scenario, obstructed));
  for (const watch of watches) watch.start();
  const sent = await rage.run();
  const calmAt = Date.now();
  const settled = await Promise.all(tenants.map(({ cast }) => waitSettled(world, cast, log)));
  const settleMs = Date.now() - calmAt;
  const naked = await Promise.all(watches.map((watch) => watch.stop()));

  const compared = [];
  for (const [index, tenant] of tenants.entries()) {
    const found = await compareTenant(world, tenant, sent[index] ?? [], rage.evidence);
    const more = [...(naked[index]?.findings ?? [])];
    if (!settled[index]) more.push(finding('wrongState', 'not settled in time'));
    compared.push({ books: found.books, findings: [...found.findings, ...more] });
    await dismissCast(world, tenant.cast);
  }
  const findings = compared.flatMap((tenant) => tenant.findings);
  const counts = Object.fromEntries(
    ERRORS.map((kind) => [kind, findings.filter((found) => found.kind === kind).length]),
  ) as Record<ErrorKind, number>;
  const stories = compared.flatMap((tenant) =>
    tenant.findings.map((found) => tellStory(world, found, tenant.books.rows, tenant.books.venue)),
  );
  const [first] = compared;
  if (first === undefined) throw new Error('A storm has tenants');
  const acts = tenants.flatMap(({ hands }) => Object.entries(hands.counts));
  const actsOf = (isForced: boolean): number =>
    acts.reduce((sum, [habit, count]) => ((habit === 'forced') === isForced ? sum + count : sum), 0);
  return {
    result: {
      seed,
      signals: sent.flat().length,
      orders: compared.reduce((sum, { books }) => sum + books.venue.orders.length, 0),
      kills: rage.kills,
      faults: rage.faults,
      idles: rage.idles,
      clocks: rage.clockSteps,
      hands: actsOf(false),
      forced: actsOf(true),
      ...counts,
      settleMs,
      nakedMs: Math.max(...naked.map(({ longestMs }) => longestMs)),
    },
    stories,
    books: first.books,
  };
}

/** The neighbour's scenario is another one. */
const NEIGHBOUR = 1_000_000;

async function makeTenant(world: World, scenario: Scenario, poisoned: boolean): Promise<StormTenant> {
  const cast = await makeCast(world, scenario);
  const poison = poisoned ? await makePoison(world, cast) : null;
  return { scenario, cast, poison, hands: new Hands(world, cast, scenario) };
}

async function compareTenant(
  world: World,
  { scenario, cast, hands, poison }: StormTenant,
  sent: readonly Sent[],
  evidence: Evidence,
): Promise<{ readonly books: Books; readonly findings: readonly Finding[] }> {
  const rows = await readRows(world, cast);
  const venue = await readVenueBooks(world, cast);
  const clocksApart = world.clocksApart;
  const books = { scenario, cast, sent, rows, venue, evidence, hands, clocksApart };
  const poisoned = poison === null ? [] : await comparePoison(world, poison, rows);
  return { books, findings: [...compareBooks(books), ...poisoned] };
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
