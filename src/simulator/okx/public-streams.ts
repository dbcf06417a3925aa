import { type Book, bookChanges, buildBook } from '../engine/book';
import { barStart } from '../engine/candles';
import type { PublicTrade } from '../engine/market';
import type { Venue } from '../engine/venue';
import { findBar } from './bars';
import { candleBar } from './channels';
import { instrumentRow } from './instrument-rows';
import { candleRow, fundingRow, markPriceRow, priceLimitRow, tickerRow } from './public-rows';
import type { StreamSession, Subscription } from './stream-session';

const BOOK_DEPTH = 400;
/** A book without changes for so long gets an empty update. */
const QUIET_BOOK_MS = 60_000;

interface BookState {
  book: Book;
  seqId: number;
  sentAt: number;
}

interface Listener {
  readonly session: StreamSession;
  readonly subscription: Subscription;
}

/** Who listens to which public channel of which instrument, and what is sent to them when prices move. */
export class PublicStreams {
  private readonly listeners = new Map<string, Map<StreamSession, Listener>>();
  private readonly books = new Map<string, BookState>();
  private readonly sentTrades = new Map<string, string>();

  constructor(private readonly venue: Venue) {}

  add(session: StreamSession, subscription: Subscription): void {
    const key = keyOf(subscription);
    let listeners = this.listeners.get(key);
    if (!listeners) {
      listeners = new Map();
      this.listeners.set(key, listeners);
    }
    listeners.set(session, { session, subscription });
    this.greet(session, subscription);
  }

  remove(session: StreamSession, subscription: Subscription): void {
    const key = keyOf(subscription);
    const listeners = this.listeners.get(key);
    listeners?.delete(session);
    if (listeners?.size === 0) {
      this.listeners.delete(key);
      if (subscription.channel === 'books') this.books.delete(subscription.arg.instId ?? '');
    }
  }

  /** The present state, to a new listener. */
  private greet(session: StreamSession, subscription: Subscription): void {
    const { channel, arg } = subscription;
    const instId = arg.instId ?? '';
    if (channel === 'books') {
      const state = this.bookState(instId);
      const quote = this.venue.market.quote(instId);
      const row = { ...state.book, ts: String(quote.ts), checksum: 0, prevSeqId: -1, seqId: state.seqId };
      session.push(message(subscription, [row], 'snapshot'), channel, instId, undefined);
      return;
    }
    const rows = this.rows(channel, instId);
    if (rows.length > 0) session.push(message(subscription, rows), channel, instId || undefined, undefined);
  }

  private rows(channel: string, instId: string): unknown[] {
    const { market, clock } = this.venue;
    if (channel === 'instruments')
      return [...market.quotes.values()].filter(({ state }) => state !== 'delisted').map(instrumentRow);
    const quote = market.quote(instId);
    const now = clock.now();
    switch (channel) {
      case 'tickers':
        return [tickerRow(market, quote, now)];
      case 'mark-price':
        return [markPriceRow(quote, now)];
      case 'price-limit':
        return [priceLimitRow(quote, now)];
      case 'funding-rate':
        return [fundingRow(quote, now)];
      case 'bbo-tbt':
        return [{ ...buildBook(quote, 1), ts: String(quote.ts), seqId: quote.seqId }];
      case 'books5':
        return [{ ...buildBook(quote, 5), instId, ts: String(quote.ts), seqId: quote.seqId }];
      case 'trades':
        return [];
      default:
        return this.candle(channel, instId, now);
    }
  }

  private candle(channel: string, instId: string, now: number): unknown[] {
    const bar = findBar(candleBar(channel) ?? '');
    if (!bar) return [];
    const candle = this.venue.market.candles.get(instId)?.bar(barStart(now, bar), bar, now);
    return candle ? [candleRow(this.venue.market.quote(instId), candle, bar.sizeMs, now)] : [];
  }

