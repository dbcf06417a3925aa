import type { GateRule } from '../types';

/** Entries only: what was opened while the symbol was allowed can still be closed. */
export const symbolAllowed: GateRule = {
  name: 'symbol_allowed',
  phase: 'gate',
  appliesTo: 'entries',
  evaluate(_order, { instrument, strategySymbols, subscriptionSymbols }) {
    const { symbol } = instrument;
    if (strategySymbols === null && subscriptionSymbols === null) return { value: symbol, limit: 'all', denial: null };
    const lists = [strategySymbols, subscriptionSymbols].filter((list) => list !== null);
    const refusing = lists.find((list) => !list.includes(symbol));
    const allowed = (refusing ?? lists[0])?.join(', ') ?? 'all';
    return {
      value: symbol,
      limit: allowed,
      denial:
        refusing === undefined
          ? null
          : {
              code: 'SYMBOL_NOT_ALLOWED',
              context: { symbol, allowed: allowed === '' ? '—' : allowed },
            },
    };
  },
};
