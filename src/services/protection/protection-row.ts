import { type Dec, dec, ZERO } from '@/domain/decimal';
import { isTerminal, type TradeStatus } from '@/domain/order-state';
import {
  type LevelKind,
  type ProtectionLevels,
  type ProtectionRequest,
  type ProtectionStanding,
  type ProtectiveOrder,
  wantedProtection,
} from '@/domain/protection';
import type { PositionSide } from '@/domain/signal';
import { type BulkColumns, bulkUpdate } from '@/platform/database/bulk';
import { Prisma, type TenantClient } from '@/platform/database/database';

/** A protection with what it protects. Quantities in contracts, prices in quote currency. */
export type ProtectionRow = {
  readonly tenantId: string;
  readonly subscriptionId: string;
  readonly instrumentId: string;
  readonly side: PositionSide;
  readonly customerId: string;
  readonly accountId: string;
  readonly strategyId: string;
  readonly signalId: string;
  /** False: it is over. */
  readonly open: boolean;
  readonly levels: ProtectionLevels;
  readonly tradeId: string | null;
  readonly round: number;
  readonly request: ProtectionRequest;
  readonly confirmed: boolean;
  readonly asked: ProtectiveOrder;
  /** Epoch ms; null: the last request certainly did not reach the venue. */
  readonly sentAt: number | null;
  readonly failures: number;
  /** Of the last refusal. */
  readonly code: string | null;
  readonly message: string | null;
  /** How long the position has not had the order that it should have, by the database's clock, ms; 0: it has. */
  readonly uncoveredFor: number;
  /** The level that the market had passed when the venue refused the order; null: none. */
  readonly crossed: LevelKind | null;
  /** Since when, epoch ms. */
  readonly crossedAt: number | null;
  /** What the follower holds by our own book. */
  readonly held: Dec;
  readonly averageEntry: Dec | null;
  readonly leverage: Dec;
  readonly tickSize: Dec;
  readonly maxMarketSize: Dec | null;
  /** Null: no order was placed, or its trade is not written yet. */
  readonly tradeStatus: TradeStatus | null;
  /** Whether a signal has set the levels anew since the order was last placed or changed. */
  readonly setAnew: boolean;
  /** Requests for it that the venue answered. */
  readonly attempts: number;
  /** The entry of the signal that set the levels may still be filled. */
  readonly entering: boolean;
  readonly customerActive: boolean;
};

type Reader = Pick<TenantClient, '$queryRaw'>;
type Row = Record<string, unknown>;

/** What one look takes up, and reads at a time. */
const AT_ONCE = 500;

/**
 * The time of the database, counted on by the process's monotonic clock, which nobody sets: workers' own may be far apart. Null: nothing
 * is protected, nor has to be, so that a look costs nothing.
 */
export async function readTime(db: Reader): Promise<(() => number) | null> {
  const since = performance.now();
  const [row] = await db.$queryRaw<{ now: Date }[]>(
    Prisma.sql`SELECT UTC_TIMESTAMP(3) AS now FROM Protection WHERE open = 1 LIMIT 1`,
  );
  return row === undefined ? null : () => row.now.getTime() + Math.round(performance.now() - since);
}

/** A row of which the future wrote comes from a worker whose clock is ahead: when it is due is not known, ms. */
const FROM_THE_FUTURE = 1000;

export type DueProtection = {
  readonly tenantId: string;
  readonly subscriptionId: string;
  readonly instrumentId: string;
  readonly side: PositionSide;
  readonly accountId: string;
  readonly nextAt: Date;
};

/**
 * Protections that nobody works on and that are due by the clock, or whose position or order has changed since. Those that
 * failed wait for their time, unless their position is closed or the venue turns out to have their order. Levels without a position
 * are over with the entry that they wait for. For all tenants, as far as `owns` says that the account is this worker's: what others leave
 * lying must not hide what is his.
 */
export async function findDue(
  db: Reader,
  now: Date,
  owns: (accountId: string) => boolean,
): Promise<readonly DueProtection[]> {
  const due: DueProtection[] = [];
  let page: readonly DueProtection[] = [];
  do {
    page = await readDue(db, now, page.at(-1) ?? null);
    for (const row of page) if (owns(row.accountId)) due.push(row);
  } while (page.length === AT_ONCE && due.length < AT_ONCE);
  return due;
}

