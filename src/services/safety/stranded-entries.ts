import { switchCancelsEntries } from '@/domain/risk/kill-switches';
import { type Database, Prisma } from '@/platform/database/database';
import { type CancelDeps, cancelEntries } from '../execution/resting-entries';
import { readTrades, type TradeRecord } from '../execution/trade-record';
import { leaderLeft } from '../exits/find-due';
import type { KillSwitchBoard } from './kill-switch-board';

/** Cancels of one look. */
const AT_ONCE = 500;
/** One look waits this long for what it cancels, ms; the next one goes on. */
const WITHIN = 2000;

type Entry = {
  id: string;
  tenantId: string;
  accountId: string;
  customerId: string;
  strategyId: string;
  stranded: bigint | number;
};

/** What the lane still has to do may change that, and sees to its entries itself. */
const LANE_AT_REST = Prisma.sql`NOT EXISTS (SELECT 1 FROM \`Signal\` w WHERE w.sourceId = l.sourceId
  AND w.instrumentId = l.instrumentId AND w.ours = FALSE AND w.status IN ('received', 'planning', 'dispatching'))`;

/** Otherwise the database begins with all signals that were ever done, and looks through every trade of each. */
const BY_STATUS = Prisma.sql`FORCE INDEX (Trade_status_updatedAt_idx)`;

/**
 * Takes back resting entries that should not be filled any more: under a kill switch that stops entries, and those whose
 * leader has left while they could not be cancelled. Answers how many were looked at.
 */
export async function cancelStrandedEntries(
  deps: Omit<CancelDeps, 'database'> & { readonly database: Database; readonly killSwitches: KillSwitchBoard },
  owns: (accountId: string) => boolean,
  stop: AbortSignal,
): Promise<number> {
  const resting = await deps.database.system.$queryRaw<Entry[]>(
    Prisma.sql`SELECT t.id, t.tenantId, t.accountId, t.customerId, t.strategyId,
        (${leaderLeft(Prisma.sql`t.positionSide`)} AND ${LANE_AT_REST}) AS stranded
      FROM Trade t ${BY_STATUS}
      JOIN \`Signal\` s ON s.id = t.signalId AND s.status = 'done'
      JOIN Subscription u ON u.id = t.subscriptionId
      JOIN SignalLane l ON l.sourceId = s.sourceId AND l.instrumentId = t.instrumentId
      WHERE t.status IN ('planned', 'unknown', 'live', 'partially_filled') AND t.leg = 'open' AND t.orderType = 'limit'`,
  );
  const leaving = resting
    .filter((entry) => {
      const level = deps.killSwitches.over(entry)?.level ?? 'none';
      return level !== 'halt' && (Number(entry.stranded) === 1 || switchCancelsEntries(level)) && owns(entry.accountId);
    })
    .slice(0, AT_ONCE);
  const tenants = new Set(leaving.map((entry) => entry.tenantId));
  await Promise.all(
    [...tenants].map(async (tenantId) => {
      const ids = leaving.filter((entry) => entry.tenantId === tenantId).map((entry) => entry.id);
      const entries = await readTrades(deps.database.forTenant(tenantId), tenantId, ids);
      const mayCancel = (entry: TradeRecord): boolean =>
        deps.killSwitches.over({ tenantId, ...entry })?.level !== 'halt';
      await cancelEntries({ ...deps, mayCancel }, tenantId, entries, WITHIN, stop);
    }),
  );
  return leaving.length;
}
