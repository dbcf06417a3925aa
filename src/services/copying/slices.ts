/**
 * A signal is planned, written ahead and sent for some followers after the other: the first orders leave while the others are
 * still decided. Few at first, then more at a time, because every slice costs the same handful of statements.
 */
export type SliceSizes = {
  readonly first: number;
  /** Each slice is so many times as large as the one before it … */
  readonly growth: number;
  /** … up to this. */
  readonly most: number;
  /**
   * Of a slice that was read, so many are decided without a pause and written together, a few milliseconds each, while those before them
   * are signed and sent. Fewer cost more transactions; more would leave the processor idle while the database writes them.
   */
  readonly part: number;
};

export const SLICE_SIZES: SliceSizes = { first: 40, growth: 6, most: 1000, part: 250 };

/** Followers in the slice of this index, from 0 on. */
export function sliceSize({ first, growth, most }: SliceSizes, index: number): number {
  return Math.min(most, first * growth ** index);
}

/**
 * Parts of a plan as they are written ahead, for one reader: while one is sent, the next is planned and written.
 * @param written told of each part as soon as it is written, before it is given out
 * @param complete told, perhaps twice, when there will be no more of them, for whatever reason
 */
export async function* aheadOf<Item>(
  parts: AsyncIterable<readonly Item[]>,
  written: (part: readonly Item[]) => void,
  complete: () => void,
): AsyncGenerator<readonly Item[]> {
  const source = parts[Symbol.asyncIterator]();
  const next = (): Promise<readonly Item[] | null> => {
    const part = source.next().then(({ done, value }) => {
      if (done === true) {
        complete();
        return null;
      }
      written(value);
      return value;
    });
    // A failure is the reader's to hear, when he asks for that part.
    part.catch(() => undefined);
    return part;
  };
  let upcoming = next();
  try {
    for (let part = await upcoming; part !== null; part = await upcoming) {
      upcoming = next();
      yield part;
    }
  } finally {
    // What is being written now is written when this ends.
    await upcoming.catch(() => undefined);
    complete();
  }
}
