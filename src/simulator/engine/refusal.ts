/** Why the engine does not do what was asked. Each venue's wire has words or codes of its own for these. */
export type RefusalReason =
  | 'below-minimum'
  | 'not-a-multiple-of-the-lot'
  | 'above-maximum'
  | 'above-market-maximum'
  | 'price-off-tick'
  /** Values: the highest price to buy and the lowest to sell. */
  | 'price-outside-limits'
  | 'duplicate-client-id'
  | 'too-many-orders'
  /** Values: the instrument and how many it takes. */
  | 'too-many-orders-of-instrument'
  | 'nothing-to-reduce'
  | 'adds-to-position'
  | 'closes-more-than-available'
  | 'insufficient-margin'
  | 'order-is-over'
  | 'would-take'
  | 'duplicate-trigger-id'
  | 'second-close-trigger'
  | 'too-many-triggers'
  /** Half of a take-profit and stop-loss pair cannot come or go later. */
  | 'halves-are-fixed'
  /** The market has passed the price already. Values: the price it was compared with, "last", "mark" or "index". */
  | 'take-profit-too-high'
  | 'take-profit-too-low'
  | 'stop-loss-too-high'
  | 'stop-loss-too-low'
  | 'suspended'
  | 'settling'
  | 'delisted'
  | 'no-position'
  | 'too-large-to-close-at-market'
  | 'closing-orders-wait'
  | 'leverage-too-high'
  | 'leverage-too-low'
  | 'leverage-needs-margin'
  | 'cross-orders-use-leverage'
  | 'isolated-orders-use-leverage'
  | 'cross-triggers-use-leverage'
  | 'isolated-triggers-use-leverage'
  | 'account-in-use'
  /** The account's level has no derivatives, or not so. */
  | 'not-at-this-level'
  | 'no-isolated-margin'
  | 'no-reduce-only'
  | 'orders-keep-level'
  | 'positions-keep-level'
  | 'level-not-allowed';

/** Thrown where a rule of the market or of the account forbids it; nothing was changed. */
export class Refusal extends Error {
  readonly values: readonly string[];

  constructor(
    readonly reason: RefusalReason,
    ...values: readonly string[]
  ) {
    super(reason);
    this.values = values;
  }
}
