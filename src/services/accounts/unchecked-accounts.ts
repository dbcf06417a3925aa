import type { PreflightCode } from '@/contracts/api/people';
import { Prisma, type RawReader } from '@/platform/database/database';

/** Not reached: nothing was learnt. Rejected: that may pass by itself (an address, a slip of the venue's), or be mended there. */
const MAY_PASS: readonly PreflightCode[] = ['VENUE_UNREACHABLE', 'CREDENTIALS_REJECTED'];
/** Such an account is looked at again so often, s; its first check comes by the queue. */
const CHECK_EVERY = 60;
/** A rejected key with which nothing is held, s. */
const CHECK_IDLE_EVERY = 600;
/** Accounts of one look: their keys are opened and their venue is asked. */
const AT_ONCE = 20;

/**
 * Accounts of whose keys nothing is known, or that the venue refused when it was asked last: someone waits to trade with them, or for what
 * is held to be looked after.
 */
export async function findUnchecked(db: RawReader, owns: (accountId: string) => boolean): Promise<readonly string[]> {
  const rows = await db.$queryRaw<{ id: string }[]>(
    Prisma.sql`SELECT a.id FROM ExchangeAccount a
      WHERE (a.health = 'unchecked' OR (a.health = 'failing' AND a.healthCode IN (${Prisma.join([...MAY_PASS])}))) AND a.endedAt IS NULL
        AND GREATEST(a.updatedAt, COALESCE(a.checkedAt, a.updatedAt)) < UTC_TIMESTAMP(3) - INTERVAL
          IF(a.healthCode = 'CREDENTIALS_REJECTED' AND NOT EXISTS (SELECT 1 FROM Position p WHERE p.tenantId = a.tenantId
            AND p.accountId = a.id AND p.quantity > 0), ${CHECK_IDLE_EVERY}, ${CHECK_EVERY}) SECOND
      ORDER BY a.updatedAt LIMIT 1000`,
  );
  return rows
    .map(({ id }) => id)
    .filter(owns)
    .slice(0, AT_ONCE);
}
