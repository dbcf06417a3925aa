import {
  type BulkColumns,
  type BulkRow,
  bulkInsertPacked,
  type PackedRows,
  type PackedShape,
  packRows,
} from '@/platform/database/bulk';
import { Prisma, type RawWriter, type Statements } from '@/platform/database/database';

/*
 * The trades of a signal are written ahead as one row for each slice of its followers, which takes MySQL a few milliseconds, and become
 * rows of Trade while their orders are on their way, which takes it a tenth of a second for a thousand. Whoever needs such a row before
 * that unfolds the plan himself: a plan is unfolded once, whoever comes first.
 */

const COLUMNS = {
  id: 'CHAR(32)',
  signalId: 'CHAR(32)',
  strategyId: 'CHAR(32)',
  subscriptionId: 'CHAR(32)',
  customerId: 'CHAR(32)',
  accountId: 'CHAR(32)',
  instrumentId: 'VARCHAR(64)',
  leg: 'VARCHAR(64)',
  side: 'VARCHAR(64)',
  positionSide: 'VARCHAR(64)',
  reduceOnly: 'INT',
  orderType: 'VARCHAR(64)',
  limitPrice: 'DECIMAL(36,18)',
  leverage: 'DECIMAL(36,18)',
  quantity: 'DECIMAL(36,18)',
  decisionPrice: 'DECIMAL(36,18)',
  status: 'VARCHAR(64)',
  code: 'VARCHAR(64)',
  sendBy: 'DATETIME(3)',
  createdAt: 'DATETIME(3)',
  updatedAt: 'DATETIME(3)',
  detail: 'LONGTEXT',
  decision: 'LONGTEXT',
} as const satisfies BulkColumns;

/** A trade as it is written ahead. */
export type PlannedTradeRow = BulkRow<typeof COLUMNS>;

/** A plan as it is stored. */
export function packPlan(trades: readonly PlannedTradeRow[]): PackedRows {
  return packRows(COLUMNS, trades, ['id']);
}

/**
 * Writes a slice of a signal's trades as one row, in the transaction that checks the claim. A trade needs less than a kilobyte; a
 * server takes statements of 16 MB unless it is told otherwise.
 */
export async function writePlanAhead(
  tx: RawWriter,
  tenantId: string,
  signalId: string,
  part: number,
  trades: readonly PlannedTradeRow[],
  at: Date,
): Promise<void> {
  if (trades.length === 0) return;
  const { shape, json } = packPlan(trades);
  await tx.$executeRaw(
    Prisma.sql`INSERT INTO WrittenPlan (tenantId, signalId, part, shape, trades, createdAt)
      VALUES (${tenantId}, ${signalId}, ${part}, ${JSON.stringify(shape)}, ${json}, ${at})`,
  );
}

/**
 * Makes the trades of a plan, as far as it is written, rows of Trade; does nothing where that has been done. When it resolves, they are
 * there.
 */
export async function unfoldPlan(statements: Statements, tenantId: string, signalId: string): Promise<void> {
  await statements.transaction(async (tx) => {
    // Who comes second waits here, and finds nothing left to do.
    const parts = await tx.$queryRaw<{ part: number; shape: string }[]>(
      Prisma.sql`SELECT part, shape FROM WrittenPlan
        WHERE tenantId = ${tenantId} AND signalId = ${signalId} ORDER BY part FOR UPDATE`,
    );
    if (parts.length === 0) return;
    for (const { part, shape } of parts) {
      const where = Prisma.sql`p.tenantId = ${tenantId} AND p.signalId = ${signalId} AND p.part = ${part}`;
      const stored = { table: 'WrittenPlan', column: 'trades', where };
      await bulkInsertPacked(tx, 'Trade', tenantId, COLUMNS, JSON.parse(shape) as PackedShape, stored);
    }
    await tx.$executeRaw(
      Prisma.sql`DELETE FROM WrittenPlan WHERE tenantId = ${tenantId} AND signalId = ${signalId}
        AND part IN (${Prisma.join(parts.map(({ part }) => part))})`,
    );
  });
}

/** Unfolds every plan of a tenant that is still folded: for news of a trade that is no row yet. Answers how many there were. */
export async function unfoldPlans(statements: Statements, tenantId: string): Promise<number> {
  const plans = await statements.$queryRaw<{ signalId: string }[]>(
    Prisma.sql`SELECT DISTINCT signalId FROM WrittenPlan WHERE tenantId = ${tenantId}`,
  );
  for (const { signalId } of plans) await unfoldPlan(statements, tenantId, signalId);
  return plans.length;
}
