import { type Dec, dec, isAbove, isBelow } from './decimal';
import type { SizeUnit } from './signal';

/**
 * How large each number of the product may be. Checked where a number enters (API, webhooks, venues) and where one is computed, before
 * it is written: far beyond anything that is ever ordered, and far within what a column holds.
 */
type Bound = { readonly least: Dec; readonly most: Dec };

function between(least: string, most: string): Bound {
  return { least: dec(least), most: dec(most) };
}

/** Quantities in contracts unless the name says otherwise, prices and money in quote currency. */
export const BOUNDS = {
  followRatio: between('0.000001', '1000'),
  leverage: between('1', '200'),
  /** Fraction of an equity, or of a price. */
  share: between('0.000001', '1'),
  percent: between('0.0001', '100'),
  /** How far a trigger stands from the entry, percent. */
  triggerPercent: between('0.01', '1000'),
  /** What a venue says that it allows. */
  leverageAllowed: between('1', '10000'),
  /** Base coins in one contract. */
  contractValue: between('0.000000000001', '1000000000000'),
  /** A lot or a tick. */
  step: between('0.000000000000001', '1000000000'),
  price: between('0.000000000000001', '1000000000'),
  /** What somebody owns. */
  balance: between('0', '1000000000000'),
  leaderEquity: between('0.01', '1000000000000'),
  /** Size of one move as somebody states it. Coins: the smallest cost a hundred-millionth of a dollar. */
  statedContracts: between('0.000000001', '1000000000'),
  statedCoins: between('0.000000000001', '10000000000000000'),
  statedMoney: between('0.000001', '10000000000'),
  /** Of whatever its mode makes of it; each mode has a bound of its own. */
  sizingValue: between('0.000000001', '10000000000'),
  /** What is worked out: an order, a leader's position, what rounding owes. Contracts without their sign. */
  contracts: between('0', '1000000000000'),
} as const satisfies Readonly<Record<string, Bound>>;
export type BoundName = keyof typeof BOUNDS;

/** The bound of a leader's size, by its unit. */
export const SIZE_BOUNDS: Readonly<Record<SizeUnit, BoundName>> = {
  contracts: 'statedContracts',
  base: 'statedCoins',
  quote: 'statedMoney',
  margin: 'statedMoney',
  percent_balance: 'percent',
  percent_position: 'percent',
};

export function isWithin(name: BoundName, value: Dec): boolean {
  const { least, most } = BOUNDS[name];
  return value.isFinite() && !isBelow(value, least) && !isAbove(value, most);
}

/** Null: within. Else what it must be, for a message: "must be between 1 and 200". */
export function outOfBounds(name: BoundName, value: Dec): string | null {
  const { least, most } = BOUNDS[name];
  return isWithin(name, value) ? null : `must be between ${least.toFixed()} and ${most.toFixed()}`;
}
