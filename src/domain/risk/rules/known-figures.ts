import { isAboveZero, sharedText, toText } from '../../decimal';
import type { GateRule } from '../types';

/** Without equity no share of it can be checked, and an unchecked order is not sent. */
export const equityKnown: GateRule = {
  name: 'equity_known',
  phase: 'gate',
  appliesTo: 'entries',
  evaluate(_order, { equity }) {
    return {
      value: equity === null ? 'unknown' : toText(equity),
      limit: 'known',
      denial: equity === null ? { code: 'EQUITY_UNKNOWN', context: {} } : null,
    };
  },
};

export const priceKnown: GateRule = {
  name: 'price_known',
  phase: 'gate',
  appliesTo: 'entries',
  evaluate(_order, { price, instrument }) {
    const known = price !== null && isAboveZero(price);
    return {
      value: known ? sharedText(price) : 'unknown',
      limit: 'known',
      denial: known ? null : { code: 'PRICE_UNKNOWN', context: { symbol: instrument.symbol } },
    };
  },
};
