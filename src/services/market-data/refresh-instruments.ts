import { type Dec, toText } from '@/domain/decimal';
import { findImpossibleNumber } from '@/domain/instrument';
import type { InstrumentState, ListedInstrument } from '@/domain/listing';
import type { MarketData } from '@/exchanges/port';
import { type Database, Prisma } from '@/platform/database/database';
import { retryTransaction } from '@/platform/database/retry';

export type RefreshedInstruments = {
  /** Instruments that trade, and those that the venue lists in another state. */
  readonly live: number;
  readonly closed: number;
  /** Instruments that the venue named before and does not any more; they stay as rows. */
  readonly gone: number;
  /** Instruments with a number that none can have; their rows stay as they were known, closed to entries. */
  readonly impossible: readonly string[];
};

/** Thrown for an answer without any instrument: it would take all of them for gone. */
export class NoInstrumentsError extends Error {
  readonly code = 'NO_INSTRUMENTS';
  constructor(venue: string) {
    super(`${venue} named no instrument`);
  }
}

/**
 * Brings the rows of one venue's instruments up to what the venue says now, in whatever state they are: what is held of one that does
 * not trade has to be closed all the same. Throws VenueError where it cannot be asked, and leaves the rows as they are.
 */
export async function refreshInstruments(
  database: Pick<Database, 'system'>,
  market: Pick<MarketData, 'getInstruments'>,
  venue: string,
): Promise<RefreshedInstruments> {
  const named = await market.getInstruments();
  const instruments = named.filter(isPossible);
  const impossible = named.filter((instrument) => !isPossible(instrument));
  if (instruments.length === 0) throw new NoInstrumentsError(venue);
  return retryTransaction(() =>
    database.system.$transaction(async (tx) => {
      await tx.$executeRaw`
        INSERT INTO Instrument (id, venue, symbol, baseCurrency, quoteCurrency, settleCurrency, contractValue, lotSize,
          minSize, maxMarketSize, tickSize, maxLeverage, state, tradable, endsAt, updatedAt)
        VALUES ${Prisma.join(instruments.map(toValues))}
        ON DUPLICATE KEY UPDATE baseCurrency = VALUES(baseCurrency), quoteCurrency = VALUES(quoteCurrency),
          settleCurrency = VALUES(settleCurrency), contractValue = VALUES(contractValue), lotSize = VALUES(lotSize),
          minSize = VALUES(minSize), maxMarketSize = VALUES(maxMarketSize), tickSize = VALUES(tickSize),
          maxLeverage = VALUES(maxLeverage), state = VALUES(state), tradable = VALUES(tradable), endsAt = VALUES(endsAt),
          updatedAt = VALUES(updatedAt)`;
      for (const instrument of impossible) {
        const { id, endsAt } = instrument;
        const state: InstrumentState = instrument.state === 'live' ? 'unreadable' : instrument.state;
        await tx.$executeRaw`UPDATE Instrument SET state = ${state}, tradable = FALSE, endsAt = ${dateOf(endsAt)},
          updatedAt = UTC_TIMESTAMP(3) WHERE id = ${id}`;
      }
      const gone =
        await tx.$executeRaw`UPDATE Instrument SET state = 'gone', tradable = FALSE, updatedAt = UTC_TIMESTAMP(3)
        WHERE venue = ${venue} AND state <> 'gone' AND id NOT IN (${Prisma.join(named.map(({ id }) => id))})`;
      const live = instruments.filter(({ state }) => state === 'live').length;
      return { live, closed: named.length - live, gone, impossible: impossible.map(({ id }) => id) };
    }),
  );
}

/** Characters that the columns hold. */
const LONGEST = { id: 60, symbol: 40, baseCurrency: 20, quoteCurrency: 20, settleCurrency: 20 } as const;

function isPossible(instrument: ListedInstrument): boolean {
  const names = Object.entries(LONGEST) as [keyof typeof LONGEST, number][];
  return names.every(([name, most]) => instrument[name].length <= most) && findImpossibleNumber(instrument) === null;
}

function toValues(instrument: ListedInstrument): Prisma.Sql {
  const { id, venue, symbol, baseCurrency, quoteCurrency, settleCurrency, state, endsAt } = instrument;
  const { contractValue, lotSize, minSize, maxMarketSize, tickSize, maxLeverage } = instrument;
  const numbers = [contractValue, lotSize, minSize, maxMarketSize, tickSize, maxLeverage].map(optionalText);
  const values = [id, venue, symbol, baseCurrency, quoteCurrency, settleCurrency, ...numbers, state, state === 'live'];
  return Prisma.sql`(${Prisma.join([...values, dateOf(endsAt)])}, UTC_TIMESTAMP(3))`;
}

function optionalText(value: Dec | null): string | null {
  return value === null ? null : toText(value);
}

/** Null for a moment that no column holds, too: the venue means "never". */
function dateOf(endsAt: number | null): Date | null {
  return endsAt === null || endsAt > LATEST ? null : new Date(endsAt);
}
const LATEST = Date.UTC(9999, 0);
