import { type Dec, dec, minDec, quantize, roundDownToStep, ZERO } from '@/domain/decimal';
import type { PositionSide } from '@/domain/signal';
import type { StormFollower, StormSignal, StormSubscription } from './scenario';

/*
 * What should be, from the signals and the published rules alone: ratio sizing, rounding down to the lot, rounding debt, closes
 * by share, reversals as a close and an open. Written anew beside the product's own sizing, so that a mistake there shows.
 */

/** What the model has to know of an instrument. Base coins per contract; contracts. */
export type LotRules = { readonly contractValue: string; readonly lot: string; readonly minimum: string };
export const LOT_RULES: Readonly<Record<string, LotRules>> = {
  'BTC-USDT-SWAP': { contractValue: '0.01', lot: '0.01', minimum: '0.01' },
  'ETH-USDT-SWAP': { contractValue: '0.1', lot: '0.01', minimum: '0.01' },
};

type Leg =
  | { readonly kind: 'close'; readonly side: PositionSide; readonly share: Dec }
  | { readonly kind: 'open'; readonly side: PositionSide; readonly quantity: Dec };

type Leader = { side: PositionSide | null; quantity: Dec };

/** What a follower ought to do about one leg. */
export type Expectation =
  | {
      readonly kind: 'order';
      readonly leg: 'close' | 'open';
      readonly side: PositionSide;
      readonly quantity: Dec;
      readonly debtAfter: Dec;
    }
  | {
      readonly kind: 'denial';
      readonly leg: 'close' | 'open';
      readonly code: 'BELOW_MINIMUM' | 'NO_POSITION' | 'OPPOSITE_POSITION';
      readonly debtAfter: Dec;
    };

/** How one leg ended by the follower's receipt. */
export type LegOutcome = {
  /** An order that the venue took, in whatever part it was filled. */
  readonly taken: boolean;
  readonly filled: Dec;
  /** Of a denial. */
  readonly code: string | null;
};

export type Holding = { side: PositionSide | null; quantity: Dec; debt: Dec };

function other(side: PositionSide): PositionSide {
  return side === 'long' ? 'short' : 'long';
}

/** Moves a leader by a signal; answers the legs that followers copy. */
function moveLeader(leader: Leader, signal: StormSignal, rules: LotRules): { legs: Leg[]; flipped: boolean } {
  const before = leader.side;
  const legs = legsOf(leader, signal, rules);
  return { legs, flipped: before !== null && before !== leader.side };
}

function legsOf(leader: Leader, signal: StormSignal, rules: LotRules): Leg[] {
  const { action, side, quantity } = signal;
  const contracts = quantity?.unit === 'base' ? quantize(dec(quantity.value).div(dec(rules.contractValue))) : undefined;
  if (action === 'close') {
    const holds = leader.side === side;
    let share = dec(1);
    if (quantity?.unit === 'percent_position') share = dec(quantity.value).div(100);
    else if (contracts !== undefined && holds) share = minDec(dec(1), contracts.div(leader.quantity));
    if (holds) setLeader(leader, side, share.gte(1) ? ZERO : leader.quantity.minus(leader.quantity.times(share)));
    return [{ kind: 'close', side, share }];
  }
  if (contracts === undefined) throw new Error('Only a close has no size in coins');
  if (leader.side !== null && leader.side !== side) {
    const left = leader.side;
    setLeader(leader, side, contracts);
    return [
      { kind: 'close', side: left, share: dec(1) },
      { kind: 'open', side, quantity: contracts },
    ];
  }
  const held = leader.quantity;
  if (action === 'open') {
    setLeader(leader, side, held.plus(contracts));
    return [{ kind: 'open', side, quantity: contracts }];
  }
  setLeader(leader, side, contracts);
  if (contracts.eq(held)) return [];
  if (contracts.gt(held)) return [{ kind: 'open', side, quantity: contracts.minus(held) }];
  return [{ kind: 'close', side, share: held.minus(contracts).div(held) }];
}

function setLeader(leader: Leader, side: PositionSide, quantity: Dec): void {
  const kept = quantize(quantity);
  leader.side = kept.gt(0) ? side : null;
  leader.quantity = kept.gt(0) ? kept : ZERO;
}

