import { buildBook } from '../engine/book';
import { FUNDING_PERIOD, fundingRate, nextFundingTime } from '../engine/funding';
import { findInstrument } from '../engine/instruments';
import type { Quote } from '../engine/market';
import { findBar } from './bars';
import { success } from './envelope';
import { VenueError } from './errors';
import { instrumentRow } from './instrument-rows';
import { candleRow, fundingRow, markPriceRow, priceLimitRow, tickerRow } from './public-rows';
import { type Call, queryInteger, queryTime, type Router } from './router';

function requireInstrument(call: Call): Quote {
  const instId = call.query.get('instId') ?? '';
  if (instId === '') throw new VenueError('50014', 'instId');
  if (!isListed(call, instId)) throw new VenueError('51001');
  return call.venue.market.quote(instId);
}

function selectAll(call: Call): Quote[] {
  return [...call.venue.market.quotes.values()].filter(({ state }) => state !== 'delisted');
}

function isListed(call: Call, instId: string): boolean {
  return findInstrument(instId) !== undefined && call.venue.market.quote(instId).state !== 'delisted';
}

/** Quotes an optional instType, instId or instFamily selects. */
function selectQuotes(call: Call): Quote[] {
  const instType = call.query.get('instType');
  const instId = call.query.get('instId');
  const family = call.query.get('instFamily') ?? call.query.get('uly');
  if (instType && instType !== 'SWAP') return [];
  if (instId && !isListed(call, instId)) throw new VenueError('51001');
  return selectAll(call).filter(
    ({ instrument }) => (!instId || instrument.instId === instId) && (!family || instrument.instFamily === family),
  );
}

export function instrumentRows(call: Call): unknown[] {
  const instType = call.query.get('instType');
  if (!instType) throw new VenueError('50014', 'instType');
  if (!['SPOT', 'MARGIN', 'SWAP', 'FUTURES', 'OPTION', 'EVENTS'].includes(instType))
    throw new VenueError('51000', 'instType');
  return selectQuotes(call).map((quote) => instrumentRow(quote));
}

function candles(call: Call, max: number): ReturnType<typeof success> {
  const quote = requireInstrument(call);
  const bar = findBar(call.query.get('bar') || '1m');
  if (!bar) throw new VenueError('51000', 'bar');
  const now = call.venue.clock.now();
  const limit = queryInteger(call, 'limit', 100, max);
  const series = call.venue.market.candles.get(quote.instrument.instId);
  const rows = series?.list(bar, now, limit, queryTime(call, 'after'), queryTime(call, 'before')) ?? [];
  return success(rows.map((candle) => candleRow(quote, candle, bar.sizeMs, now)));
}

function trades(call: Call, max: number): ReturnType<typeof success> {
  const { instId } = requireInstrument(call).instrument;
  const limit = queryInteger(call, 'limit', 100, max);
  const list = call.venue.market.trades.get(instId) ?? [];
  return success(
    list
      .slice(-limit)
      .reverse()
      .map(({ tradeId, px, sz, side, ts }) => ({ instId, side, sz, source: '0', px, tradeId, ts: String(ts) })),
  );
}

function books(call: Call): ReturnType<typeof success> {
  const quote = requireInstrument(call);
  const book = buildBook(quote, Math.max(1, queryInteger(call, 'sz', 1, 400)));
  return success([{ ...book, ts: String(quote.ts), seqId: quote.seqId }]);
}

function fundingHistory(call: Call): ReturnType<typeof success> {
  const { instId } = requireInstrument(call).instrument;
  const limit = queryInteger(call, 'limit', 100, 400);
  const last = nextFundingTime(call.venue.clock.now()) - FUNDING_PERIOD;
  const rows = Array.from({ length: limit }, (_, index) => {
    const time = last - index * FUNDING_PERIOD;
    const rate = fundingRate(instId, time);
    return {
      formulaType: 'noRate',
      fundingRate: rate,
      fundingTime: String(time),
      instId,
      instType: 'SWAP',
      method: 'current_period',
      realizedRate: rate,
    };
  });
  return success(rows);
}

function positionTiers(call: Call): ReturnType<typeof success> {
  return success(
    selectQuotes(call).map(({ instrument }) => ({
      baseMaxLoan: '',
      imr: (1 / instrument.maxLever).toString(),
      instFamily: instrument.instFamily,
      instId: instrument.instId,
      maxLever: String(instrument.maxLever),
      maxSz: instrument.maxLmtSz.toFixed(),
      minSz: '0',
      mmr: instrument.mmr.toFixed(),
      optMgnFactor: '0',
      quoteMaxLoan: '',
      tier: '1',
      uly: instrument.instFamily,
    })),
  );
}

/** Market data and the venue's public facts. */
export function addPublicRoutes(router: Router): void {
  router.open('public/time', 10, ({ venue }) => success([{ ts: String(venue.clock.now()) }]));
  router.open('public/instruments', 20, (call) => success(instrumentRows(call)));
  router.open('public/mark-price', 10, (call) =>
    success(selectQuotes(call).map((quote) => markPriceRow(quote, call.venue.clock.now()))),
  );
  router.open('public/funding-rate', 10, (call) => {
    const quotes = call.query.get('instId') === 'ANY' ? selectAll(call) : [requireInstrument(call)];
    return success(quotes.map((quote) => fundingRow(quote, call.venue.clock.now())));
  });
  router.open('public/funding-rate-history', 10, fundingHistory);
  router.open('public/price-limit', 20, (call) =>
    success([priceLimitRow(requireInstrument(call), call.venue.clock.now())]),
  );
  router.open('public/position-tiers', 10, positionTiers);
  router.open('market/ticker', 20, (call) =>
    success([tickerRow(call.venue.market, requireInstrument(call), call.venue.clock.now())]),
  );
  router.open('market/tickers', 20, (call) => {
    if (!call.query.get('instType')) throw new VenueError('50014', 'instType');
    return success(selectQuotes(call).map((quote) => tickerRow(call.venue.market, quote, call.venue.clock.now())));
  });
  router.open('market/books', 40, books);
  router.open('market/candles', 40, (call) => candles(call, 300));
  router.open('market/history-candles', 20, (call) => candles(call, 300));
  router.open('market/trades', 100, (call) => trades(call, 500));
  router.open('market/history-trades', 20, (call) => trades(call, 100));
  router.open('system/status', 10, () => success([]));
}
