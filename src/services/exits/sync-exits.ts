import { type Dec, toText } from '@/domain/decimal';
import type { ExitCause } from '@/domain/exit';
import { type BulkColumns, bulkInsert, bulkUpdate } from '@/platform/database/bulk';
import { type Database, Prisma } from '@/platform/database/database';
import { databaseNow } from '@/platform/database/now';
import { type ExitKey, type ExitRow, exitKey } from './exit-row';
import type { DueExit } from './find-due';

const KEY = ['subscriptionId', 'instrumentId', 'side'] as const;

const KEY_COLUMNS = { subscriptionId: 'CHAR(32)', instrumentId: 'VARCHAR(64)', side: 'VARCHAR(64)' } as const;

const OPENED = {
  ...KEY_COLUMNS,
  customerId: 'CHAR(32)',
  accountId: 'CHAR(32)',
  strategyId: 'CHAR(32)',
  sourceId: 'CHAR(32)',
  cause: 'VARCHAR(64)',
  look: 'INT',
  dueAt: 'DATETIME(3)',
  doneAt: 'DATETIME(3)',
  lapsed: 'INT',
  attempts: 'INT',
  nextAt: 'DATETIME(3)',
  most: 'DECIMAL(36,18)',
  code: 'VARCHAR(64)',
  message: 'VARCHAR(300)',
  obstacle: 'VARCHAR(64)',
  signalId: 'CHAR(32)',
  lastSignalId: 'CHAR(32)',
  refusalToldAt: 'DATETIME(3)',
  hinderedAt: 'DATETIME(3)',
  toldAt: 'DATETIME(3)',
  updatedAt: 'DATETIME(3)',
} as const satisfies BulkColumns;

/** A due exit that nobody has noted yet. `look`: its last close failed at the venue, which is asked first. */
export type NewExit = DueExit & { readonly look: boolean };

/** Notes exits that have become due. Several workers may note the same: the first one counts. */
export async function openExits(database: Database, exits: readonly NewExit[]): Promise<void> {
  if (exits.length === 0) return;
  const now = await databaseNow(database.system);
  for (const [tenantId, own] of byTenant(exits)) {
    const rows = own.map(({ tenantId: _tenant, ...exit }) => ({
      ...exit,
      dueAt: now,
      doneAt: null,
      lapsed: false,
      attempts: 0,
      nextAt: now,
      most: null,
      code: null,
      message: null,
      obstacle: null,
      signalId: null,
      lastSignalId: null,
      // The message of the signal whose close failed has told it.
      refusalToldAt: exit.look ? now : null,
      hinderedAt: null,
      toldAt: null,
      updatedAt: now,
    }));
    const db = database.forTenant(tenantId);
    await bulkInsert(db, 'PositionExit', tenantId, OPENED, rows, 'ignore');
    // A position that had to go before, and has to go again.
    await bulkUpdate(db, 'PositionExit', tenantId, KEY, OPENED, rows, 't.doneAt IS NOT NULL');
  }
}

const CAUSED = { ...KEY_COLUMNS, cause: 'VARCHAR(64)' } as const satisfies BulkColumns;

/** Another cause has come to apply: a kill switch was thrown, say. */
export async function changeCauses(
  database: Database,
  exits: readonly (ExitKey & { readonly cause: ExitCause })[],
): Promise<void> {
  for (const [tenantId, own] of byTenant(exits)) {
    const rows = own.map(({ subscriptionId, instrumentId, side, cause }) => ({
      subscriptionId,
      instrumentId,
      side,
      cause,
    }));
    await bulkUpdate(database.forTenant(tenantId), 'PositionExit', tenantId, KEY, CAUSED, rows, 't.doneAt IS NULL');
  }
}

const ENDED = {
  ...KEY_COLUMNS,
  doneAt: 'DATETIME(3)',
  lapsed: 'INT',
  obstacle: 'VARCHAR(64)',
  updatedAt: 'DATETIME(3)',
} as const satisfies BulkColumns;

/** Ends exits that are not due any more: what had to go is gone, or it has not to go any more (`lapsed`). */
export async function endExits(database: Database, exits: readonly ExitRow[]): Promise<void> {
  if (exits.length === 0) return;
  const now = await databaseNow(database.system);
  for (const [tenantId, own] of byTenant(exits)) {
    const db = database.forTenant(tenantId);
    const held = await db.$queryRaw<ExitKey[]>(
      Prisma.sql`SELECT p.tenantId, p.subscriptionId, p.instrumentId, p.side FROM Position p
        WHERE p.tenantId = ${tenantId} AND p.quantity > 0
          AND p.subscriptionId IN (${Prisma.join([...new Set(own.map(({ subscriptionId }) => subscriptionId))])})`,
    );
    const still = new Set(held.map(exitKey));
    const rows = own.map((exit) => ({
      subscriptionId: exit.subscriptionId,
      instrumentId: exit.instrumentId,
      side: exit.side,
      doneAt: now,
      // Of a share, what is left is held by right.
      lapsed: exit.cause !== 'share' && still.has(exitKey(exit)),
      obstacle: null,
      updatedAt: now,
    }));
    await bulkUpdate(db, 'PositionExit', tenantId, KEY, ENDED, rows, 't.doneAt IS NULL AND t.signalId IS NULL');
  }
}

const STEPPED = {
  ...KEY_COLUMNS,
  look: 'INT',
  most: 'DECIMAL(36,18)',
  attempts: 'INT',
  code: 'VARCHAR(64)',
  message: 'VARCHAR(300)',
  signalId: 'CHAR(32)',
  nextAt: 'DATETIME(3)',
  updatedAt: 'DATETIME(3)',
} as const satisfies BulkColumns;

/** What is known after an attempt or a look, and how it goes on. No signal closes it until then. */
export type NextStep = ExitKey & {
  readonly look: boolean;
  readonly most: Dec | null;
  readonly attempts: number;
  readonly code: string | null;
  readonly message: string | null;
  /** Pause before the next step, ms. */
  readonly wait: number;
};

/** A step that follows from an answer of the venue holds while nothing else has become of the exit. */
export const STILL_ASKED = 't.doneAt IS NULL AND t.signalId IS NULL AND t.look = 1';

export async function writeSteps(
  database: Database,
  steps: readonly NextStep[],
  where = 't.doneAt IS NULL',
): Promise<void> {
  if (steps.length === 0) return;
  const now = await databaseNow(database.system);
  for (const [tenantId, own] of byTenant(steps)) {
    const rows = own.map(({ tenantId: _tenant, wait, most, message, ...step }) => ({
      ...step,
      most: most === null ? null : toText(most),
      message: message?.slice(0, 300) ?? null,
      signalId: null,
      nextAt: new Date(now.getTime() + wait),
      updatedAt: now,
    }));
    await bulkUpdate(database.forTenant(tenantId), 'PositionExit', tenantId, KEY, STEPPED, rows, where);
  }
}

export function byTenant<T extends { readonly tenantId: string }>(rows: readonly T[]): ReadonlyMap<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const row of rows) {
    const group = groups.get(row.tenantId);
    if (group === undefined) groups.set(row.tenantId, [row]);
    else group.push(row);
  }
  return groups;
}
