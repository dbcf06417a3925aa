import type { AccountMode } from '@/domain/account-mode';
import { decideLegs, type FollowerDecision, type FollowerSnapshot, type SignalContext } from '@/domain/decide';
import { type Dec, dec, isAboveZero, isEqual, ONE, sum, toText, ZERO } from '@/domain/decimal';
import type { KeptDecision } from '@/domain/decision-text';
import { hasPossiblePrices } from '@/domain/intent-prices';
import { type LeaderLeg, type LeaderMoveFailure, moveLeader } from '@/domain/leader';
import { worthPrice } from '@/domain/limit-price';
import type { ListedInstrument } from '@/domain/listing';
import { followerLevels, NO_LEVELS, type ProtectionLevels, priceOf, setsLevels } from '@/domain/protection';
import type { Approved } from '@/domain/risk/assess';
import type { DenialCode } from '@/domain/risk/codes';
import { orderMargin } from '@/domain/risk/margin';
import type { KillSwitchLevel } from '@/domain/risk/types';
import type { LeaderBook, PositionSide, SignalIntent } from '@/domain/signal';
import { type EntryRefusal, inOrder, type LaneTimes, lateProtection } from '@/domain/signal-order';
import { type CommittedMargin, type CommittedMargins, commit, committedTo } from './committed-margin';
import type { Follower } from './follower';
import { latenessOf } from './lateness';
import { type Undecided, undecidedTrades } from './undecided';

/** A strategy's part in a plan. */
export type PlannedStrategy = {
  readonly id: string;
  readonly active: boolean;
  readonly killSwitch: KillSwitchLevel;
  readonly defaultLeverage: Dec;
  readonly maxLeverage: Dec;
  readonly symbols: readonly string[] | null;
  readonly maxSlippage: Dec | null;
};

export type PlanInput = {
  readonly now: number;
  readonly intent: SignalIntent;
  readonly maxLagMs: number;
  readonly instrument: ListedInstrument;
  readonly book: LeaderBook;
  /** When the signals that made it were sent. */
  readonly times: LaneTimes;
  readonly leaderEquity: Dec;
  /** Oldest first: the first one's default leverage stands for the leader's when the signal names none. */
  readonly strategies: readonly PlannedStrategy[];
  readonly followers: readonly Follower[];
  /** Margin of entries that the followers' rows do not tell of yet. */
  readonly committed: CommittedMargins;
  readonly tenantKillSwitch: KillSwitchLevel;
  readonly platformKillSwitch: KillSwitchLevel;
  /** Set for a signal of our own: the leader does not move, and each follower closes what this says; null: nothing. */
  readonly closeFor?: (follower: Follower) => LeaderLeg | null;
  /** Follower and side of every stop-loss or take-profit that is in force in this instrument; see `protectionKey`. */
  readonly protected: ReadonlySet<string>;
  /** Follower and side of entries that may still be filled. */
  readonly resting: ReadonlySet<string>;
  /** Accounts where a stop order of ours stands in this instrument: their leverage cannot be changed. */
  readonly stopsRest: ReadonlySet<string>;
  /** The leader's move, where it was decided with an earlier part of the followers. */
  readonly decided?: DecidedMove;
  /** Current price by mode; a mode without one is absent. */
  readonly prices: ReadonlyMap<AccountMode, Dec>;
  /** Modes whose venue could not be reached while the signal waited: that is why it is too old, or has no price. */
  readonly unreachable?: ReadonlySet<AccountMode>;
};

/** One decision for one follower: what becomes a trade row. */
export type PlannedTrade = {
  readonly follower: Follower;
  readonly leg: LeaderLeg['kind'];
  /** 0; counts the orders that a close of more than the venue takes at once needs one beside the other. */
  readonly round: number;
  /** Another order of the same close follows. */
  readonly goesOn: boolean;
  readonly decision: FollowerDecision;
  readonly decisionPrice: Dec | null;
  /** The same decision with the leverage that the venue turns out not to change; absent: there was none. */
  readonly withLeverage?: (leverage: Dec) => FollowerDecision | undefined;
};

/** Stop-loss and take-profit that a follower's position gets, or loses where no level is set. */
export type PlannedProtection = {
  readonly follower: Follower;
  readonly side: PositionSide;
  readonly levels: ProtectionLevels;
};

/** Names one side of one follower's book. */
export function protectionKey(subscriptionId: string, side: PositionSide): string {
  return `${subscriptionId}|${side}`;
}

