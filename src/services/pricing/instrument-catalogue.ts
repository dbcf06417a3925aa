import { dec } from '@/domain/decimal';
import { type InstrumentState, type ListedInstrument, takesEntries } from '@/domain/listing';
import { currentTime } from '@/platform/clock';
import type { SystemClient } from '@/platform/database/database';

/** Instruments change rarely; the catalogue is read again this often, ms. */
const REREAD_AFTER = 60_000;

const UNQUOTED: ReadonlySet<InstrumentState> = new Set(['preopen', 'test', 'gone']);

/** A row names an instrument that this catalogue does not know: it may have been listed since it was read. */
export class UnknownInstrumentError extends Error {
  override readonly name = 'UnknownInstrumentError';

  constructor(id: string) {
    super(`Unknown instrument ${id}`);
  }
}

/** All instruments in memory: reference data that every decision needs. */
export class InstrumentCatalogue {
  #byId = new Map<string, ListedInstrument>();
  #readAt = 0;
  #reading: Promise<void> | null = null;

  constructor(readonly db: SystemClient) {}

  /** Reads the rows where they are old or none are known. */
  async refresh(force = false): Promise<void> {
    if (!force && this.#byId.size > 0 && currentTime() - this.#readAt < REREAD_AFTER) return;
    this.#reading ??= this.#read().finally(() => {
      this.#reading = null;
    });
    await this.#reading;
  }

  get(id: string): ListedInstrument | undefined {
    return this.#byId.get(id);
  }

  /** Throws UnknownInstrumentError. */
  require(id: string): ListedInstrument {
    const instrument = this.#byId.get(id);
    if (instrument === undefined) throw new UnknownInstrumentError(id);
    return instrument;
  }

  /** The same, once the rows have been read again where the id is not known. */
  async find(id: string): Promise<ListedInstrument> {
    if (!this.#byId.has(id)) await this.refresh(true);
    return this.require(id);
  }

  /** All that a venue lists, or has listed. */
  of(venue: string): readonly ListedInstrument[] {
    return [...this.#byId.values()].filter((instrument) => instrument.venue === venue);
  }

  /** Those of a venue that have a price: suspended ones keep their last. */
  quoted(venue: string): readonly ListedInstrument[] {
    return this.of(venue).filter(({ state }) => !UNQUOTED.has(state));
  }

  /** Those of a venue in which something may be opened. */
  tradable(venue: string): readonly ListedInstrument[] {
    const now = currentTime();
    return this.of(venue).filter((instrument) => takesEntries(instrument, now));
  }

  async #read(): Promise<void> {
    const rows = await this.db.instrument.findMany();
    this.#byId = new Map(
      rows.map((row) => [
        row.id,
        {
          id: row.id,
          venue: row.venue,
          symbol: row.symbol,
          baseCurrency: row.baseCurrency,
          quoteCurrency: row.quoteCurrency,
          settleCurrency: row.settleCurrency,
          contractValue: dec(row.contractValue.toString()),
          lotSize: dec(row.lotSize.toString()),
          minSize: dec(row.minSize.toString()),
          maxMarketSize: row.maxMarketSize === null ? null : dec(row.maxMarketSize.toString()),
          tickSize: dec(row.tickSize.toString()),
          maxLeverage: dec(row.maxLeverage.toString()),
          state: row.state,
          endsAt: row.endsAt?.getTime() ?? null,
        },
      ]),
    );
    this.#readAt = currentTime();
  }
}
