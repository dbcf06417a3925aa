import type { Dec } from '../decimal';
import type { DenialCode, DenialContext } from './codes';
import { orderMargin } from './margin';
import { RULES } from './rules';
import type { OrderOutline, ProposedOrder, RiskCheck, RiskSnapshot, RuleOutcome } from './types';

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
export type Gates = {
  /** Null: none of them denies, so it is worth sizing. */
  readonly denied: Denied | null;
  readonly checks: readonly RiskCheck[];
  /** Asks the rules that need the quantity, of the same order on the same snapshot. */
  size(quantity: Dec): Approved | Denied;
};

function run(
  phase: 'gate' | 'size',
  leg: OrderOutline['leg'],
  before: readonly RiskCheck[],
  evaluate: (rule: (typeof RULES)[number]) => RuleOutcome | null,
): { readonly checks: readonly RiskCheck[]; readonly denied: Denied | null } {
  const checks = [...before];
  for (const rule of RULES) {
    if (rule.phase !== phase || (rule.appliesTo === 'entries' && leg === 'close')) continue;
    const outcome = evaluate(rule);
    if (outcome === null) continue;
    checks.push({ rule: rule.name, value: outcome.value, limit: outcome.limit, passed: outcome.denial === null });
    if (outcome.denial !== null) return { checks, denied: { outcome: 'denied', ...outcome.denial, checks } };
  }
  return { checks, denied: null };
}

/** Asks the rules that need no quantity. */
export function assessGates(outline: OrderOutline, snapshot: RiskSnapshot): Gates {
  const gates = run('gate', outline.leg, [], (rule) =>
    rule.phase === 'gate' ? rule.evaluate(outline, snapshot) : null,
  );
  return {
    ...gates,
    size(quantity) {
      if (gates.denied !== null) return gates.denied;
      const order: ProposedOrder = Object.freeze({ ...outline, quantity });
      // Rules that compare the margin are for entries.
      const margin = order.leg === 'open' ? orderMargin(order, snapshot) : null;
      const { checks, denied } = run('size', outline.leg, gates.checks, (rule) =>
        rule.evaluate(order, snapshot, margin),
      );
      return denied ?? new ApprovedOrder(order, checks);
    },
  };
}

/** Asks every rule in order; the first that denies wins, and the checks so far stay with it. */
export function assess(order: ProposedOrder, snapshot: RiskSnapshot): Approved | Denied {
  return assessGates(order, snapshot).size(order.quantity);
}
