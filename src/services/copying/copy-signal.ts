import { adminRoom, type RealtimeMessage } from '@/contracts/realtime';
import { type Dec, dec } from '@/domain/decimal';
import type { Instrument } from '@/domain/instrument';
import { reviveApproved } from '@/domain/risk/assess';
import type { LeaderBook, SignalIntent } from '@/domain/signal';
import type { AccountMode } from '@/exchanges/port';
import type { Cipher } from '@/platform/cipher';
import type { Database } from '@/platform/database/database';
import type { Logger } from '@/platform/log';
import { openAccounts } from '../execution/accounts';
import { Dispatcher } from '../execution/dispatcher';
import { type ExecutorDeps, OrderExecutor, type Placeable, pause } from '../execution/order-executor';
import { cancelEntries, readRestingEntries } from '../execution/resting-entries';
import type { TradeBook } from '../execution/trade-book';
import { tradeMessages } from '../execution/trade-messages';
import { readSignalTrades, type TradeRecord, venueSymbol } from '../execution/trade-record';
import type { InstrumentCatalogue } from '../pricing/instrument-catalogue';
import type { PriceBoard } from '../pricing/price-board';
import type { KillSwitchBoard } from '../safety/kill-switch-board';
import { type Claim, claimSignal, type HeldClaim, keepClaim, nextInLane, releaseClaim } from './claim';
import { closeFor, closingSignal, mayCancel } from './closing-signal';
import { finishSignal, rejectSignal } from './finish';
import { readFollowers } from './followers';
import { type Plan, type PlanInput, type PlannedStrategy, planSignal } from './plan';
import { ClaimLostError, extendSendBy, writeAhead } from './write-ahead';

export type CopyDeps = Omit<ExecutorDeps, 'extendSendBy' | 'report'> & {
  readonly database: Database;
  readonly cipher: Cipher;
  readonly instruments: InstrumentCatalogue;
  readonly prices: PriceBoard;
  readonly book: TradeBook;
  readonly killSwitches: KillSwitchBoard;
  readonly publish: (messages: readonly RealtimeMessage[]) => Promise<void>;
  readonly wake: (signalId: string) => Promise<void>;
  readonly worker: string;
  readonly logger: Logger;
};

type SignalRow = Awaited<ReturnType<typeof readSignal>>;

function readSignal(deps: CopyDeps, claim: Claim) {
  return deps.database.forTenant(claim.tenantId).signal.findUniqueOrThrow({ where: { id: claim.signalId } });
}

/**
 * Copies one signal to all followers, or goes on where a worker that is gone stopped: claim, plan, write ahead, dispatch,
 * settle, finish. Does nothing when the signal is not the first of its lane or somebody else has it; whoever finishes
 * the earlier one wakes it. Rejects only when the database is away; the signal is then taken up again.
 */
export async function copySignal(deps: CopyDeps, signalId: string, stop: AbortSignal): Promise<void> {
  // A worker that is stopping must not write ahead what it will not send: who takes over could only wait it out.
  if (stop.aborted) return;
  const claim = await claimSignal(deps.database.system, signalId, deps.worker, deps.timings);
  if (claim === null) return;
  const held = keepClaim(deps.database.system, claim, deps.timings, stop);
  let finished = false;
  try {
    finished = await work(deps, claim, held, stop);
  } catch (error) {
    if (!(error instanceof ClaimLostError)) throw error;
    deps.logger.warn({ signal: signalId }, 'another worker took the signal over');
  } finally {
    held.stop();
    if (!finished) await releaseClaim(deps.database.system, claim).catch(() => undefined);
  }
}

async function work(deps: CopyDeps, claim: Claim, held: HeldClaim, stop: AbortSignal): Promise<boolean> {
  const signal = await readSignal(deps, claim);
  await deps.instruments.refresh();
  const instrument = deps.instruments.require(signal.instrumentId);
  let items: readonly Placeable[];
  let mayExist: ReadonlySet<string> = new Set();
  if (signal.status === 'planning') {
    const planned = await planWithPrices(deps, claim, held, signal, instrument, stop).catch((error: unknown) =>
      endUnplannable(deps, claim, signal, error),
    );
    if (planned === 'no price') return false;
    if (planned === null) return true;
    items = planned;
  } else {
    items = await recover(deps, claim);
    mayExist = new Set(items.map((item) => item.trade.id));
  }
  await dispatch(deps, claim, held, signal, items, mayExist, stop);
  if (stop.aborted || !held.held()) return false;

  const db = deps.database.forTenant(claim.tenantId);
  const counts = await finishSignal(db, claim);
  if (counts === null) return true;
  await tell(deps, signal, 'done', counts);
  const next = await nextInLane(deps.database.system, signal.sourceId, signal.instrumentId);
  // Where the wake-up is lost, the sweep finds the signal.
  if (next !== null) await deps.wake(next).catch(() => undefined);
  return true;
}

/**
 * A signal whose planning fails again and again must not hold its lane for ever: once it is too old to be copied it is
 * rejected. Until then the error goes on, and the sweep tries again.
 */
