import { type BoundName, isWithin } from './bounds';
import { type Dec, roundDownToStep, roundToStep, roundUpToStep } from './decimal';

/**
 * A linear, USDT-settled perpetual swap at one venue.
 *
 * Quantities of orders, fills and positions are always in **contracts**; one contract is `contractValue` units of the
 * base coin. Mixing the two up is a 10× or 100× error, so coins never travel without the word "base" in their name.
 */
export type Instrument = {
  /** Row id. */
  readonly id: string;
  /** Venue key, for example "okx". */
  readonly venue: string;
  /** The venue's own name, for example "BTC-USDT-SWAP". */
  readonly symbol: string;
  readonly baseCurrency: string;
  readonly quoteCurrency: string;
  readonly settleCurrency: string;
  /** Base coins in one contract. */
  readonly contractValue: Dec;
  /** Smallest step of an order's quantity, in contracts. */
  readonly lotSize: Dec;
  /** Smallest order, in contracts. */
  readonly minSize: Dec;
  /** Largest market order, in contracts, where the venue says one. */
  readonly maxMarketSize: Dec | null;
  /** Smallest price step, in quote currency. */
  readonly tickSize: Dec;
  /** Highest leverage that the venue allows. */
  readonly maxLeverage: Dec;
};

const NUMBER_BOUNDS = {
  contractValue: 'contractValue',
  lotSize: 'step',
  minSize: 'contracts',
  maxMarketSize: 'contracts',
  tickSize: 'step',
  maxLeverage: 'leverageAllowed',
} as const satisfies Partial<Record<keyof Instrument, BoundName>>;

/** Names the first number that no instrument can have; null: all of them are possible. */
export function findImpossibleNumber(instrument: Instrument): keyof typeof NUMBER_BOUNDS | null {
  for (const [name, bound] of Object.entries(NUMBER_BOUNDS) as [keyof typeof NUMBER_BOUNDS, BoundName][]) {
    const value = instrument[name];
    if (value !== null && !isWithin(bound, value)) return name;
  }
  return null;
}

/** Contracts → base coins. */
export function contractsToBase(instrument: Pick<Instrument, 'contractValue'>, contracts: Dec): Dec {
  return contracts.times(instrument.contractValue);
}

/** Value of a quantity in contracts at a price, in quote currency. */
export function notional(instrument: Pick<Instrument, 'contractValue'>, contracts: Dec, price: Dec): Dec {
  return contracts.times(instrument.contractValue).times(price);
}

/** Rounds a quantity in contracts down to the lot. */
export function roundToLot(instrument: Pick<Instrument, 'lotSize'>, contracts: Dec): Dec {
  return roundDownToStep(contracts, instrument.lotSize);
}

/** Rounds a limit price to a tick that is never worse than it: down for a buy, up for a sell. */
export function limitOnTick(instrument: Pick<Instrument, 'tickSize'>, limit: Dec, side: 'buy' | 'sell'): Dec {
  return side === 'buy' ? roundDownToStep(limit, instrument.tickSize) : roundUpToStep(limit, instrument.tickSize);
}

/** Rounds a trigger price to the nearest tick. */
export function roundToTick(instrument: Pick<Instrument, 'tickSize'>, price: Dec): Dec {
  return roundToStep(price, instrument.tickSize);
}
