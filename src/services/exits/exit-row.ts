import { type Dec, dec } from '@/domain/decimal';
import type { ExitCause, ExitObstacle } from '@/domain/exit';
import type { PositionSide } from '@/domain/signal';
import { Prisma, type TenantClient } from '@/platform/database/database';

/** Which position: a follower's book on one side of one instrument. */
export type ExitKey = {
  readonly tenantId: string;
  readonly subscriptionId: string;
  readonly instrumentId: string;
  readonly side: PositionSide;
};

/** An exit that is due. */
export type ExitRow = ExitKey & {
  readonly customerId: string;
  readonly accountId: string;
  readonly strategyId: string;
  readonly sourceId: string;
  readonly cause: ExitCause;
  /** How long it has been due, and how long until its next attempt, ms; below zero: it is time. */
  readonly lasted: number;
  readonly wait: number;
  readonly attempts: number;
  /** The venue is to be asked what is there before the next attempt. */
  readonly look: boolean;
  /** Contracts that the venue would let go now; null: all that is held. */
  readonly most: Dec | null;
  /** Of the last attempt. */
  readonly code: string | null;
  readonly message: string | null;
  /** What keeps it from being tried, as it was last written down. */
  readonly obstacle: ExitObstacle | null;
  /** The signal that closes it; null: none does. */
  readonly signalId: string | null;
  /** The last one that was to; null: none was. */
  readonly lastSignalId: string | null;
  readonly told: boolean;
};

export function exitKey({ subscriptionId, instrumentId, side }: Omit<ExitKey, 'tenantId'>): string {
  return `${subscriptionId}|${instrumentId}|${side}`;
}

type Row = Record<string, unknown>;

/** All exits that are due, of all tenants: mostly none. */
export async function readOpenExits(db: Pick<TenantClient, '$queryRaw'>): Promise<readonly ExitRow[]> {
  const rows = await db.$queryRaw<Row[]>(
    Prisma.sql`SELECT x.tenantId, x.subscriptionId, x.instrumentId, x.side, x.customerId, x.accountId, x.strategyId, x.sourceId,
        x.cause, x.attempts, x.look, x.most, x.code, x.message, x.obstacle, x.signalId, x.lastSignalId, x.toldAt IS NOT NULL AS told,
        TIMESTAMPDIFF(MICROSECOND, x.dueAt, UTC_TIMESTAMP(3)) / 1000 AS lasted,
        TIMESTAMPDIFF(MICROSECOND, UTC_TIMESTAMP(3), x.nextAt) / 1000 AS wait
      FROM PositionExit x WHERE x.doneAt IS NULL`,
  );
  return rows.map(toRow);
}

function toRow(row: Row): ExitRow {
  return {
    tenantId: row.tenantId as string,
    subscriptionId: row.subscriptionId as string,
    instrumentId: row.instrumentId as string,
    side: row.side as PositionSide,
    customerId: row.customerId as string,
    accountId: row.accountId as string,
    strategyId: row.strategyId as string,
    sourceId: row.sourceId as string,
    cause: row.cause as ExitCause,
    lasted: Number(row.lasted),
    wait: Number(row.wait),
    attempts: Number(row.attempts),
    look: Number(row.look) === 1,
    most: row.most === null ? null : dec(String(row.most)),
    code: row.code as string | null,
    message: row.message as string | null,
    obstacle: row.obstacle as ExitObstacle | null,
    signalId: row.signalId as string | null,
    lastSignalId: row.lastSignalId as string | null,
    told: Number(row.told) === 1,
  };
}
