import type { DenialCode } from '../codes';
import type { GateRule, RiskSnapshot, RuleName, RuleOutcome } from '../types';

const ACTIVE: RuleOutcome = { value: 'active', limit: 'active', denial: null };
const READY: RuleOutcome = { value: 'ready', limit: 'ready', denial: null };

function statusRule(
  name: RuleName,
  appliesTo: GateRule['appliesTo'],
  code: DenialCode,
  inactive: string,
  isActive: (snapshot: RiskSnapshot) => boolean,
): GateRule {
  return {
    name,
    phase: 'gate',
    appliesTo,
    evaluate(_order, snapshot) {
      return isActive(snapshot) ? ACTIVE : { value: inactive, limit: 'active', denial: { code, context: {} } };
    },
  };
}

/** A suspended customer's account is not touched at all. */
export const customerStatus = statusRule(
  'customer_status',
  'all',
  'CUSTOMER_SUSPENDED',
  'suspended',
  (snapshot) => snapshot.customerActive,
);

/** A pause stops entries only: who stops copying closes too would leave his customers in positions nobody watches. */
export const strategyStatus = statusRule(
  'strategy_status',
  'entries',
  'STRATEGY_PAUSED',
  'paused',
  (snapshot) => snapshot.strategyActive,
);

/** As for the strategy: what was opened under the subscription is still closed with its leader. */
export const subscriptionStatus = statusRule(
  'subscription_status',
  'entries',
  'SUBSCRIPTION_PAUSED',
  'paused',
  (snapshot) => snapshot.subscriptionActive,
);

/**
 * A key that was never proved, or belongs to another account than the positions, sends nothing. Whatever else is wrong, a close is
 * tried: a refusal costs nothing, a position that nobody closes does.
 */
const STOPS_CLOSES: ReadonlySet<string> = new Set(['NOT_CHECKED', 'OTHER_ACCOUNT']);

export const accountStatus: GateRule = {
  name: 'account_status',
  phase: 'gate',
  appliesTo: 'all',
  evaluate({ leg }, { accountProblem }) {
    if (accountProblem === null) return READY;
    if (leg === 'close' && !STOPS_CLOSES.has(accountProblem)) return { ...READY, value: accountProblem };
    return {
      value: accountProblem,
      limit: 'ready',
      denial: { code: 'ACCOUNT_UNAVAILABLE', context: { problem: accountProblem } },
    };
  },
};
