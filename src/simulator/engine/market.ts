import { type Dec, dec, roundToStep } from '@/domain/decimal';
import type { Candle } from './candle';
import { type CandleAnchor, CandleSeries } from './candles';
import { INSTRUMENTS, type Instrument } from './instruments';
import { hashText, type Random, seededRandom } from './random';

/**
 * live      it trades
 * suspend   nothing trades until it resumes; orders can be cancelled
 * settling  the same, while what is open is settled
 * delisted  nobody knows it any more
 */
export const TRADING_STATES = ['live', 'suspend', 'settling', 'delisted'] as const;
export type TradingState = (typeof TRADING_STATES)[number];

/** What the venue quotes for one instrument now. Mark and index follow the last price. */
export interface Quote {
  readonly instrument: Instrument;
  last: Dec;
  bid: Dec;
  ask: Dec;
  mark: Dec;
  /** The same as numbers, for screening in loops over many orders. */
  lastNumber: number;
  bidNumber: number;
  askNumber: number;
  ts: number;
  seqId: number;
  hold: boolean;
  state: TradingState;
  /** When it is to be delisted, epoch ms; null: not planned. */
  endsAt: number | null;
  /** A book of so many levels with so many contracts each, instead of the deep one. */
  thin: { readonly levels: number; readonly sz: number } | null;
  /** Contracts taken from a thin book since its price moved. */
  readonly taken: { asks: number; bids: number };
}

export interface PublicTrade {
  tradeId: string;
  px: string;
  sz: string;
  side: 'buy' | 'sell';
  ts: number;
}

interface Walk {
  anchor: number;
  exact: number;
  random: Random;
}

export interface MarketOptions {
  readonly seed: number;
  /** Half spread in ticks. */
  readonly spreadTicks: number;
  /** Standard deviation of one step, as a share of the price. */
  readonly volatility: number;
}

/** State that survives a restart, one per instrument. */
export interface StoredPrice {
  readonly last: string;
  readonly hold: boolean;
  readonly state?: TradingState;
  readonly endsAt?: number | null;
  readonly anchor: CandleAnchor;
}

const KEPT_TRADES = 500;

/** The price process, quotes, public trades and candles of every instrument. */
export class Market {
  readonly quotes = new Map<string, Quote>();
  readonly candles = new Map<string, CandleSeries>();
  readonly trades = new Map<string, PublicTrade[]>();
  walking = true;
  private readonly walks = new Map<string, Walk>();

  constructor(
    private readonly options: MarketOptions,
    private readonly now: () => number,
    private readonly nextTradeId: () => string,
    stored: ReadonlyMap<string, StoredPrice>,
    recorded: ReadonlyMap<string, readonly Candle[]>,
    private readonly onCandle: (instId: string, candle: Candle) => void,
  ) {
    for (const instrument of INSTRUMENTS) {
      const { instId } = instrument;
      const before = stored.get(instId);
      const last = dec(before?.last ?? instrument.startPrice);
      const anchor = before?.anchor ?? { ts: now(), price: last.toNumber() };
      const seed = (options.seed ^ hashText(instId)) >>> 0;
      const quote: Quote = {
        instrument,
        last,
        bid: last,
        ask: last,
        mark: last,
        lastNumber: 0,
        bidNumber: 0,
        askNumber: 0,
        ts: now(),
        seqId: 0,
        hold: before?.hold ?? false,
        state: before?.state ?? 'live',
        endsAt: before?.endsAt ?? null,
        thin: null,
        taken: { asks: 0, bids: 0 },
      };
      this.quotes.set(instId, quote);
      this.trades.set(instId, []);
      this.walks.set(instId, { anchor: last.toNumber(), exact: last.toNumber(), random: seededRandom(seed) });
      this.candles.set(
        instId,
        new CandleSeries(seed, anchor, recorded.get(instId) ?? [], (candle) => this.onCandle(instId, candle)),
      );
      this.requote(quote, last);
      this.publicTrade(instId, last, dec(1), 'buy');
    }
  }

  quote(instId: string): Quote {
    const quote = this.quotes.get(instId);
    if (!quote) throw new Error(`No quote for ${instId}`);
    return quote;
  }

  stored(instId: string): StoredPrice {
    const quote = this.quote(instId);
    const anchor = this.candles.get(instId)?.anchor ?? { ts: quote.ts, price: quote.lastNumber };
    return { last: quote.last.toFixed(), hold: quote.hold, state: quote.state, endsAt: quote.endsAt, anchor };
  }

  private requote(quote: Quote, last: Dec): void {
    const half = quote.instrument.tickSz.times(this.options.spreadTicks);
    quote.taken.asks = 0;
    quote.taken.bids = 0;
    quote.last = last;
    quote.mark = last;
    quote.bid = last.minus(half);
    if (!quote.bid.isPositive() || quote.bid.isZero()) quote.bid = quote.instrument.tickSz;
    quote.ask = last.plus(half);
    quote.lastNumber = last.toNumber();
    quote.bidNumber = quote.bid.toNumber();
    quote.askNumber = quote.ask.toNumber();
    quote.ts = this.now();
    quote.seqId += 1;
  }

  /** Moves a price at once. The walk continues from it; with `hold` it stays there. */
  set(instId: string, price: Dec, hold: boolean): void {
    const quote = this.quote(instId);
    const rounded = roundToStep(price, quote.instrument.tickSz);
    const walk = this.walks.get(instId);
    if (walk) {
      walk.anchor = rounded.toNumber();
      walk.exact = walk.anchor;
    }
    quote.hold = hold;
    this.requote(quote, rounded);
    this.publicTrade(instId, rounded, dec(1), 'buy');
  }

  /** One step of the walk; returns the instruments that were traded. */
  step(): string[] {
    const moved: string[] = [];
    for (const [instId, quote] of this.quotes) {
      const walk = this.walks.get(instId);
      if (!walk) continue;
      const size = Math.ceil(walk.random() * 40) / 10;
      const side = walk.random() < 0.5 ? 'sell' : 'buy';
      if (!this.walking || quote.hold || quote.state !== 'live') continue;
      const gauss = Math.sqrt(-2 * Math.log(1 - walk.random())) * Math.cos(2 * Math.PI * walk.random());
      const pull = (walk.anchor - walk.exact) / walk.anchor / 2000;
      walk.exact *= 1 + gauss * this.options.volatility + pull;
      const next = roundToStep(dec(walk.exact.toFixed(8)), quote.instrument.tickSz);
      if (!next.eq(quote.last) && next.gt(0)) {
        this.requote(quote, next);
      }
      moved.push(instId);
      this.publicTrade(instId, quote.last, dec(size), side);
    }
    return moved;
  }

  publicTrade(instId: string, px: Dec, sz: Dec, side: 'buy' | 'sell', tradeId = this.nextTradeId()): PublicTrade {
    const trade = { tradeId, px: px.toFixed(), sz: sz.toFixed(), side, ts: this.now() };
    const list = this.trades.get(instId);
    if (list) {
      list.push(trade);
      if (list.length > KEPT_TRADES * 2) list.splice(0, KEPT_TRADES);
    }
    this.candles.get(instId)?.trade(trade.ts, px.toNumber(), sz.toNumber());
    return trade;
  }
}
