import type { NotificationChannelView } from '@/contracts/api/notifications';
import { Prisma, type TenantClient } from '@/platform/database/database';

/** What the outbox knows of a channel. */
export type ChannelHealth = Pick<NotificationChannelView, 'health' | 'lastError' | 'lastSentAt' | 'waiting'>;

const UNPROVED: ChannelHealth = { health: 'unproved', lastError: null, lastSentAt: null, waiting: 0 };

type Figures = { channelId: string; status: string; count: bigint | number; last: Date };
type Failure = { channelId: string; lastError: string; at: Date };

/** The health of several channels, in two queries. */
export async function channelHealths(
  tables: TenantClient,
  tenantId: string,
  channelIds: readonly string[],
): Promise<(channelId: string) => ChannelHealth> {
  if (channelIds.length === 0) return () => UNPROVED;
  const ids = Prisma.join([...channelIds]);
  const [figures, failures] = await Promise.all([
    tables.$queryRaw<Figures[]>(Prisma.sql`
      SELECT channelId, status, COUNT(*) AS count, MAX(nextAttemptAt) AS last FROM Notification
      WHERE tenantId = ${tenantId} AND channelId IN (${ids}) GROUP BY channelId, status`),
    tables.$queryRaw<Failure[]>(Prisma.sql`
      SELECT channelId, lastError, at FROM (
        SELECT channelId, lastError, nextAttemptAt AS at,
          ROW_NUMBER() OVER (PARTITION BY channelId ORDER BY nextAttemptAt DESC, id DESC) AS place
        FROM Notification
        WHERE tenantId = ${tenantId} AND channelId IN (${ids}) AND status IN ('pending', 'sending', 'failed')
          AND lastError IS NOT NULL
      ) AS failure WHERE place = 1`),
  ]);
  return (channelId) => {
    const own = figures.filter((row) => row.channelId === channelId);
    const sent = own.find((row) => row.status === 'sent')?.last ?? null;
    const failure = failures.find((row) => row.channelId === channelId);
    // A row that waits for its next try has its failure's time in the future: newer than any delivery.
    const failing = failure !== undefined && (sent === null || failure.at > sent);
    return {
      health: failing ? 'failing' : sent === null ? 'unproved' : 'healthy',
      lastError: failing ? failure.lastError : null,
      lastSentAt: sent?.toISOString() ?? null,
      waiting: own
        .filter((row) => row.status === 'pending' || row.status === 'sending')
        .reduce((total, row) => total + Number(row.count), 0),
    };
  };
}
