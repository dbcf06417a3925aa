import { isWithin } from './bounds';
import { NO_DEBTS, type SideDebts, withDebt } from './debts';
import { type Dec, isAbove, isAboveZero, isBelow, maxDec, minDec, ONE, quantize, sum, toText, ZERO } from './decimal';
import { type Instrument, limitOnTick, notional } from './instrument';
import type { CloseLeg, LeaderLeg, OpenLeg } from './leader';
import { effectiveLeverage, highestLeverage, isUnderOne, type LeverageInput } from './leverage';
import { limitFor, worthPrice } from './limit-price';
import type { Listing } from './listing';
import { type Approved, assessGates, type Denied } from './risk/assess';
import type { DenialCode, DenialContext } from './risk/codes';
import { type RiskOverrides, tightestLimits } from './risk/limits';
import { largestOrder } from './risk/margin';
import type { KillSwitchLevel, OrderOutline, PositionMode, RiskCheck, RiskSnapshot } from './risk/types';
import type { OrderType, PositionSide } from './signal';
import type { EntryRefusal } from './signal-order';
import { sizeContext, smallestContext } from './size-context';
import { type ArithmeticStep, type EntryInput, type SizingMode, sizeEntry, sizeReduction } from './sizing';
import { smallestCopy } from './smallest-copy';

/** One follower of a strategy at the moment a signal is planned. Quantities in contracts, money in quote currency. */
export type FollowerSnapshot = {
  readonly subscriptionId: string;
  readonly customerId: string;
  readonly accountId: string;
  /** At his own venue. */
  readonly instrument: Instrument;
  readonly positionMode: PositionMode;
  /** What this subscription holds, from its own fills. Side null and 0 when flat. */
  readonly heldSide: PositionSide | null;
  readonly heldQuantity: Dec;
  /** What of it closes that are on their way will take. */
  readonly closing: Dec;
  /** What market entries that left and of which it is not known what they filled may still add, and on which side; null: nothing. */
  readonly entering: Dec;
  readonly enteringSide: PositionSide | null;
  /** No more than this of it can be closed now; null: all of it can. */
  readonly closableAtMost: Dec | null;
  /** Signed: what other strategies of the same account hold in this instrument. */
  readonly othersQuantity: Dec;
  /** The smallest leverage of what they hold; null: nothing. */
  readonly othersLeverage: Dec | null;
  readonly symbolMargin: Dec;
  readonly totalMargin: Dec;
  /** Margin that entries of the account will bind when they fill: those that rest, and those on their way. */
  readonly symbolWorking: Dec;
  readonly totalWorking: Dec;
  readonly equity: Dec | null;
  readonly available: Dec | null;
  readonly customerActive: boolean;
  readonly subscriptionActive: boolean;
  readonly accountProblem: string | null;
  readonly customerKillSwitch: KillSwitchLevel;
  readonly allowedSymbols: readonly string[] | null;
  readonly followRatio: Dec;
  readonly sizingMode: SizingMode;
  /** See `SIZING_MODES`. */
  readonly sizingValue: Dec | null;
  readonly forceMinimum: boolean;
  /** Sizing by risk is reduced to what the limits allow, instead of being denied. */
  readonly reduceToCap: boolean;
  /** Reverse copy: his long is the leader's short. */
  readonly reverse: boolean;
  readonly debts: SideDebts;
  readonly customerMaxLeverage: Dec | null;
  readonly subscriptionMaxLeverage: Dec | null;
  /** What the account uses in the instrument and cannot change now, because stop orders or others rest there; null: it can. */
  readonly fixedLeverage: Dec | null;
  readonly customerLimits: RiskOverrides;
  readonly subscriptionLimits: RiskOverrides;
};

