import { switchCancelsEntries } from '@/domain/risk/kill-switches';
import type { PositionSide } from '@/domain/signal';
import { type Database, Prisma, type SystemClient } from '@/platform/database/database';
import { addClosingSignal } from '../copying/closing-signal';
import { type CancelDeps, cancelEntries } from '../execution/resting-entries';
import { readTrades, type TradeRecord } from '../execution/trade-record';
import type { KillSwitchBoard } from './kill-switch-board';

/** Cancels of one look. */
const AT_ONCE = 500;
/** One look waits this long for what it cancels, ms; the next one goes on. */
const WITHIN = 2000;
/** How far back fills of entries are looked at, ms. */
const LOOK_BACK = 120_000;

type Entry = {
  id: string;
  tenantId: string;
  accountId: string;
  customerId: string;
  strategyId: string;
  stranded: bigint | number;
};

/** The leader of lane `l` does not stand on `side`; reverse copies (`u`) stand on the other. */
const leaderLeft = (side: Prisma.Sql) =>
  Prisma.sql`(l.leaderSide IS NULL OR l.leaderSize = 0 OR (l.leaderSide = ${side}) = u.reverse)`;
/** What the lane still has to do may change that, and sees to its entries itself. */
const LANE_AT_REST = Prisma.sql`NOT EXISTS (SELECT 1 FROM \`Signal\` w WHERE w.sourceId = l.sourceId
  AND w.instrumentId = l.instrumentId AND w.status IN ('received', 'planning', 'dispatching'))`;

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

type Left = {
  tenantId: string;
  subscriptionId: string;
  sourceId: string;
  instrumentId: string;
  side: PositionSide;
};
type LateFill = Left & { readonly tradeId: string };

/** What followers hold although the leader of a lane at rest has left that side: mostly nothing. */
function findLeftBehind(db: SystemClient): Promise<readonly Left[]> {
  return db.$queryRaw<Left[]>(
    Prisma.sql`SELECT STRAIGHT_JOIN p.tenantId, p.subscriptionId, l.sourceId, p.instrumentId, p.side
      FROM Tenant n
      JOIN Position p ON p.tenantId = n.id AND p.quantity > 0
      JOIN Subscription u ON u.id = p.subscriptionId
      JOIN Strategy g ON g.id = u.strategyId
      JOIN SignalLane l ON l.sourceId = g.signalSourceId AND l.instrumentId = p.instrumentId
      WHERE ${leaderLeft(Prisma.sql`p.side`)} AND ${LANE_AT_REST}`,
  );
}

/** Of what was left behind, the trades that filled it a short while ago and have met no close since. */
async function findLateFills(db: SystemClient, left: readonly Left[], since: Date): Promise<readonly LateFill[]> {
  if (left.length === 0) return [];
  const key = (row: Pick<Left, 'subscriptionId' | 'instrumentId' | 'side'>): string =>
    `${row.subscriptionId}|${row.instrumentId}|${row.side}`;
  const held = new Map(left.map((row) => [key(row), row]));
  const subscriptionIds = [...new Set(left.map((row) => row.subscriptionId))];
  const trades = await db.$queryRaw<{ id: string; subscriptionId: string; instrumentId: string; side: PositionSide }[]>(
    Prisma.sql`SELECT t.id, t.subscriptionId, t.instrumentId, t.positionSide AS side
      FROM Trade t ${BY_STATUS}
      JOIN \`Signal\` s ON s.id = t.signalId AND s.status = 'done'
      WHERE t.status IN ('filled', 'canceled') AND t.updatedAt > ${since} AND t.filledQuantity > 0
        AND t.subscriptionId IN (${Prisma.join(subscriptionIds)})
        AND NOT EXISTS (SELECT 1 FROM Trade c WHERE c.tenantId = t.tenantId AND c.customerId = t.customerId
          AND c.createdAt > t.updatedAt AND c.subscriptionId = t.subscriptionId
          AND c.instrumentId = t.instrumentId AND c.leg = 'close')
      ORDER BY t.id`,
  );
  return trades.flatMap((trade) => {
    const found = held.get(key(trade));
    return found === undefined ? [] : [{ ...found, tradeId: trade.id }];
  });
}

/**
 * Asks for closes of what is still held although the leader has left: what was found filled afterwards (an entry that could
 * not be taken back in time, an order whose outcome stayed unknown for so long that its lane went on), and what a close
 * left over (the venue takes only so much in one market order, or cancelled the rest). What has met a close since we know of
 * it, even one that was denied, is none of it; so a close that brings nothing is not repeated. Answers the new signals.
 */
export async function addLateFillSignals(database: Database, now: number): Promise<readonly string[]> {
  const left = await findLeftBehind(database.system);
  const rows = await findLateFills(database.system, left, new Date(now - LOOK_BACK));
  const lanes = new Map<string, LateFill[]>();
  for (const row of rows) {
    const key = `${row.sourceId}|${row.instrumentId}`;
    lanes.set(key, [...(lanes.get(key) ?? []), row]);
  }
  const added: string[] = [];
  for (const fills of lanes.values()) {
    const first = fills[0];
    if (first === undefined) continue;
    const { tenantId, sourceId, instrumentId } = first;
    const signal = {
      tenantId,
      sourceId,
      instrumentId,
      format: 'late-fill',
      idempotencyKey: `late-fill:${first.tradeId}`,
    } as const;
    const subscriptionIds = [...new Set(fills.map((fill) => fill.subscriptionId))];
    const id = await addClosingSignal(database, { ...signal, subscriptionIds }, now);
    if (id !== null) added.push(id);
  }
  return added;
}