function expectOpen(
  subscription: StormSubscription,
  holding: Holding,
  leg: Extract<Leg, { kind: 'open' }>,
  rules: LotRules,
): Expectation {
  const side = subscription.reverse ? other(leg.side) : leg.side;
  if (holding.quantity.gt(0) && holding.side !== side) {
    return { kind: 'denial', leg: 'open', code: 'OPPOSITE_POSITION', debtAfter: holding.debt };
  }
  const wanted = quantize(dec(subscription.ratio).times(leg.quantity)).plus(holding.debt);
  const minimum = dec(rules.minimum);
  let quantity = wanted.gt(0) ? roundDownToStep(wanted, dec(rules.lot)) : ZERO;
  if (quantity.lt(minimum)) {
    if (!subscription.forceMinimum || wanted.lte(0)) {
      return { kind: 'denial', leg: 'open', code: 'BELOW_MINIMUM', debtAfter: wanted };
    }
    quantity = minimum;
  }
  return { kind: 'order', leg: 'open', side, quantity, debtAfter: wanted.minus(quantity) };
}

function expectClose(
  subscription: StormSubscription,
  holding: Holding,
  leg: Extract<Leg, { kind: 'close' }>,
  rules: LotRules,
): Expectation {
  const side = subscription.reverse ? other(leg.side) : leg.side;
  const full = leg.share.gte(1);
  const remaining = full ? ZERO : dec(1).minus(leg.share);
  const { quantity: held, debt } = holding;
  // What he ought to hold afterwards, less what he will hold.
  const debtAfter = (closed: Dec): Dec => {
    const carried = quantize(remaining.times(held.plus(debt)).minus(held.minus(closed)));
    return full ? minDec(carried, ZERO) : carried;
  };
  if (held.gt(0) && holding.side !== side) {
    return { kind: 'denial', leg: 'close', code: 'NO_POSITION', debtAfter: debt };
  }
  if (held.lte(0))
    return { kind: 'denial', leg: 'close', code: 'NO_POSITION', debtAfter: quantize(remaining.times(debt)) };
  let want = held;
  if (!full) {
    want = quantize(leg.share.times(held));
    if (debt.lt(0)) want = minDec(held, want.plus(quantize(remaining.times(debt.neg()))));
  }
  const quantity = want.eq(held) ? held : roundDownToStep(want, dec(rules.lot));
  if (quantity.lt(dec(rules.minimum)) && !quantity.eq(held)) {
    return { kind: 'denial', leg: 'close', code: 'BELOW_MINIMUM', debtAfter: debtAfter(ZERO) };
  }
  return { kind: 'order', leg: 'close', side, quantity, debtAfter: debtAfter(quantity) };
}

/** The book that ought to be, signal by signal. Where a receipt says that a follower was left out, the book follows it. */
export class ExpectedBook {
  readonly #leaders = new Map<string, Leader>();
  readonly #holdings = new Map<string, Holding>();

  /** Moves the leader and answers his legs; call it once a signal, in the order they were taken in. */
  begin(signal: StormSignal): SignalInHand {
    const rules = LOT_RULES[signal.instrument];
    if (rules === undefined) throw new Error(`No lot rules for ${signal.instrument}`);
    const lane = `${signal.source}|${signal.instrument}`;
    const leader = this.#leaders.get(lane) ?? { side: null, quantity: ZERO };
    this.#leaders.set(lane, leader);
    const { legs, flipped } = moveLeader(leader, signal, rules);
    return {
      leader: { ...leader },
      legs: legs.length,
      opens: legs.flatMap((leg) => (leg.kind === 'open' ? [leg.quantity] : []))[0] ?? null,
      expectations: (follower, subscription) =>
        expectations(subscription, this.holding(follower, subscription, signal.instrument), legs, rules),
      settle: (follower, subscription, expected, outcome) =>
        settle(this.holding(follower, subscription, signal.instrument), expected, outcome, flipped),
    };
  }

