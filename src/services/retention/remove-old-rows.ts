import type { Clock } from '@/platform/clock';
import { type Database, Prisma } from '@/platform/database/database';
import { retryTransaction } from '@/platform/database/retry';

const DAY_MS = 86_400_000;
/** Rows removed by one statement, so that none holds its locks for long. */
const BATCH = 5000;

/** How long rows are kept that only explain what happened. Trades, receipts and the audit log are kept for ever. */
export const KEPT_DAYS = {
  sentNotifications: 14,
  failedNotifications: 30,
  rejectedMessages: 30,
  doneExits: 30,
} as const;

export type RemovedRows = {
  readonly notifications: number;
  readonly rejectedMessages: number;
  readonly exits: number;
};

/** Removes what has been kept long enough. */
export async function removeOldRows({
  database,
  clock,
}: {
  readonly database: Database;
  readonly clock: Clock;
}): Promise<RemovedRows> {
  const before = (days: number): Date => new Date(clock.now() - days * DAY_MS);
  const remove = (condition: Prisma.Sql): Promise<number> =>
    inBatches(() => database.system.$executeRaw`DELETE FROM ${condition} LIMIT ${BATCH}`);
  // In settled notifications nextAttemptAt is when they were settled.
  const sent = await remove(
    Prisma.sql`Notification WHERE status = 'sent' AND nextAttemptAt < ${before(KEPT_DAYS.sentNotifications)}`,
  );
  const failed = await remove(
    Prisma.sql`Notification WHERE status = 'failed' AND nextAttemptAt < ${before(KEPT_DAYS.failedNotifications)}`,
  );
  let rejectedMessages = 0;
  for (const { id } of await database.system.tenant.findMany({ select: { id: true } })) {
    rejectedMessages += await remove(
      Prisma.sql`RejectedMessage WHERE tenantId = ${id} AND receivedAt < ${before(KEPT_DAYS.rejectedMessages)}`,
    );
  }
  const exits = await remove(Prisma.sql`PositionExit WHERE doneAt < ${before(KEPT_DAYS.doneExits)}`);
  return { notifications: sent + failed, rejectedMessages, exits };
}

async function inBatches(removeSome: () => Promise<number>): Promise<number> {
  let total = 0;
  for (;;) {
    const removed = await retryTransaction(removeSome);
    total += removed;
    if (removed < BATCH) return total;
  }
}
