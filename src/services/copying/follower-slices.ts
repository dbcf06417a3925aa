import type { Instrument } from '@/domain/instrument';
import type { Database } from '@/platform/database/database';
import { isClosing } from './closing-signal';
import { endOfSlice, type FollowerCursor, type FollowerRange, type FollowersInOrder } from './follower-order';
import { type Follower, readFollowers } from './followers';
import type { Place } from './situation';
import { type SliceSizes, sliceSize } from './slices';

export type FollowerSlice = {
  /** Place among the slices of its signal, from 0 on. */
  readonly index: number;
  readonly followers: readonly Follower[];
  /** After whom the next slice begins; null: there is none. */
  readonly next: FollowerCursor | null;
};

/**
 * The followers of a signal, slice by slice. Where slices end is looked up beforehand, so that they are read beside each other; between
 * them they hold everybody once, whoever joins meanwhile.
 */
export class FollowerSlices {
  readonly #deps: { readonly database: Pick<Database, 'statements'>; readonly slices: SliceSizes };
  readonly #instrument: Instrument;
  readonly #followers: FollowersInOrder;
  readonly #after: FollowerCursor | null;
  readonly #first: number;
  readonly #ranges: Promise<FollowerRange | null>[] = [];
  /** Slices that were not given out yet. One that failed stays: nobody comes past it. */
  readonly #reading: Promise<FollowerSlice | null>[] = [];
  #begun = 0;

  /**
   * Begins to look up where the first slice ends.
   * @param after whom the first slice begins
   * @param first its place among the slices of the signal
   */
  constructor(
    deps: { readonly database: Pick<Database, 'statements'>; readonly slices: SliceSizes },
    { tenantId, strategies, format, instrument }: Place,
    after: FollowerCursor | null = null,
    first = 0,
  ) {
    this.#deps = deps;
    this.#instrument = instrument;
    this.#followers = { tenantId, strategyIds: strategies.map(({ id }) => id), ended: isClosing(format) };
    this.#after = after;
    this.#first = first;
    heardLater(this.#range(0));
  }

  /** Begins to read so many of those slices that were not given out. */
  readAhead(count: number): void {
    while (this.#reading.length < count) this.#reading.push(heardLater(this.#read()));
  }

  /** The next slice, once the one before it was given out. Rejects after the last one, and again and again where reading failed. */
  async next(): Promise<FollowerSlice> {
    this.readAhead(1);
    const slice = await this.#reading[0];
    if (slice === null || slice === undefined) throw new Error('There are no more followers');
    this.#reading.shift();
    return slice;
  }

  /** Null: the slices before hold all followers. */
  async #read(): Promise<FollowerSlice | null> {
    const slice = this.#begun;
    this.#begun += 1;
    const range = await this.#range(slice);
    if (range === null) return null;
    // Known by the time that slice is read.
    heardLater(this.#range(slice + 1));
    const query = { ...this.#followers, range, instrument: this.#instrument, now: Date.now() };
    const followers = await readFollowers(this.#deps.database.statements, query);
    return { index: this.#first + slice, followers, next: range.upTo };
  }

  #range(slice: number): Promise<FollowerRange | null> {
    this.#ranges[slice] ??= this.#findRange(slice);
    return this.#ranges[slice];
  }

  async #findRange(slice: number): Promise<FollowerRange | null> {
    const before = slice === 0 ? { upTo: this.#after } : await this.#range(slice - 1);
    const after = before?.upTo ?? null;
    if (slice > 0 && after === null) return null;
    const { database, slices } = this.#deps;
    const size = sliceSize(slices, this.#first + slice);
    return { after, upTo: await endOfSlice(database.statements, this.#followers, after, size) };
  }
}

/** Something that is waited for later, or never. */
export function heardLater<T>(reading: Promise<T>): Promise<T> {
  reading.catch(() => undefined);
  return reading;
}
