import { dec, isBelow } from '@/domain/decimal';
import type { PositionSide } from '@/domain/signal';
import { Prisma, type SystemClient } from '@/platform/database/database';
import { type ExitKey, exitKey } from './exit-row';

/** A close that may still fill. */
export type CloseUnderWay = {
  readonly id: string;
  readonly tenantId: string;
  readonly subscriptionId: string;
  readonly instrumentId: string;
  readonly side: PositionSide;
  /** It rests at the venue: by intention, or because the market went away from it. */
  readonly rests: boolean;
  readonly orderType: 'market' | 'limit';
  /** Since its last news, ms. */
  readonly silentFor: number;
  /** A later close of the same position has ended. */
  readonly overtaken: boolean;
};

/** Otherwise the database goes through all that was ever traded. */
const BY_STATUS = Prisma.sql`FORCE INDEX (Trade_tenantId_status_createdAt_id_idx)`;

/** Closes of these positions that are on their way or rest at the venue. Plans that are still folded are not seen. */
export async function findClosesUnderWay(
  db: SystemClient,
  exits: readonly ExitKey[],
): Promise<ReadonlyMap<string, readonly CloseUnderWay[]>> {
  const found = new Map<string, CloseUnderWay[]>();
  for (const tenantId of new Set(exits.map((exit) => exit.tenantId))) {
    const wanted = exits.filter((exit) => exit.tenantId === tenantId);
    const keys = new Set(wanted.map(exitKey));
    const rows = await db.$queryRaw<Record<string, unknown>[]>(
      Prisma.sql`SELECT t.id, t.tenantId, t.subscriptionId, t.instrumentId, t.positionSide AS side, t.status, t.orderType,
          TIMESTAMPDIFF(MICROSECOND, t.updatedAt, UTC_TIMESTAMP(3)) / 1000 AS silentFor,
          t.orderType = 'limit' AND EXISTS (SELECT 1 FROM Trade c WHERE c.tenantId = t.tenantId AND c.customerId = t.customerId
            AND c.createdAt >= t.createdAt AND c.subscriptionId = t.subscriptionId AND c.instrumentId = t.instrumentId
            AND c.leg = 'close' AND c.id > t.id AND c.status IN ('filled', 'canceled', 'rejected', 'expired')) AS overtaken
        FROM Trade t ${BY_STATUS}
        WHERE t.tenantId = ${tenantId} AND t.status IN ('planned', 'unknown', 'live', 'partially_filled') AND t.leg = 'close'`,
    );
    for (const row of rows) {
      const close = toClose(row);
      const key = exitKey(close);
      if (!keys.has(key)) continue;
      const known = found.get(key);
      if (known === undefined) found.set(key, [close]);
      else known.push(close);
    }
  }
  return found;
}

function toClose(row: Record<string, unknown>): CloseUnderWay {
  return {
    id: row.id as string,
    tenantId: row.tenantId as string,
    subscriptionId: row.subscriptionId as string,
    instrumentId: row.instrumentId as string,
    side: row.side as PositionSide,
    rests: row.status === 'live' || row.status === 'partially_filled',
    orderType: row.orderType as CloseUnderWay['orderType'],
    silentFor: Number(row.silentFor),
    overtaken: Number(row.overtaken) === 1,
  };
}

/** Lanes, as `sourceId|instrumentId`, some of whose orders are decided and are no trades yet. */
export async function findFoldedLanes(db: SystemClient): Promise<ReadonlySet<string>> {
  const rows = await db.$queryRaw<{ sourceId: string; instrumentId: string }[]>(
    Prisma.sql`SELECT DISTINCT g.sourceId, g.instrumentId FROM WrittenPlan w JOIN \`Signal\` g ON g.id = w.signalId`,
  );
  return new Set(rows.map(({ sourceId, instrumentId }) => `${sourceId}|${instrumentId}`));
}

/** Closes that ended so long ago are not looked at, s. */
const LATELY = 120;

/** Of these positions, those whose last close of the last two minutes the venue refused, or did not fill whole. */
export async function findFailedCloses(db: SystemClient, exits: readonly ExitKey[]): Promise<ReadonlySet<string>> {
  const failed = new Set<string>();
  for (const tenantId of new Set(exits.map((exit) => exit.tenantId))) {
    const ids = new Set(exits.flatMap((exit) => (exit.tenantId === tenantId ? [exit.subscriptionId] : [])));
    const rows = await db.$queryRaw<(ExitKey & { status: string; quantity: unknown; filledQuantity: unknown })[]>(
      Prisma.sql`SELECT tenantId, subscriptionId, instrumentId, positionSide AS side, status, quantity, filledQuantity
        FROM Trade FORCE INDEX (Trade_status_updatedAt_idx)
        WHERE status IN ('filled', 'canceled', 'rejected') AND updatedAt > UTC_TIMESTAMP(3) - INTERVAL ${LATELY} SECOND
          AND tenantId = ${tenantId} AND leg = 'close' AND subscriptionId IN (${Prisma.join([...ids])}) ORDER BY id`,
    );
    for (const row of rows) {
      const whole = row.status !== 'rejected' && !isBelow(dec(String(row.filledQuantity)), dec(String(row.quantity)));
      if (whole) failed.delete(exitKey(row));
      else failed.add(exitKey(row));
    }
  }
  return failed;
}
