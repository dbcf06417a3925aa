import { type Dec, dec, isBelow, ONE, roundDownToStep } from './decimal';

export type LeverageInput = {
  /** The signal's or the leader's; null: the strategy's default. */
  readonly requested: Dec | null;
  readonly strategyDefault: Dec;
  /** Null: no limit of its own. */
  readonly strategyMax: Dec | null;
  readonly customerMax: Dec | null;
  readonly subscriptionMax: Dec | null;
  /** What other strategies of the account hold in the instrument uses this; null: they hold nothing. */
  readonly othersHeld: Dec | null;
  readonly venueMax: Dec;
};

/** Venues take at most two decimals. */
const STEP = dec('0.01');

/**
 * Leverage that an order really uses: the smallest of what is wanted and of every limit, at least 1. A venue has one leverage
 * per account and instrument: what other strategies hold there is never levered up, so it counts as a limit.
 */
export function effectiveLeverage(input: LeverageInput): Dec {
  const used = withinLimits(input.requested ?? input.strategyDefault, input);
  return isBelow(used, ONE) ? ONE : used;
}

/** The highest leverage that an order may use, whatever is wanted. Under 1 where somebody set such a limit: no order passes it. */
export function highestLeverage(input: LeverageInput): Dec {
  return withinLimits(input.venueMax, input);
}

/** Whether a limit lies under the 1 that every order has at least. */
export function isUnderOne(limit: Dec | null): boolean {
  return limit !== null && isBelow(limit, ONE);
}

function withinLimits(most: Dec, input: LeverageInput): Dec {
  const { venueMax, strategyMax, customerMax, subscriptionMax, othersHeld } = input;
  let wanted = most;
  for (const limit of [venueMax, strategyMax, customerMax, subscriptionMax, othersHeld]) {
    if (limit !== null && isBelow(limit, wanted)) wanted = limit;
  }
  return roundDownToStep(wanted, STEP);
}
