import type { Bar } from '../engine/candles';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
/** OKX's bars of a day and more start at 16:00 UTC unless their name says utc. */
const HONG_KONG_SHIFT = 8 * HOUR;

const BARS: Readonly<Record<string, number>> = {
  '1m': MINUTE,
  '3m': 3 * MINUTE,
  '5m': 5 * MINUTE,
  '15m': 15 * MINUTE,
  '30m': 30 * MINUTE,
  '1H': HOUR,
  '2H': 2 * HOUR,
  '4H': 4 * HOUR,
  '6H': 6 * HOUR,
  '12H': 12 * HOUR,
  '1D': DAY,
  '2D': 2 * DAY,
  '3D': 3 * DAY,
  '1W': 7 * DAY,
  '6Hutc': 6 * HOUR,
  '12Hutc': 12 * HOUR,
  '1Dutc': DAY,
  '2Dutc': 2 * DAY,
  '3Dutc': 3 * DAY,
  '1Wutc': 7 * DAY,
};

/** A bar name of OKX (`1m` … `1Wutc`); undefined where there is none. Months are not simulated. */
export function findBar(name: string): Bar | undefined {
  const sizeMs = BARS[name];
  if (sizeMs === undefined) return undefined;
  return { sizeMs, shiftMs: sizeMs >= 6 * HOUR && !name.endsWith('utc') ? HONG_KONG_SHIFT : 0 };
}
