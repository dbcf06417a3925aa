import type { ExitCause } from '@/domain/exit';
import { Prisma, type SystemClient } from '@/platform/database/database';
import { type ExitKey, exitKey } from './exit-row';

/** A position that has to go, or a part of it. */
export type DueExit = ExitKey & {
  readonly customerId: string;
  readonly accountId: string;
  readonly strategyId: string;
  readonly sourceId: string;
  readonly cause: ExitCause;
};

type Row = DueExit;

const COLUMNS = Prisma.sql`p.tenantId, p.subscriptionId, p.instrumentId, p.side, p.customerId, p.accountId, p.strategyId,
  g.signalSourceId AS sourceId`;

/** The leader of lane `l` does not stand on `side`; reverse copies (`u`) stand on the other. */
export const leaderLeft = (side: Prisma.Sql) =>
  Prisma.sql`(l.leaderSide IS NULL OR l.leaderSize = 0 OR (l.leaderSide = ${side}) = u.reverse)`;

/**
 * Everything that has to go now, each position once, for the first cause that applies. Looks at what is, not at what happened: whatever
 * failed, was lost or forgotten before is found again.
 *
 * @param flattening whether a kill switch stands at "flatten" anywhere
 */
export async function findDueExits(db: SystemClient, flattening: boolean): Promise<ReadonlyMap<string, DueExit>> {
  const due = new Map<string, DueExit>();
  const found = [
    ...(flattening ? await findFlattened(db) : []),
    ...(await findCrossed(db)),
    ...(await findLeftBehind(db)),
  ];
  for (const exit of found) if (!due.has(exitKey(exit))) due.set(exitKey(exit), exit);
  return due;
}

/** Positions under a kill switch at "flatten". */
function findFlattened(db: SystemClient): Promise<Row[]> {
  return db.$queryRaw<Row[]>(
    Prisma.sql`SELECT ${COLUMNS}, 'flatten' AS cause
      FROM Position p
      JOIN Tenant t ON t.id = p.tenantId
      JOIN Strategy g ON g.id = p.strategyId
      JOIN Customer c ON c.id = p.customerId
      LEFT JOIN Platform f ON 1 = 1
      WHERE p.quantity > 0 AND 'flatten' IN (f.killSwitch, t.killSwitch, g.killSwitch, c.killSwitch)`,
  );
}

/** Positions whose stop-loss or take-profit the market passed before the venue could hold it. */
function findCrossed(db: SystemClient): Promise<Row[]> {
  return db.$queryRaw<Row[]>(
    Prisma.sql`SELECT ${COLUMNS}, 'crossed' AS cause
      FROM Protection r
      JOIN Position p ON p.subscriptionId = r.subscriptionId AND p.instrumentId = r.instrumentId AND p.side = r.side
      JOIN Strategy g ON g.id = p.strategyId
      WHERE r.crossed IN ('stop', 'take') AND r.open = 1 AND p.quantity > 0`,
  );
}

/**
 * Positions whose leader does not stand on their side any more, and those of which a share is still to be closed: what is held is more
 * than ought to be by a whole order. While a signal is half planned, positions are ahead of the leader's book; while one is on its way,
 * shares are, and while it is not known what an entry filled.
 */
async function findLeftBehind(db: SystemClient): Promise<Row[]> {
  const left = leaderLeft(Prisma.sql`p.side`);
  const unfinished = (statuses: Prisma.Sql): Prisma.Sql =>
    Prisma.sql`EXISTS (SELECT 1 FROM \`Signal\` w WHERE w.sourceId = l.sourceId AND w.instrumentId = l.instrumentId
      AND w.ours = FALSE AND ${statuses})`;
  const rows = await db.$queryRaw<(Row & { left: unknown })[]>(
    Prisma.sql`SELECT STRAIGHT_JOIN ${COLUMNS}, ${left} AS \`left\`
      FROM Tenant n
      JOIN Position p ON p.tenantId = n.id AND p.quantity > 0
      JOIN Subscription u ON u.id = p.subscriptionId
      JOIN Strategy g ON g.id = p.strategyId
      JOIN SignalLane l ON l.sourceId = g.signalSourceId AND l.instrumentId = p.instrumentId
      LEFT JOIN RoundingDebt d ON d.subscriptionId = p.subscriptionId AND d.instrumentId = p.instrumentId AND d.side = p.side
      LEFT JOIN Instrument i ON i.id = p.instrumentId AND d.quantity < 0
      WHERE (${left} AND NOT ${unfinished(Prisma.sql`w.status = 'planning' AND w.plan IS NOT NULL`)})
        OR (d.quantity <= -GREATEST(i.minSize, i.lotSize) AND NOT ${left}
          AND NOT EXISTS (SELECT 1 FROM Trade e FORCE INDEX (Trade_accountId_status_idx) WHERE e.accountId = p.accountId
            AND e.status IN ('planned', 'unknown', 'live', 'partially_filled') AND e.tenantId = p.tenantId AND e.leg = 'open'
            AND e.orderType = 'market' AND e.subscriptionId = p.subscriptionId AND e.instrumentId = p.instrumentId)
          AND NOT ${unfinished(Prisma.sql`w.status IN ('planning', 'dispatching')`)})`,
  );
  return rows.map(({ left: gone, ...row }) => ({ ...row, cause: Number(gone) === 1 ? 'leader_left' : 'share' }));
}