/** What is the same for every follower of one signal. */
export type SignalContext = {
  /** Epoch ms. */
  readonly now: number;
  readonly sentAt: number;
  readonly maxLagMs: number;
  readonly orderType: OrderType;
  readonly limitPrice: Dec | null;
  readonly referencePrice: Dec | null;
  /** For sizing by risk where there is no `stopLoss`. Places no order. */
  readonly stopPrice: Dec | null;
  /** The leader's levels, where they are prices. */
  readonly stopLoss: Dec | null;
  readonly takeProfit: Dec | null;
  /** Current price of the instrument; null when it is not known. */
  readonly price: Dec | null;
  /** How the instrument stands at its venue. */
  readonly listing: Listing;
  /** c_l: base coins in one contract of the leader's instrument. */
  readonly leaderContractValue: Dec;
  readonly leaderEquity: Dec | null;
  /** The signal's; null: the strategy's default. */
  readonly requestedLeverage: Dec | null;
  readonly strategyDefaultLeverage: Dec;
  readonly strategyMaxLeverage: Dec | null;
  readonly strategyActive: boolean;
  readonly strategySymbols: readonly string[] | null;
  readonly strategyLimits: RiskOverrides;
  readonly killSwitches: {
    readonly platform: KillSwitchLevel;
    readonly tenant: KillSwitchLevel;
    readonly strategy: KillSwitchLevel;
  };
  /** Why the signal opens nothing, whoever follows it; absent: it may. */
  readonly entryRefusal?: EntryRefusal | null;
};

type DecisionBase = {
  /** The debt to keep if this decision stands: for an order, once the venue has taken it. */
  readonly debtAfter: Dec;
  readonly steps: readonly ArithmeticStep[];
  readonly checks: readonly RiskCheck[];
};

export type FollowerDecision =
  | (DecisionBase & { readonly outcome: 'order'; readonly approved: Approved })
  | (DecisionBase & {
      readonly outcome: 'denied';
      readonly code: DenialCode;
      readonly context: DenialContext;
      /** What the order would have looked like; its quantity is not known where the denial came before it. */
      readonly outline: OrderOutline;
      readonly quantity: Dec | null;
    });

function opposite(side: PositionSide): PositionSide {
  return side === 'long' ? 'short' : 'long';
}

function snapshotFor(follower: FollowerSnapshot, context: SignalContext, leverage: Dec): RiskSnapshot {
  const { platform, tenant, strategy } = context.killSwitches;
  return {
    now: context.now,
    signal: { sentAt: context.sentAt, maxLagMs: context.maxLagMs, referencePrice: context.referencePrice },
    killSwitches: { platform, tenant, strategy, customer: follower.customerKillSwitch },
    customerActive: follower.customerActive,
    strategyActive: context.strategyActive,
    subscriptionActive: follower.subscriptionActive,
    accountProblem: follower.accountProblem,
    instrument: follower.instrument,
    listing: context.listing,
    strategySymbols: context.strategySymbols,
    subscriptionSymbols: follower.allowedSymbols,
    price: context.price,
    ...levelsFor(follower, context),
    equity: follower.equity,
    available: follower.available,
    symbolMargin: sum(follower.symbolMargin, follower.symbolWorking),
    totalMargin: sum(follower.totalMargin, follower.totalWorking),
    positionMode: follower.positionMode,
    heldSide: isAboveZero(follower.heldQuantity) ? follower.heldSide : null,
    othersQuantity: follower.othersQuantity,
    fixedLeverage: follower.fixedLeverage !== null,
    maxLeverage: maxLeverageFor(follower, context, leverage),
    limits: tightestLimits([context.strategyLimits, follower.customerLimits, follower.subscriptionLimits]),
  };
}

/**
 * The follower's own levels: copied in reverse the two change places. Sizing by risk takes its stop for one, even where no order is
 * placed for it; what the leader names for that alone lies on the wrong side of who copies in reverse, and is none of his.
 */
function levelsFor(
  { reverse, sizingMode }: FollowerSnapshot,
  { stopLoss, takeProfit, stopPrice }: SignalContext,
): Pick<RiskSnapshot, 'stopPrice' | 'takePrice'> {
  if (reverse) return { stopPrice: takeProfit, takePrice: stopLoss };
  return { stopPrice: stopLoss ?? (sizingMode === 'risk_percent' ? stopPrice : null), takePrice: takeProfit };
}

