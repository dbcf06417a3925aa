import { BALANCE_VALID_FOR } from '@/domain/balance-age';
import type { Clock } from '@/platform/clock';
import type { Database } from '@/platform/database/database';
import { retryTransaction } from '@/platform/database/retry';

type Context = { readonly database: Database; readonly clock: Clock };

export const SNAPSHOT_INTERVAL_MS = 5 * 60_000;

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

/** What is kept of past snapshots: all for two days, then the first of each hour, after 90 days the first of each day. */
const THINNING = [
  { olderThanMs: 2 * DAY_MS, unit: 'HOUR' },
  { olderThanMs: 90 * DAY_MS, unit: 'DAY' },
] as const;
/** Each run looks back so far from the limit, which covers the runs that were missed meanwhile. */
const LOOK_BACK_MS = 31 * DAY_MS;

/**
 * One point of the equity curve for every account whose equity is known, at the last full five minutes. An account that
 * fails, or of which nobody has told for long, has none: what it last held is not what it holds. Repeats change nothing. Answers how many points were added.
 */
export async function takeEquitySnapshots({ database, clock }: Context): Promise<number> {
  const takenAt = new Date(Math.floor(clock.now() / SNAPSHOT_INTERVAL_MS) * SNAPSHOT_INTERVAL_MS);
  return retryTransaction(
    () => database.system.$executeRaw`
      INSERT INTO EquitySnapshot (accountId, takenAt, tenantId, customerId, equity)
      SELECT id, ${takenAt}, tenantId, customerId, equity FROM ExchangeAccount
      WHERE equity IS NOT NULL AND equityAt >= ${new Date(takenAt.getTime() - BALANCE_VALID_FOR)} AND health <> 'failing'
      ON DUPLICATE KEY UPDATE EquitySnapshot.equity = EquitySnapshot.equity`,
  );
}

/** Thins out old snapshots. Answers how many were removed. */
export async function thinEquitySnapshots({ database, clock }: Context): Promise<number> {
  const tenants = await database.system.tenant.findMany({ select: { id: true } });
  let removed = 0;
  for (const { olderThanMs, unit } of THINNING) {
    // Whole units only: the first snapshot of a unit that is still being filled would not be the first.
    const size = unit === 'HOUR' ? HOUR_MS : DAY_MS;
    const until = Math.floor((clock.now() - olderThanMs) / size) * size;
    for (const { id } of tenants) {
      // A day at a time, so that no statement holds many rows.
      for (let from = until - LOOK_BACK_MS; from < until; from += DAY_MS) {
        removed += await thin(database, id, new Date(from), new Date(Math.min(until, from + DAY_MS)), unit);
      }
    }
  }
  return removed;
}

/** Keeps the first snapshot of each account in each hour, or day, of a period. */
function thin(database: Database, tenantId: string, from: Date, until: Date, unit: 'HOUR' | 'DAY'): Promise<number> {
  const hours = unit === 'HOUR' ? 1 : 24;
  return retryTransaction(
    () => database.system.$executeRaw`
      DELETE later FROM EquitySnapshot AS later
      JOIN (
        SELECT accountId, FLOOR(TIMESTAMPDIFF(HOUR, '2000-01-01', takenAt) / ${hours}) AS slot, MIN(takenAt) AS firstAt
        FROM EquitySnapshot
        WHERE tenantId = ${tenantId} AND takenAt >= ${from} AND takenAt < ${until}
        GROUP BY accountId, slot
      ) AS kept ON kept.accountId = later.accountId
        AND kept.slot = FLOOR(TIMESTAMPDIFF(HOUR, '2000-01-01', later.takenAt) / ${hours})
      WHERE later.tenantId = ${tenantId} AND later.takenAt >= ${from} AND later.takenAt < ${until}
        AND later.takenAt > kept.firstAt`,
  );
}
