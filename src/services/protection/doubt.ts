import { Prisma, type TenantClient } from '@/platform/database/database';

/** A stop order that was asked for so shortly ago is not asked for again, s. One that was placed so shortly ago was not asked for yet. */
const LATELY = 10;

/**
 * Has the keeper ask for the stop orders of an account in one instrument that were not asked for of late. Answers whether it is not known
 * yet what they did: there are any, or one was placed so shortly ago that it may have fired without our having heard.
 */
export async function doubtOnce(
  db: Pick<TenantClient, '$executeRaw' | '$queryRaw'>,
  at: { readonly tenantId: string; readonly accountId: string; readonly instrumentId: string },
): Promise<boolean> {
  const standing = Prisma.sql`tenantId = ${at.tenantId} AND accountId = ${at.accountId} AND instrumentId = ${at.instrumentId}
    AND open = 1 AND confirmed = 1 AND request IN ('place', 'change')`;
  const lately = Prisma.sql`UTC_TIMESTAMP(3) - INTERVAL ${LATELY} SECOND`;
  const doubted = await db.$executeRaw(
    Prisma.sql`UPDATE Protection SET confirmed = 0, nextAt = UTC_TIMESTAMP(3), updatedAt = UTC_TIMESTAMP(3)
      WHERE ${standing} AND updatedAt < ${lately}`,
  );
  if (doubted > 0) return true;
  const young = await db.$queryRaw<unknown[]>(
    Prisma.sql`SELECT 1 FROM Protection WHERE ${standing} AND failures = 0 AND sentAt >= ${lately} LIMIT 1`,
  );
  return young.length > 0;
}

/**
 * Has the keeper ask for every stop order of an account: the venue holds something else than our books say, and a push that told
 * of a reached price may have been lost.
 */
export async function doubtProtections(
  db: Pick<TenantClient, '$executeRaw'>,
  tenantId: string,
  accountId: string,
): Promise<void> {
  await db.$executeRaw(
    Prisma.sql`UPDATE Protection SET confirmed = 0, nextAt = UTC_TIMESTAMP(3), updatedAt = UTC_TIMESTAMP(3)
      WHERE tenantId = ${tenantId} AND accountId = ${accountId} AND open = 1 AND confirmed = 1
        AND request IN ('place', 'change') AND (claimedUntil IS NULL OR claimedUntil < UTC_TIMESTAMP(3))`,
  );
}