/** The entry of the signal that set the levels of protection `p` may still be filled. */
const ENTERING = Prisma.sql`(EXISTS (
          SELECT 1 FROM Trade e WHERE e.signalId = p.signalId AND e.subscriptionId = p.subscriptionId AND e.leg = 'open'
            AND e.status IN ('planned', 'unknown', 'live', 'partially_filled'))
          OR EXISTS (SELECT 1 FROM WrittenPlan w WHERE w.signalId = p.signalId))`;

/** @param last of the page before */
function readDue(db: Reader, now: Date, last: DueProtection | null): Promise<readonly DueProtection[]> {
  const after =
    last === null
      ? Prisma.empty
      : Prisma.sql`AND (p.nextAt, p.subscriptionId, p.instrumentId, p.side)
          > (${last.nextAt}, ${last.subscriptionId}, ${last.instrumentId}, ${last.side})`;
  return db.$queryRaw<DueProtection[]>(
    Prisma.sql`SELECT p.tenantId, p.subscriptionId, p.instrumentId, p.side, p.accountId, p.nextAt
      FROM Protection p
      LEFT JOIN Position x ON x.subscriptionId = p.subscriptionId AND x.instrumentId = p.instrumentId AND x.side = p.side
      LEFT JOIN Trade t ON t.id = p.tradeId
      LEFT JOIN Instrument i ON i.id = p.instrumentId
      WHERE p.open = 1 AND (p.claimedUntil IS NULL OR p.claimedUntil < ${now})
        AND (p.nextAt <= ${now} OR p.updatedAt > ${new Date(now.getTime() + FROM_THE_FUTURE)} OR (p.failures > 0 AND COALESCE(x.quantity, 0) = 0)
          OR (p.request = 'none' AND t.status IN ('live', 'partially_filled', 'filled'))
          OR (p.request = 'none' AND p.failures = 0 AND COALESCE(x.quantity, 0) = 0 AND NOT ${ENTERING})
          OR (p.failures = 0 AND p.confirmed = 1 AND (t.status IN ('filled', 'canceled', 'rejected', 'expired')
            OR COALESCE(LEAST(x.quantity, COALESCE(i.maxMarketSize, x.quantity)), 0) <> p.askedQuantity)))
        ${after}
      ORDER BY p.nextAt, p.subscriptionId, p.instrumentId, p.side LIMIT ${AT_ONCE}`,
  );
}

const CLAIM_COLUMNS = {
  subscriptionId: 'CHAR(32)',
  instrumentId: 'VARCHAR(64)',
  side: 'VARCHAR(64)',
  claimedBy: 'VARCHAR(64)',
  claimedUntil: 'DATETIME(3)',
} as const satisfies BulkColumns;

const KEY = ['subscriptionId', 'instrumentId', 'side'] as const;
const IS_FREE = 't.claimedUntil IS NULL OR t.claimedUntil < UTC_TIMESTAMP(3)';

/** Takes protections of one tenant for this worker until `until`, and reads those it got. */
export async function claimProtections(
  db: TenantClient,
  tenantId: string,
  due: readonly DueProtection[],
  token: string,
  until: Date,
): Promise<readonly ProtectionRow[]> {
  const rows = due.map(({ subscriptionId, instrumentId, side }) => ({
    subscriptionId,
    instrumentId,
    side,
    claimedBy: token,
    claimedUntil: until,
  }));
  const claimed = await bulkUpdate(db, 'Protection', tenantId, KEY, CLAIM_COLUMNS, rows, IS_FREE);
  return claimed === 0 ? [] : readClaimed(db, tenantId, token);
}

const COLUMNS = Prisma.sql`p.*, x.quantity, x.cost, x.leverage, i.contractValue, i.tickSize, i.maxMarketSize,
        TIMESTAMPDIFF(MICROSECOND, p.uncoveredSince, UTC_TIMESTAMP(3)) / 1000 AS uncoveredFor,
        t.status AS tradeStatus, t.signalId <> p.signalId AS setAnew, t.attempts, c.status AS customerStatus,
        ${ENTERING} AS entering`;

const WITH_POSITION = Prisma.sql`Protection p
  JOIN Instrument i ON i.id = p.instrumentId
  JOIN Customer c ON c.id = p.customerId
  LEFT JOIN Position x ON x.subscriptionId = p.subscriptionId AND x.instrumentId = p.instrumentId AND x.side = p.side
  LEFT JOIN Trade t ON t.id = p.tradeId`;

async function readClaimed(db: Reader, tenantId: string, token: string): Promise<readonly ProtectionRow[]> {
  const rows = await db.$queryRaw<Row[]>(
    Prisma.sql`SELECT ${COLUMNS} FROM ${WITH_POSITION}
      WHERE p.tenantId = ${tenantId} AND p.claimedBy = ${token} AND p.open = 1`,
  );
  return rows.map(toRow);
}