  /**
   * A signal of the product's own, which closes what has to go of whom it concerns: everything on a side that the leader has left, else
   * what earlier closes left undone. The leader does not move.
   *
   * @param leader how he stood when it was decided
   */
  beginExit({ instrument }: Pick<StormSignal, 'instrument'>, leader: LeaderStand): SignalInHand {
    const rules = LOT_RULES[instrument];
    if (rules === undefined) throw new Error(`No lot rules for ${instrument}`);
    return {
      leader,
      legs: 0,
      opens: null,
      expectations: (follower, subscription) => {
        const holding = this.holding(follower, subscription, instrument);
        if (holding.side === null) return [];
        const side = subscription.reverse ? other(holding.side) : holding.side;
        const share = dec(side === leader.side ? 0 : 1);
        return [expectClose(subscription, holding, { kind: 'close', side, share }, rules)];
      },
      settle: (follower, subscription, expected, outcome) => {
        const holding = this.holding(follower, subscription, instrument);
        const [close] = expected;
        const result = outcome('close');
        if (close?.kind !== 'order' || result === null) return;
        const { side, quantity } = book(holding, close, result.filled, holding.debt);
        const owed = holding.debt.lt(0) ? minDec(ZERO, holding.debt.plus(result.filled)) : holding.debt;
        // Where nothing is held, nothing is owed that was held too much.
        const debt = side === null && owed.lt(0) ? ZERO : owed;
        Object.assign(holding, { side, quantity, debt });
      },
    };
  }

  holding(follower: StormFollower, subscription: StormSubscription, instrument: string): Holding {
    const key = `${follower.index}|${subscription.source}|${instrument}`;
    const known = this.#holdings.get(key);
    if (known !== undefined) return known;
    const fresh: Holding = { side: null, quantity: ZERO, debt: ZERO };
    this.#holdings.set(key, fresh);
    return fresh;
  }
}

/** On which side a leader stands after a signal. */
export type LeaderStand = { readonly side: PositionSide | null };

export type SignalInHand = {
  readonly leader: LeaderStand;
  /** How many legs followers copy, and what the leader opened, contracts; null: nothing. */
  readonly legs: number;
  readonly opens: Dec | null;
  expectations(follower: StormFollower, subscription: StormSubscription): readonly Expectation[];
  /** Books what really became of the follower's legs. */
  settle(
    follower: StormFollower,
    subscription: StormSubscription,
    expected: readonly Expectation[],
    outcome: (leg: 'close' | 'open') => LegOutcome | null,
  ): void;
};

function expectations(
  subscription: StormSubscription,
  holding: Holding,
  legs: readonly Leg[],
  rules: LotRules,
): readonly Expectation[] {
  const answer: Expectation[] = [];
  let state = holding;
  for (const leg of legs) {
    const expected =
      leg.kind === 'open' ? expectOpen(subscription, state, leg, rules) : expectClose(subscription, state, leg, rules);
    state = project(state, expected);
    // In a reversal, who holds nothing has nothing to close, and that is no denial.
    if (legs.length > 1 && expected.kind === 'denial' && expected.code === 'NO_POSITION') continue;
    answer.push(expected);
  }
  return answer;
}

function project(state: Holding, expected: Expectation): Holding {
  if (expected.kind === 'denial') return { ...state, debt: expected.debtAfter };
  return book(state, expected, expected.quantity, expected.debtAfter);
}

function book(state: Holding, order: Extract<Expectation, { kind: 'order' }>, filled: Dec, debt: Dec): Holding {
  const quantity = order.leg === 'open' ? state.quantity.plus(filled) : state.quantity.minus(filled);
  return { side: quantity.gt(0) ? order.side : null, quantity, debt };
}

function settle(
  holding: Holding,
  expected: readonly Expectation[],
  outcome: (leg: 'close' | 'open') => LegOutcome | null,
  flipped: boolean,
): void {
  let state: Holding = { ...holding };
  // Nothing is owed for a side that the leader has left.
  let debt = flipped ? ZERO : holding.debt;
  for (const leg of expected) {
    const result = outcome(leg.leg);
    if (leg.kind === 'denial') {
      // Another reason may have come first (no price, say): then nothing was cut by rounding.
      const isUndone = leg.leg === 'close' && leg.code === 'BELOW_MINIMUM' && result !== null;
      if (isUndone || (leg.code !== 'OPPOSITE_POSITION' && result?.code === leg.code)) debt = leg.debtAfter;
      continue;
    }
    if (result === null) continue;
    if (leg.leg === 'close') {
      state = book(state, leg, result.filled, debt);
      // What a close leaves undone is owed, whatever kept it.
      debt = leg.debtAfter.minus(leg.quantity.minus(result.filled));
      continue;
    }
    if (!result.taken) continue;
    state = book(state, leg, result.filled, debt);
    debt = leg.debtAfter;
  }
  Object.assign(holding, { side: state.side, quantity: state.quantity, debt });
}
