import { type Account, type CancelReason, isTerminal, type Order } from './model';
import type { Venue } from './venue';

/** Takes an order that is over out of what is pending and what rests. */
export function retire(venue: Venue, account: Account, order: Order): void {
  account.pending.delete(order.ordId);
  venue.resting.get(order.instId)?.delete(order);
}

/** Ends an order without filling the rest of it. */
export function cancel(venue: Venue, account: Account, order: Order, reason: CancelReason): void {
  if (isTerminal(order.state)) return;
  order.state = 'canceled';
  order.cancelReason = reason;
  order.uTime = venue.clock.now();
  retire(venue, account, order);
  venue.accounts.touchOrder(order);
  venue.events.order(account, order);
}
