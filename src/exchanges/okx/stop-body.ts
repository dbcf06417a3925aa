import type { StopLevels, StopRequest } from '@/exchanges/port';
import { CLIENT_ORDER_ID, PLAIN_NUMBER, SYMBOL } from './request-fields';

/** At market. */
const MARKET = '-1';

/**
 * The JSON of a stop order; null where a field is not what it should be. With both prices it is an `oco` order, with one a
 * `conditional` one. `cxlOnClosePos` makes the venue drop it with the position, should nobody be there to do it.
 * @param extra further members, with a leading comma
 */
export function buildStopBody(stop: StopRequest, extra: string): string | null {
  if (!wellFormed(stop)) return null;
  const { stopPrice, takePrice } = stop;
  let body = `{"instId":"${stop.symbol}","tdMode":"${stop.marginMode}","algoClOrdId":"${stop.clientOrderId}"`;
  body += `,"side":"${stop.side}","sz":"${stop.quantity}"`;
  body += `,"ordType":"${stopPrice !== null && takePrice !== null ? 'oco' : 'conditional'}"`;
  if (stop.positionMode === 'long_short') body += `,"posSide":"${stop.positionSide}"`;
  body += ',"reduceOnly":true,"cxlOnClosePos":true';
  if (stopPrice !== null) {
    body += `,"slTriggerPx":"${stopPrice}","slTriggerPxType":"last","slOrdPx":"${MARKET}"`;
  }
  if (takePrice !== null) {
    body += `,"tpTriggerPx":"${takePrice}","tpTriggerPxType":"last","tpOrdPx":"${MARKET}"`;
  }
  return `${body}${extra}}`;
}

/** The JSON of a change; null where a field is not what it should be. */
export function buildStopChange(levels: StopLevels): string | null {
  if (!wellFormed(levels)) return null;
  let body = `{"instId":"${levels.symbol}","algoClOrdId":"${levels.clientOrderId}","newSz":"${levels.quantity}"`;
  if (levels.stopPrice !== null) body += `,"newSlTriggerPx":"${levels.stopPrice}","newSlOrdPx":"${MARKET}"`;
  if (levels.takePrice !== null) body += `,"newTpTriggerPx":"${levels.takePrice}","newTpOrdPx":"${MARKET}"`;
  return `${body}}`;
}

function wellFormed({ symbol, clientOrderId, quantity, stopPrice, takePrice }: StopLevels): boolean {
  if (!SYMBOL.test(symbol) || !CLIENT_ORDER_ID.test(clientOrderId) || !PLAIN_NUMBER.test(quantity)) return false;
  if (stopPrice === null && takePrice === null) return false;
  return [stopPrice, takePrice].every((price) => price === null || PLAIN_NUMBER.test(price));
}