/** What the leader does: the same for every follower. */
export type DecidedMove = {
  readonly legs: readonly LeaderLeg[];
  readonly bookAfter: LeaderBook;
  /** Price that sized the leader's own move. */
  readonly leaderPrice: Dec | null;
  readonly leaderLeverage: Dec;
  /** Why nothing of its open leg is opened; null: it is. */
  readonly refusal: EntryRefusal | null;
  /** Whether the signal's stop-loss and take-profit count. */
  readonly movesLevels: boolean;
  /** The lane's from then on; null: they stay as they are. */
  readonly times: LaneTimes | null;
};

/** Of a move that has no place among the leader's own, or was decided before they had one. */
export const UNORDERED = { refusal: null, movesLevels: true, times: null } as const satisfies Partial<DecidedMove>;

/** Whether followers may open something by it. */
export function mayOpen({ legs, refusal }: Pick<DecidedMove, 'legs' | 'refusal'>): boolean {
  return refusal === null && legs.some((leg) => leg.kind === 'open');
}

export type Plan = DecidedMove & {
  readonly ok: true;
  readonly protections: readonly PlannedProtection[];
  readonly trades: readonly PlannedTrade[];
  readonly undecided: readonly Undecided[];
  /** With this plan's own entries: for followers who were read at the same moment and are decided next. */
  readonly committed: CommittedMargins;
};

function optional(text: string | null): Dec | null {
  return text === null ? null : dec(text);
}

const CLOSE_ALL: readonly LeaderLeg[] = [{ kind: 'close', side: null, share: ONE }];

/** What the leader does about a signal, once for all followers. */
function decideMove(input: PlanInput): ({ readonly ok: true } & DecidedMove) | LeaderMoveFailure {
  const { intent, instrument, closeFor } = input;
  if (!hasPossiblePrices(intent)) {
    return {
      ok: false,
      code: 'PRICE_OUT_OF_RANGE',
      message: 'A price of the signal is one that no instrument can have.',
    };
  }
  const market = input.prices.get('live') ?? input.prices.get('demo') ?? input.prices.get('simulated') ?? null;
  const leaderPrice = priceOfLeader(intent, input.book, market);
  const leaderLeverage = optional(intent.leverage) ?? input.strategies[0]?.defaultLeverage ?? dec(1);
  const { book, times } = input;
  if (closeFor !== undefined) {
    return { ok: true, legs: CLOSE_ALL, bookAfter: book, leaderPrice, leaderLeverage, ...UNORDERED };
  }
  const late = intent.action === 'protect' ? lateProtection(intent, instrument.symbol, times) : null;
  if (late !== null) return { ok: false, code: 'OUT_OF_ORDER', message: 'Newer levels are in force.' };
  const context = { price: leaderPrice, leverage: leaderLeverage, leaderEquity: input.leaderEquity };
  const move = moveLeader(book, intent, instrument, context);
  if (!move.ok) return move;
  return { ok: true, ...inOrder({ intent, instrument, book, times, move }), leaderPrice, leaderLeverage };
}

/** What turns the leader's money into contracts: as for his followers, a sale with a limit below the market is none at that limit. */
function priceOfLeader(intent: SignalIntent, book: LeaderBook, market: Dec | null): Dec | null {
  const limit = optional(intent.limitPrice);
  if (limit === null) return optional(intent.referencePrice) ?? market;
  return worthPrice(sells(intent, book) ? 'sell' : 'buy', limit, market);
}

function sells({ action, side, size }: SignalIntent, book: LeaderBook): boolean {
  if (action === 'close') return (side ?? book.side) === 'long';
  return side === null ? size?.value.startsWith('-') === true : side === 'short';
}

/** Decides for every follower what he does about a signal. Pure: the same input gives the same plan. */
export function planSignal(input: PlanInput): Plan | LeaderMoveFailure {
  const { closeFor } = input;
  const move = input.decided === undefined ? decideMove(input) : { ok: true as const, ...input.decided };
  if (!move.ok) return move;

  const trades: PlannedTrade[] = [];
  const protections: PlannedProtection[] = [];
  const undecided: Undecided[] = [];
  const strategies = new Map(input.strategies.map((strategy) => [strategy.id, strategy]));
  const contexts = new Contexts(input, move.refusal);
  // Only there may an account be met twice.
  const repeats = input.strategies.length > 1 && mayOpen(move);
  const committed = repeats ? new Map(input.committed) : input.committed;
  for (const follower of input.followers) {
    const strategy = strategies.get(follower.strategyId);
    const exit = closeFor?.(follower);
    if (strategy === undefined || exit === null) continue;
    const own = exit === undefined ? move.legs : [exit];
    try {
      if (follower.unreadable !== undefined) throw new Error(follower.unreadable);
      const context = contexts.of(strategy, follower.mode);
      const snapshot = withFixedLeverage(withCommitted(follower.snapshot, committed), follower, input.stopsRest);
      const decisions = decideLegs(snapshot, own, context);
      const protection = closeFor === undefined ? planProtection(input, move, follower, decisions) : null;
      const again = (fixedLeverage: Dec) => decideLegs({ ...snapshot, fixedLeverage }, own, context);
      const decided = tradesOf(input, own.length > 1, follower, decisions, context.price, again);
      if (repeats) commitEntries(committed as Map<string, CommittedMargin>, follower.snapshot, decisions, context);
      if (protection !== null) protections.push(protection);
      for (const trade of decided) trades.push(trade);
    } catch (error) {
      // What is wrong with one of them must not keep the others from their orders.
      undecided.push({ follower, reason: String(error) });
      trades.push(...undecidedTrades(follower, own));
    }
  }
  return { ...move, trades, protections, undecided, committed };
}

