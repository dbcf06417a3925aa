import { type Dec, isAbove, isAboveZero, isBelow } from './decimal';
import { isTerminal, type TradeStatus, transition } from './order-state';

/** How far a trade has come. Quantities in contracts, money in quote currency; all figures are cumulative. */
export type TradeProgress = {
  readonly status: TradeStatus;
  readonly filledQuantity: Dec;
  /** Σ fill quantity × contract value × price. */
  readonly filledValue: Dec;
  /** As the venue signs it: negative is a cost. */
  readonly fee: Dec;
  readonly venueOrderId: string | null;
};

/** What the venue says of the order, in one push or one answer. */
export type VenueReport = {
  readonly state: 'live' | 'partially_filled' | 'filled' | 'canceled';
  readonly filledQuantity: Dec;
  readonly filledValue: Dec;
  readonly fee: Dec;
  readonly venueOrderId: string;
};

/**
 * Takes a report into account. Reports may come twice, late or out of order: fills never shrink, a final state stays,
 * and a fill that is reported after a cancel still counts, as does an order that was recorded as never placed. Answers the same
 * object when nothing changed. Throws IllegalTransitionError when the venue knows an order that we never sent.
 */
export function advanceTrade(quantity: Dec, trade: TradeProgress, report: VenueReport): TradeProgress {
  const grew = isAbove(report.filledQuantity, trade.filledQuantity);
  const filledQuantity = grew ? report.filledQuantity : trade.filledQuantity;
  // An order that only reduces is cut to what is held: the venue calls it filled with less than was asked for.
  const wanted: TradeStatus =
    !isBelow(filledQuantity, quantity) ||
    (report.state === 'filled' && isAboveZero(filledQuantity) && trade.status !== 'canceled')
      ? 'filled'
      : report.state === 'canceled' || trade.status === 'canceled'
        ? 'canceled'
        : isAboveZero(filledQuantity)
          ? 'partially_filled'
          : 'live';
  // An older report of a final trade is no news; one that contradicts it is.
  const stale = (trade.status === 'filled' || trade.status === 'canceled') && !grew;
  const status = stale ? trade.status : transition(trade.status, wanted);
  if (status === trade.status && !grew && trade.venueOrderId !== null) return trade;
  return {
    status,
    filledQuantity,
    filledValue: grew ? report.filledValue : trade.filledValue,
    fee: grew ? report.fee : trade.fee,
    venueOrderId: trade.venueOrderId ?? report.venueOrderId,
  };
}

/** Nothing more is expected of it before the next signal of its lane may be planned: final, or resting by intention. */
export function isSettled(status: TradeStatus, orderType: 'market' | 'limit'): boolean {
  return isTerminal(status) || (orderType === 'limit' && (status === 'live' || status === 'partially_filled'));
}
