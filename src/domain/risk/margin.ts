import { type Dec, isAboveZero, minDec, ZERO } from '../decimal';
import { notional } from '../instrument';
import { worthPrice } from '../limit-price';
import type { OrderOutline, ProposedOrder, RiskSnapshot } from './types';

/** Margin an order binds at most: quantity · c · P ÷ L. Null without a price. */
export function orderMargin(
  order: Pick<ProposedOrder, 'quantity' | 'side' | 'limitPrice' | 'leverage'>,
  snapshot: Pick<RiskSnapshot, 'price' | 'instrument'>,
): Dec | null {
  const price = worthPrice(order.side, order.limitPrice, snapshot.price);
  return price === null ? null : notional(snapshot.instrument, order.quantity, price).div(order.leverage);
}

/** Contracts that an entry may have at most, by every limit, by what is free and by what the venue takes; null: something is unknown. */
export function largestOrder(
  { side, orderType, limitPrice, leverage }: OrderOutline,
  { price, instrument, equity, available, symbolMargin, totalMargin, limits }: RiskSnapshot,
): Dec | null {
  const worth = worthPrice(side, limitPrice, price);
  if (worth === null || equity === null) return null;
  const margin = minDec(
    equity.times(limits.maxOrderShare),
    equity.times(limits.maxSymbolShare).minus(symbolMargin),
    equity.times(limits.maxTotalShare).minus(totalMargin),
    available ?? equity,
  );
  if (!isAboveZero(margin)) return ZERO;
  const most = margin.times(leverage).div(worth.times(instrument.contractValue));
  const { maxMarketSize } = instrument;
  return orderType === 'market' && maxMarketSize !== null ? minDec(most, maxMarketSize) : most;
}
