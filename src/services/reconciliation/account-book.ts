import { type Dec, dec, ZERO } from '@/domain/decimal';
import type { Booked, DriftPolicy } from '@/domain/drift';
import type { PositionSide } from '@/domain/signal';
import { Prisma, type TenantClient } from '@/platform/database/database';

/** What one subscription holds in one instrument, and what it wants done when the venue disagrees. */
export type BookedPosition = Booked & {
  readonly instrumentId: string;
  readonly strategyId: string;
  /** Where its signals come from. */
  readonly sourceId: string;
  readonly cost: Dec;
  readonly leverage: Dec;
  readonly realizedPnl: Dec;
  /** Paid, > 0. */
  readonly fees: Dec;
  readonly openedAt: Date | null;
  readonly policy: DriftPolicy;
};

/** Our books of one account at one moment. */
export type AccountBook = {
  readonly positions: readonly BookedPosition[];
  /** Orders of which is not yet known what they did. Resting entries are none: they may rest for days. */
  readonly unsettled: number;
  /** Policies of everyone who follows something with this account, for what nobody holds. */
  readonly policies: readonly DriftPolicy[];
};

type Reader = Pick<TenantClient, '$queryRaw'>;

export type BookQuery = {
  readonly tenantId: string;
  readonly accountId: string;
  /** Only what concerns this instrument; null: all of them. */
  readonly instrumentId?: string | null;
};

/** @param lock holds the positions against fills until the transaction ends */
export async function readAccountBook(
  db: Reader,
  { tenantId, accountId, instrumentId = null }: BookQuery,
  lock = false,
): Promise<AccountBook> {
  const of = (column: string): Prisma.Sql =>
    instrumentId === null ? Prisma.empty : Prisma.sql`AND ${Prisma.raw(column)} = ${instrumentId}`;
  const positions = await db.$queryRaw<Record<string, unknown>[]>(
    Prisma.sql`SELECT p.subscriptionId, p.instrumentId, p.side, p.quantity, p.cost, p.strategyId, p.leverage,
        p.realizedPnl, p.fee, p.openedAt FROM Position p
      WHERE p.tenantId = ${tenantId} AND p.accountId = ${accountId} ${of('p.instrumentId')}
      ORDER BY p.subscriptionId, p.instrumentId, p.side ${lock ? Prisma.sql`FOR UPDATE` : Prisma.empty}`,
  );
  const subscriptions = await db.$queryRaw<
    { id: string; status: string; driftPolicy: DriftPolicy; sourceId: string }[]
  >(
    Prisma.sql`SELECT u.id, u.status, u.driftPolicy, s.signalSourceId AS sourceId
      FROM Subscription u JOIN Strategy s ON s.id = u.strategyId
      WHERE u.tenantId = ${tenantId} AND u.accountId = ${accountId}`,
  );
  // Orders on their way; what was decided of it a moment ago and is no trade yet; and stop orders of which is not known how they stand:
  // they may have closed what the venue no longer holds.
  const [open] = await db.$queryRaw<{ trades: bigint; plans: bigint; doubtful: bigint }[]>(
    Prisma.sql`SELECT
      (SELECT COUNT(*) FROM Trade WHERE tenantId = ${tenantId} AND accountId = ${accountId} ${of('instrumentId')}
        AND (status IN ('planned', 'unknown')
          OR (status IN ('live', 'partially_filled') AND (orderType = 'market' OR leg = 'close')
            AND NOT (leg = 'stop' AND status = 'live')))) AS trades,
      (SELECT COUNT(*) FROM WrittenPlan w LEFT JOIN \`Signal\` g ON g.id = w.signalId
        WHERE w.tenantId = ${tenantId} ${of('g.instrumentId')}
          AND (LOCATE(${accountId}, w.trades) > 0 OR LOCATE(${accountId}, w.shape) > 0)) AS plans,
      (SELECT COUNT(*) FROM Protection WHERE tenantId = ${tenantId} AND accountId = ${accountId} ${of('instrumentId')}
        AND open = 1 AND confirmed = 0) AS doubtful`,
  );
  const followed = new Map(subscriptions.map((row) => [row.id, row]));
  return {
    positions: positions
      .map((row) => ({
        subscriptionId: row.subscriptionId as string,
        instrumentId: row.instrumentId as string,
        side: row.side as PositionSide,
        quantity: dec(String(row.quantity)),
        strategyId: row.strategyId as string,
        sourceId: followed.get(row.subscriptionId as string)?.sourceId ?? '',
        cost: dec(String(row.cost)),
        leverage: dec(String(row.leverage)),
        realizedPnl: dec(String(row.realizedPnl)),
        fees: dec(String(row.fee)),
        openedAt: row.openedAt as Date | null,
        policy: followed.get(row.subscriptionId as string)?.driftPolicy ?? 'alert',
      }))
      .filter((position) => position.quantity.gt(ZERO)),
    unsettled: open === undefined ? 0 : Number(open.trades) + Number(open.plans) + Number(open.doubtful),
    policies: subscriptions.filter((row) => row.status !== 'ended').map((row) => row.driftPolicy),
  };
}

/** Whether nothing happened to the account's positions between two readings, and nothing is on its way. */
export function isQuiet(before: AccountBook, after: AccountBook): boolean {
  const text = ({ positions }: AccountBook): string =>
    positions.map((p) => `${p.subscriptionId}|${p.instrumentId}|${p.side}|${p.quantity.toFixed()}`).join(';');
  return before.unsettled === 0 && after.unsettled === 0 && text(before) === text(after);
}
