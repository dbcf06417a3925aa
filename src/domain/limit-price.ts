import { type Dec, isAbove, isBelow } from './decimal';
import type { OrderOutline, OrderSide } from './risk/types';
import type { OrderType } from './signal';

/** Whether a limit fills at once. Without a known market nobody can tell. */
function isMarketable(side: OrderSide, limit: Dec, market: Dec): boolean {
  return side === 'buy' ? !isBelow(limit, market) : !isAbove(limit, market);
}

/**
 * The price that an order's worth is reckoned with: the highest at which it may fill. A limit that rests fills at its own price, a buy at
 * most at it; a sale below the market fills at the market. Null: none is known.
 */
export function worthPrice(side: OrderSide, limit: Dec | null, market: Dec | null): Dec | null {
  if (limit === null || market === null) return limit ?? market;
  return side === 'sell' && isAbove(market, limit) ? market : limit;
}

/**
 * The worst price that an order may fill at now, of which slippage is measured. Null: none is known, or it rests, so that its own price is
 * its guard.
 */
export function worstPriceNow(side: OrderSide, limit: Dec | null, market: Dec | null): Dec | null {
  if (limit === null || market === null) return market;
  return isMarketable(side, limit, market) ? limit : null;
}

/** What a signal says of an order's price, and the market, if it is known. */
type LimitContext = { readonly orderType: OrderType; readonly limitPrice: Dec | null; readonly price: Dec | null };

/**
 * The limit of a follower's order before it is rounded; null: it goes at market. Copied in reverse it lies on the other side of the market,
 * since the same price would fill at once what rests for the leader. A close goes at market then: no limit would let him leave with
 * his leader.
 */
export function limitFor(
  leg: OrderOutline['leg'],
  reverse: boolean,
  { orderType, limitPrice, price }: LimitContext,
): Dec | null {
  if (orderType !== 'limit' || limitPrice === null) return null;
  if (!reverse) return limitPrice;
  if (leg === 'close') return null;
  // Without a price nothing is opened anyhow.
  return price === null ? limitPrice : mirroredLimit(limitPrice, price);
}

/**
 * A limit as far from the market on its other side: what rests there for a buy rests for a sale, and what fills at once fills at once.
 * May come out at or below zero.
 */
export function mirroredLimit(limit: Dec, market: Dec): Dec {
  return market.plus(market).minus(limit);
}
