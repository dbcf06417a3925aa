import { type InstrumentState, isClosedForNow } from '@/domain/listing';
import { currentTime } from '@/platform/clock';
import { Prisma, type SystemClient } from '@/platform/database/database';

/** What is known of an instrument's state is not believed for longer, s: an attempt tells. */
const BELIEVED_FOR = 120;

type ListingRow = { readonly id: string; readonly state: InstrumentState; readonly endsAt: Date | null };

/** Those of these instruments that take no order to close, by what their venue said just now. */
export async function readClosedInstruments(
  db: Pick<SystemClient, '$queryRaw'>,
  instrumentIds: readonly string[],
): Promise<ReadonlySet<string>> {
  if (instrumentIds.length === 0) return new Set();
  const rows = await db.$queryRaw<ListingRow[]>(
    Prisma.sql`SELECT id, state, endsAt FROM Instrument WHERE id IN (${Prisma.join([...new Set(instrumentIds)])})
      AND state <> 'live' AND updatedAt > UTC_TIMESTAMP(3) - INTERVAL ${BELIEVED_FOR} SECOND`,
  );
  const now = currentTime();
  const closed = rows.filter(({ state, endsAt }) => isClosedForNow({ state, endsAt: endsAt?.getTime() ?? null }, now));
  return new Set(closed.map(({ id }) => id));
}
