import { formatOfExit } from '@/domain/exit';
import { currentTime } from '@/platform/clock';
import { type BulkColumns, bulkUpdate } from '@/platform/database/bulk';
import { type Database, Prisma, type TenantClient } from '@/platform/database/database';
import { retryTransaction } from '@/platform/database/retry';
import { newId } from '@/platform/ids';
import { insertClosingSignal } from '../copying/closing-signal';
import type { ExitRow } from './exit-row';

const ASSIGNED = {
  subscriptionId: 'CHAR(32)',
  instrumentId: 'VARCHAR(64)',
  side: 'VARCHAR(64)',
  signalId: 'CHAR(32)',
  lastSignalId: 'CHAR(32)',
  attempts: 'INT',
} as const satisfies BulkColumns;
const KEY = ['subscriptionId', 'instrumentId', 'side'] as const;

/**
 * Makes the signals that close these exits, one for each source, instrument and format, and gives each exit to its signal: an exit has
 * one at a time. Answers each new signal as soon as it stands. Where another worker was faster, it has them.
 */
export async function* addExitSignals(
  database: Database,
  exits: readonly ExitRow[],
): AsyncGenerator<{ readonly id: string; readonly tenantId: string }> {
  const lanes = new Map<string, ExitRow[]>();
  for (const exit of exits) {
    const key = `${exit.tenantId}|${exit.sourceId}|${exit.instrumentId}|${formatOfExit(exit.cause)}`;
    lanes.set(key, [...(lanes.get(key) ?? []), exit]);
  }
  for (const own of lanes.values()) {
    const [first] = own;
    const id = await addSignal(database, own);
    if (first !== undefined && id !== null) yield { id, tenantId: first.tenantId };
  }
}

async function addSignal(database: Database, exits: readonly ExitRow[]): Promise<string | null> {
  const [first] = exits;
  if (first === undefined) return null;
  const { tenantId, sourceId, instrumentId, cause } = first;
  const now = currentTime();
  const id = newId(now);
  return retryTransaction(() =>
    database.forTenant(tenantId).$transaction(async (transaction) => {
      const tx = transaction as unknown as TenantClient;
      const rows = exits.map(({ subscriptionId, side, attempts }) => ({
        subscriptionId,
        instrumentId,
        side,
        signalId: id,
        lastSignalId: id,
        attempts: attempts + 1,
      }));
      const taken = await bulkUpdate(
        tx,
        'PositionExit',
        tenantId,
        KEY,
        ASSIGNED,
        rows,
        't.signalId IS NULL AND t.doneAt IS NULL',
      );
      if (taken === 0) return null;
      const format = formatOfExit(cause);
      const attempt = Math.max(...rows.map(({ attempts }) => attempts));
      await insertClosingSignal(tx, { id, tenantId, sourceId, instrumentId, format, attempt }, now);
      await noteFollowed(tx, tenantId, id, exits);
      return id;
    }),
  );
}

/** Of the attempts before this one, those that closed nothing, and will not, are told of by it. */
async function noteFollowed(
  tx: Pick<TenantClient, '$executeRaw'>,
  tenantId: string,
  by: string,
  exits: readonly ExitRow[],
): Promise<void> {
  const before = [...new Set(exits.flatMap(({ lastSignalId }) => lastSignalId ?? []))];
  if (before.length === 0) return;
  await tx.$executeRaw(
    Prisma.sql`UPDATE \`Signal\` g SET g.followedBy = ${by}
      WHERE g.tenantId = ${tenantId} AND g.id IN (${Prisma.join(before)}) AND NOT EXISTS (SELECT 1 FROM Trade t
        WHERE t.signalId = g.id AND (t.filledQuantity <> 0 OR t.status IN ('planned', 'unknown', 'live', 'partially_filled')))`,
  );
}
