import { describe, expect, it } from 'vitest';
import { findBar } from '../okx/bars';
import type { Candle } from './candle';
import { barStart, CandleSeries } from './candles';

const NOW = Date.UTC(2026, 0, 15, 10, 30, 20);
const anchor = { ts: NOW, price: 100_000 };

function series(closed: Candle[] = [], recorded: Candle[] = []): CandleSeries {
  return new CandleSeries(7, anchor, recorded, (candle) => closed.push(candle));
}

function bar(name: string): { sizeMs: number; shiftMs: number } {
  const found = findBar(name);
  if (!found) throw new Error(name);
  return found;
}

describe('candles', () => {
  it('make up a past that ends at the first price and is the same each time', () => {
    const first = series().list(bar('1m'), NOW, 300);
    expect(series().list(bar('1m'), NOW, 300)).toEqual(first);
    expect(first).toHaveLength(300);
    const lastOfPast = first.find((candle) => candle.ts < barStart(NOW, bar('1m')));
    expect(lastOfPast?.close).toBeCloseTo(100_000, 6);
  });

  it('join: each bar opens where the one before closed', () => {
    const rows = series().list(bar('5m'), NOW, 50).reverse().slice(0, -1);
    rows.reduce((before, next) => {
      expect(next.open).toBeCloseTo(before.close, 6);
      expect(next.ts - before.ts).toBe(300_000);
      return next;
    });
  });

  it('agree between sizes: an hour is its sixty minutes', () => {
    const start = Date.UTC(2026, 0, 15, 8);
    const candles = series();
    const minutes = Array.from({ length: 60 }, (_, index) => candles.bar(start + index * 60_000, bar('1m'), NOW));
    const hour = candles.bar(start, bar('1H'), NOW);
    expect(hour?.high).toBe(Math.max(...minutes.map((minute) => minute?.high ?? 0)));
    expect(hour?.low).toBe(Math.min(...minutes.map((minute) => minute?.low ?? 0)));
    expect(hour?.open).toBe(minutes[0]?.open);
    expect(hour?.close).toBe(minutes[59]?.close);
  });

  it('record what is traded, and stand still while nothing is', () => {
    const closed: Candle[] = [];
    const candles = series(closed);
    candles.trade(NOW, 100_000, 1);
    candles.trade(NOW + 1000, 100_200, 2);
    candles.trade(NOW + 60_000, 100_100, 1);
    expect(closed).toEqual([
      { ts: barStart(NOW, bar('1m')), open: 100_000, high: 100_200, low: 100_000, close: 100_200, volume: 3 },
    ]);
    const quiet = candles.bar(barStart(NOW + 300_000, bar('1m')), bar('1m'), NOW + 300_000);
    expect(quiet).toMatchObject({ open: 100_100, close: 100_100, volume: 0 });
  });

  it('go back a year and no further', () => {
    const days = series().list(bar('1Dutc'), NOW, 1000);
    expect(days).toHaveLength(365);
    expect(Math.min(...days.map((day) => day.low))).toBeGreaterThan(50_000);
    expect(Math.max(...days.map((day) => day.high))).toBeLessThan(200_000);
  });

  it('start days at 16:00 UTC unless the bar says utc', () => {
    expect(new Date(barStart(NOW, bar('1D'))).toISOString()).toBe('2026-01-14T16:00:00.000Z');
    expect(new Date(barStart(NOW, bar('1Dutc'))).toISOString()).toBe('2026-01-15T00:00:00.000Z');
    expect(findBar('7m')).toBeUndefined();
  });
});
