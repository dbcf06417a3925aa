import { toText } from '@/domain/decimal';
import type { ProtectiveOrder } from '@/domain/protection';
import { type BulkColumns, bulkInsert, bulkUpdate } from '@/platform/database/bulk';
import { Prisma, type TenantClient } from '@/platform/database/database';
import type { ProtectionRow } from './protection-row';

/** A stop order's trade: written before the order is asked for, filled by the trade book when its price is reached. */
export type StopTrade = { readonly id: string; readonly row: ProtectionRow; readonly order: ProtectiveOrder };

const COLUMNS = {
  id: 'CHAR(32)',
  signalId: 'CHAR(32)',
  round: 'INT',
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
  leverage: 'DECIMAL(36,18)',
  quantity: 'DECIMAL(36,18)',
  status: 'VARCHAR(64)',
  decision: 'LONGTEXT',
  createdAt: 'DATETIME(3)',
  updatedAt: 'DATETIME(3)',
} as const satisfies BulkColumns;

/** A long is closed by selling. */
export function closingSide({ side }: Pick<ProtectionRow, 'side'>): 'buy' | 'sell' {
  return side === 'long' ? 'sell' : 'buy';
}

/** What the receipt shows of a stop order. */
export type StoredStop = {
  readonly steps: readonly never[];
  readonly checks: readonly never[];
  readonly stopPrice: string | null;
  readonly takePrice: string | null;
};

function storedStop({ stopPrice, takePrice }: ProtectiveOrder): string {
  const text = (price: ProtectiveOrder['stopPrice']): string | null => (price === null ? null : toText(price));
  const stored: StoredStop = { steps: [], checks: [], stopPrice: text(stopPrice), takePrice: text(takePrice) };
  return JSON.stringify(stored);
}

export async function insertStopTrades(
  tx: Pick<TenantClient, '$executeRaw'>,
  tenantId: string,
  trades: readonly StopTrade[],
  at: Date,
): Promise<void> {
  const rows = trades.map(({ id, row, order }) => ({
    id,
    signalId: row.signalId,
    round: row.round,
    strategyId: row.strategyId,
    subscriptionId: row.subscriptionId,
    customerId: row.customerId,
    accountId: row.accountId,
    instrumentId: row.instrumentId,
    leg: 'stop',
    side: closingSide(row),
    positionSide: row.side,
    reduceOnly: true,
    orderType: 'market',
    leverage: toText(row.leverage),
    quantity: toText(order.quantity),
    status: 'planned',
    decision: storedStop(order),
    createdAt: at,
    updatedAt: at,
  }));
  await bulkInsert(tx, 'Trade', tenantId, COLUMNS, rows);
}

const CHANGED_COLUMNS = {
  id: 'CHAR(32)',
  signalId: 'CHAR(32)',
  round: 'INT',
  quantity: 'DECIMAL(36,18)',
  decision: 'LONGTEXT',
  updatedAt: 'DATETIME(3)',
} as const satisfies BulkColumns;

/** What the venue now holds of orders that stand. Their trades go over to the signal that set the levels. */
export async function changeStopTrades(
  tx: Pick<TenantClient, '$executeRaw'>,
  tenantId: string,
  trades: readonly StopTrade[],
  at: Date,
): Promise<void> {
  const rows = trades.map(({ id, row, order }) => ({
    id,
    signalId: row.signalId,
    round: row.round,
    quantity: toText(order.quantity),
    decision: storedStop(order),
    updatedAt: at,
  }));
  const stands = "t.leg = 'stop' AND t.status IN ('planned', 'unknown', 'live')";
  await bulkUpdate(tx, 'Trade', tenantId, ['id'], CHANGED_COLUMNS, rows, stands);
}

/** Opens the receipts of refused orders again that are about to be asked for once more: each order has one, however often it is refused. */
export async function reopenStopTrades(
  tx: Pick<TenantClient, '$executeRaw'>,
  tenantId: string,
  tradeIds: readonly string[],
  at: Date,
): Promise<void> {
  if (tradeIds.length === 0) return;
  const ids = Prisma.join([...tradeIds]);
  // What a signal keeps of its receipts does not hold any more.
  await tx.$executeRaw(
    Prisma.sql`UPDATE \`Signal\` SET receipts = NULL WHERE tenantId = ${tenantId} AND receipts IS NOT NULL
      AND id IN (SELECT signalId FROM Trade WHERE tenantId = ${tenantId} AND id IN (${ids}) AND status = 'rejected')`,
  );
  await tx.$executeRaw(
    Prisma.sql`UPDATE Trade SET status = 'planned', updatedAt = ${at}
      WHERE tenantId = ${tenantId} AND id IN (${ids}) AND leg = 'stop' AND status = 'rejected'`,
  );
}
