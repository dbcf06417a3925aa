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

/** Slices that are read before they are asked for. */
const READ_AHEAD = 2;

/**
 * The followers of a signal, slice by slice. Where slices end is looked up beforehand, so that they are read beside each other; between
 * them they hold everybody once, whoever joins meanwhile.
 */
export class FollowerSlices {
  readonly #followers: FollowersInOrder;
  readonly #ranges: Promise<FollowerRange | null>[] = [];
  readonly #reading: Promise<FollowerSlice | null>[] = [];
  #begun = 0;

  /**
   * Begins to look up where slices end; they are read when they are asked for.
   * @param after whom the first slice begins
   * @param first its place among the slices of the signal
   */
  constructor(
    readonly deps: { readonly database: Pick<Database, 'statements'>; readonly slices: SliceSizes },
    readonly place: Place,
    readonly after: FollowerCursor | null = null,
    readonly first = 0,
  ) {
    const { tenantId, strategies, format } = place;
    this.#followers = { tenantId, strategyIds: strategies.map(({ id }) => id), ended: isClosing(format) };
    heardLater(this.#range(READ_AHEAD));
  }

  /** The next slice; once it is there, those after it are read. Not to be called after the last one. */
  async next(): Promise<FollowerSlice> {
    const slice = await (this.#reading.shift() ?? this.#read());
    if (slice === null) throw new Error('There are no more followers');
    while (this.#reading.length < READ_AHEAD) this.#reading.push(heardLater(this.#read()));
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
    const { instrument } = this.place;
    const query = { ...this.#followers, range, instrument, now: Date.now() };
    const followers = await readFollowers(this.deps.database.statements, query);
    return { index: this.first + slice, followers, next: range.upTo };
  }

  #range(slice: number): Promise<FollowerRange | null> {
    this.#ranges[slice] ??= this.#findRange(slice);
    return this.#ranges[slice];
  }

  async #findRange(slice: number): Promise<FollowerRange | null> {
    const before = slice === 0 ? { upTo: this.after } : await this.#range(slice - 1);
    const after = before?.upTo ?? null;
    if (slice > 0 && after === null) return null;
    const { database, slices } = this.deps;
    const size = sliceSize(slices, this.first + slice);
    return { after, upTo: await endOfSlice(database.statements, this.#followers, after, size) };
  }
}

/** Something that is waited for later, or never. */
function heardLater<T>(reading: Promise<T>): Promise<T> {
  reading.catch(() => undefined);
  return reading;
}
