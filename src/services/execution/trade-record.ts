import { type Dec, dec } from '@/domain/decimal';
import type { TradeLeg, TradeStatus } from '@/domain/order-state';
import type { OrderType, PositionSide } from '@/domain/signal';
import { Prisma, type TenantClient } from '@/platform/database/database';

/** A trade as execution works with it. Quantities in contracts. */
export type TradeRecord = {
  readonly id: string;
  readonly signalId: string;
  readonly strategyId: string;
  readonly subscriptionId: string;
  readonly customerId: string;
  readonly accountId: string;
  readonly instrumentId: string;
  readonly leg: TradeLeg;
  readonly side: 'buy' | 'sell';
  readonly positionSide: PositionSide;
  readonly reduceOnly: boolean;
  readonly orderType: OrderType;
  readonly limitPrice: Dec | null;
  readonly leverage: Dec;
  readonly quantity: Dec;
  readonly status: TradeStatus;
  readonly code: string | null;
  readonly venueOrderId: string | null;
  /** Epoch ms; no request for it can be accepted by the venue later. */
  readonly sendBy: number;
  readonly attempts: number;
  readonly filledQuantity: Dec;
  readonly filledValue: Dec;
  readonly fee: Dec;
  readonly realizedPnl: Dec;
  readonly bookedQuantity: Dec;
  readonly bookedValue: Dec;
  readonly ackedAt: number | null;
};

type Row = Record<string, unknown>;

const COLUMNS = Prisma.raw(
  'id, signalId, strategyId, subscriptionId, customerId, accountId, instrumentId, leg, side, positionSide, reduceOnly, orderType, ' +
    'limitPrice, leverage, quantity, status, code, venueOrderId, sendBy, attempts, filledQuantity, filledValue, fee, realizedPnl, ' +
    'bookedQuantity, bookedValue, ackedAt',
);

function amount(value: unknown): Dec {
  return dec(String(value));
}

function toRecord(row: Row): TradeRecord {
  return {
    id: row.id as string,
    signalId: row.signalId as string,
    strategyId: row.strategyId as string,
    subscriptionId: row.subscriptionId as string,
    customerId: row.customerId as string,
    accountId: row.accountId as string,
    instrumentId: row.instrumentId as string,
    leg: row.leg as TradeRecord['leg'],
    side: row.side as TradeRecord['side'],
    positionSide: row.positionSide as PositionSide,
    reduceOnly: Boolean(row.reduceOnly),
    orderType: row.orderType as OrderType,
    limitPrice: row.limitPrice === null ? null : amount(row.limitPrice),
    leverage: amount(row.leverage),
    quantity: amount(row.quantity),
    status: row.status as TradeStatus,
    code: row.code as string | null,
    venueOrderId: row.venueOrderId as string | null,
    sendBy: row.sendBy === null ? 0 : (row.sendBy as Date).getTime(),
    attempts: Number(row.attempts),
    filledQuantity: amount(row.filledQuantity),
    filledValue: amount(row.filledValue),
    fee: amount(row.fee),
    realizedPnl: amount(row.realizedPnl),
    bookedQuantity: amount(row.bookedQuantity),
    bookedValue: amount(row.bookedValue),
    ackedAt: row.ackedAt === null ? null : (row.ackedAt as Date).getTime(),
  };
}

type Reader = Pick<TenantClient, '$queryRaw'>;

/** Locks trades in the order of their ids, so that two writers cannot wait for each other. Unknown ids are left out. */
export async function lockTrades(tx: Reader, tenantId: string, ids: readonly string[]): Promise<TradeRecord[]> {
  if (ids.length === 0) return [];
  const rows = await tx.$queryRaw<Row[]>(
    Prisma.sql`SELECT ${COLUMNS} FROM Trade WHERE tenantId = ${tenantId} AND id IN (${Prisma.join([...ids].sort())}) ORDER BY id FOR UPDATE`,
  );
  return rows.map(toRecord);
}

/** All trades that a signal's dispatch is about, denials included. Stop orders have a keeper of their own. */
export async function readSignalTrades(db: Reader, tenantId: string, signalId: string): Promise<TradeRecord[]> {
  const rows = await db.$queryRaw<Row[]>(
    Prisma.sql`SELECT ${COLUMNS} FROM Trade WHERE tenantId = ${tenantId} AND signalId = ${signalId} AND leg <> 'stop' ORDER BY id`,
  );
  return rows.map(toRecord);
}

/** Trades of a signal that have not come to their end. */
export async function readUnsettledOfSignal(db: Reader, tenantId: string, signalId: string): Promise<TradeRecord[]> {
  const rows = await db.$queryRaw<Row[]>(
    Prisma.sql`SELECT ${COLUMNS} FROM Trade WHERE tenantId = ${tenantId} AND signalId = ${signalId} AND status IN ('planned', 'unknown', 'live', 'partially_filled') ORDER BY id`,
  );
  return rows.map(toRecord);
}

