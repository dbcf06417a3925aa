import { currentTime } from '@/platform/clock';
import { type BulkColumns, bulkUpdate } from '@/platform/database/bulk';
import type { RawWriter } from '@/platform/database/database';
import type { TradeReport } from './report';
import type { TradeRecord } from './trade-record';

const COLUMNS = {
  id: 'CHAR(32)',
  status: 'VARCHAR(64)',
  code: 'VARCHAR(64)',
  venueOrderId: 'VARCHAR(64)',
  attempts: 'INT',
  sentAt: 'DATETIME(3)',
  ackedAt: 'DATETIME(3)',
  updatedAt: 'DATETIME(3)',
} as const satisfies BulkColumns;

/** A planned trade whose order the venue took: what changes in its row, and what is told of it. */
export type AcceptedTrade = Pick<
  TradeRecord,
  | 'id'
  | 'signalId'
  | 'subscriptionId'
  | 'customerId'
  | 'strategyId'
  | 'instrumentId'
  | 'leg'
  | 'side'
  | 'orderType'
  | 'quantity'
  | 'filledQuantity'
  | 'filledValue'
  | 'bookedQuantity'
> & {
  readonly status: 'live';
  readonly code: null;
  readonly attempts: number;
  readonly venueOrderId: string;
  /** Epoch ms. */
  readonly sentAt: number;
  readonly ackedAt: number;
};

/**
 * What a trade looks like after its only news is that the venue took a planned order, as `applyPlacement` has it; null: it is not as
 * plain as that. Field by field, because there are thousands of them at once and spreading objects is slow.
 */
export function plainAcceptance(reports: readonly TradeReport[]): AcceptedTrade | null {
  const [report] = reports;
  if (reports.length !== 1 || report?.kind !== 'placement' || report.outcome.kind !== 'accepted') return null;
  const { outcome, attempt, sentAt, trade } = report;
  if (trade?.status !== 'planned') return null;
  return {
    id: trade.id,
    signalId: trade.signalId,
    subscriptionId: trade.subscriptionId,
    customerId: trade.customerId,
    strategyId: trade.strategyId,
    instrumentId: trade.instrumentId,
    leg: trade.leg,
    side: trade.side,
    orderType: trade.orderType,
    quantity: trade.quantity,
    filledQuantity: trade.filledQuantity,
    filledValue: trade.filledValue,
    bookedQuantity: trade.bookedQuantity,
    status: 'live',
    code: null,
    attempts: Math.max(trade.attempts, attempt),
    venueOrderId: outcome.venueOrderId,
    sentAt,
    ackedAt: outcome.at,
  };
}

/**
 * Writes that the venue took these orders, without reading their rows: one statement, which changes only rows that are as they were
 * written ahead. Answers false when it did not find all of them so (a push was faster, an earlier attempt left a mark); the others
 * are written then, and all must be gone through one by one, which changes nothing twice.
 */
export async function writePlainAcceptances(
  db: RawWriter,
  tenantId: string,
  trades: readonly AcceptedTrade[],
): Promise<boolean> {
  const updatedAt = new Date(currentTime());
  // In the order of their ids, as everybody locks trades.
  const sorted = [...trades].sort((a, b) => (a.id < b.id ? -1 : 1));
  const written = await bulkUpdate(
    db,
    'Trade',
    tenantId,
    ['id'],
    COLUMNS,
    sorted.map(({ id, status, code, venueOrderId, attempts, sentAt, ackedAt }) => ({
      id,
      status,
      code,
      venueOrderId,
      attempts,
      sentAt: new Date(sentAt),
      ackedAt: new Date(ackedAt),
      updatedAt,
    })),
    "t.`status` = 'planned' AND t.`attempts` = 0",
  );
  return written === trades.length;
}