function tradesOf(
  input: PlanInput,
  turns: boolean,
  follower: Follower,
  decisions: readonly FollowerDecision[],
  decisionPrice: Dec | null,
  again: (leverage: Dec) => readonly FollowerDecision[],
): readonly PlannedTrade[] {
  const trades: PlannedTrade[] = [];
  let closes = 0;
  for (const [index, decision] of decisions.entries()) {
    const leg = legOf(decision);
    const round = leg === 'close' ? closes++ : 0;
    if (turns && leg === 'close' && isNothingToClose(decision)) continue;
    const next = decisions[index + 1];
    const goesOn = leg === 'close' && next !== undefined && legOf(next) === 'close';
    const named = input.unreachable?.has(follower.mode) ? namingOutage(decision, input) : decision;
    const withLeverage = (leverage: Dec) => again(leverage)[index];
    trades.push({ follower, leg, round, goesOn, decision: named, decisionPrice, withLeverage });
  }
  return trades;
}

function legOf(decision: FollowerDecision): LeaderLeg['kind'] {
  return decision.outcome === 'order' ? decision.approved.order.leg : decision.outline.leg;
}

/** The follower with what his account's rows do not tell of yet. */
function withCommitted(snapshot: FollowerSnapshot, committed: CommittedMargins): FollowerSnapshot {
  const more = committedTo(committed, snapshot.accountId);
  if (more === undefined) return snapshot;
  const symbolWorking = sum(snapshot.symbolWorking, more.symbol);
  return { ...snapshot, symbolWorking, totalWorking: sum(snapshot.totalWorking, more.total) };
}

function withFixedLeverage(
  snapshot: FollowerSnapshot,
  { leverageSet }: Follower,
  stopsRest: ReadonlySet<string>,
): FollowerSnapshot {
  return leverageSet === null || !stopsRest.has(snapshot.accountId)
    ? snapshot
    : { ...snapshot, fixedLeverage: leverageSet };
}

function commitEntries(
  committed: Map<string, CommittedMargin>,
  { accountId, instrument }: FollowerSnapshot,
  decisions: readonly FollowerDecision[],
  { price }: SignalContext,
): void {
  for (const decision of decisions) {
    if (decision.outcome !== 'order' || decision.approved.order.leg !== 'open') continue;
    const margin = orderMargin(decision.approved.order, { price, instrument });
    if (margin !== null) commit(committed, accountId, margin, true);
  }
}

/** What is the same for the followers of one strategy in one mode. */
class Contexts {
  readonly #known = new Map<PlannedStrategy, Map<AccountMode, SignalContext>>();

  constructor(
    readonly input: PlanInput,
    readonly refusal: EntryRefusal | null,
  ) {}

  of(strategy: PlannedStrategy, mode: AccountMode): SignalContext {
    let modes = this.#known.get(strategy);
    if (modes === undefined) {
      modes = new Map();
      this.#known.set(strategy, modes);
    }
    let context = modes.get(mode);
    if (context === undefined) {
      context = contextFor(this.input, strategy, this.input.prices.get(mode) ?? null, this.refusal);
      modes.set(mode, context);
    }
    return context;
  }
}

/**
 * The levels that a signal names are those of the side on which the leader stands after it: for whoever holds it or is about to.
 * An entry from nothing that names none starts without any, so that levels of an earlier position are not inherited.
 */
