import type { PreflightCode } from '@/contracts/api/people';
import { Prisma, type RawReader } from '@/platform/database/database';

/** Not reached means nothing was learnt. */
const NOTHING_LEARNT: PreflightCode = 'VENUE_UNREACHABLE';
/** Such an account is looked at again so often, s; its first check comes by the queue. */
const CHECK_EVERY = 60;
/** Accounts of one look: their keys are opened and their venue is asked. */
const AT_ONCE = 20;

/** Accounts of whose keys nothing is known: their check was lost, or the venue was away. Someone waits to trade with them. */
export async function findUnchecked(db: RawReader, owns: (accountId: string) => boolean): Promise<readonly string[]> {
  const rows = await db.$queryRaw<{ id: string }[]>(
    Prisma.sql`SELECT a.id FROM ExchangeAccount a
      WHERE (a.health = 'unchecked' OR (a.health = 'failing' AND a.healthCode = ${NOTHING_LEARNT})) AND a.endedAt IS NULL
        AND GREATEST(a.updatedAt, COALESCE(a.checkedAt, a.updatedAt)) < UTC_TIMESTAMP(3) - INTERVAL ${Prisma.raw(String(CHECK_EVERY))} SECOND
      ORDER BY a.updatedAt LIMIT 1000`,
  );
  return rows
    .map(({ id }) => id)
    .filter(owns)
    .slice(0, AT_ONCE);
}
