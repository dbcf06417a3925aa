/**
 * A signal is planned, written ahead and sent for some followers after the other: the first orders leave while the others are
 * still decided. Few at first, then more at a time, because every slice costs the same handful of statements.
 */
export type SliceSizes = {
  readonly first: number;
  /** Each slice is so many times as large as the one before it … */
  readonly growth: number;
  /** … up to this: bounds the memory, the locks and the statements of one. */
  readonly most: number;
};

export const SLICE_SIZES: SliceSizes = { first: 40, growth: 5, most: 1000 };

/** Followers in the slice of this index, from 0 on. */
export function sliceSize({ first, growth, most }: SliceSizes, index: number): number {
  return Math.min(most, first * growth ** index);
}

/**
 * Slices as they are written ahead, for one reader: while one is sent, the next is planned and written. `complete` resolves, never
 * rejects, when there will be no more of them, for whatever reason: then what was written can become rows.
 */
export class WrittenSlices<Item> implements AsyncIterable<readonly Item[]> {
  /** All that was given out so far. */
  readonly items: Item[] = [];
  readonly complete: Promise<void>;
  #end: () => void = () => undefined;

  constructor(readonly slices: AsyncIterable<readonly Item[]>) {
    this.complete = new Promise((resolve) => {
      this.#end = resolve;
    });
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<readonly Item[]> {
    const source = this.slices[Symbol.asyncIterator]();
    let upcoming = this.#next(source);
    try {
      for (;;) {
        const { done, value } = await upcoming;
        if (done === true) return;
        upcoming = this.#next(source);
        for (const item of value) this.items.push(item);
        yield value;
      }
    } finally {
      await upcoming.catch(() => undefined);
      this.end();
    }
  }

  #next(source: AsyncIterator<readonly Item[]>): Promise<IteratorResult<readonly Item[]>> {
    const next = source.next();
    // A failure is the reader's to hear, when he asks for that slice.
    next.then(
      ({ done }) => (done === true ? this.end() : undefined),
      () => undefined,
    );
    return next;
  }

  /** Also for slices that nobody came to read. */
  end(): void {
    this.#end();
  }
}
