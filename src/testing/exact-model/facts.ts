import { ONE, Rational, ZERO } from './rational';

/*
 * What the model knows. Quantities in contracts, money in quote currency, shares and percentages as fractions. Nothing here is the
 * product's: the rules are those of docs/sizing.md.
 */

export type Side = 'long' | 'short';
export type Trade = 'buy' | 'sell';

export type Contract = {
  readonly coins: Rational;
  readonly lot: Rational;
  readonly minimum: Rational;
  readonly largest: Rational | null;
  readonly tick: Rational;
  readonly maxLeverage: Rational;
};

export type Mode =
  | 'ratio'
  | 'equity_proportional'
  | 'fixed_notional'
  | 'fixed_margin'
  | 'percent_balance'
  | 'risk_percent'
  | 'fixed_quantity';

export type Settings = {
  readonly mode: Mode;
  /** Of the modes that need one; a percentage of 100. */
  readonly value: Rational | null;
  readonly ratio: Rational;
  readonly forceMinimum: boolean;
  readonly reduceToCap: boolean;
  readonly reverse: boolean;
  readonly leverageLimits: readonly Rational[];
  readonly orderShare: Rational;
  readonly symbolShare: Rational;
  readonly totalShare: Rational;
  readonly slippage: Rational;
};

export type Level = { readonly unit: 'price' | 'percent'; readonly value: Rational };

export type Order = {
  readonly action: 'open' | 'close' | 'target' | 'protect';
  readonly side: Side | null;
  readonly size: { readonly unit: string; readonly value: Rational } | null;
  readonly limit: Rational | null;
  readonly seen: Rational | null;
  readonly leverage: Rational | null;
  readonly stopPrice: Rational | null;
  readonly stopLoss: Level | null;
  readonly takeProfit: Level | null;
};

/** What is so at the moment of a signal. */
export type Moment = {
  readonly market: Rational | null;
  readonly equity: Rational | null;
  readonly free: Rational | null;
  /** Margin in other instruments. */
  readonly elsewhere: Rational;
  readonly leaderEquity: Rational;
};

/** Of an order, and of a leader's position. */
export const MOST_CONTRACTS = Rational.of(10n ** 12n);

export type Levels = { readonly stop: Level | null; readonly take: Level | null };

/** A follower's own position, and what is owed on each side. */
export type Book = {
  side: Side | null;
  quantity: Rational;
  cost: Rational;
  realized: Rational;
  leverage: Rational;
  debts: Record<Side, Rational>;
};

export function emptyBook(): Book {
  return { side: null, quantity: ZERO, cost: ZERO, realized: ZERO, leverage: ONE, debts: { long: ZERO, short: ZERO } };
}

/** What one leg becomes. */
export type Decided = {
  readonly leg: 'open' | 'close';
  readonly side: Side;
  /** Null: it is ordered. */
  readonly code: string | null;
  /** What is ordered; null for a denial. */
  readonly quantity: Rational | null;
  readonly limit: Rational | null;
  readonly leverage: Rational;
  readonly debtAfter: Rational;
  /** Another order of the same close follows. */
  readonly goesOn: boolean;
};

export function other(side: Side): Side {
  return side === 'long' ? 'short' : 'long';
}

export function smallest({ lot, minimum }: Contract): Rational {
  const inLots = minimum.up(lot);
  return inLots.gt(lot) ? inLots : lot;
}

/** The highest price at which an order may fill. */
export function worth(trade: Trade, limit: Rational | null, market: Rational | null): Rational | null {
  if (limit === null || market === null) return limit ?? market;
  return trade === 'sell' && market.gt(limit) ? market : limit;
}
