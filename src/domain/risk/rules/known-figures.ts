import { isAboveZero, sharedText, toText } from '../../decimal';
import type { GateRule } from '../types';

/** Without equity no share of it can be checked, and an unchecked order is not sent. Who owns nothing, or owes, opens nothing. */
export const equityKnown: GateRule = {
  name: 'equity_known',
  phase: 'gate',
  appliesTo: 'entries',
  evaluate(_order, { equity, instrument }) {
    if (equity === null) return { value: 'unknown', limit: 'known', denial: { code: 'EQUITY_UNKNOWN', context: {} } };
    const value = toText(equity);
    if (isAboveZero(equity)) return { value, limit: 'known', denial: null };
    const context = { equity: value, currency: instrument.settleCurrency };
    return { value, limit: '> 0', denial: { code: 'NO_EQUITY', context } };
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
