import type { AccountMode } from '@/domain/account-mode';
import { isWithin } from '@/domain/bounds';
import { type Dec, dec } from '@/domain/decimal';
import type { PriceStream, Venue } from '@/exchanges/port';
import { currentTime } from '@/platform/clock';
import type { Logger } from '@/platform/log';

/** A pushed price is used for this long; an older one is asked for again, ms. */
const FRESH_FOR = 10_000;
const ASK_TIMEOUT = 1500;

type Quote = { readonly price: Dec; readonly at: number };

/** The last price of each instrument, pushed by the venues. Quote currency. */
export class PriceBoard {
  readonly #quotes = new Map<string, Quote>();
  readonly #streams = new Map<string, PriceStream>();
  #changed = new Set<string>();

  constructor(
    readonly venue: (key: string) => Venue,
    readonly logger: Logger,
  ) {}

  /** Keeps one stream a venue and mode open for these symbols. Calling it again with the same ones does nothing. */
  async follow(venueKey: string, mode: AccountMode, symbols: readonly string[]): Promise<void> {
    const wanted = `${venueKey}:${mode}:${[...symbols].sort().join(',')}`;
    if (this.#streams.has(wanted) || symbols.length === 0) return;
    for (const [key, stream] of [...this.#streams]) {
      if (!key.startsWith(`${venueKey}:${mode}:`)) continue;
      this.#streams.delete(key);
      await stream.close();
    }
    const stream = this.venue(venueKey).openPriceStream(mode, symbols, {
      onPrice: (symbol, price) => this.#set(venueKey, mode, symbol, price),
      onState: (state) => this.logger.debug({ venue: venueKey, mode, state }, 'price stream'),
    });
    this.#streams.set(wanted, stream);
  }

  /** Null when no price is known and the venue does not answer in time. */
  async price(venueKey: string, mode: AccountMode, symbol: string): Promise<Dec | null> {
    const quote = this.#quotes.get(`${venueKey}:${mode}:${symbol}`);
    if (quote !== undefined && currentTime() - quote.at <= FRESH_FOR) return quote.price;
    try {
      const asked = this.venue(venueKey).market(mode).getPrice(symbol);
      const timeout = new Promise<never>((_, reject) => {
        setTimeout(() => reject(new Error('no price in time')), ASK_TIMEOUT).unref();
      });
      const { price } = await Promise.race([asked, timeout]);
      return this.#set(venueKey, mode, symbol, price);
    } catch (error) {
      this.logger.warn({ venue: venueKey, mode, symbol, reason: (error as Error).message }, 'no price');
      return null;
    }
  }

  /** What changed since the last call. */
  takeChanges(): { venue: string; mode: AccountMode; symbol: string; price: Dec; at: number }[] {
    const changed = this.#changed;
    this.#changed = new Set();
    return [...changed].flatMap((key) => {
      const quote = this.#quotes.get(key);
      const [venue = '', mode = '', symbol = ''] = key.split(':');
      return quote === undefined ? [] : [{ venue, mode: mode as AccountMode, symbol, ...quote }];
    });
  }

  async close(): Promise<void> {
    await Promise.all([...this.#streams.values()].map((stream) => stream.close()));
    this.#streams.clear();
  }

  /** Answers the price, or null: it is one that nothing can have, and the last one that could be stands until it is old. */
  #set(venueKey: string, mode: AccountMode, symbol: string, text: string): Dec | null {
    const key = `${venueKey}:${mode}:${symbol}`;
    const price = dec(text);
    if (!isWithin('price', price)) {
      this.logger.warn({ venue: venueKey, mode, symbol }, 'a price is beyond any market');
      return null;
    }
    this.#quotes.set(key, { price, at: currentTime() });
    this.#changed.add(key);
    return price;
  }
}
