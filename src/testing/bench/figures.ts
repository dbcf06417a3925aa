/** Middle, smallest and largest of several rounds. */
export type Figure = { readonly median: number; readonly min: number; readonly max: number };

/** Digits that say something about a measurement: four. */
function rounded(value: number): number {
  return Number(value.toPrecision(4));
}

/** Throws on an empty list: a figure of no rounds would be made up. */
export function figure(values: readonly number[]): Figure {
  const sorted = [...values].sort((a, b) => a - b);
  const [min, max] = [sorted[0], sorted.at(-1)];
  if (min === undefined || max === undefined) throw new Error('No round was measured');
  return { median: rounded(percentile(sorted, 0.5)), min: rounded(min), max: rounded(max) };
}

/**
 * The value that this share of the sorted values does not exceed, between neighbours in proportion.
 * @param share 0 to 1
 */
export function percentile(sorted: readonly number[], share: number): number {
  const place = (sorted.length - 1) * share;
  const below = sorted[Math.floor(place)];
  const above = sorted[Math.ceil(place)];
  if (below === undefined || above === undefined) throw new Error('No value was measured');
  return below + (above - below) * (place - Math.floor(place));
}