/** A protection whose order may not stand as it should. */
export type DoubtfulProtection = ProtectionRow & {
  /** It is noted as uncovered, and told. */
  readonly marked: boolean;
  readonly told: boolean;
  /** For how long nobody has taken its next step, ms; below zero: it is not due. */
  readonly overdue: number;
};

/** Of standing orders it is known every few minutes that they stand; one whose question is due for longer is in doubt, s. */
const ASKED_WITHIN = 5;

/** All protections of all tenants that are noted as uncovered, or do not plainly stand with the size of what is held. */
export async function readDoubtful(db: Reader): Promise<readonly DoubtfulProtection[]> {
  const doubtful = Prisma.sql`SELECT ${COLUMNS}, p.uncoveredSince IS NOT NULL AS marked, p.toldAt IS NOT NULL AS told,
      TIMESTAMPDIFF(MICROSECOND, p.nextAt, UTC_TIMESTAMP(3)) / 1000 AS overdue
    FROM ${WITH_POSITION}`;
  // Each part has an index of its own.
  const rows = await db.$queryRaw<Row[]>(
    Prisma.sql`${doubtful} WHERE p.uncoveredSince IS NOT NULL
      UNION ALL ${doubtful} WHERE p.open = 1 AND p.uncoveredSince IS NULL AND x.quantity > 0
        AND (p.request <> 'place' OR p.confirmed = 0 OR p.failures > 0 OR p.askedQuantity <> x.quantity
          OR t.status IN ('filled', 'canceled', 'rejected', 'expired')
          OR p.nextAt < UTC_TIMESTAMP(3) - INTERVAL ${ASKED_WITHIN} SECOND)`,
  );
  return rows.map((row) => ({
    ...toRow(row),
    marked: Number(row.marked) === 1,
    told: Number(row.told) === 1,
    overdue: Number(row.overdue),
  }));
}

function toRow(row: Row): ProtectionRow {
  const amount = (value: unknown): Dec => (value === null || value === undefined ? ZERO : dec(String(value)));
  const optional = (value: unknown): Dec | null => (value === null || value === undefined ? null : dec(String(value)));
  const held = amount(row.quantity);
  return {
    tenantId: row.tenantId as string,
    subscriptionId: row.subscriptionId as string,
    instrumentId: row.instrumentId as string,
    side: row.side as PositionSide,
    customerId: row.customerId as string,
    accountId: row.accountId as string,
    strategyId: row.strategyId as string,
    signalId: row.signalId as string,
    open: Boolean(row.open),
    levels: {
      stopPrice: optional(row.stopPrice),
      stopShare: optional(row.stopShare),
      takePrice: optional(row.takePrice),
      takeShare: optional(row.takeShare),
    },
    tradeId: row.tradeId as string | null,
    round: Number(row.round),
    request: row.request as ProtectionRequest,
    confirmed: Boolean(row.confirmed),
    asked: {
      quantity: amount(row.askedQuantity),
      stopPrice: optional(row.askedStop),
      takePrice: optional(row.askedTake),
    },
    sentAt: row.sentAt === null ? null : (row.sentAt as Date).getTime(),
    failures: Number(row.failures),
    code: row.code as string | null,
    message: row.message as string | null,
    uncoveredFor: Number(row.uncoveredFor ?? 0),
    crossed: row.crossed as LevelKind | null,
    crossedAt: row.crossedAt === null ? null : (row.crossedAt as Date).getTime(),
    held,
    averageEntry: held.gt(0) ? amount(row.cost).div(held.times(amount(row.contractValue))) : null,
    leverage: row.leverage === null ? dec(1) : amount(row.leverage),
    tickSize: amount(row.tickSize),
    maxMarketSize: optional(row.maxMarketSize),
    tradeStatus: row.tradeStatus as TradeStatus | null,
    setAnew: Number(row.setAnew ?? 0) === 1,
    attempts: Number(row.attempts ?? 0),
    // MySQL answers EXISTS as a bigint.
    entering: Number(row.entering) === 1,
    customerActive: row.customerStatus === 'active',
  };
}

/** The order that the position should have. */
export function wantedOf(row: ProtectionRow): ProtectiveOrder | null {
  return wantedProtection(row.levels, row.side, row.held, row.averageEntry, row);
}

export function standingOf({ request, confirmed, asked, tradeStatus }: ProtectionRow): ProtectionStanding {
  return { request, confirmed, asked, ended: tradeStatus !== null && isTerminal(tradeStatus) };
}