  /** Tells listeners about instruments whose price moved or that were traded. */
  publish(instIds: Iterable<string>): void {
    if (this.listeners.size === 0) return;
    for (const instId of instIds) {
      for (const [key, listeners] of this.listeners) {
        if (!key.endsWith(`|${instId}`)) continue;
        const channel = key.slice(0, key.length - instId.length - 1);
        if (channel === 'trades') this.publishTrades(instId, listeners);
        else if (channel === 'books') this.publishBook(instId, listeners);
        else if (channel !== 'funding-rate') this.broadcast(listeners, this.rows(channel, instId));
      }
    }
  }

  /** The row of an instrument that changed; one that is not listed any more has none. */
  publishInstrument(instId: string): void {
    const quote = this.venue.market.quote(instId);
    if (quote.state === 'delisted') return;
    const row = instrumentRow(quote);
    for (const [key, listeners] of this.listeners) if (key.startsWith('instruments|')) this.broadcast(listeners, [row]);
  }

  /** Once a minute: funding rates, and an empty update to books that have been quiet. */
  publishSlow(): void {
    for (const [key, listeners] of this.listeners) {
      const [channel = '', instId = ''] = key.split('|');
      if (channel === 'funding-rate') this.broadcast(listeners, this.rows(channel, instId));
      const state = channel === 'books' ? this.books.get(instId) : undefined;
      if (state && Date.now() - state.sentAt >= QUIET_BOOK_MS) this.publishBook(instId, listeners);
    }
  }

  private publishTrades(instId: string, listeners: Map<StreamSession, Listener>): void {
    const trades = this.venue.market.trades.get(instId) ?? [];
    const last = this.sentTrades.get(instId);
    let first = trades.length - 1;
    while (first > 0 && trades[first - 1]?.tradeId !== last && trades.length - first < 50) first -= 1;
    if (trades.at(-1)?.tradeId === last) return;
    this.sentTrades.set(instId, trades.at(-1)?.tradeId ?? '');
    for (const trade of trades.slice(Math.max(0, first))) this.broadcast(listeners, [tradeRow(instId, trade)]);
  }

  private bookState(instId: string): BookState {
    const quote = this.venue.market.quote(instId);
    let state = this.books.get(instId);
    if (!state) {
      state = { book: buildBook(quote, BOOK_DEPTH), seqId: quote.seqId, sentAt: Date.now() };
      this.books.set(instId, state);
    }
    return state;
  }

  private publishBook(instId: string, listeners: Map<StreamSession, Listener>): void {
    const quote = this.venue.market.quote(instId);
    const state = this.bookState(instId);
    const next = buildBook(quote, BOOK_DEPTH);
    const changes = bookChanges(state.book, next);
    const quiet = changes.asks.length + changes.bids.length === 0;
    if (quiet && Date.now() - state.sentAt < QUIET_BOOK_MS) return;
    const seqId = quiet ? state.seqId : Math.max(quote.seqId, state.seqId + 1);
    const row = { ...changes, ts: String(quote.ts), checksum: 0, prevSeqId: state.seqId, seqId };
    state.book = next;
    state.seqId = seqId;
    state.sentAt = Date.now();
    this.broadcast(listeners, [row], 'update');
  }

  private broadcast(listeners: Map<StreamSession, Listener>, rows: readonly unknown[], action?: string): void {
    if (rows.length === 0) return;
    for (const { session, subscription } of listeners.values()) {
      session.push(message(subscription, rows, action), subscription.channel, subscription.arg.instId, undefined);
    }
  }
}

function keyOf(subscription: Subscription): string {
  return `${subscription.channel}|${subscription.arg.instId ?? subscription.arg.instType ?? ''}`;
}

function message(subscription: Subscription, rows: readonly unknown[], action?: string): string {
  const middle = action ? `,"action":"${action}"` : '';
  return `{"arg":${subscription.argText}${middle},"data":${JSON.stringify(rows)}}`;
}

function tradeRow(instId: string, trade: PublicTrade): Record<string, unknown> {
  const { tradeId, px, sz, side, ts } = trade;
  return { instId, tradeId, px, sz, side, ts: String(ts), count: '1', source: '0', seqId: Number(tradeId) };
}
