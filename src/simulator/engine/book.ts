import { type Dec, dec, minDec } from '@/domain/decimal';
import type { Quote } from './market';
import { hashText, noise } from './random';

export type Level = readonly [px: string, sz: string, liquidated: string, orders: string];

export interface Book {
  readonly asks: readonly Level[];
  readonly bids: readonly Level[];
}

/** Contracts that the made-up book holds at one price. Deep enough that ordinary orders get the touch. */
function madeUpSize(seed: number, position: number): number {
  return 200 + 4800 * noise(seed, position);
}

/** Sizes of one side from the touch on, by their place on the price grid. */
function* sizes(quote: Quote, side: 'asks' | 'bids'): Generator<{ position: number; size: number }> {
  const tick = quote.instrument.tickSz.toNumber();
  const direction = side === 'asks' ? 1 : -1;
  const first = Math.round((side === 'asks' ? quote.askNumber : quote.bidNumber) / tick);
  const seed = hashText(quote.instrument.instId);
  let taken = quote.thin ? quote.taken[side] : 0;
  for (let index = 0; quote.thin === null || index < quote.thin.levels; index++) {
    const position = first + direction * index;
    if (position <= 0) return;
    const whole = quote.thin ? quote.thin.sz : madeUpSize(seed, position);
    const size = Math.max(0, whole - taken);
    taken = Math.max(0, taken - whole);
    if (size > 0) yield { position, size };
  }
}

/**
 * The made-up order book around a quote. Sizes belong to prices, not to places in the list, so a level keeps its
 * size while the price moves past it and incremental updates stay small.
 */
export function buildBook(quote: Quote, depth: number): Book {
  const decimals = quote.instrument.tickSz.decimalPlaces();
  const tick = quote.instrument.tickSz.toNumber();
  const side = (name: 'asks' | 'bids'): Level[] => {
    const levels: Level[] = [];
    for (const { position, size } of sizes(quote, name)) {
      if (levels.length >= depth) break;
      levels.push([(position * tick).toFixed(decimals), size.toFixed(2), '0', String(1 + Math.floor(size / 40))]);
    }
    return levels;
  };
  return { asks: side('asks'), bids: side('bids') };
}

/** What a taker gets of `wanted` contracts at prices no worse than `worst`: one entry a level, best first. */
export function sweep(quote: Quote, side: 'buy' | 'sell', wanted: Dec, worst: Dec): { px: Dec; sz: Dec }[] {
  const decimals = quote.instrument.tickSz.decimalPlaces();
  const tick = quote.instrument.tickSz.toNumber();
  const got: { px: Dec; sz: Dec }[] = [];
  let open = wanted;
  for (const { position, size } of sizes(quote, side === 'buy' ? 'asks' : 'bids')) {
    const px = dec((position * tick).toFixed(decimals));
    if (open.lte(0) || (side === 'buy' ? px.gt(worst) : px.lt(worst))) break;
    const sz = minDec(open, dec(size.toFixed(2)));
    got.push({ px, sz });
    open = open.minus(sz);
  }
  return got;
}

/** A thin book is used up by what is taken, until its price moves. */
export function take(quote: Quote, side: 'buy' | 'sell', sz: Dec): void {
  if (quote.thin) quote.taken[side === 'buy' ? 'asks' : 'bids'] += sz.toNumber();
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
