import { isAbove, minDec, sharedText } from '../../decimal';
import type { GateRule } from '../types';

/** Copied orders are already clamped by `effectiveLeverage`; this holds whatever proposed the order. */
export const leverage: GateRule = {
  name: 'leverage',
  phase: 'gate',
  appliesTo: 'entries',
  evaluate(order, { maxLeverage, fixedLeverage, instrument }) {
    const most = minDec(maxLeverage, instrument.maxLeverage);
    const context = { leverage: sharedText(order.leverage), maximum: sharedText(most) };
    return {
      value: `${context.leverage}×`,
      limit: `${context.maximum}×`,
      denial: isAbove(order.leverage, most)
        ? {
            code: fixedLeverage ? 'LEVERAGE_FIXED' : 'LEVERAGE_EXCEEDED',
            context: { ...context, venue: instrument.venue },
          }
        : null,
    };
  },
};
