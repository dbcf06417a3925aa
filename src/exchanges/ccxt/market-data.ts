import type { Exchange, Market } from 'ccxt';
import { type Dec, dec, ONE, toText, ZERO } from '@/domain/decimal';
import type { ListedInstrument } from '@/domain/listing';
import { toInstrumentEnd, toInstrumentState } from '@/exchanges/okx/instrument-state';
import { type Candle, type MarketData, VenueError } from '@/exchanges/port';
import { currentTime } from '@/platform/clock';

export type CcxtMarketOptions = {
  /** ccxt's id of the exchange, for example "okx", "binanceusdm", "bybit". */
  readonly exchange: string;
  /** The venue key that the instruments get. */
  readonly venue: string;
  /** Scheme, host and port instead of the exchange's own REST host; null: its own. */
  readonly restOrigin: string | null;
  readonly timeoutMs: number;
  /** Sent with each request, for example the header of demo trading. */
  readonly headers?: Readonly<Record<string, string>>;
};

type Ccxt = typeof import('ccxt').default;
type ApiAddresses = Exchange['urls']['api'];
type Loaded = { readonly exchange: Exchange; readonly ccxt: Ccxt };

const SETTLE_CURRENCY = 'USDT';
type Told = Pick<ListedInstrument, 'maxMarketSize' | 'state' | 'endsAt'>;
type Fields = Readonly<Record<string, unknown>>;

/** What ccxt leaves in the venue's own payload. */
const TOLD: Readonly<Record<string, (fields: Fields) => Told>> = {
  okx: (fields) => ({
    maxMarketSize: decimalOf(fields.maxMktSz),
    state: toInstrumentState(String(fields.state)),
    endsAt: toInstrumentEnd(String(fields.expTime ?? '')),
  }),
};

/**
 * Public data of any venue that ccxt knows: linear perpetual swaps settled in USDT.
 *
 * ccxt takes 0.4 s and some 80 MB to import, so it is loaded by the first question: only the processes that ask pay.
 * Nothing is traded through it.
 */
export class CcxtMarketData implements MarketData {
  readonly #options: CcxtMarketOptions;
  #loading: Promise<Loaded> | null = null;

  constructor(options: CcxtMarketOptions) {
    this.#options = options;
  }

  getInstruments(): Promise<readonly ListedInstrument[]> {
    return this.#ask(async (exchange) => {
      const markets = Object.values(await exchange.loadMarkets(true));
      return markets
        .map((market) => (market ? this.#toInstrument(exchange, market) : null))
        .filter((instrument) => instrument !== null);
    });
  }

  getPrice(symbol: string): Promise<{ readonly price: string; readonly at: number }> {
    return this.#ask(async (exchange) => {
      const market = await this.#market(exchange, symbol);
      const ticker = await exchange.fetchTicker(market.symbol);
      if (ticker.last === undefined) throw new VenueError('MALFORMED', `No price of ${symbol}`, 'unavailable');
      return { price: text(ticker.last), at: ticker.timestamp ?? currentTime() };
    });
  }

  getCandles(symbol: string, interval: string, limit: number): Promise<readonly Candle[]> {
    return this.#ask(async (exchange) => {
      const market = await this.#market(exchange, symbol);
      const rows = await exchange.fetchOHLCV(market.symbol, interval, undefined, limit);
      const contractValue = dec(String(market.contractSize ?? 1));
      return rows.map(([openedAt, open, high, low, close, volume]) => ({
        openedAt: Number(openedAt),
        open: text(open),
        high: text(high),
        low: text(low),
        close: text(close),
        // ccxt tells the volume in base coins.
        volume: toText(dec(text(volume)).div(contractValue)),
      }));
    });
  }

  getTime(): Promise<number> {
    return this.#ask(async (exchange) => {
      const time = await exchange.fetchTime();
      if (time === undefined) throw new VenueError('MALFORMED', 'The venue told no time', 'unavailable');
      return time;
    });
  }

  async #ask<Answer>(question: (exchange: Exchange) => Promise<Answer>): Promise<Answer> {
    const { exchange, ccxt } = await this.#load();
    try {
      return await question(exchange);
    } catch (error) {
      throw toVenueError(error, ccxt);
    }
  }

  #load(): Promise<Loaded> {
    this.#loading ??= createExchange(this.#options).catch((error: unknown) => {
      this.#loading = null;
      throw error;
    });
    return this.#loading;
  }

  /** By the venue's own name. */
  async #market(exchange: Exchange, symbol: string): Promise<NonNullable<Market>> {
    await exchange.loadMarkets();
    const found: unknown = exchange.markets_by_id?.[symbol];
    const candidates = (Array.isArray(found) ? found : [found]) as Market[];
    const market = candidates.find((candidate) => candidate?.swap);
    if (!market) throw new VenueError('UNKNOWN_SYMBOL', `${this.#options.venue} has no swap "${symbol}"`, 'refused');
    return market;
  }

  #toInstrument(exchange: Exchange, market: NonNullable<Market>): ListedInstrument | null {
    if (!market.swap || !market.linear || market.settle !== SETTLE_CURRENCY) return null;
    const lotSize = stepOf(exchange, market.precision.amount) ?? ZERO;
    const tickSize = stepOf(exchange, market.precision.price) ?? ZERO;
    const { id: symbol, base, quote } = market;
    if (!symbol || !base || !quote) return null;
    const { venue } = this.#options;
    const { maxMarketSize, state, endsAt } = this.#told(market);
    return {
      id: `${venue}:${symbol}`,
      venue,
      symbol,
      baseCurrency: base,
      quoteCurrency: quote,
      settleCurrency: SETTLE_CURRENCY,
      contractValue: dec(String(market.contractSize ?? 0)),
      lotSize,
      minSize: market.limits.amount?.min ? dec(String(market.limits.amount.min)) : lotSize,
      maxMarketSize,
      tickSize,
      maxLeverage: market.limits.leverage?.max ? dec(String(market.limits.leverage.max)) : ONE,
      state,
      endsAt,
    };
  }

  #told(market: NonNullable<Market>): Told {
    const told = TOLD[this.#options.exchange]?.(market.info ?? {});
    return told ?? { maxMarketSize: null, state: market.active ? 'live' : 'suspended', endsAt: market.expiry ?? null };
  }
}

