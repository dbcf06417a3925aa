import { type BulkColumns, bulkInsert } from '@/platform/database/bulk';
import type { RawWriter } from '@/platform/database/database';
import { failureKind } from '@/platform/database/failure-kind';
import type { UnpackedRow } from '@/platform/database/packed-rows';
import { inHalves } from '@/platform/halves';

const ANSWER_COLUMNS = {
  attempts: 'INT',
  venueOrderId: 'VARCHAR(64)',
  sentAt: 'DATETIME(3)',
  ackedAt: 'DATETIME(3)',
} as const satisfies BulkColumns;

const liesInARow = (error: unknown): boolean => failureKind(error) !== 'database';

/** Planned trades with what the venue answered to their orders, as far as it is written beside their plan. */
export function withAnswers(rows: readonly UnpackedRow[], answers: string | null): readonly UnpackedRow[] {
  const taken = new Map((JSON.parse(answers ?? '[]') as string[][]).map((answer) => [answer[0], answer]));
  return rows.map((row) => {
    const answer = taken.get(String(row.id));
    if (answer === undefined) return { ...row, attempts: 0, venueOrderId: null, sentAt: null, ackedAt: null };
    const [, venueOrderId = null, sentAt = null, ackedAt = null] = answer;
    return { ...row, status: 'live', attempts: 1, venueOrderId, sentAt, ackedAt, updatedAt: ackedAt };
  });
}

/**
 * Makes them rows of Trade, as many together as the database takes. One that it does not take keeps whose it is and loses its figures:
 * an order of it may be at the venue, which is asked.
 */
export async function insertUnfolded(
  tx: RawWriter,
  tenantId: string,
  columns: BulkColumns,
  rows: readonly UnpackedRow[],
): Promise<void> {
  const all = { ...columns, ...ANSWER_COLUMNS };
  const insert = async (some: readonly UnpackedRow[]): Promise<void> => {
    await bulkInsert(tx, 'Trade', tenantId, all, some, 'ignore');
  };
  const unwritable = await inHalves(rows, insert, liesInARow);
  const stripped = unwritable.map(({ item }) => withoutFigures(item));
  await inHalves(stripped, insert, liesInARow);
}

function withoutFigures(row: UnpackedRow): UnpackedRow {
  return {
    ...row,
    limitPrice: null,
    leverage: '1',
    quantity: '0',
    decisionPrice: null,
    status: row.status === 'denied' ? 'denied' : 'unknown',
    code: 'DECISION_FAILED',
    detail: null,
    decision: '{"steps":"","checks":""}',
    sendBy: null,
  };
}
