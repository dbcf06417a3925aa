import { isAbove, isAboveZero, roundToPlaces, toText } from '../../decimal';
import { worstPriceNow } from '../../limit-price';
import { defaultSlippage } from '../limits';
import { limitText, percentText } from '../percent';
import type { GateRule } from '../types';

/** Adverse moves only, and what fills at once: the price of a limit order that rests is its own guard. */
export const slippage: GateRule = {
  name: 'slippage',
  phase: 'gate',
  appliesTo: 'entries',
  evaluate(order, { price, signal, instrument, limits }) {
    const reference = signal.referencePrice;
    if (reference === null || !isAboveZero(reference)) return null;
    const worst = worstPriceNow(order.side, order.limitPrice, price);
    if (worst === null) return null;
    const move = worst.minus(reference).div(reference);
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
              price: toText(roundToPlaces(worst, 8)),
              reference: toText(reference),
            },
          }
        : null,
    };
  },
};
