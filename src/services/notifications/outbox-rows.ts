import { type Database, Prisma } from '@/platform/database/database';
import { timeOfId } from '@/platform/ids';

/** The outbox as its sender reads and moves it. Times are epoch ms. */

/**
 * Moves of a row: pending → sending (claimed, until `nextAttemptAt`) → sent | failed | pending again, later. A claim that
 * was neither settled nor renewed by then belongs to a sender that died, and is due again. In settled rows
 * `nextAttemptAt` is when they were settled, so that one index serves both the due rows and the quota.
 */
export type DueRow = {
  readonly id: string;
  readonly event: string;
  readonly payload: unknown;
  readonly attempts: number;
};

/** What was sent to a channel lately. */
export type ChannelUse = { readonly messages: number; readonly lastAt: number };

/** Ids begin with their time: the smallest one of a moment. */
function firstIdAt(at: number): string {
  return Math.max(0, at).toString(16).padStart(12, '0').padEnd(32, '0');
}

const OPEN = Prisma.sql`status IN ('pending', 'sending')`;

export function outboxRows(db: Database['system']) {
  return {
    /** Channels with something to send. */
    async dueChannels(now: number): Promise<readonly string[]> {
      const rows = await db.$queryRaw<{ channelId: string }[]>`
        SELECT channelId FROM Notification WHERE ${OPEN} AND nextAttemptAt <= ${new Date(now)}
        GROUP BY channelId ORDER BY MIN(nextAttemptAt) LIMIT 1000`;
      return rows.map((row) => row.channelId);
    },

    /** Messages of each channel since `since`, whatever became of them: each was an attempt that the service may have counted. */
    async usesSince(since: number): Promise<ReadonlyMap<string, ChannelUse>> {
      const rows = await db.$queryRaw<{ channelId: string; messages: bigint | number; last: string }[]>`
        SELECT channelId, COUNT(DISTINCT batchId) AS messages, MAX(batchId) AS last FROM Notification
        WHERE status IN ('pending', 'sending', 'sent', 'failed') AND nextAttemptAt >= ${new Date(since)}
          AND batchId >= ${firstIdAt(since)}
        GROUP BY channelId`;
      return new Map(
        rows.map((row) => [row.channelId, { messages: Number(row.messages), lastAt: timeOfId(row.last) }]),
      );
    },

    /** Channels that wait before their next try: new notifications wait with them. */
    async pausedChannels(now: number): Promise<ReadonlySet<string>> {
      const rows = await db.$queryRaw<{ channelId: string }[]>`
        SELECT DISTINCT channelId FROM Notification
        WHERE status = 'pending' AND nextAttemptAt > ${new Date(now)} AND lastError IS NOT NULL`;
      return new Set(rows.map((row) => row.channelId));
    },

    async due(channelId: string, now: number, limit: number): Promise<readonly DueRow[]> {
      return db.notification.findMany({
        where: { channelId, status: { in: ['pending', 'sending'] }, nextAttemptAt: { lte: new Date(now) } },
        select: { id: true, event: true, payload: true, attempts: true },
        orderBy: { id: 'asc' },
        take: limit,
      });
    },

    /** Compare-and-set: takes those of the rows that are still due. Answers the ids that were taken. */
    async claim(ids: readonly string[], batchId: string, now: number, until: number): Promise<ReadonlySet<string>> {
      if (ids.length === 0) return new Set();
      const taken = await db.$executeRaw`
        UPDATE Notification
        SET status = 'sending', batchId = ${batchId}, attempts = attempts + 1, nextAttemptAt = ${new Date(until)}
        WHERE id IN (${Prisma.join([...ids])}) AND ${OPEN} AND nextAttemptAt <= ${new Date(now)}`;
      if (taken === ids.length) return new Set(ids);
      const rows = await db.notification.findMany({ where: { batchId, id: { in: [...ids] } }, select: { id: true } });
      return new Set(rows.map((row) => row.id));
    },

    async markSent(batchId: string, now: number): Promise<void> {
      const at = new Date(now);
      await db.notification.updateMany({
        where: { batchId, status: 'sending' },
        data: { status: 'sent', sentAt: at, nextAttemptAt: at, lastError: null },
      });
    },

    /** Back into the queue, to be tried again at `at`. */
    async postpone(batchId: string, at: number, error: string): Promise<void> {
      await db.notification.updateMany({
        where: { batchId, status: 'sending' },
        data: { status: 'pending', nextAttemptAt: new Date(at), lastError: error },
      });
    },

    async markFailed(ids: readonly string[], now: number, error: string): Promise<void> {
      if (ids.length === 0) return;
      await db.notification.updateMany({
        where: { id: { in: [...ids] }, status: { in: ['pending', 'sending'] } },
        data: { status: 'failed', nextAttemptAt: new Date(now), lastError: error },
      });
    },
  };
}
