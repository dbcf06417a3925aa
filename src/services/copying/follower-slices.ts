import type { Instrument } from '@/domain/instrument';
import { currentTime } from '@/platform/clock';
import type { Database } from '@/platform/database/database';
import type { Follower } from './follower';
import { endsOfSlices, type FollowerCursor, type FollowerRange, type FollowersInOrder } from './follower-order';
import { readFollowers } from './followers';
import type { Place } from './situation';
import { type SliceSizes, sliceSize } from './slices';

export type FollowerSlice = {
  readonly followers: readonly Follower[];
  /** After whom the next slice begins; null: there is none. */
  readonly next: FollowerCursor | null;
};

/** Slices whose ends one statement finds: the first are small, and wanted soon after each other. */
const LOOKED_UP_AT_ONCE = 3;

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
  readonly #ranges: Promise<readonly FollowerRange[]>[] = [];
  /** Slices that were not given out yet. One that failed stays: nobody comes past it. */
  readonly #reading: Promise<FollowerSlice | null>[] = [];
  #begun = 0;

  /**
   * Begins to look up where the first slices end.
   * @param after whom the first slice begins
   * @param first its place among the slices of the signal, from 0 on: it decides its size
   */
  constructor(
    deps: { readonly database: Pick<Database, 'statements'>; readonly slices: SliceSizes },
    { tenantId, strategies, instrument }: Place,
    after: FollowerCursor | null = null,
    first = 0,
  ) {
    this.#deps = deps;
    this.#instrument = instrument;
    this.#followers = { tenantId, strategyIds: strategies.map(({ id }) => id), ended: false };
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
    const query = { ...this.#followers, range, instrument: this.#instrument, now: currentTime() };
    const followers = await readFollowers(this.#deps.database.statements, query);
    return { followers, next: range.upTo };
  }

  async #range(slice: number): Promise<FollowerRange | null> {
    const ranges = await this.#rangesOf(Math.floor(slice / LOOKED_UP_AT_ONCE));
    return ranges[slice % LOOKED_UP_AT_ONCE] ?? null;
  }

  #rangesOf(lookup: number): Promise<readonly FollowerRange[]> {
    this.#ranges[lookup] ??= this.#findRanges(lookup);
    return this.#ranges[lookup];
  }

  /** Fewer than are looked up at once where the last follower is among them. */
  async #findRanges(lookup: number): Promise<readonly FollowerRange[]> {
    let after = this.#after;
    if (lookup > 0) {
      const last = (await this.#rangesOf(lookup - 1)).at(-1);
      if (last === undefined || last.upTo === null) return [];
      after = last.upTo;
    }
    const { database, slices } = this.#deps;
    const first = this.#first + lookup * LOOKED_UP_AT_ONCE;
    const sizes = Array.from({ length: LOOKED_UP_AT_ONCE }, (_, slice) => sliceSize(slices, first + slice));
    const ranges: FollowerRange[] = [];
    for (const upTo of await endsOfSlices(database.statements, this.#followers, after, sizes)) {
      ranges.push({ after, upTo });
      if (upTo === null) break;
      after = upTo;
    }
    return ranges;
  }
}

/** Something that is waited for later, or never. */
export function heardLater<T>(reading: Promise<T>): Promise<T> {
  reading.catch(() => undefined);
  return reading;
}
