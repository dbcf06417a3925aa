import type { Instrument } from './instrument';

export type SymbolResolution =
  | {
      readonly ok: true;
      readonly instrument: Instrument;
      /** The name says USD, and was taken for USDT because the source is set so. */
      readonly usdMeantUsdt: boolean;
    }
  | { readonly ok: false; readonly code: 'UNKNOWN_SYMBOL' | 'AMBIGUOUS_SYMBOL'; readonly message: string };

export type SymbolOptions = {
  /** A plain pair in USD (`BTCUSD`) names the USDT instrument: the source's setting. */
  readonly usdMeansUsdt?: boolean;
};

/** Quote currencies that a name may leave open, as `BTC-PERP` does. */
const DOLLARS: readonly string[] = ['USD', 'USDT', 'USDC'];

const MAX_LENGTH = 64;

/** Endings that all mean "the perpetual swap". */
const SWAP_ENDINGS = ['.P', 'PERP', 'SWAP'] as const;

/** Other names of a coin. */
const ALIASES: Readonly<Record<string, readonly string[]>> = { BTC: ['XBT'] };

/** `BINANCE:BTCUSDTPERP` → venue BINANCE. ccxt's `BTC/USDT:USDT` has its colon after a slash and is not a prefix. */
const VENUE_PREFIX = /^([A-Z][A-Z0-9]*):(.+)$/;

/** Charts of these venues whose pair is in USD show contracts that are settled in the coin. */
const INVERSE_VENUES: readonly string[] = ['BITMEX', 'BYBIT', 'DERIBIT'];

/** A perpetual or dated contract in USD: `BTC-USD-SWAP`, `BTCUSD_PERP`, `BTCUSD.P`, `BTC-USD-260626`. */
const USD_CONTRACT = /USD(?:\.P|PERP|SWAP|\d{6}|\d{8})$/;
/** ccxt's name of one that is settled in its own coin: `BTC/USD:BTC`. */
const SETTLED_IN_COIN = /^([A-Z0-9]+)[/-]USD:\1$/;

/** Upper case without separators; TradingView's `.P` ending keeps its dot, so that it can't be taken for a letter. */
function compact(text: string): string {
  const upper = text.toUpperCase();
  const perpetual = upper.endsWith('.P');
  const stem = (perpetual ? upper.slice(0, -2) : upper).replace(/[-/_.:\s]/g, '');
  return perpetual ? `${stem}.P` : stem;
}

function basesOf({ baseCurrency }: Instrument): readonly string[] {
  const base = baseCurrency.toUpperCase();
  return [base, ...(ALIASES[base] ?? [])];
}

/** Names that mean this instrument and no other quote currency. */
function fullNames(instrument: Instrument): readonly string[] {
  const quote = instrument.quoteCurrency.toUpperCase();
  const settle = instrument.settleCurrency.toUpperCase();
  // Perpetuals in USD are mostly inverse: a linear one goes by its venue's own name alone.
  const endings = quote === 'USD' ? [] : SWAP_ENDINGS;
  return basesOf(instrument).flatMap((base) => [
    `${base}${quote}`,
    ...endings.map((ending) => `${base}${quote}${ending}`),
    `${base}${quote}${settle}`,
  ]);
}

/** Names that leave the quote currency open: `BTC-PERP`. */
function looseNames(instrument: Instrument): readonly string[] {
  if (!DOLLARS.includes(instrument.quoteCurrency.toUpperCase())) return [];
  return basesOf(instrument).flatMap((base) => SWAP_ENDINGS.map((ending) => `${base}${ending}`));
}

/** `BTCUSD`, where USD is to mean USDT. */
function dollarNames(instrument: Instrument): readonly string[] {
  return instrument.quoteCurrency.toUpperCase() === 'USDT' ? basesOf(instrument).map((base) => `${base}USD`) : [];
}

