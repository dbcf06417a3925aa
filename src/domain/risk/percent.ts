import { type Dec, roundToPlaces } from '../decimal';

/** Fraction → "12.34%". */
export function percentText(fraction: Dec): string {
  return `${roundToPlaces(fraction.times(100), 2).toFixed()}%`;
}

const texts = new WeakMap<Dec, string>();

/** The same of a limit: many followers share the same few, and each of their rules shows one. */
export function limitText(fraction: Dec): string {
  let text = texts.get(fraction);
  if (text === undefined) {
    text = percentText(fraction);
    texts.set(fraction, text);
  }
  return text;
}
