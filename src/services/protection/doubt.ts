import { Prisma, type TenantClient } from '@/platform/database/database';

/** A stop order that was asked for so shortly ago is not asked for again, s. */
const ASKED_LATELY = 10;

/**
 * Has the keeper ask for the stop orders of an account in one instrument that were not asked for of late. Answers whether there are
 * any: then it is not known yet what they did.
 */
export async function doubtOnce(
  db: Pick<TenantClient, '$executeRaw'>,
  at: { readonly tenantId: string; readonly accountId: string; readonly instrumentId: string },
): Promise<boolean> {
  const doubted = await db.$executeRaw(
    Prisma.sql`UPDATE Protection SET confirmed = 0, nextAt = UTC_TIMESTAMP(3), updatedAt = UTC_TIMESTAMP(3)
      WHERE tenantId = ${at.tenantId} AND accountId = ${at.accountId} AND instrumentId = ${at.instrumentId}
        AND open = 1 AND confirmed = 1 AND request IN ('place', 'change')
        AND updatedAt < UTC_TIMESTAMP(3) - INTERVAL ${ASKED_LATELY} SECOND`,
  );
  return doubted > 0;
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
