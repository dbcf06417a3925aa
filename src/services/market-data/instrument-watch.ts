import type { TradeStatus } from '@/domain/order-state';
import type { MarketData } from '@/exchanges/port';
import { type Database, Prisma } from '@/platform/database/database';
import type { Logger } from '@/platform/log';
import { speaksOfInstrument } from '../execution/instrument-refusal';
import type { InstrumentCatalogue } from '../pricing/instrument-catalogue';
import { refreshInstruments } from './refresh-instruments';

/** Between two looks, ms: a thousand refusals are one reason to look. */
const APART = 3_000;
/** While something waits for an instrument, its state is no older than this, s. */
const OLDEST = 15;
/** How long after a signal for an instrument that takes no entries somebody may want to know that it does again, ms. */
const ASKED_FOR = 10 * 60_000;

export type InstrumentWatchDeps = {
  readonly database: Pick<Database, 'system'>;
  readonly market: () => Pick<MarketData, 'getInstruments'>;
  /** Key of the venue. */
  readonly venue: string;
  readonly catalogue: Pick<InstrumentCatalogue, 'refresh'>;
  /** Told after each look: what has waited may go on. */
  readonly looked?: () => void;
  readonly logger: Logger;
};

/**
 * Keeps what is known of an instrument that does not trade from growing old while it matters. The venue's list is read again as soon as
 * it refuses something for the state of an instrument, and again and again while positions have to go, stop orders are to be placed or
 * signals come for one that is closed. Many workers do this at a time: who finds the rows fresh does not ask.
 */
export class InstrumentWatch {
  readonly #deps: InstrumentWatchDeps;
  /** When somebody last asked for one that takes no entries, by the process's own clock. */
  readonly #asked = new Map<string, number>();
  #looking: Promise<void> | null = null;
  #lastAt = Number.NEGATIVE_INFINITY;
  #soon: NodeJS.Timeout | null = null;
  #closed = false;

  constructor(deps: InstrumentWatchDeps) {
    this.#deps = deps;
  }

  /** Told of what became of orders: a refusal for the state of an instrument says that what we know of it is old. */
  hear(trades: readonly { readonly status: TradeStatus; readonly code: string | null }[]): void {
    const told = trades.some(({ status, code }) => status === 'rejected' && code !== null && speaksOfInstrument(code));
    if (told) this.#lookSoon();
  }

  #lookSoon(): void {
    if (this.#closed || this.#soon !== null) return;
    const wait = Math.max(0, this.#lastAt + APART - performance.now());
    this.#soon = setTimeout(() => {
      this.#soon = null;
      void this.look();
    }, wait);
  }

  /** A signal came for an instrument that takes no entries as far as is known. */
  askedFor(instrumentId: string): void {
    this.#asked.set(instrumentId, performance.now());
  }

  /** Looks if something waits for an instrument whose state is old. */
  async runOnce(): Promise<void> {
    if (await this.#isDue()) await this.look();
  }

  /** Reads the venue's list, once for all who ask meanwhile. Never rejects: what is known stays. */
  look(): Promise<void> {
    this.#looking ??= this.#read().finally(() => {
      this.#looking = null;
    });
    return this.#looking;
  }

  close(): void {
    this.#closed = true;
    if (this.#soon !== null) clearTimeout(this.#soon);
    this.#soon = null;
  }

  async #read(): Promise<void> {
    const { database, market, venue, catalogue, looked, logger } = this.#deps;
    this.#lastAt = performance.now();
    try {
      await refreshInstruments(database, market(), venue);
      await catalogue.refresh(true);
      looked?.();
    } catch (error) {
      logger.warn({ venue, reason: (error as Error).message }, "the venue's instruments could not be read");
    }
  }

  async #isDue(): Promise<boolean> {
    const now = performance.now();
    for (const [id, at] of this.#asked) if (now - at > ASKED_FOR) this.#asked.delete(id);
    const asked =
      this.#asked.size === 0 ? Prisma.sql`FALSE` : Prisma.sql`i.id IN (${Prisma.join([...this.#asked.keys()])})`;
    const rows = await this.#deps.database.system.$queryRaw<unknown[]>(
      Prisma.sql`SELECT 1 FROM Instrument i
        WHERE i.venue = ${this.#deps.venue} AND i.state NOT IN ('live', 'gone')
          AND i.updatedAt < UTC_TIMESTAMP(3) - INTERVAL ${OLDEST} SECOND
          AND (${asked}
            OR EXISTS (SELECT 1 FROM PositionExit x WHERE x.doneAt IS NULL AND x.instrumentId = i.id)
            OR EXISTS (SELECT 1 FROM Protection p WHERE p.open = TRUE AND p.instrumentId = i.id))
        LIMIT 1`,
    );
    return rows.length > 0;
  }
}