async function endUnplannable(deps: CopyDeps, claim: Claim, signal: SignalRow, error: unknown): Promise<null> {
  if (error instanceof ClaimLostError || Date.now() < signal.expiresAt.getTime()) throw error;
  deps.logger.error({ signal: signal.id, reason: (error as Error).message }, 'the signal could not be planned in time');
  const db = deps.database.forTenant(claim.tenantId);
  if (await rejectSignal(db, claim, 'PLANNING_FAILED')) await tell(deps, signal, 'rejected', null);
  const next = await nextInLane(deps.database.system, signal.sourceId, signal.instrumentId);
  if (next !== null) await deps.wake(next).catch(() => undefined);
  return null;
}

/** An unknown price is asked for again after this long, ms. */
const PRICE_PAUSE = 500;

/**
 * Plans a signal; while it is fresh and the venue tells no price, entries wait for one rather than being denied to everybody
 * for an outage of seconds. `no price`: this worker must leave it to another one.
 */
async function planWithPrices(
  deps: CopyDeps,
  claim: Claim,
  held: HeldClaim,
  signal: SignalRow,
  instrument: Instrument,
  stop: AbortSignal,
): Promise<readonly Placeable[] | 'no price' | null> {
  for (;;) {
    const patient = Date.now() < signal.expiresAt.getTime();
    const planned = await plan(deps, claim, signal, instrument, stop, patient);
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
 */
async function plan(
  deps: CopyDeps,
  claim: Claim,
  signal: SignalRow,
  instrument: Instrument,
  stop: AbortSignal,
  patient: boolean,
): Promise<readonly Placeable[] | 'no price' | null> {
  const { tenantId } = claim;
  const db = deps.database.forTenant(tenantId);
  const now = Date.now();
  const closing = closingSignal(signal);
  const followersNow = () => readFollowers(db, tenantId, signal.sourceId, instrument, now, closing !== null);
  const [tenant, source, strategies, lane, followers, resting] = await Promise.all([
    db.tenant.findUniqueOrThrow({ where: { id: tenantId }, select: { killSwitch: true } }),
    db.signalSource.findUniqueOrThrow({ where: { id: signal.sourceId }, select: { leaderEquity: true } }),
    db.strategy.findMany({ where: { signalSourceId: signal.sourceId }, orderBy: { createdAt: 'asc' } }),
    db.signalLane.findFirst({ where: { sourceId: signal.sourceId, instrumentId: signal.instrumentId } }),
    followersNow(),
    readRestingEntries(db, tenantId, signal.sourceId, signal.instrumentId),
  ]);
  const before: LeaderBook = { side: lane?.leaderSide ?? null, quantity: lane?.leaderSize.toFixed() ?? '0' };
  const modes = new Set(followers.map((follower) => follower.mode));
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
    prices: await readPrices(deps, instrument, modes),
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
    deps.logger.warn({ signal: signal.id, code: outcome.code }, 'the signal cannot be copied');
    if (await rejectSignal(db, claim, outcome.code)) await tell(deps, signal, 'rejected', null);
    const next = await nextInLane(deps.database.system, signal.sourceId, signal.instrumentId);
    if (next !== null) await deps.wake(next).catch(() => undefined);
    return null;
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
  const accountIds = [...new Set(orders.map((trade) => trade.follower.snapshot.accountId))];
  // Keys are opened while the rows are written: both take milliseconds, and the first order waits for both.
  const [written, accounts] = await Promise.all([
    writeAhead(db, claim, lane, outcome, now, now + deps.timings.sendWindow),
    openAccounts(db, deps.cipher, claim.tenantId, accountIds),
  ]);
  const items: Placeable[] = [];
  for (const trade of written) {
    if (trade.decision.outcome !== 'order') continue;
    const { approved } = trade.decision;
    const { order } = approved;
    const account = accounts.get(trade.follower.snapshot.accountId);
    if (account === undefined) {
      const report = { kind: 'expired', tradeId: trade.id, code: 'CREDENTIALS_UNREADABLE', at: now } as const;
      deps.book.report(claim.tenantId, report);
      continue;
    }
    const { subscriptionId, customerId, accountId } = trade.follower.snapshot;
    items.push({
      approved,
      account,
      trade: {
        ...FRESH_TRADE,
        ...order,
        id: trade.id,
        signalId: claim.signalId,
        strategyId: trade.follower.strategyId,
        subscriptionId,
        customerId,
        accountId,
        instrumentId: signal.instrumentId,
        sendBy: trade.sendBy,
      },
    });
  }
  void announce(deps, claim, signal, written);
  return items;
}

const NOTHING = dec(0);
const FRESH_TRADE = {
  status: 'planned',
  code: null,
  venueOrderId: null,
  attempts: 0,
  filledQuantity: NOTHING,
  filledValue: NOTHING,
  fee: NOTHING,
  realizedPnl: NOTHING,
  bookedQuantity: NOTHING,
  bookedValue: NOTHING,
  ackedAt: null,
} as const;

/** Tells who gets an order and who does not, as soon as it is decided. */
async function announce(
  deps: CopyDeps,
  claim: Claim,
  signal: SignalRow,
  written: Awaited<ReturnType<typeof writeAhead>>,
): Promise<void> {
  const told = written.map(({ id, follower, decision }) => {
    const denied = decision.outcome === 'denied';
    const order = denied ? { ...decision.outline, quantity: decision.quantity ?? NOTHING } : decision.approved.order;
    return {
      id,
      signalId: claim.signalId,
      subscriptionId: follower.snapshot.subscriptionId,
      customerId: follower.snapshot.customerId,
      strategyId: follower.strategyId,
      instrumentId: signal.instrumentId,
      leg: order.leg,
      side: order.side,
      status: denied ? ('denied' as const) : ('planned' as const),
      code: denied ? decision.code : null,
      quantity: order.quantity,
      filledQuantity: NOTHING,
      filledValue: NOTHING,
    };
  });
  await tell(deps, signal, 'dispatching', null);
  await deps.publish(tradeMessages(claim.tenantId, told, [], (id) => deps.instruments.require(id)));
}

/** What a worker that is gone left behind: any of it may be at the venue already. */
async function recover(deps: CopyDeps, claim: Claim): Promise<readonly Placeable[]> {
  const db = deps.database.forTenant(claim.tenantId);
  const open = (await readSignalTrades(db, claim.tenantId, claim.signalId)).filter((trade) =>
    ['planned', 'unknown', 'live', 'partially_filled'].includes(trade.status),
  );
  deps.logger.info({ signal: claim.signalId, trades: open.length }, 'taking over a signal');
  return toPlaceable(deps, claim.tenantId, open);
}

/** Opens the accounts of stored trades. A trade whose key cannot be opened is reported and left out. */
export async function toPlaceable(
  deps: Pick<CopyDeps, 'database' | 'cipher' | 'logger'>,
  tenantId: string,
  trades: readonly TradeRecord[],
): Promise<readonly Placeable[]> {
  const accountIds = [...new Set(trades.map((trade) => trade.accountId))];
  const accounts = await openAccounts(deps.database.forTenant(tenantId), deps.cipher, tenantId, accountIds);
  return trades.flatMap((trade) => {
    const account = accounts.get(trade.accountId);
    if (account === undefined) {
      deps.logger.error({ trade: trade.id }, 'the key of an unsettled trade cannot be opened');
      return [];
    }
    return [{ trade, account, approved: reviveApproved(trade) }];
  });
}

async function dispatch(
  deps: CopyDeps,
  claim: Claim,
  held: HeldClaim,
  signal: SignalRow,
  items: readonly Placeable[],
  mayExist: ReadonlySet<string>,
  stop: AbortSignal,
): Promise<void> {
  // Ends lingering queries with the dispatch: from then on reconciliation asks.
  const ended = new AbortController();
  const executor = new OrderExecutor({
    venue: deps.venue,
    clock: deps.clock,
    timings: deps.timings,
    logger: deps.logger,
    report: (tenantId, report) => deps.book.report(tenantId, report),
    extendSendBy: (_tenant, tradeId, sendBy) =>
      extendSendBy(deps.database.forTenant(claim.tenantId), claim, tradeId, sendBy),
  });
  const dispatcher = new Dispatcher({ ...deps, executor });
  try {
    await dispatcher.dispatch({
      tenantId: claim.tenantId,
      signalId: claim.signalId,
      items,
      mayExist,
      limits: {
        freshUntil: signal.expiresAt.getTime(),
        maySend: () => held.held() && !stop.aborted,
        withheld: (trade) => deps.killSwitches.withheld(claim.tenantId, trade),
        signal: AbortSignal.any([stop, ended.signal]),
      },
      settleBy: Date.now() + deps.timings.settleWithin,
    });
  } finally {
    ended.abort();
    await deps.book.drain();
  }
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

function toPlannedStrategy(row: {
  id: string;
  status: string;
  killSwitch: PlannedStrategy['killSwitch'];
  defaultLeverage: { toString(): string };
  maxLeverage: { toString(): string };
  symbols: unknown;
  maxSlippage: { toString(): string } | null;
}): PlannedStrategy {
  return {
    id: row.id,
    active: row.status === 'active',
    killSwitch: row.killSwitch,
    defaultLeverage: dec(row.defaultLeverage.toString()),
    maxLeverage: dec(row.maxLeverage.toString()),
    symbols: row.symbols as string[] | null,
    maxSlippage: row.maxSlippage === null ? null : dec(row.maxSlippage.toString()),
  };
}

async function tell(
  deps: CopyDeps,
  signal: SignalRow,
  status: string,
  counts: Awaited<ReturnType<typeof finishSignal>>,
): Promise<void> {
  const payload = {
    id: signal.id,
    sourceId: signal.sourceId,
    symbol: venueSymbol(signal.instrumentId),
    status,
    counts,
  };
  await deps.publish([{ room: adminRoom(signal.tenantId), event: 'signal_update', payload }]);
}
