import { Prisma, type TenantClient } from '@/platform/database/database';

/**
 * Has the keeper ask for every stop order of an account: the venue holds something else than our books say, and a push that told
 * of a reached price may have been lost.
 */
export async function doubtProtections(
  db: Pick<TenantClient, '$executeRaw'>,
  tenantId: string,
  accountId: string,
): Promise<void> {
  const now = new Date();
  await db.$executeRaw(
    Prisma.sql`UPDATE Protection SET confirmed = 0, nextAt = ${now}, updatedAt = ${now}
      WHERE tenantId = ${tenantId} AND accountId = ${accountId} AND open = 1 AND confirmed = 1
        AND request IN ('place', 'change') AND (claimedUntil IS NULL OR claimedUntil < ${now})`,
  );
}
