export type Bin = { readonly from: number; readonly to: number; readonly count: number };

/** By so much may a quotient miss a whole number, because its parts are binary fractions. */
const NEARLY = 1e-9;

/** Steps that people read easily: 1, 2 or 5 times a power of ten. */
function niceStep(rough: number): number {
  const power = 10 ** Math.floor(Math.log10(rough));
  const factor = [1, 2, 5, 10].find((candidate) => candidate * power >= rough * (1 - NEARLY)) ?? 10;
  return factor * power;
}

/**
 * Counts values in at most about `wanted` bins of equal, readable width, none narrower than `leastStep`. Empty for no
 * values.
 */
export function histogram(values: readonly number[], leastStep = 1e-9, wanted = 24): readonly Bin[] {
  if (values.length === 0) return [];
  const low = Math.min(...values);
  const high = Math.max(...values);
  const step = niceStep(Math.max((high - low) / wanted, Math.abs(high) * 1e-6, leastStep));
  const binOf = (value: number) => Math.floor(value / step + NEARLY);
  const first = binOf(low);
  const counts = new Array<number>(binOf(high) - first + 1).fill(0);
  for (const value of values) {
    const index = binOf(value) - first;
    counts[index] = (counts[index] ?? 0) + 1;
  }
  return counts.map((count, index) => ({ from: (first + index) * step, to: (first + index + 1) * step, count }));
}

/** The value below which a share of the values lies (nearest rank); null for no values. */
export function quantile(values: readonly number[], share: number): number | null {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.max(0, Math.ceil(share * sorted.length) - 1))] ?? null;
}
