import { entryDenial } from '../../listing';
import type { GateRule, RuleOutcome } from '../types';

const TRADES: RuleOutcome = { value: 'live', limit: 'live', denial: null };

/** Entries only: what is held is closed as soon as the venue takes it. */
export const instrumentTrades: GateRule = {
  name: 'instrument_trades',
  phase: 'gate',
  appliesTo: 'entries',
  evaluate(_order, { instrument, listing, now }) {
    const code = entryDenial(listing, now);
    if (code === null) return TRADES;
    const value = code === 'INSTRUMENT_DELISTED' ? 'gone' : listing.state;
    const context = { symbol: instrument.symbol, venue: instrument.venue, state: value };
    return { value, limit: 'live', denial: { code, context } };
  },
};
