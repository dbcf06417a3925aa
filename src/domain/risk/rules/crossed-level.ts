import { type Dec, isAbove, isBelow, maxDec, minDec, sharedText } from '../../decimal';
import type { DenialCode } from '../codes';
import type { GateRule, OrderOutline, RiskSnapshot } from '../types';

/**
 * A stop-loss or take-profit that the market has passed already would close the position as soon as it is there. A limit order
 * fills at its own price or a better one.
 */
export const crossedLevel: GateRule = {
  name: 'crossed_level',
  phase: 'gate',
  appliesTo: 'entries',
  evaluate(order, snapshot) {
    const { stopPrice, takePrice } = snapshot;
    const at = entryPrice(order, snapshot);
    if (at === null || (stopPrice === null && takePrice === null)) return null;
    const long = order.positionSide === 'long';
    const [lower, upper] = long ? [stopPrice, takePrice] : [takePrice, stopPrice];
    const below = lower !== null && !isAbove(at, lower);
    const above = upper !== null && !isBelow(at, upper);
    const limits = [lower === null ? null : `> ${sharedText(lower)}`, upper === null ? null : `< ${sharedText(upper)}`];
    return {
      value: sharedText(at),
      limit: limits.filter((limit) => limit !== null).join(', '),
      denial: below
        ? denial(long ? 'STOP_CROSSED' : 'TAKE_PROFIT_CROSSED', lower, at, order)
        : above
          ? denial(long ? 'TAKE_PROFIT_CROSSED' : 'STOP_CROSSED', upper, at, order)
          : null,
    };
  },
};

function entryPrice({ limitPrice, positionSide }: OrderOutline, { price }: RiskSnapshot): Dec | null {
  if (price === null || limitPrice === null) return limitPrice ?? price;
  return positionSide === 'long' ? minDec(limitPrice, price) : maxDec(limitPrice, price);
}

function denial(code: DenialCode, level: Dec, at: Dec, { positionSide }: OrderOutline) {
  return { code, context: { level: sharedText(level), price: sharedText(at), side: positionSide } };
}
