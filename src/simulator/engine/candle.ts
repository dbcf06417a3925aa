/** Prices are plain numbers here: the walk is made up; they become text at the instrument's tick when they leave. */
export interface Candle {
  ts: number;
  open: number;
  high: number;
  low: number;
  close: number;
  /** Contracts. */
  volume: number;
}
