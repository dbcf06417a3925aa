import { type Dec, roundToPlaces } from '../decimal';

/** Fraction → "12.34%". */
export function percentText(fraction: Dec): string {
  return `${roundToPlaces(fraction.times(100), 2).toFixed()}%`;
}
