/** Mean of the last `length` values at each place; null until there are enough. To be drawn, so floats will do. */
export function movingAverage(values: readonly number[], length: number): readonly (number | null)[] {
  let sum = 0;
  return values.map((value, index) => {
    sum += value - (index >= length ? (values[index - length] ?? 0) : 0);
    return index >= length - 1 ? sum / length : null;
  });
}
