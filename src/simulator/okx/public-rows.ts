import { buildBook } from '../engine/book';
import type { Candle } from '../engine/candle';
import { FUNDING_PERIOD, fundingRate, nextFundingTime } from '../engine/funding';
import type { Market, Quote } from '../engine/market';
import { priceLimits } from '../engine/order-checks';

const DAY = 86_400_000;
const HOUR = 3_600_000;

interface DayFigures {
  readonly minute: number;
  readonly open: string;
  readonly high: number;
  readonly low: number;
  readonly volume: number;
  readonly sodUtc0: string;
  readonly sodUtc8: string;
}

const figures = new WeakMap<Quote, DayFigures>();

/** Figures of the last 24 hours, computed once a minute; high and low are widened by the price of now. */
function dayFigures(market: Market, quote: Quote, now: number): DayFigures {
  const minute = Math.floor(now / 60_000);
  const known = figures.get(quote);
  if (known?.minute === minute) return known;
  const series = market.candles.get(quote.instrument.instId);
  const start = Math.floor((now - DAY) / 60_000) * 60_000;
  const day = series?.bar(start, { sizeMs: DAY, shiftMs: 0 }, now);
  const openAt = (ts: number): string => priceText(quote, series?.bar(ts, MINUTE_BAR, now)?.open ?? quote.lastNumber);
  const built = {
    minute,
    open: openAt(start),
    high: day?.high ?? quote.lastNumber,
    low: day?.low ?? quote.lastNumber,
    volume: day?.volume ?? 0,
    sodUtc0: openAt(Math.floor(now / DAY) * DAY),
    sodUtc8: openAt(Math.floor((now + 8 * HOUR) / DAY) * DAY - 8 * HOUR),
  };
  figures.set(quote, built);
  return built;
}

const MINUTE_BAR = { sizeMs: 60_000, shiftMs: 0 };

/** A number of the made-up price process as text at the instrument's tick. */
export function priceText(quote: Quote, price: number): string {
  return price.toFixed(quote.instrument.tickSz.decimalPlaces());
}

export function tickerRow(market: Market, quote: Quote, now: number): Record<string, string> {
  const day = dayFigures(market, quote, now);
  const book = buildBook(quote, 1);
  const ctVal = quote.instrument.ctVal.toNumber();
  const trades = market.trades.get(quote.instrument.instId);
  return {
    instType: 'SWAP',
    instId: quote.instrument.instId,
    last: quote.last.toFixed(),
    lastSz: trades?.at(-1)?.sz ?? '0',
    askPx: quote.ask.toFixed(),
    askSz: book.asks[0]?.[1] ?? '0',
    bidPx: quote.bid.toFixed(),
    bidSz: book.bids[0]?.[1] ?? '0',
    open24h: day.open,
    high24h: priceText(quote, Math.max(day.high, quote.lastNumber)),
    low24h: priceText(quote, Math.min(day.low, quote.lastNumber)),
    volCcy24h: (day.volume * ctVal).toFixed(2),
    vol24h: day.volume.toFixed(2),
    sodUtc0: day.sodUtc0,
    sodUtc8: day.sodUtc8,
    ts: String(quote.ts),
  };
}

export function markPriceRow(quote: Quote, now: number): Record<string, string> {
  return { instType: 'SWAP', instId: quote.instrument.instId, markPx: quote.mark.toFixed(), ts: String(now) };
}

export function fundingRow(quote: Quote, now: number): Record<string, string> {
  const { instId } = quote.instrument;
  const time = nextFundingTime(now);
  return {
    formulaType: 'noRate',
    fundingRate: fundingRate(instId, time),
    fundingTime: String(time),
    impactValue: '',
    instId,
    instType: 'SWAP',
    interestRate: '',
    maxFundingRate: '0.00375',
    method: 'current_period',
    minFundingRate: '-0.00375',
    nextFundingRate: '',
    nextFundingTime: String(time + FUNDING_PERIOD),
    premium: '0',
    settFundingRate: fundingRate(instId, time - FUNDING_PERIOD),
    settState: 'settled',
    ts: String(now),
  };
}

export function priceLimitRow(quote: Quote, now: number): Record<string, unknown> {
  const limits = priceLimits(quote);
  return {
    instType: 'SWAP',
    instId: quote.instrument.instId,
    buyLmt: limits.buyLmt.toFixed(),
    sellLmt: limits.sellLmt.toFixed(),
    ts: String(now),
    enabled: true,
  };
}

/** [ts, open, high, low, close, contracts, base volume, quote volume, confirm] */
export function candleRow(quote: Quote, candle: Candle, sizeMs: number, now: number): string[] {
  const base = candle.volume * quote.instrument.ctVal.toNumber();
  return [
    String(candle.ts),
    priceText(quote, candle.open),
    priceText(quote, candle.high),
    priceText(quote, candle.low),
    priceText(quote, candle.close),
    candle.volume.toFixed(2),
    base.toFixed(4),
    (base * candle.close).toFixed(2),
    candle.ts + sizeMs <= now ? '1' : '0',
  ];
}