function planProtection(
  { intent, protected: inForce, resting }: PlanInput,
  { bookAfter, movesLevels }: DecidedMove,
  follower: Follower,
  decisions: readonly FollowerDecision[],
): PlannedProtection | null {
  const { snapshot } = follower;
  if (!snapshot.customerActive) return null;
  const entry = decisions.find((decision) => decision.outcome === 'order' && decision.approved.order.leg === 'open');
  const entered = entry?.outcome === 'order' ? entry.approved.order.positionSide : null;
  const held = isAboveZero(snapshot.heldQuantity) ? snapshot.heldSide : null;
  if (setsLevels(intent)) {
    if (!movesLevels) return null;
    const leaderSide = intent.action === 'protect' ? (intent.side ?? bookAfter.side) : bookAfter.side;
    const side =
      leaderSide === null ? (intent.action === 'protect' ? held : null) : sideOf(leaderSide, snapshot.reverse);
    if (side === null) return null;
    const concerned = side === entered || side === held || resting.has(protectionKey(snapshot.subscriptionId, side));
    return concerned ? { follower, side, levels: followerLevels(intent, snapshot.reverse) } : null;
  }
  if (entered === null || entered === held || inForce.size === 0) return null;
  const key = protectionKey(snapshot.subscriptionId, entered);
  return inForce.has(key) && !resting.has(key) ? { follower, side: entered, levels: NO_LEVELS } : null;
}

function sideOf(leaderSide: PositionSide, reverse: boolean): PositionSide {
  if (!reverse) return leaderSide;
  return leaderSide === 'long' ? 'short' : 'long';
}

/** What an outage of the venue brings about. */
const OF_AN_OUTAGE: ReadonlySet<DenialCode> = new Set(['STALE_SIGNAL', 'PRICE_UNKNOWN', 'EQUITY_UNKNOWN']);

/** Says of an order that an outage of the venue denied that it was the outage. */
function namingOutage(decision: FollowerDecision, input: PlanInput): FollowerDecision {
  if (decision.outcome !== 'denied' || !OF_AN_OUTAGE.has(decision.code)) return decision;
  const times = { sentAt: new Date(input.intent.sentAt), expiresAt: new Date(input.intent.sentAt + input.maxLagMs) };
  const context = latenessOf(times, { instrumentId: input.instrument.id }, input.now);
  return { ...decision, code: 'VENUE_UNREACHABLE', context };
}

/** In a reversal, a follower who holds nothing has nothing to close: he only opens, and that is no denial. */
function isNothingToClose(decision: FollowerDecision): boolean {
  return decision.outcome === 'denied' && decision.code === 'NO_POSITION';
}

function contextFor(
  input: PlanInput,
  strategy: PlannedStrategy,
  price: Dec | null,
  entryRefusal: EntryRefusal | null,
): SignalContext {
  const { intent } = input;
  return {
    now: input.now,
    sentAt: intent.sentAt,
    maxLagMs: input.maxLagMs,
    orderType: intent.orderType,
    limitPrice: optional(intent.limitPrice),
    referencePrice: optional(intent.referencePrice),
    stopPrice: optional(intent.stopPrice),
    stopLoss: priceOf(intent.stopLoss ?? null),
    takeProfit: priceOf(intent.takeProfit ?? null),
    price,
    listing: input.instrument,
    leaderContractValue: input.instrument.contractValue,
    leaderEquity: input.leaderEquity,
    requestedLeverage: optional(intent.leverage),
    strategyDefaultLeverage: strategy.defaultLeverage,
    strategyMaxLeverage: strategy.maxLeverage,
    strategyActive: strategy.active,
    strategySymbols: strategy.symbols,
    strategyLimits: { maxSlippage: strategy.maxSlippage },
    killSwitches: { platform: input.platformKillSwitch, tenant: input.tenantKillSwitch, strategy: strategy.killSwitch },
    entryRefusal,
  };
}

/**
 * What a trade row keeps of its decision.
 * @param owed the follower's debt before this decision, contracts
 * @param goesOn another order of the same close follows, which says what is owed then
 */
export function keptDecision(decision: FollowerDecision, owed: Dec = ZERO, goesOn = false): KeptDecision {
  const { checks, debtAfter, steps } = decision;
  if (goesOn) return { steps, checks, debtAfter: null, debtBefore: null };
  const changes = decision.outcome === 'order' && !isEqual(owed, debtAfter);
  return { steps, checks, debtAfter: toText(debtAfter), debtBefore: changes ? toText(owed) : null };
}

/** The order of a decision, approved or only outlined; a denial before sizing has quantity 0. */
export function orderOf(decision: FollowerDecision): Approved['order'] {
  return decision.outcome === 'order'
    ? decision.approved.order
    : { ...decision.outline, quantity: decision.quantity ?? ZERO };
}

/** A strategy's row, as planning reads it. */
export function toPlannedStrategy(row: {
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
