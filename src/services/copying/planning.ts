import { type Dec, dec } from '@/domain/decimal';
import type { Instrument } from '@/domain/instrument';
import type { Approved } from '@/domain/risk/assess';
import type { LeaderBook, SignalIntent } from '@/domain/signal';
import { type AccountMode, VENUE_UNREACHABLE } from '@/exchanges/port';
import { type Placeable, pause } from '../execution/order-executor';
import { cancelEntries, readRestingEntries } from '../execution/resting-entries';
import type { TradeRecord } from '../execution/trade-record';
import { type Claim, type HeldClaim, wakeNext } from './claim';
import { closeFor, closingSignal, mayCancel } from './closing-signal';
import type { CopyDeps, SignalRow } from './copy-deps';
import { rejectSignal } from './finish';
import { accountsOf, readFollowers } from './followers';
import { type Plan, type PlanInput, planSignal, protectionKey, toPlannedStrategy } from './plan';
import { announce, tell } from './tell';
import { ClaimLostError, type WrittenTrade, writeAhead } from './write-ahead';

/** An unknown price is asked for again after this long, ms. */
const PRICE_PAUSE = 500;

/**
 * Plans a signal; while it is fresh and the venue tells no price, entries wait for one rather than being denied to everybody
 * for an outage of seconds. `no price`: this worker must leave it to another one.
 */
export async function planWithPrices(
  deps: CopyDeps,
  claim: Claim,
  held: HeldClaim,
  signal: SignalRow,
  instrument: Instrument,
  stop: AbortSignal,
): Promise<readonly Placeable[] | 'no price' | null> {
  const unreachable = new Set<AccountMode>();
  for (;;) {
    const patient = Date.now() < signal.expiresAt.getTime();
    const planned = await plan(deps, claim, signal, instrument, stop, patient, unreachable);
    if (planned !== 'no price') return planned;
    deps.logger.warn({ signal: signal.id }, 'an entry waits for a price');
    await pause(PRICE_PAUSE, stop);
    if (stop.aborted || !held.held()) return 'no price';
  }
}

/** Resting entries are given this long to be taken back before the closes are planned without knowing their end, ms. */
const CANCEL_WITHIN = 3000;

/**
 * Null: nothing is to be dispatched and the signal is ended.
 * @param patient an entry whose price is not known is not decided (`no price`) instead of denied
 * @param unreachable modes whose venue was found gone so far; those found now are added
 */
async function plan(
  deps: CopyDeps,
  claim: Claim,
  signal: SignalRow,
  instrument: Instrument,
  stop: AbortSignal,
  patient: boolean,
  unreachable: Set<AccountMode>,
): Promise<readonly Placeable[] | 'no price' | null> {
  const { tenantId } = claim;
  const db = deps.database.forTenant(tenantId);
  const now = Date.now();
  const closing = closingSignal(signal);
  const followersNow = () => readFollowers(db, tenantId, signal.sourceId, instrument, now, closing !== null);
  const [tenant, source, strategies, lane, followers, resting, inForce] = await Promise.all([
    db.tenant.findUniqueOrThrow({ where: { id: tenantId }, select: { killSwitch: true } }),
    db.signalSource.findUniqueOrThrow({ where: { id: signal.sourceId }, select: { leaderEquity: true } }),
    db.strategy.findMany({ where: { signalSourceId: signal.sourceId }, orderBy: { createdAt: 'asc' } }),
    db.signalLane.findFirst({ where: { sourceId: signal.sourceId, instrumentId: signal.instrumentId } }),
    followersNow(),
    readRestingEntries(db, tenantId, signal.sourceId, signal.instrumentId),
    db.protection.findMany({
      where: { instrumentId: signal.instrumentId, open: true },
      select: { subscriptionId: true, side: true },
    }),
  ]);
  const before: LeaderBook = { side: lane?.leaderSide ?? null, quantity: lane?.leaderSize.toFixed() ?? '0' };
  const modes = new Set(followers.map((follower) => follower.mode));
  for (const mode of modes) if (!deps.venue(instrument.venue).breaker(mode).reachable) unreachable.add(mode);
  const input: PlanInput = {
    now,
    intent: signal.intent as unknown as SignalIntent,
    maxLagMs: signal.expiresAt.getTime() - signal.sentAt.getTime(),
    instrument,
    book: before,
    leaderEquity: dec(source.leaderEquity.toString()),
    strategies: strategies.map(toPlannedStrategy),
    followers,
    tenantKillSwitch: tenant.killSwitch,
    platformKillSwitch: deps.killSwitches.platform,
    protected: new Set(inForce.map(({ subscriptionId, side }) => protectionKey(subscriptionId, side))),
    resting: new Set(resting.map(({ subscriptionId, positionSide }) => protectionKey(subscriptionId, positionSide))),
    prices: await readPrices(deps, instrument, modes),
    unreachable,
    ...(closing === null ? {} : { closeFor: closeFor(closing, before, tenant.killSwitch, strategies, deps) }),
  };
  let outcome = planSignal(input);
  const priced = [...modes].every((mode) => input.prices.has(mode));
  const entering = outcome.ok ? outcome.legs.some((leg) => leg.kind === 'open') : outcome.code === 'PRICE_UNKNOWN';
  if (patient && entering && !priced) return 'no price';
  const leaving = outcome.ok && outcome.legs.some((leg) => leg.kind === 'close');
  const entries = leaving ? resting.filter((entry) => mayCancel(deps, tenantId, entry, closing)) : [];
  if (entries.length > 0) {
    await cancelEntries(deps, tenantId, entries, CANCEL_WITHIN, stop);
    outcome = planSignal({ ...input, followers: await followersNow() });
  }
  if (!outcome.ok) {
    const code = outcome.code === 'PRICE_UNKNOWN' && unreachable.size > 0 ? VENUE_UNREACHABLE : outcome.code;
    deps.logger.warn({ signal: signal.id, code }, 'the signal cannot be copied');
    return endWithout(deps, claim, signal, code);
  }
  const lanePosition = { sourceId: signal.sourceId, instrumentId: signal.instrumentId, before };
  return writePlan(deps, claim, signal, lanePosition, outcome, Date.now());
}

