import type { Books, VenueAccountBook, VenueOrder } from './books';
import type { Streams } from './streams';

/** Waiting fills are looked through this often, ms. */
const LOOK_EVERY = 10;
/** Fills that are told before others have a turn. */
const AT_ONCE = 64;

/** Fills of market orders, told in the order of their answers. */
export class Fills {
  /** From the answer to the fill, ms. */
  afterMs = 0;
  #waiting: { readonly account: VenueAccountBook; readonly order: VenueOrder; readonly at: number }[] = [];
  #timer: NodeJS.Timeout | null = null;

  constructor(
    readonly books: Books,
    readonly streams: Streams,
  ) {}

  await(account: VenueAccountBook, order: VenueOrder): void {
    this.#waiting.push({ account, order, at: Date.now() + this.afterMs });
    this.#timer ??= setTimeout(() => void this.#look(), Math.max(this.afterMs, LOOK_EVERY));
  }

  async #look(): Promise<void> {
    const now = Date.now();
    const due = this.#waiting.filter(({ at }) => at <= now);
    this.#waiting = this.#waiting.filter(({ at }) => at > now);
    for (const [index, { account, order }] of due.entries()) {
      this.books.fill(account, order);
      this.streams.tell(account, order);
      if (index % AT_ONCE === AT_ONCE - 1) await new Promise(setImmediate);
    }
    this.#timer = this.#waiting.length === 0 ? null : setTimeout(() => void this.#look(), LOOK_EVERY);
  }
}
