import type { Dec } from '../decimal';
import type { DenialCode, DenialContext } from './codes';
import { orderMargin } from './margin';
import { RULES } from './rules';
import type { OrderOutline, ProposedOrder, RiskCheck, RiskSnapshot, Rule, RuleOutcome } from './types';

/** Not exported: nothing else can make one, and a look-alike lacks what the compiler and `isApproved` look for. */
class ApprovedOrder {
  readonly #approved = true;
  readonly outcome = 'approved';

  constructor(
    readonly order: ProposedOrder,
    readonly checks: readonly RiskCheck[],
  ) {}

  static is(value: object): boolean {
    return #approved in value && value.#approved;
  }
}

/** An order that passed every rule. Only `assess` makes one, and `reviveApproved` from the row that `assess` led to. */
export type Approved = ApprovedOrder;

export type Denied = {
  readonly outcome: 'denied';
  readonly code: DenialCode;
  readonly context: DenialContext;
  readonly checks: readonly RiskCheck[];
};

/** Whether this very object came from `assess` or `reviveApproved`; a look-alike did not. */
export function isApproved(value: object): value is Approved {
  return ApprovedOrder.is(value);
}

/**
 * Makes the Approved of a trade row that was written ahead after `assess` approved it, so that another worker, or the
 * next run after a crash, can place it. For such rows only.
 */
export function reviveApproved(order: ProposedOrder, checks: readonly RiskCheck[] = []): Approved {
  return new ApprovedOrder(Object.freeze({ ...order }), checks);
}

/** The same approval without what its rules said, which takes more room than all else of an order. */
export function withoutChecks({ order }: Approved): Approved {
  return new ApprovedOrder(order, []);
}

/** What the gates said of an order, and the way on to its quantity: they are asked once. */
class Gates {
  /** @param denied null: none of them denies, so it is worth sizing */
  constructor(
    readonly outline: OrderOutline,
    readonly snapshot: RiskSnapshot,
    readonly denied: Denied | null,
    readonly checks: readonly RiskCheck[],
  ) {}

  /** Asks the rules that need the quantity, of the same order on the same snapshot. */
  size(quantity: Dec): Approved | Denied {
    return this.denied ?? assessSize(this.outline, quantity, this.snapshot, this.checks);
  }
}

type Leg = OrderOutline['leg'];

/** Rules of one phase for entries and for closes, in the order they are asked. */
function byLeg<R extends Rule>(rules: readonly R[]): Readonly<Record<Leg, readonly R[]>> {
  return { open: rules, close: rules.filter((rule) => rule.appliesTo === 'all') };
}

const GATES = byLeg(RULES.filter((rule) => rule.phase === 'gate'));
const SIZES = byLeg(RULES.filter((rule) => rule.phase === 'size'));

/** Notes what a rule said. Answers the denial, where it is one. */
function noted(rule: Rule, outcome: RuleOutcome, checks: RiskCheck[]): Denied | null {
  const { value, limit, denial } = outcome;
  checks.push({ rule: rule.name, value, limit, passed: denial === null });
  return denial === null ? null : { outcome: 'denied', code: denial.code, context: denial.context, checks };
}

/** Asks the rules that need no quantity. */
export function assessGates(outline: OrderOutline, snapshot: RiskSnapshot): Gates {
  const checks: RiskCheck[] = [];
  let denied: Denied | null = null;
  for (const rule of GATES[outline.leg]) {
    const outcome = rule.evaluate(outline, snapshot);
    if (outcome === null) continue;
    denied = noted(rule, outcome, checks);
    if (denied !== null) break;
  }
  return new Gates(outline, snapshot, denied, checks);
}

function assessSize(
  { leg, side, positionSide, reduceOnly, orderType, limitPrice, leverage }: OrderOutline,
  quantity: Dec,
  snapshot: RiskSnapshot,
  gates: readonly RiskCheck[],
): Approved | Denied {
  // Field by field: spreading took as long as a rule.
  const order: ProposedOrder = Object.freeze({
    leg,
    side,
    positionSide,
    reduceOnly,
    orderType,
    limitPrice,
    leverage,
    quantity,
  });
  // Rules that compare the margin are for entries.
  const margin = leg === 'open' ? orderMargin(order, snapshot) : null;
  const checks = gates.slice();
  for (const rule of SIZES[leg]) {
    const outcome = rule.evaluate(order, snapshot, margin);
    if (outcome === null) continue;
    const denied = noted(rule, outcome, checks);
    if (denied !== null) return denied;
  }
  return new ApprovedOrder(order, checks);
}

/** Asks every rule in order; the first that denies wins, and the checks so far stay with it. */
export function assess(order: ProposedOrder, snapshot: RiskSnapshot): Approved | Denied {
  return assessGates(order, snapshot).size(order.quantity);
}
