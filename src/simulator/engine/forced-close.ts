import { type Dec, ZERO } from '@/domain/decimal';
import { cancel } from './cancel';
import { fill } from './matching';
import { type Account, type Order, type OrderCategory, opposite, type Position, positionSign } from './model';
import { register } from './orders';
import type { Venue } from './venue';

/**
 * An order that the venue itself executes, whatever faults or the book say: the first that listeners hear of it is its fill.
 * Orders of the account that would have closed the same contracts are cut.
 */
export function forceClose(
  venue: Venue,
  account: Account,
  position: Position,
  size: Dec,
  px: Dec,
  category: Exclude<OrderCategory, 'normal'>,
): Order | undefined {
  const sign = positionSign(position);
  if (sign === 0 || size.lte(ZERO)) return undefined;
  const { instrument } = venue.market.quote(position.instId);
  const order = register(
    venue,
    account,
    {
      instrument,
      instId: position.instId,
      clOrdId: '',
      tag: '',
      side: opposite(sign === 1 ? 'buy' : 'sell'),
      posSide: position.posSide,
      tdMode: position.mgnMode,
      ordType: 'market',
      reduceOnly: position.posSide === 'net',
      px: null,
      sz: size,
      stpMode: 'cancel_maker',
      attached: [],
    },
    venue.clock.now(),
    { category },
  );
  fill(venue, account, order, px, size, true);
  return order;
}

/** The other side of a market that cannot be liquidated otherwise: closes at the mark price what the venue chooses. */
export function deleverage(venue: Venue, account: Account, position: Position, size: Dec): Order | undefined {
  return forceClose(venue, account, position, size, venue.market.quote(position.instId).mark, 'adl');
}

/** Cancels the account's orders that add to risk, or all of them, because margin is short. */
export function cancelForRisk(venue: Venue, account: Account, isOf: (order: Order) => boolean): void {
  for (const order of [...account.pending.values()]) if (isOf(order)) cancel(venue, account, order, 'liquidation');
}
