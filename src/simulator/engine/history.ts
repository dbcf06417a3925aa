import type { Candle } from './candle';
import { noise } from './random';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

/** Swings of the made-up past: [period in minutes, amplitude of the log price]. */
const SWINGS: readonly (readonly [number, number])[] = [
  [97, 0.0012],
  [409, 0.004],
  [1783, 0.011],
  [9941, 0.03],
  [61_583, 0.12],
];

/**
 * The past before the venue was first started: a closed form over time, so that any bar of any size can be computed
 * alone, is the same each time, agrees with every other bar, and ends at the starting price.
 */
export class SyntheticHistory {
  private readonly anchorMinute: number;
  private readonly anchorLevel: number;
  private readonly hours = new Map<number, Candle>();

  constructor(
    private readonly seed: number,
    anchorMs: number,
    private readonly anchorPrice: number,
  ) {
    this.anchorMinute = Math.floor(anchorMs / MINUTE);
    this.anchorLevel = this.level(this.anchorMinute);
  }

  private level(minute: number): number {
    let sum = (noise(this.seed, minute) - 0.5) * 0.0006;
    for (let index = 0; index < SWINGS.length; index++) {
      const swing = SWINGS[index] ?? [1, 0];
      sum += swing[1] * Math.sin((2 * Math.PI * minute) / swing[0] + (this.seed % 628) / 100 + index);
    }
    return sum;
  }

  private price(minute: number): number {
    return this.anchorPrice * Math.exp(this.level(minute) - this.anchorLevel);
  }

  /** One minute; `known` spares computing its open, which is the close of the minute before. */
  minute(startMs: number, known?: number): Candle {
    const minute = Math.floor(startMs / MINUTE);
    const open = known ?? this.price(minute);
    const close = this.price(minute + 1);
    const wick = noise(this.seed ^ 0x5bd1e995, minute) * 0.0004;
    return {
      ts: minute * MINUTE,
      open,
      high: Math.max(open, close) * (1 + wick),
      low: Math.min(open, close) * (1 - wick * 0.8),
      close,
      volume: Math.round(200 + 1800 * noise(this.seed ^ 0x1b873593, minute)),
    };
  }

  /** A whole hour, remembered: what bars of hours and days are made of. */
  hour(startMs: number): Candle {
    const start = Math.floor(startMs / HOUR) * HOUR;
    const known = this.hours.get(start);
    if (known) return known;
    const bar = this.minute(start);
    for (let ts = start + MINUTE; ts < start + HOUR; ts += MINUTE) {
      const next = this.minute(ts, bar.close);
      bar.high = Math.max(bar.high, next.high);
      bar.low = Math.min(bar.low, next.low);
      bar.close = next.close;
      bar.volume += next.volume;
    }
    if (this.hours.size > 50_000) this.hours.clear();
    this.hours.set(start, bar);
    return bar;
  }
}
