import { toText, ZERO } from '@/domain/decimal';
import type { LevelKind, ProtectionRequest, ProtectiveOrder } from '@/domain/protection';
import type { PositionSide } from '@/domain/signal';
import { type BulkColumns, bulkUpdate } from '@/platform/database/bulk';
import { Prisma, type TenantClient } from '@/platform/database/database';
import type { ProtectionRow } from './protection-row';

/** How a protection is to be written. What is absent stays as it was read. */
export type ProtectionChange = {
  readonly row: ProtectionRow;
  readonly open?: boolean;
  readonly tradeId?: string | null;
  readonly round?: number;
  readonly request?: ProtectionRequest;
  readonly confirmed?: boolean;
  readonly asked?: ProtectiveOrder;
  readonly sentAt?: number | null;
  readonly failures?: number;
  readonly crossed?: LevelKind | null;
  readonly code?: string | null;
  readonly message?: string | null;
  /** The venue says that there is no position, or that the account's settings are others; not written. */
  readonly disputed?: 'position' | 'settings';
  /** Pause before the next step, ms. */
  readonly wait: number;
};

const COLUMNS = {
  subscriptionId: 'CHAR(32)',
  instrumentId: 'VARCHAR(64)',
  side: 'VARCHAR(64)',
  open: 'INT',
  tradeId: 'CHAR(32)',
  round: 'INT',
  request: 'VARCHAR(64)',
  confirmed: 'INT',
  askedQuantity: 'DECIMAL(36,18)',
  askedStop: 'DECIMAL(36,18)',
  askedTake: 'DECIMAL(36,18)',
  sentAt: 'DATETIME(3)',
  failures: 'INT',
  crossed: 'VARCHAR(64)',
  crossedAt: 'DATETIME(3)',
  code: 'VARCHAR(64)',
  message: 'VARCHAR(300)',
  nextAt: 'DATETIME(3)',
  updatedAt: 'DATETIME(3)',
  claimedBy: 'VARCHAR(64)',
  claimedUntil: 'DATETIME(3)',
} as const satisfies BulkColumns;

export const NO_ORDER: ProtectiveOrder = { quantity: ZERO, stopPrice: null, takePrice: null };

/** A token of `newId`: it goes into the statement's text. */
const TOKEN = /^[0-9a-f]{32}$/;

/**
 * Writes changes of protections that this worker still holds; those that a signal has taken from it are left alone.
 * @param until null gives them back
 * @param now by the clock of the database, as all times of these rows
 */
export async function writeChanges(
  db: Pick<TenantClient, '$executeRaw'>,
  tenantId: string,
  changes: readonly ProtectionChange[],
  token: string,
  until: Date | null,
  now: Date,
): Promise<void> {
  if (!TOKEN.test(token)) throw new RangeError('Not a claim of a protection');
  const rows = changes.map((change) => {
    const { row } = change;
    const asked = change.asked ?? row.asked;
    const sentAt = change.sentAt === undefined ? row.sentAt : change.sentAt;
    const crossed = change.crossed === undefined ? row.crossed : change.crossed;
    return {
      subscriptionId: row.subscriptionId,
      instrumentId: row.instrumentId,
      side: row.side,
      open: change.open ?? true,
      tradeId: change.tradeId === undefined ? row.tradeId : change.tradeId,
      round: change.round ?? row.round,
      request: change.request ?? row.request,
      confirmed: change.confirmed ?? row.confirmed,
      askedQuantity: toText(asked.quantity),
      askedStop: asked.stopPrice === null ? null : toText(asked.stopPrice),
      askedTake: asked.takePrice === null ? null : toText(asked.takePrice),
      sentAt: sentAt === null ? null : new Date(sentAt),
      failures: change.failures ?? row.failures,
      crossed,
      crossedAt: crossed === null ? null : new Date(row.crossedAt ?? now),
      code: change.code ?? null,
      message: change.message?.slice(0, 300) ?? null,
      nextAt: new Date(now.getTime() + change.wait),
      updatedAt: now,
      claimedBy: until === null ? null : token,
      claimedUntil: until,
    };
  });
  const key = ['subscriptionId', 'instrumentId', 'side'] as const;
  await bulkUpdate(db, 'Protection', tenantId, key, COLUMNS, rows, `t.claimedBy = '${token}'`);
}

/** Locks what this worker still holds, until the transaction ends. Answers the subscriptions with their instrument and side. */
export async function lockHeld(
  tx: Pick<TenantClient, '$queryRaw'>,
  tenantId: string,
  token: string,
): Promise<ReadonlySet<string>> {
  const rows = await tx.$queryRaw<{ subscriptionId: string; instrumentId: string; side: PositionSide }[]>(
    Prisma.sql`SELECT subscriptionId, instrumentId, side FROM Protection
      WHERE tenantId = ${tenantId} AND claimedBy = ${token} FOR UPDATE`,
  );
  return new Set(rows.map(keyOf));
}

export function keyOf(row: { subscriptionId: string; instrumentId: string; side: PositionSide }): string {
  return `${row.subscriptionId}|${row.instrumentId}|${row.side}`;
}
