import type { Instrument } from './instrument';

export type SymbolResolution =
  | { readonly ok: true; readonly instrument: Instrument }
  | { readonly ok: false; readonly code: 'UNKNOWN_SYMBOL' | 'AMBIGUOUS_SYMBOL'; readonly message: string };

/** Quote currencies that "USD" may stand for when no instrument is quoted in USD itself. */
const DOLLARS: readonly string[] = ['USD', 'USDT', 'USDC'];

const MAX_LENGTH = 64;

/** Endings that all mean "the perpetual swap". The empty one: senders often leave it out. */
const SWAP_ENDINGS = ['', '.P', 'PERP', 'SWAP'] as const;

/** `BINANCE:BTCUSDTPERP` → venue BINANCE. ccxt's `BTC/USDT:USDT` has its colon after a slash and is not a prefix. */
const VENUE_PREFIX = /^([A-Z][A-Z0-9]*):(.+)$/;

/** Upper case without separators; TradingView's `.P` ending keeps its dot, so that it can't be taken for a letter. */
function compact(text: string): string {
  const upper = text.toUpperCase();
  const perpetual = upper.endsWith('.P');
  const stem = (perpetual ? upper.slice(0, -2) : upper).replace(/[-/_.:\s]/g, '');
  return perpetual ? `${stem}.P` : stem;
}

function spellings(base: string, quote: string): readonly string[] {
  return SWAP_ENDINGS.map((ending) => `${base}${quote}${ending}`);
}

/** Names that mean this instrument and no other quote currency. */
function fullNames(instrument: Instrument): readonly string[] {
  const base = instrument.baseCurrency.toUpperCase();
  const quote = instrument.quoteCurrency.toUpperCase();
  const settle = instrument.settleCurrency.toUpperCase();
  return [compact(instrument.symbol), ...spellings(base, quote), `${base}${quote}${settle}`];
}

/** Names that leave the quote currency open: `BTC-PERP`, `BTCUSD`. */
function looseNames(instrument: Instrument): readonly string[] {
  const base = instrument.baseCurrency.toUpperCase();
  if (!DOLLARS.includes(instrument.quoteCurrency.toUpperCase())) return [];
  return [...spellings(base, 'USD'), `${base}PERP`, `${base}SWAP`, `${base}.P`];
}

/**
 * Finds the instrument a sender means. Understands venue symbols, TradingView tickers (`BTCUSDT.P`,
 * `BINANCE:BTCUSDTPERP`), ccxt symbols (`BTC/USDT:USDT`), `BTC-PERP`, `BTCUSD`, `#BTC/USDT`, in any case.
 *
 * A venue prefix narrows the choice where we know that venue, and is ignored where we do not: a chart of one venue often
 * drives orders at another. Several candidates are refused, never guessed: their contract values may differ 100×.
 */
export function resolveSymbol(text: string, instruments: readonly Instrument[]): SymbolResolution {
  const cleaned = text
    .trim()
    .replace(/^[#$]\s*/, '')
    .toUpperCase();
  const shown = text.trim().slice(0, MAX_LENGTH);
  if (cleaned === '') return { ok: false, code: 'UNKNOWN_SYMBOL', message: 'The instrument is empty.' };
  if (cleaned.length > MAX_LENGTH) {
    return { ok: false, code: 'UNKNOWN_SYMBOL', message: `The instrument "${shown}…" is too long to be one.` };
  }

  const prefixed = VENUE_PREFIX.exec(cleaned);
  const venue = prefixed?.[1];
  const name = prefixed?.[2] ?? cleaned;
  const atVenue = instruments.filter((instrument) => instrument.venue.toUpperCase() === venue);
  const pool = atVenue.length > 0 ? atVenue : instruments;

  const wanted = compact(name);
  const full = pool.filter((instrument) => fullNames(instrument).includes(wanted));
  const candidates = full.length > 0 ? full : pool.filter((instrument) => looseNames(instrument).includes(wanted));
  const [first, ...others] = candidates;
  if (first === undefined) {
    return { ok: false, code: 'UNKNOWN_SYMBOL', message: `No instrument is known as "${shown}".` };
  }
  if (others.length === 0) return { ok: true, instrument: first };

  // A venue's own punctuated spelling ("BTC-USDT-SWAP") is precise; a bare "BTCUSDT" is everybody's.
  const literal = /[^A-Z0-9]/.test(name) ? candidates.filter((one) => one.symbol.toUpperCase() === name) : [];
  const [only, ...more] = literal;
  if (only !== undefined && more.length === 0) return { ok: true, instrument: only };
  const list = candidates.map((one) => `${one.venue}:${one.symbol}`).join(', ');
  return { ok: false, code: 'AMBIGUOUS_SYMBOL', message: `"${shown}" could be any of ${list}; write one of these.` };
}
