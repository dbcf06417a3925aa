import { isAboveZero, isBelowZero, toText } from '../../decimal';
import type { GateRule } from '../types';

/**
 * A subscription holds one side at a time, and in net mode all strategies of an account share one position per
 * instrument: an entry against either would silently close what it is not meant to touch.
 */
export const oppositePosition: GateRule = {
  name: 'opposite_position',
  phase: 'gate',
  appliesTo: 'entries',
  evaluate(order, { positionMode, heldSide, othersQuantity, instrument }) {
    const base = { symbol: instrument.symbol, side: order.positionSide };
    if (heldSide !== null && heldSide !== order.positionSide) {
      return {
        value: `own ${heldSide}`,
        limit: order.positionSide,
        denial: { code: 'OPPOSITE_POSITION', context: { ...base, holder: 'own', heldSide } },
      };
    }
    const against = order.positionSide === 'long' ? isBelowZero(othersQuantity) : isAboveZero(othersQuantity);
    const others = isBelowZero(othersQuantity) ? 'short' : 'long';
    const conflict = positionMode === 'net' && against;
    return {
      value: othersQuantity.isZero() ? 'none' : `other strategies ${others} ${toText(othersQuantity.abs())}`,
      limit: positionMode === 'net' ? order.positionSide : 'any',
      denial: conflict
        ? {
            code: 'OPPOSITE_POSITION',
            context: { ...base, holder: 'others', heldSide: others, quantity: toText(othersQuantity.abs()) },
          }
        : null,
    };
  },
};