/**
 * Finds the instrument a sender means. Understands venue symbols, TradingView tickers (`BTCUSDT.P`,
 * `BINANCE:BTCUSDTPERP`), ccxt symbols (`BTC/USDT:USDT`), `BTC-PERP`, `#BTC/USDT`, in any case, and `BTCUSD` where the source takes USD
 * for USDT. A contract in USD is never taken for one in USDT: it is settled in the coin, and one of it is worth something else.
 *
 * A venue's own name, as it writes it, comes first. A venue prefix narrows the choice where we know that venue, and is ignored where we do
 * not: a chart of one venue often drives orders at another. Several candidates are refused, never guessed: their contract values may
 * differ 100×.
 */
export function resolveSymbol(
  text: string,
  instruments: readonly Instrument[],
  { usdMeansUsdt = false }: SymbolOptions = {},
): SymbolResolution {
  const cleaned = text
    .trim()
    .replace(/^[#$]\s*/, '')
    .toUpperCase();
  const shown = text.trim().slice(0, MAX_LENGTH);
  if (cleaned === '') return unknown('The instrument is empty.');
  if (cleaned.length > MAX_LENGTH) return unknown(`The instrument "${shown}…" is too long to be one.`);

  const prefixed = VENUE_PREFIX.exec(cleaned);
  const venue = prefixed?.[1];
  const name = prefixed?.[2] ?? cleaned;
  const atVenue = instruments.filter((instrument) => instrument.venue.toUpperCase() === venue);
  const pool = atVenue.length > 0 ? atVenue : instruments;

  const [exact, ...moreExact] = pool.filter(({ symbol }) => symbol.toUpperCase() === name);
  // A punctuated spelling ("BTC-USDT-SWAP") is one venue's; a bare "BTCUSDT" is everybody's.
  const isOneVenues = /[^A-Z0-9]/.test(name) || new Set(pool.map((one) => one.venue)).size === 1;
  if (exact !== undefined && moreExact.length === 0 && isOneVenues) return found(exact);

  const wanted = compact(name);
  const named = (names: (instrument: Instrument) => readonly string[]): readonly Instrument[] =>
    pool.filter((instrument) => names(instrument).includes(wanted));
  const spelled = pool.filter(({ symbol }) => compact(symbol) === wanted);
  const full = [...new Set([...spelled.filter((one) => !isContractInDollars(one, wanted)), ...named(fullNames)])];
  if (full.length > 0) return choose(full, shown);
  if (USD_CONTRACT.test(wanted) || SETTLED_IN_COIN.test(name)) return inverse(shown);
  const loose = named(looseNames);
  if (loose.length > 0) return choose(loose, shown);

  const dollars = named(dollarNames);
  if (dollars.length === 0) return unknown(`No instrument is known as "${shown}".`);
  if (venue !== undefined && INVERSE_VENUES.includes(venue)) return inverse(shown);
  if (!usdMeansUsdt) {
    return unknown(
      `No instrument is known as "${shown}". Write the quote currency (USDT), or let USD mean USDT in the source's settings.`,
    );
  }
  const chosen = choose(dollars, shown);
  return chosen.ok ? { ...chosen, usdMeantUsdt: true } : chosen;
}

/** A linear contract in USD may be spelled like an inverse one of another venue: then only its exact name means it. */
function isContractInDollars({ quoteCurrency }: Instrument, wanted: string): boolean {
  return quoteCurrency.toUpperCase() === 'USD' && USD_CONTRACT.test(wanted);
}

function found(instrument: Instrument): SymbolResolution {
  return { ok: true, instrument, usdMeantUsdt: false };
}

function choose(candidates: readonly Instrument[], shown: string): SymbolResolution {
  const [first, ...others] = candidates;
  if (first !== undefined && others.length === 0) return found(first);
  const list = candidates.map((one) => `${one.venue}:${one.symbol}`).join(', ');
  return { ok: false, code: 'AMBIGUOUS_SYMBOL', message: `"${shown}" could be any of ${list}; write one of these.` };
}

function inverse(shown: string): SymbolResolution {
  return unknown(
    `"${shown}" is a contract in USD, settled in its coin; only linear ones are traded here, such as in USDT.`,
  );
}

function unknown(message: string): SymbolResolution {
  return { ok: false, code: 'UNKNOWN_SYMBOL', message };
}
