import { setMaxListeners } from 'node:events';
import { dec } from '@/domain/decimal';
import { NO_TIMES } from '@/domain/signal-order';
import { Credentials, type Venue, type VenueAccount } from '@/exchanges/port';
import { currentTime } from '@/platform/clock';
import { Prisma } from '@/platform/database/database';
import { newId } from '@/platform/ids';
import type { TradingAccount } from '../execution/accounts';
import { type ExecutionLimits, OrderExecutor, type Placeable } from '../execution/order-executor';
import { YIELD_EVERY } from '../execution/phase';
import { type AcceptedTrade, plainAcceptance } from '../execution/plain-acceptances';
import { packAcceptances } from '../execution/written-plan';
import { NOTHING_COMMITTED } from './committed-margin';
import type { CopyDeps } from './copy-deps';
import type { Follower } from './follower';
import { endsOfSlices, type FollowerRange } from './follower-order';
import { accountsOf, readFollowers } from './followers';
import { toPlaceables } from './placeables';
import { type PlanInput, planSignal, toPlannedStrategy } from './plan';
import { sendByOf } from './send-by';
import { rehearseWriting } from './write-ahead';

/** Rounds, and how long they are begun, ms: by then the compiler has made most of the road fast. */
const ROUNDS = 60;
const WITHIN = 2500;
/** Orders of a round that are not answered by then are given up, ms. */
const ANSWERED_WITHIN = 3000;

/** Whose orders the rehearsed ones are: no key of a customer signs them. */
const NOBODY: VenueAccount = {
  accountId: 'rehearsal',
  mode: 'simulated',
  credentials: new Credentials('rehearsal-key', 'rehearsal-secret', 'rehearsal'),
};

type RehearsalDeps = Pick<CopyDeps, 'database' | 'keys' | 'instruments' | 'slices' | 'timings' | 'logger'>;

/**
 * Reads, decides, packs and opens keys as for a signal, places the orders with a venue that this process plays itself, and throws all
 * of it away. Run once at a worker's start, so that the first real signal does not pay for cold code, cold connections and cold caches.
 * Writes nothing.
 */
export async function rehearse(deps: RehearsalDeps, venue: Venue): Promise<void> {
  const strategy = await deps.database.system.strategy.findFirst({
    where: { status: 'active', subscriptions: { some: { status: 'active' } } },
    include: { signalSource: true },
  });
  const [instrument] = strategy === null ? [] : deps.instruments.tradable(strategy.signalSource.venue);
  if (strategy === null || instrument === undefined) return;
  const { tenantId, signalSource } = strategy;
  const db = deps.database.forTenant(tenantId);
  const { statements } = deps.database;
  const crowd = { tenantId, strategyIds: [strategy.id], ended: false };
  const [upTo = null] = await endsOfSlices(statements, crowd, null, [deps.slices.most]);
  const range: FollowerRange = { after: null, upTo };
  await venue.clock(NOBODY.mode).ready();
  const stage = { ...deps, venue };
  const started = currentTime();
  let accepted = 0;
  let round = 0;
  for (; round < ROUNDS && currentTime() - started < WITHIN; round += 1) {
    const now = currentTime();
    const followers = await readFollowers(statements, { ...crowd, range, instrument, now });
    const plan = planSignal({
      now,
      maxLagMs: 60_000,
      instrument,
      leaderEquity: dec(signalSource.leaderEquity.toString()),
      strategies: [toPlannedStrategy(strategy)],
      followers,
      ...ENTRY,
      intent: { ...ENTRY.intent, symbol: instrument.symbol, sentAt: now },
    });
    if (!plan.ok) break;
    const signalId = newId(now);
    const sendBy = sendByOf({ venue: () => venue, timings: deps.timings }, venue.key);
    const written = rehearseWriting(signalId, instrument.id, plan, now, sendBy);
    await deps.keys.open(db, tenantId, accountsOf(followers));
    const origin = { signalId, instrumentId: instrument.id, part: 0 };
    const { items } = toPlaceables(origin, written.trades, accountsOfNobody(tenantId, venue.key, followers));
    const acceptances = await placeAll(stage, items);
    accepted += acceptances.length;
    // Both travel as they would to be written.
    const text = written.json + packAcceptances(acceptances);
    await statements.$queryRaw(Prisma.sql`SELECT LENGTH(${text}) AS length`);
  }
  deps.logger.info({ ms: currentTime() - started, rounds: round, orders: accepted }, 'rehearsed');
}

/** An entry at market of one contract: what most signals are. */
const ENTRY = {
  intent: {
    symbol: '',
    action: 'open',
    side: 'long',
    size: { unit: 'contracts', value: '1' },
    orderType: 'market',
    limitPrice: null,
    referencePrice: null,
    leverage: null,
    stopPrice: null,
    sentAt: 0,
    maxLagMs: null,
    idempotencyKey: null,
  },
  book: { side: null, quantity: '0' },
  times: NO_TIMES,
  tenantKillSwitch: 'none',
  platformKillSwitch: 'none',
  protected: new Set<string>(),
  resting: new Set<string>(),
  stopsRest: new Set<string>(),
  committed: NOTHING_COMMITTED,
  prices: new Map([
    ['simulated', dec(100)],
    ['demo', dec(100)],
    ['live', dec(100)],
  ]),
} satisfies Partial<PlanInput>;

/** The followers' accounts, but nobody's key. */
function accountsOfNobody(
  tenantId: string,
  venue: string,
  followers: readonly Follower[],
): ReadonlyMap<string, TradingAccount> {
  const { mode } = NOBODY;
  return new Map(
    accountsOf(followers).map(({ id, marginMode, positionMode }) => [
      id,
      { id, tenantId, venue, mode, marginMode, positionMode, access: NOBODY },
    ]),
  );
}

/** Places orders as a dispatch does, and answers what would be written of those that the venue took. */
async function placeAll(
  { logger, timings, venue }: Pick<CopyDeps, 'logger' | 'timings'> & { readonly venue: Venue },
  items: readonly Placeable[],
): Promise<readonly AcceptedTrade[]> {
  const accepted: AcceptedTrade[] = [];
  const executor = new OrderExecutor({
    venue: () => venue,
    timings,
    logger,
    report: (_tenant, report) => {
      const acceptance = plainAcceptance([report]);
      if (acceptance !== null) accepted.push(acceptance);
    },
    extendSendBy: async () => false,
  });
  const until = currentTime() + timings.sendWindow;
  const ended = new AbortController();
  // Every order that waits listens to it.
  setMaxListeners(0, ended.signal);
  const timer = setTimeout(() => ended.abort(), ANSWERED_WITHIN);
  const limits: ExecutionLimits = {
    freshUntil: until,
    maySend: () => currentTime() < until,
    withheld: () => null,
    signal: ended.signal,
  };
  const placing: Promise<void>[] = [];
  for (const item of items) {
    placing.push(executor.execute(item, limits, false));
    if (placing.length % YIELD_EVERY === 0) await new Promise(setImmediate);
  }
  await Promise.all(placing);
  clearTimeout(timer);
  return accepted;
}