/** Unsettled trades of one account: what a stream's gap may have hidden. */
export async function readUnsettledOfAccount(db: Reader, tenantId: string, accountId: string): Promise<TradeRecord[]> {
  const rows = await db.$queryRaw<Row[]>(
    Prisma.sql`SELECT ${COLUMNS} FROM Trade WHERE tenantId = ${tenantId} AND accountId = ${accountId} AND status IN ('unknown', 'live', 'partially_filled') ORDER BY id LIMIT 500`,
  );
  return rows.map(toRecord);
}

/** The fills that are written do not add up to what the trade says is filled: a push with one of them was lost. */
const LACKS_FILLS = Prisma.sql`status IN ('filled', 'partially_filled', 'canceled') AND filledQuantity > 0
  AND filledQuantity > (SELECT COALESCE(SUM(f.quantity), 0) FROM Fill f WHERE f.tradeId = Trade.id)`;

/** Trades of one account, changed since, whose fills are not all written. */
export async function readTradesLackingFills(
  db: Reader,
  tenantId: string,
  accountId: string,
  since: Date,
): Promise<TradeRecord[]> {
  const rows = await db.$queryRaw<Row[]>(
    Prisma.sql`SELECT ${COLUMNS} FROM Trade WHERE tenantId = ${tenantId} AND accountId = ${accountId} AND updatedAt > ${since} AND ${LACKS_FILLS} ORDER BY id LIMIT 500`,
  );
  return rows.map(toRecord);
}

/** Where trades changed between two moments lack fills. For all tenants: a sweep finds out whose they are. */
export async function findAccountsLackingFills(
  db: Reader,
  since: Date,
  before: Date,
  limit: number,
): Promise<readonly { readonly tenantId: string; readonly accountId: string }[]> {
  const rows = await db.$queryRaw<Row[]>(
    Prisma.sql`SELECT DISTINCT tenantId, accountId FROM Trade WHERE updatedAt > ${since} AND updatedAt < ${before} AND ${LACKS_FILLS} LIMIT ${limit}`,
  );
  return rows.map((row) => ({ tenantId: row.tenantId as string, accountId: row.accountId as string }));
}

/** Limit entries of a source's followers in one instrument that may still be filled. */
export async function readRestingEntries(
  db: Reader,
  tenantId: string,
  sourceId: string,
  instrumentId: string,
): Promise<TradeRecord[]> {
  const rows = await db.$queryRaw<Row[]>(
    Prisma.sql`SELECT ${COLUMNS} FROM Trade WHERE tenantId = ${tenantId} AND status IN ('planned', 'unknown', 'live', 'partially_filled') AND leg = 'open' AND orderType = 'limit' AND instrumentId = ${instrumentId} AND strategyId IN (SELECT id FROM Strategy WHERE tenantId = ${tenantId} AND signalSourceId = ${sourceId}) ORDER BY id`,
  );
  return rows.map(toRecord);
}

/** Trades by their ids, in the order of the ids. Unknown ids are left out. */
export async function readTrades(db: Reader, tenantId: string, ids: readonly string[]): Promise<TradeRecord[]> {
  if (ids.length === 0) return [];
  const rows = await db.$queryRaw<Row[]>(
    Prisma.sql`SELECT ${COLUMNS} FROM Trade WHERE tenantId = ${tenantId} AND id IN (${Prisma.join([...ids])}) ORDER BY id`,
  );
  return rows.map(toRecord);
}

/** What of a straggler decides whether it is looked at. */
export type Straggler = Pick<TradeRecord, 'id' | 'accountId' | 'status' | 'orderType'>;

/** Unsettled trades whose signal is finished or abandoned, not touched for a while: work for reconciliation. In any order. */
export async function findStragglers(
  db: Reader,
  tenantId: string,
  before: Date,
  limit: number,
): Promise<readonly Straggler[]> {
  const rows = await db.$queryRaw<Row[]>(
    Prisma.sql`SELECT id, accountId, status, orderType FROM Trade WHERE tenantId = ${tenantId} AND status IN ('planned', 'unknown', 'live', 'partially_filled') AND leg <> 'stop' AND updatedAt < ${before} AND signalId IN (SELECT id FROM \`Signal\` WHERE tenantId = ${tenantId} AND status = 'done') LIMIT ${limit}`,
  );
  return rows as unknown as readonly Straggler[];
}

/** Tenants that have unsettled trades, not touched for a while. */
export async function findTenantsOfStragglers(db: Reader, before: Date): Promise<readonly string[]> {
  const rows = await db.$queryRaw<{ tenantId: string }[]>(
    Prisma.sql`SELECT DISTINCT tenantId FROM Trade WHERE status IN ('planned', 'unknown', 'live', 'partially_filled') AND leg <> 'stop' AND updatedAt < ${before}`,
  );
  return rows.map(({ tenantId }) => tenantId);
}

/** The venue's symbol of an instrument id ("okx:BTC-USDT-SWAP"). */
export function venueSymbol(instrumentId: string): string {
  return instrumentId.slice(instrumentId.indexOf(':') + 1);
}
