import type { Logger } from 'pino';
import type { AccountStore } from './accounts';
import type { VenueClock } from './clock';
import type { FaultPlane } from './faults';
import type { VenueIds } from './ids';
import type { Journal } from './journal';
import type { Market } from './market';
import type { Account, AlgoOrder, Fill, Order, Position } from './model';
import type { RateLimits } from './rate-limits';

/** What the matching engine tells the streams. Called synchronously; the streams send later. */
export interface VenueEvents {
  order(account: Account, order: Order, fill?: Fill): void;
  algo(account: Account, algo: AlgoOrder): void;
  position(account: Account, position: Position): void;
  balance(account: Account, reason: 'filled' | 'funding_fee' | 'liquidation' | 'transferred'): void;
}

/** The parts of one running venue, handed to every function that acts on it. */
export interface Venue {
  readonly clock: VenueClock;
  readonly ids: VenueIds;
  readonly journal: Journal;
  readonly accounts: AccountStore;
  readonly market: Market;
  readonly faults: FaultPlane;
  readonly limits: RateLimits;
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
