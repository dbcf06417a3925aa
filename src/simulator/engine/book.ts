import type { Quote } from './market';
import { hashText, noise } from './random';

export type Level = readonly [px: string, sz: string, liquidated: string, orders: string];

export interface Book {
  readonly asks: readonly Level[];
  readonly bids: readonly Level[];
}

/**
 * The made-up order book around a quote. Sizes belong to prices, not to places in the list, so a level keeps its
 * size while the price moves past it and incremental updates stay small.
 */
export function buildBook(quote: Quote, depth: number): Book {
  const { instrument } = quote;
  const decimals = instrument.tickSz.decimalPlaces();
  const tick = instrument.tickSz.toNumber();
  const seed = hashText(instrument.instId);
  const side = (start: number, direction: 1 | -1): Level[] => {
    const first = Math.round(start / tick);
    const levels: Level[] = [];
    for (let index = 0; index < depth; index++) {
      const position = first + direction * index;
      if (position <= 0) break;
      const size = 20 + 480 * noise(seed, position);
      levels.push([(position * tick).toFixed(decimals), size.toFixed(2), '0', String(1 + Math.floor(size / 40))]);
    }
    return levels;
  };
  return { asks: side(quote.askNumber, 1), bids: side(quote.bidNumber, -1) };
}

/** Levels of `next` that `previous` has not, and zero sizes for those that went. */
export function bookChanges(previous: Book, next: Book): Book {
  return { asks: sideChanges(previous.asks, next.asks), bids: sideChanges(previous.bids, next.bids) };
}

function sideChanges(previous: readonly Level[], next: readonly Level[]): Level[] {
  const before = new Map(previous.map((level) => [level[0], level[1]]));
  const changes: Level[] = [];
  for (const level of next) {
    if (before.get(level[0]) !== level[1]) changes.push(level);
    before.delete(level[0]);
  }
  for (const px of before.keys()) changes.push([px, '0', '0', '0']);
  return changes;
}
