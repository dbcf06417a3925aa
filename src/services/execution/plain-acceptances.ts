import { type BulkColumns, bulkUpdate } from '@/platform/database/bulk';
import type { RawWriter } from '@/platform/database/database';
import { applyPlacement, revisionOf, type TradeRevision } from './apply-report';
import type { TradeReport } from './report';

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

type Placement = Extract<TradeReport, { kind: 'placement' }>;

/** What a trade looks like after its only news is that the venue took a planned order; null: it is not as plain as that. */
export function plainAcceptance(reports: readonly TradeReport[]): TradeRevision | null {
  const [report] = reports;
  if (reports.length !== 1 || report?.kind !== 'placement' || report.outcome.kind !== 'accepted') return null;
  const { trade } = report as Placement;
  return trade?.status === 'planned' ? applyPlacement(revisionOf(trade), report) : null;
}

/**
 * Writes that the venue took these orders, without reading their rows: one statement, which changes only rows that are as they were
 * written ahead. Answers false when it did not find all of them so (a push was faster, an earlier attempt left a mark); the others
 * are written then, and all must be gone through one by one, which changes nothing twice.
 */
export async function writePlainAcceptances(
  db: RawWriter,
  tenantId: string,
  trades: readonly TradeRevision[],
): Promise<boolean> {
  const updatedAt = new Date();
  const time = (at: number | null): Date | null => (at === null ? null : new Date(at));
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
      sentAt: time(sentAt),
      ackedAt: time(ackedAt),
      updatedAt,
    })),
    "t.`status` = 'planned' AND t.`attempts` = 0",
  );
  return written === trades.length;
}
