import type { Logger } from 'pino';
import type { AccountStore } from './accounts';
import type { VenueClock } from './clock';
import type { VenueIds } from './ids';
import type { Journal } from './journal';
import type { Market } from './market';
import type { Account, AlgoOrder, Fill, HoldingsReason, Order, Position } from './model';

/** What the matching engine tells whoever listens. Called synchronously; listeners do their work later. */
export interface VenueEvents {
  order(account: Account, order: Order, fill?: Fill): void;
  algo(account: Account, algo: AlgoOrder): void;
  /** Balances and positions changed for one reason. */
  holdings(account: Account, reason: HoldingsReason, positions: readonly Position[]): void;
}

/** What may befall an order that is about to be executed. */
export type Disturbance =
  | { readonly kind: 'fill-delay'; readonly ms: number }
  | {
      readonly kind: 'partial-fill';
      readonly fraction: number;
      readonly rest: 'cancel' | 'later' | 'rest';
      readonly ms: number;
    }
  | { readonly kind: 'slippage'; readonly ticks: number };

export interface Disturbances {
  execution(subject: {
    readonly account: string;
    readonly instId: string;
    readonly clOrdId: string;
    readonly method: string;
  }): readonly Disturbance[];
}

/** The parts of one running venue, handed to every function that acts on it. */
export interface Venue {
  readonly clock: VenueClock;
  readonly ids: VenueIds;
  readonly journal: Journal;
  readonly accounts: AccountStore;
  readonly market: Market;
  readonly disturbances: Disturbances;
  /**
   * What becomes of orders that would close more than is held: the excess is cut, or they are refused as in earlier times.
   */
  closing: 'cut' | 'refused';
  readonly log: Logger;
  events: VenueEvents;
  /** Resting orders by instrument: what a price move has to look at. */
  readonly resting: Map<string, Set<Order>>;
  /** Timers of held-back executions, cleared on stop. */
  readonly timers: Set<NodeJS.Timeout>;
}

/** Runs `action` later unless the venue stops first. */
export function later(venue: Venue, ms: number, action: () => void): void {
  const timer = setTimeout(() => {
    venue.timers.delete(timer);
    action();
  }, ms);
  venue.timers.add(timer);
}