async function writePlan(
  deps: CopyDeps,
  claim: Claim,
  signal: SignalRow,
  lane: Parameters<typeof writeAhead>[2],
  outcome: Plan,
  now: number,
): Promise<readonly Placeable[]> {
  const db = deps.database.forTenant(claim.tenantId);
  const orders = outcome.trades.filter((trade) => trade.decision.outcome === 'order');
  const wanted = accountsOf(orders.map(({ follower }) => follower));
  // Keys are opened while the rows are written: both take milliseconds, and the first order waits for both.
  const [written, accounts] = await Promise.all([
    writeAhead(db, claim, lane, outcome, now, now + deps.timings.sendWindow),
    deps.keys.open(db, claim.tenantId, wanted),
  ]);
  const items: Placeable[] = [];
  for (const trade of written) {
    if (trade.decision.outcome !== 'order') continue;
    const { approved } = trade.decision;
    const { follower } = trade;
    const account = accounts.get(follower.snapshot.accountId);
    if (account === undefined) {
      const report = { kind: 'expired', tradeId: trade.id, code: 'CREDENTIALS_UNREADABLE', at: now } as const;
      deps.book.report(claim.tenantId, report);
      continue;
    }
    const leverageSet = follower.leverageSet?.eq(approved.order.leverage) ?? false;
    items.push({
      approved,
      account,
      leverageSet,
      trade: freshTrade(claim.signalId, signal.instrumentId, trade, approved),
    });
  }
  void announce(deps, claim, signal, written);
  return items;
}

const NOTHING = dec(0);

/** The row as it was just written, field by field: spreading objects took longer than all else here. */
function freshTrade(
  signalId: string,
  instrumentId: string,
  { id, sendBy, follower }: WrittenTrade,
  { order }: Approved,
): TradeRecord {
  const { subscriptionId, customerId, accountId } = follower.snapshot;
  return {
    id,
    signalId,
    strategyId: follower.strategyId,
    subscriptionId,
    customerId,
    accountId,
    instrumentId,
    leg: order.leg,
    side: order.side,
    positionSide: order.positionSide,
    reduceOnly: order.reduceOnly,
    orderType: order.orderType,
    limitPrice: order.limitPrice,
    leverage: order.leverage,
    quantity: order.quantity,
    status: 'planned',
    code: null,
    venueOrderId: null,
    sendBy,
    attempts: 0,
    filledQuantity: NOTHING,
    filledValue: NOTHING,
    fee: NOTHING,
    realizedPnl: NOTHING,
    bookedQuantity: NOTHING,
    bookedValue: NOTHING,
    ackedAt: null,
  };
}

async function readPrices(
  deps: CopyDeps,
  instrument: Instrument,
  modes: ReadonlySet<AccountMode>,
): Promise<Map<AccountMode, Dec>> {
  const prices = new Map<AccountMode, Dec>();
  await Promise.all(
    [...modes].map(async (mode) => {
      const price = await deps.prices.price(instrument.venue, mode, instrument.symbol);
      if (price !== null) prices.set(mode, price);
    }),
  );
  return prices;
}

/** Ends a signal that is copied to nobody and lets its lane go on. */
async function endWithout(deps: CopyDeps, claim: Claim, signal: SignalRow, code: string): Promise<null> {
  const db = deps.database.forTenant(claim.tenantId);
  if (await rejectSignal(db, claim, code)) await tell(deps, signal, 'rejected', null);
  await wakeNext(deps, signal);
  return null;
}

/**
 * A signal whose planning fails again and again must not hold its lane for ever: once it is too old to be copied it is
 * rejected. Until then the error goes on, and the sweep tries again.
 */
export async function endUnplannable(deps: CopyDeps, claim: Claim, signal: SignalRow, error: unknown): Promise<null> {
  if (error instanceof ClaimLostError || Date.now() < signal.expiresAt.getTime()) throw error;
  deps.logger.error({ signal: signal.id, reason: (error as Error).message }, 'the signal could not be planned in time');
  return endWithout(deps, claim, signal, 'PLANNING_FAILED');
}
