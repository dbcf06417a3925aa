import { type Dec, toText } from '@/domain/decimal';
import { findImpossibleNumber, type Instrument } from '@/domain/instrument';
import type { MarketData } from '@/exchanges/port';
import { type Clock, systemClock } from '@/platform/clock';
import { type Database, Prisma } from '@/platform/database/database';
import { retryTransaction } from '@/platform/database/retry';

export type RefreshedInstruments = {
  readonly tradable: number;
  /** Instruments that the venue named before and does not any more; they stay as rows, untradable. */
  readonly gone: number;
  /** Instruments with a number that none can have; they are left as they were known, untradable. */
  readonly impossible: readonly string[];
};

/** Thrown for an answer without any instrument: it would make every instrument untradable. */
export class NoInstrumentsError extends Error {
  readonly code = 'NO_INSTRUMENTS';
  constructor(venue: string) {
    super(`${venue} named no instrument`);
  }
}

/**
 * Brings the rows of one venue's instruments up to what the venue says now. Throws VenueError where it cannot be asked, and
 * leaves the rows as they are.
 */
export async function refreshInstruments(
  database: Database,
  market: Pick<MarketData, 'getInstruments'>,
  venue: string,
  clock: Clock = systemClock,
): Promise<RefreshedInstruments> {
  const named = await market.getInstruments();
  const instruments = named.filter(isPossible);
  const impossible = named.filter((instrument) => !isPossible(instrument)).map(({ id }) => id);
  if (instruments.length === 0) throw new NoInstrumentsError(venue);
  const now = new Date(clock.now());
  return retryTransaction(() =>
    database.system.$transaction(async (tx) => {
      await tx.$executeRaw`
        INSERT INTO Instrument (id, venue, symbol, baseCurrency, quoteCurrency, settleCurrency, contractValue, lotSize,
          minSize, maxMarketSize, tickSize, maxLeverage, tradable, updatedAt)
        VALUES ${Prisma.join(instruments.map((instrument) => toValues(instrument, now)))}
        ON DUPLICATE KEY UPDATE baseCurrency = VALUES(baseCurrency), quoteCurrency = VALUES(quoteCurrency),
          settleCurrency = VALUES(settleCurrency), contractValue = VALUES(contractValue), lotSize = VALUES(lotSize),
          minSize = VALUES(minSize), maxMarketSize = VALUES(maxMarketSize), tickSize = VALUES(tickSize),
          maxLeverage = VALUES(maxLeverage), tradable = 1, updatedAt = VALUES(updatedAt)`;
      const gone = await tx.instrument.updateMany({
        where: { venue, tradable: true, id: { notIn: instruments.map((instrument) => instrument.id) } },
        data: { tradable: false, updatedAt: now },
      });
      return { tradable: instruments.length, gone: gone.count, impossible };
    }),
  );
}

/** Characters that the columns hold. */
const LONGEST = { id: 60, symbol: 40, baseCurrency: 20, quoteCurrency: 20, settleCurrency: 20 } as const;

function isPossible(instrument: Instrument): boolean {
  const names = Object.entries(LONGEST) as [keyof typeof LONGEST, number][];
  return names.every(([name, most]) => instrument[name].length <= most) && findImpossibleNumber(instrument) === null;
}

function toValues(instrument: Instrument, now: Date): Prisma.Sql {
  const { id, venue, symbol, baseCurrency, quoteCurrency, settleCurrency } = instrument;
  const { contractValue, lotSize, minSize, maxMarketSize, tickSize, maxLeverage } = instrument;
  const numbers = [contractValue, lotSize, minSize, maxMarketSize, tickSize, maxLeverage].map(optionalText);
  const values = [id, venue, symbol, baseCurrency, quoteCurrency, settleCurrency, ...numbers, true, now];
  return Prisma.sql`(${Prisma.join(values)})`;
}

function optionalText(value: Dec | null): string | null {
  return value === null ? null : toText(value);
}