function decimalOf(value: unknown): Dec | null {
  return typeof value === 'string' && value !== '' ? dec(value) : null;
}

async function createExchange(options: CcxtMarketOptions): Promise<Loaded> {
  const { default: ccxt } = await import('ccxt');
  const Constructor: unknown = ccxt.exchanges.includes(options.exchange) ? Reflect.get(ccxt, options.exchange) : null;
  if (typeof Constructor !== 'function') {
    throw new VenueError('UNKNOWN_VENUE', `ccxt knows no exchange "${options.exchange}"`, 'refused');
  }
  const exchange: Exchange = Reflect.construct(Constructor, [
    {
      timeout: options.timeoutMs,
      headers: { ...options.headers },
      // The other kinds of markets would only be fetched to be left out.
      options: { defaultType: 'swap', ...(options.exchange === 'okx' ? { fetchMarkets: { types: ['swap'] } } : {}) },
    },
  ]);
  if (options.restOrigin !== null) {
    exchange.urls.api = atOrigin(exchange.urls.api, options.restOrigin, exchange.hostname ?? '') as ApiAddresses;
  }
  return { exchange, ccxt };
}

/** The same addresses at another origin, however deep they stand. */
function atOrigin(addresses: unknown, origin: string, hostname: string): unknown {
  if (typeof addresses === 'string') {
    const url = new URL(addresses.replaceAll('{hostname}', hostname));
    return `${new URL(origin).origin}${url.pathname === '/' ? '' : url.pathname}`;
  }
  if (typeof addresses !== 'object' || addresses === null) return addresses;
  return Object.fromEntries(
    Object.entries(addresses).map(([name, value]) => [name, atOrigin(value, origin, hostname)]),
  );
}

/** ccxt's modes of precision: https://docs.ccxt.com/#/README?id=precision-mode */
const DECIMAL_PLACES = 2;
const TICK_SIZE = 4;

function stepOf(exchange: Exchange, precision: number | undefined): Dec | null {
  if (precision === undefined) return null;
  if (exchange.precisionMode === TICK_SIZE) return dec(String(precision));
  if (exchange.precisionMode === DECIMAL_PLACES) return dec(10).pow(-precision);
  return null;
}

/** Shortest decimal text of a number that ccxt parsed from one. */
function text(value: number | undefined): string {
  return toText(dec(String(value ?? 0)));
}

function toVenueError(error: unknown, ccxt: Ccxt): VenueError {
  if (error instanceof VenueError) return error;
  const name = error instanceof Error ? error.constructor.name : 'unknown';
  const message = `ccxt: ${name}`;
  if (error instanceof ccxt.DDoSProtection || error instanceof ccxt.RateLimitExceeded) {
    return new VenueError(name, message, 'throttled');
  }
  if (error instanceof ccxt.NetworkError) return new VenueError('TRANSPORT', message, 'unavailable');
  if (error instanceof ccxt.AuthenticationError) return new VenueError(name, message, 'auth');
  return new VenueError(name, message, error instanceof ccxt.ExchangeError ? 'refused' : 'unavailable');
}
