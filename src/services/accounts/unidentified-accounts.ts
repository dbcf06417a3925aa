import type { SystemClient } from '@/platform/database/database';

/** Accounts of one look: their keys are opened and their venue is asked. */
const AT_ONCE = 20;

/**
 * Accounts that trade and of which nobody has asked the venue who they are: those from before it was asked. Until then a second row
 * could trade with the same account.
 */
export async function findUnidentified(
  db: SystemClient,
  owns: (accountId: string) => boolean,
): Promise<readonly string[]> {
  const rows = await db.exchangeAccount.findMany({
    where: { health: 'healthy', tradesAs: null },
    orderBy: { checkedAt: 'asc' },
    select: { id: true },
    take: 1000,
  });
  return rows
    .map(({ id }) => id)
    .filter(owns)
    .slice(0, AT_ONCE);
}
