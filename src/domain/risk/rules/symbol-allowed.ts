import type { GateRule } from '../types';

/** Entries only: what was opened while the symbol was allowed can still be closed. */
export const symbolAllowed: GateRule = {
  name: 'symbol_allowed',
  phase: 'gate',
  appliesTo: 'entries',
  evaluate(_order, { instrument, strategySymbols, subscriptionSymbols }) {
    const lists = [strategySymbols, subscriptionSymbols].filter((list) => list !== null);
    const refusing = lists.find((list) => !list.includes(instrument.symbol));
    const allowed = (refusing ?? lists[0])?.join(', ') ?? 'all';
    return {
      value: instrument.symbol,
      limit: allowed,
      denial:
        refusing === undefined
          ? null
          : {
              code: 'SYMBOL_NOT_ALLOWED',
              context: { symbol: instrument.symbol, allowed: allowed === '' ? '—' : allowed },
            },
    };
  },
};