/** What the rule of leverage compares with. A limit under 1, which an order cannot have, is no less a limit. */
function maxLeverageFor(follower: FollowerSnapshot, context: SignalContext, leverage: Dec): Dec {
  const { fixedLeverage, customerMaxLeverage, subscriptionMaxLeverage } = follower;
  const none =
    isUnderOne(context.strategyMaxLeverage) || isUnderOne(customerMaxLeverage) || isUnderOne(subscriptionMaxLeverage);
  return fixedLeverage === null && !none ? leverage : highestLeverage(leverageInput(follower, context));
}

function leverageFor(follower: FollowerSnapshot, context: SignalContext): Dec {
  return follower.fixedLeverage ?? effectiveLeverage(leverageInput(follower, context));
}

function leverageInput(follower: FollowerSnapshot, context: SignalContext): LeverageInput {
  return {
    requested: context.requestedLeverage,
    strategyDefault: context.strategyDefaultLeverage,
    strategyMax: context.strategyMaxLeverage,
    customerMax: follower.customerMaxLeverage,
    subscriptionMax: follower.subscriptionMaxLeverage,
    othersHeld: follower.othersLeverage,
    venueMax: follower.instrument.maxLeverage,
  };
}

function outlineFor(
  leg: LeaderLeg['kind'],
  positionSide: PositionSide,
  follower: FollowerSnapshot,
  context: SignalContext,
  leverage: Dec,
): OrderOutline {
  const side = (leg === 'open') === (positionSide === 'long') ? 'buy' : 'sell';
  const limit = limitFor(leg, follower.reverse, context);
  const price = limit === null ? null : limitOnTick(follower.instrument, limit, side);
  return {
    leg,
    side,
    positionSide,
    reduceOnly: leg === 'close' && follower.positionMode === 'net',
    orderType: limit === null ? 'market' : 'limit',
    limitPrice: price !== null && isWithin('price', price) ? price : null,
    leverage,
  };
}

/** Denies an order whose limit price its instrument cannot have, such as less than a tick. */
function findLimitDenial(
  outline: OrderOutline,
  follower: FollowerSnapshot,
  { limitPrice, price }: SignalContext,
  debtAfter: () => Dec,
): FollowerDecision | null {
  if (outline.orderType !== 'limit' || outline.limitPrice !== null) return null;
  const { symbol } = follower.instrument;
  const context: Record<string, string> = { symbol, ...(limitPrice === null ? {} : { price: toText(limitPrice) }) };
  if (!follower.reverse) return { ...notDecided('PRICE_OUT_OF_RANGE', outline, debtAfter()), context };
  if (price !== null) context.market = toText(price);
  return { ...notDecided('LIMIT_CANNOT_REST', outline, debtAfter()), context };
}

function notDecided(code: DenialCode, outline: OrderOutline, debtAfter: Dec) {
  return { outcome: 'denied', code, outline, context: {}, quantity: null, debtAfter, steps: [], checks: [] } as const;
}

/** Stands for a decision that could not be made, or not be written down. */
export function failedDecision(follower: FollowerSnapshot, leg: LeaderLeg): FollowerDecision {
  const positionSide = leg.side ?? follower.heldSide ?? 'long';
  const outline: OrderOutline = {
    leg: leg.kind,
    side: (leg.kind === 'open') === (positionSide === 'long') ? 'buy' : 'sell',
    positionSide,
    reduceOnly: false,
    orderType: 'market',
    limitPrice: null,
    leverage: ONE,
  };
  return notDecided('DECISION_FAILED', outline, follower.debts[positionSide]);
}

function refused(outline: OrderOutline, denied: Denied, debtAfter: Dec, quantity: Dec | null): FollowerDecision {
  const { code, context, checks } = denied;
  return { outcome: 'denied', code, context, outline, quantity, debtAfter, steps: [], checks };
}

