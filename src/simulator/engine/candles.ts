import type { Candle } from './candle';
import { SyntheticHistory } from './history';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const KEPT_MINUTES = 3 * 24 * 60;
/** How far back the made-up past goes. */
const PAST_MS = 365 * DAY;
export interface Bar {
  readonly sizeMs: number;
  readonly shiftMs: number;
}

export function barStart(time: number, bar: Bar): number {
  return Math.floor((time + bar.shiftMs) / bar.sizeMs) * bar.sizeMs - bar.shiftMs;
}

export interface CandleAnchor {
  readonly ts: number;
  readonly price: number;
}

/**
 * Candles of one instrument: a made-up past up to the anchor (the first start of the venue), what really was traded since
 * then, and flat bars for the time the venue was down.
 */
export class CandleSeries {
  private readonly history: SyntheticHistory;
  private readonly minutes = new Map<number, Candle>();
  /** Minutes with trades, in order. */
  private readonly times: number[] = [];
  private readonly firstMinute: number;
  private current: Candle | undefined;

  constructor(
    seed: number,
    readonly anchor: CandleAnchor,
    recorded: readonly Candle[],
    private readonly onClosed: (candle: Candle) => void,
  ) {
    this.history = new SyntheticHistory(seed, anchor.ts, anchor.price);
    this.firstMinute = Math.floor(anchor.ts / MINUTE) * MINUTE;
    for (const candle of [...recorded].sort((a, b) => a.ts - b.ts)) this.record(candle);
  }

  /** Records a traded price; closes the running minute when time has moved on. */
  trade(time: number, price: number, volume: number): void {
    const ts = Math.floor(time / MINUTE) * MINUTE;
    const running = this.current;
    if (!running || running.ts !== ts) {
      if (running) this.onClosed(running);
      const open = running?.close ?? price;
      this.current = { ts, open, high: Math.max(open, price), low: Math.min(open, price), close: price, volume };
      this.record(this.current);
      return;
    }
    running.high = Math.max(running.high, price);
    running.low = Math.min(running.low, price);
    running.close = price;
    running.volume += volume;
  }

  private record(candle: Candle): void {
    if (!this.minutes.has(candle.ts)) this.times.push(candle.ts);
    this.minutes.set(candle.ts, candle);
    if (this.times.length <= KEPT_MINUTES * 2) return;
    for (const ts of this.times.splice(0, KEPT_MINUTES)) this.minutes.delete(ts);
  }

  /** The bar that starts at `start`; undefined before anything is known of it. */
  bar(start: number, bar: Bar, now: number): Candle | undefined {
    const end = Math.min(start + bar.sizeMs, now + 1);
    let built: Candle | undefined;
    let time = start;
    while (time < end) {
      const wholeHour = time % HOUR === 0 && time + HOUR <= Math.min(end, this.firstMinute);
      const piece = wholeHour ? this.history.hour(time) : this.minute(time);
      if (!built) built = { ...piece, ts: start };
      else {
        built.high = Math.max(built.high, piece.high);
        built.low = Math.min(built.low, piece.low);
        built.close = piece.close;
        built.volume += piece.volume;
      }
      time += wholeHour ? HOUR : MINUTE;
    }
    return built;
  }

  private minute(ts: number): Candle {
    const recorded = this.minutes.get(ts);
    if (recorded) return recorded;
    if (ts < this.firstMinute) return this.history.minute(ts);
    const price = this.minutes.get(this.lastBefore(ts) ?? -1)?.close ?? this.anchor.price;
    return { ts, open: price, high: price, low: price, close: price, volume: 0 };
  }

  private lastBefore(ts: number): number | undefined {
    let low = 0;
    let high = this.times.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.times[middle] ?? 0) < ts) low = middle + 1;
      else high = middle;
    }
    return this.times[low - 1];
  }

  /**
   * Bars newest first: `after` gives bars older than that time, `before` bars newer, `limit` at most so many.
   */
  list(bar: Bar, now: number, limit: number, after?: number, before?: number): Candle[] {
    const rows: Candle[] = [];
    let start = barStart(Math.min(now, after === undefined ? now : after - 1), bar);
    const first = this.anchor.ts - PAST_MS;
    while (rows.length < limit && start >= first && (before === undefined || start > before)) {
      const built = this.bar(start, bar, now);
      if (!built) break;
      rows.push(built);
      start -= bar.sizeMs;
    }
    return rows;
  }
}
