import type { Dec } from '../decimal';
import { notional } from '../instrument';
import type { ProposedOrder, RiskSnapshot } from './types';

/** Margin an order binds: quantity · c · P ÷ L, at its limit price where it has one. Null without a price. */
export function orderMargin(
  order: Pick<ProposedOrder, 'quantity' | 'limitPrice' | 'leverage'>,
  snapshot: Pick<RiskSnapshot, 'price' | 'instrument'>,
): Dec | null {
  const price = order.limitPrice ?? snapshot.price;
  return price === null ? null : notional(snapshot.instrument, order.quantity, price).div(order.leverage);
}