function decideOpen(follower: FollowerSnapshot, leg: OpenLeg, context: SignalContext): FollowerDecision {
  const leverage = leverageFor(follower, context);
  const positionSide = follower.reverse ? opposite(leg.side) : leg.side;
  const debt = follower.debts[positionSide];
  const outline = outlineFor('open', positionSide, follower, context, leverage);
  const { entryRefusal = null } = context;
  if (entryRefusal !== null) return { ...notDecided(entryRefusal.code, outline, debt), ...entryRefusal };
  const absurd = findLimitDenial(outline, follower, context, () => debt);
  if (absurd !== null) return absurd;
  const snapshot = snapshotFor(follower, context, leverage);
  const gate = assessGates(outline, snapshot);
  if (gate.denied !== null) return refused(outline, gate.denied, debt, null);

  const entry: EntryInput = {
    mode: follower.sizingMode,
    value: follower.sizingValue,
    followRatio: follower.followRatio,
    leg,
    leaderContractValue: context.leaderContractValue,
    instrument: follower.instrument,
    price: worthPrice(outline.side, outline.limitPrice, context.price),
    leverage,
    equity: follower.equity,
    leaderEquity: context.leaderEquity,
    stopPrice: snapshot.stopPrice,
    stopFrom: outline.limitPrice ?? context.price,
    positionSide,
    most: follower.reduceToCap ? largestOrder(outline, snapshot) : null,
    debt,
    forceMinimum: follower.forceMinimum,
  };
  const size = sizeEntry(entry);
  if (!size.ok) {
    const smallest = size.code === 'BELOW_MINIMUM' ? smallestCopy(entry, outline, snapshot) : null;
    return {
      outcome: 'denied',
      code: size.code,
      context: {
        ...sizeContext(follower.instrument, size),
        ...(smallest === null ? {} : smallestContext(smallest, follower.sizingMode)),
        ...(size.code === 'NO_STOP' && follower.reverse ? { reverse: 'yes' } : {}),
      },
      outline,
      quantity: size.wanted,
      debtAfter: size.debtAfter,
      steps: size.steps,
      checks: gate.checks,
    };
  }
  const verdict = gate.size(size.quantity);
  // A refused entry was not cut by rounding: nothing of it is carried over.
  return verdict.outcome === 'denied'
    ? { ...refused(outline, verdict, debt, size.quantity), steps: size.steps }
    : { outcome: 'order', approved: verdict, debtAfter: size.debtAfter, steps: size.steps, checks: verdict.checks };
}

function decideClose(follower: FollowerSnapshot, leg: CloseLeg, context: SignalContext): FollowerDecision {
  const leverage = leverageFor(follower, context);
  const heldSide = isAboveZero(follower.heldQuantity) ? follower.heldSide : null;
  const asked = leg.side !== null && follower.reverse ? opposite(leg.side) : leg.side;
  const positionSide = asked ?? heldSide ?? 'long';
  const outline = outlineFor('close', positionSide, follower, context, leverage);
  const debt = follower.debts[positionSide];
  const otherSide = heldSide !== null && heldSide !== positionSide;
  const held = otherSide ? ZERO : maxDec(ZERO, follower.heldQuantity.minus(follower.closing));
  // It ought to be closed all the same, and is as soon as nothing is in the way any more.
  const undone = (): Dec => (isAboveZero(held) ? undoneBy(held, debt, leg.share) : debt);
  const absurd = findLimitDenial(outline, follower, context, undone);
  if (absurd !== null) return absurd;
  const snapshot = snapshotFor(follower, context, leverage);
  const gate = assessGates(outline, snapshot);
  if (gate.denied !== null) return refused(outline, gate.denied, undone(), null);

  const size = sizeReduction({
    held,
    entering: follower.enteringSide === positionSide ? follower.entering : ZERO,
    most: follower.closableAtMost,
    share: leg.share,
    debt,
    instrument: follower.instrument,
    leaderFlat: !isBelow(leg.share, ONE),
  });
  if (!size.ok) {
    return {
      outcome: 'denied',
      code: size.code,
      context: { ...sizeContext(follower.instrument, size), side: positionSide },
      outline,
      quantity: size.wanted,
      debtAfter: size.debtAfter,
      steps: size.steps,
      checks: gate.checks,
    };
  }
  const verdict = gate.size(size.quantity);
  return verdict.outcome === 'denied'
    ? {
        ...refused(outline, verdict, undone(), size.quantity),
        steps: size.steps,
      }
    : { outcome: 'order', approved: verdict, debtAfter: size.debtAfter, steps: size.steps, checks: verdict.checks };
}

