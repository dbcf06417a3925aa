import { formatDecimal } from '../format/numbers';

const UNITS = [
  { least: 1e9, word: 'B' },
  { least: 1e6, word: 'M' },
  { least: 1e3, word: 'k' },
] as const;

/** Finer than this no axis of money or coins has to be. */
const MOST_DECIMALS = 8;

/**
 * Words for one tick of an axis: short, and with as many decimals as tell it from its neighbours.
 * @param values of all ticks of the axis
 */
export function tickText(value: number, values: readonly number[]): string {
  const largest = Math.max(...values.map(Math.abs), Math.abs(value));
  const step = stepOf(values);
  // "10.0005k" would be harder to read than 10,000.5.
  const unit = UNITS.find(({ least }) => largest >= least && decimals(step / least, value / least) <= 2);
  const scale = unit?.least ?? 1;
  const digits = formatDecimal(
    (Math.abs(value) / scale).toFixed(MOST_DECIMALS),
    exactly(decimals(step / scale, value / scale)),
  );
  if (!/[1-9]/.test(digits)) return '0';
  return `${value < 0 ? '−' : ''}${digits}${unit?.word ?? ''}`;
}

function exactly(places: number) {
  return { least: places, most: places };
}

/** The least difference between neighbours; 0: there are none. */
function stepOf(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  let least = 0;
  for (const [at, value] of sorted.entries()) {
    const step = at === 0 ? 0 : value - (sorted[at - 1] ?? value);
    if (step > 0 && (least === 0 || step < least)) least = step;
  }
  return least;
}

/** Decimals that show a difference of `step`, exactly where it is a short number such as 0.25; of a lone value, three digits of its own. */
function decimals(step: number, value: number): number {
  const size = Math.abs(step > 0 ? step : value / 100);
  if (size === 0) return 0;
  const first = Math.max(0, -Math.floor(Math.log10(size) + 1e-9));
  const isRound = (places: number) => Math.abs(step * 10 ** places - Math.round(step * 10 ** places)) < 1e-6;
  const exact = [first, first + 1].find((places) => step === 0 || isRound(places)) ?? first + 1;
  return Math.min(MOST_DECIMALS, exact);
}
