import { isAbove, isAboveZero, roundToPlaces, toText } from '../../decimal';
import { defaultSlippage } from '../limits';
import { limitText, percentText } from '../percent';
import type { GateRule } from '../types';

/** Adverse moves only, and market orders only: a limit order's price is its own guard. */
export const slippage: GateRule = {
  name: 'slippage',
  phase: 'gate',
  appliesTo: 'entries',
  evaluate(order, { price, signal, instrument, limits }) {
    const reference = signal.referencePrice;
    if (order.orderType !== 'market' || price === null || reference === null || !isAboveZero(reference)) return null;
    const move = price.minus(reference).div(reference);
    const adverse = order.side === 'buy' ? move : move.neg();
    const most = limits.maxSlippage ?? defaultSlippage(instrument.baseCurrency);
    return {
      value: percentText(adverse),
      limit: limitText(most),
      denial: isAbove(adverse, most)
        ? {
            code: 'SLIPPAGE',
            context: {
              slippage: percentText(adverse),
              maximum: percentText(most),
              price: toText(roundToPlaces(price, 8)),
              reference: toText(reference),
            },
          }
        : null,
    };
  },
};