/** What is owed after a reduction that is not carried out: what ought to be held, less what is. */
function undoneBy(held: Dec, debt: Dec, share: Dec): Dec {
  return quantize(
    sum(held, debt)
      .times(maxDec(ZERO, ONE.minus(share)))
      .minus(held),
  );
}

/** What one follower does about one leg of the leader's move. Pure. */
export function decideFollower(follower: FollowerSnapshot, leg: LeaderLeg, context: SignalContext): FollowerDecision {
  return leg.kind === 'open' ? decideOpen(follower, leg, context) : decideClose(follower, leg, context);
}

/** The follower as he will be once a decision has been carried out in full; margins are estimated at `price`. */
export function projectFollower(
  follower: FollowerSnapshot,
  decision: FollowerDecision,
  price: Dec | null,
): FollowerSnapshot {
  if (decision.outcome === 'denied') {
    return { ...follower, debts: withDebt(follower.debts, decision.outline.positionSide, decision.debtAfter) };
  }
  const { order } = decision.approved;
  const opening = order.leg === 'open';
  const worth = worthPrice(order.side, order.limitPrice, price);
  const margin = worth === null ? ZERO : notional(follower.instrument, order.quantity, worth).div(order.leverage);
  const heldQuantity = opening
    ? follower.heldQuantity.plus(order.quantity)
    : follower.heldQuantity.minus(minDec(order.quantity, follower.heldQuantity));
  const share = isAboveZero(follower.heldQuantity) ? heldQuantity.div(follower.heldQuantity) : ZERO;
  // Closing everything of an instrument that no other strategy holds frees exactly its margin; else it is an estimate.
  const alone = follower.othersQuantity.isZero();
  const freed = alone
    ? follower.symbolMargin.minus(follower.symbolMargin.times(share))
    : minDec(margin, follower.symbolMargin);
  const change = opening ? margin : freed.neg();
  return {
    ...follower,
    heldQuantity,
    heldSide: isAboveZero(heldQuantity) ? order.positionSide : null,
    debts: withDebt(follower.debts, order.positionSide, decision.debtAfter),
    symbolMargin: follower.symbolMargin.plus(change),
    totalMargin: follower.totalMargin.plus(change),
    available: follower.available === null ? null : follower.available.minus(change),
  };
}

/** A close that needs more market orders than this leaves the rest to the watch for exits. */
const MOST_PARTS = 20;

/**
 * Decides all legs of a signal for one follower, each on top of the one before: the open of a reversal reckons with the
 * position closed, and is denied with OPPOSITE_POSITION when the close was denied. It starts with nothing owed. What a reversal closes may
 * be more than the venue takes in one order: then it is several decisions, one for each.
 */
export function decideLegs(
  follower: FollowerSnapshot,
  legs: readonly LeaderLeg[],
  context: SignalContext,
): readonly FollowerDecision[] {
  const decisions: FollowerDecision[] = [];
  let state = follower;
  for (const leg of legs) {
    for (let part = 1; part <= MOST_PARTS; part += 1) {
      const decision = decideFollower(state, leg, context);
      decisions.push(decision);
      if (leg === legs.at(-1)) break;
      state = projectFollower(state, decision, context.price);
      const leaves = leg.kind === 'close' && !isBelow(leg.share, ONE);
      if (leaves) state = { ...state, debts: NO_DEBTS };
      if (!leaves || decision.outcome === 'denied' || !isAbove(state.heldQuantity, state.closing)) break;
    }
  }
  return decisions;
}
