import type { Dec } from '@/domain/decimal';
import type { TradeLeg, TradeStatus } from '@/domain/order-state';
import type { OrderType, PositionSide } from '@/domain/signal';
import { Prisma, type RawReader, type TenantClient } from '@/platform/database/database';
import { NumberReader, required, textRows, timeOfText } from '@/platform/database/text-rows';
import { firstIdAt } from '@/platform/ids';

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
  /** Epoch ms by the venue's clock; no request for it can be accepted by the venue later. */
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

type Row = { readonly row: string };

const TRADE = textRows({
  id: 'id',
  signalId: 'signalId',
  strategyId: 'strategyId',
  subscriptionId: 'subscriptionId',
  customerId: 'customerId',
  accountId: 'accountId',
  instrumentId: 'instrumentId',
  leg: 'leg',
  side: 'side',
  positionSide: 'positionSide',
  reduceOnly: 'reduceOnly',
  orderType: 'orderType',
  limitPrice: 'limitPrice',
  leverage: 'leverage',
  quantity: 'quantity',
  status: 'status',
  code: 'code',
  venueOrderId: 'venueOrderId',
  sendBy: 'sendBy',
  attempts: 'attempts',
  filledQuantity: 'filledQuantity',
  filledValue: 'filledValue',
  fee: 'fee',
  realizedPnl: 'realizedPnl',
  bookedQuantity: 'bookedQuantity',
  bookedValue: 'bookedValue',
  ackedAt: 'ackedAt',
});
const COLUMNS = TRADE.columns;

function toRecords(rows: readonly Row[]): TradeRecord[] {
  const numbers = new NumberReader();
  const records: TradeRecord[] = [];
  for (const row of rows) records.push(toRecord(TRADE.read(row), numbers));
  return records;
}

function toRecord(row: ReturnType<typeof TRADE.read>, numbers: NumberReader): TradeRecord {
  return {
    id: required(row, 'id'),
    signalId: required(row, 'signalId'),
    strategyId: required(row, 'strategyId'),
    subscriptionId: required(row, 'subscriptionId'),
    customerId: required(row, 'customerId'),
    accountId: required(row, 'accountId'),
    instrumentId: required(row, 'instrumentId'),
    leg: required(row, 'leg') as TradeRecord['leg'],
    side: required(row, 'side') as TradeRecord['side'],
    positionSide: required(row, 'positionSide') as PositionSide,
    reduceOnly: row.reduceOnly === '1',
    orderType: required(row, 'orderType') as OrderType,
    limitPrice: row.limitPrice === null ? null : numbers.of(row.limitPrice),
    leverage: numbers.of(required(row, 'leverage')),
    quantity: numbers.of(required(row, 'quantity')),
    status: required(row, 'status') as TradeStatus,
    code: row.code,
    venueOrderId: row.venueOrderId,
    sendBy: row.sendBy === null ? 0 : timeOfText(row.sendBy),
    attempts: Number(row.attempts),
    filledQuantity: numbers.of(required(row, 'filledQuantity')),
    filledValue: numbers.of(required(row, 'filledValue')),
    fee: numbers.of(required(row, 'fee')),
    realizedPnl: numbers.of(required(row, 'realizedPnl')),
    bookedQuantity: numbers.of(required(row, 'bookedQuantity')),
    bookedValue: numbers.of(required(row, 'bookedValue')),
    ackedAt: row.ackedAt === null ? null : timeOfText(row.ackedAt),
  };
}

type Reader = Pick<TenantClient, '$queryRaw'>;

/** Locks trades in the order of their ids, so that two writers cannot wait for each other. Unknown ids are left out. */
export async function lockTrades(tx: Reader, tenantId: string, ids: readonly string[]): Promise<TradeRecord[]> {
  if (ids.length === 0) return [];
  const rows = await tx.$queryRaw<Row[]>(
    Prisma.sql`SELECT ${COLUMNS} FROM Trade WHERE tenantId = ${tenantId} AND id IN (${Prisma.join([...ids].sort())}) ORDER BY id FOR UPDATE`,
  );
  return toRecords(rows);
}

/** All trades that a signal's dispatch is about, denials included. Stop orders have a keeper of their own. */
export async function readSignalTrades(db: Reader, tenantId: string, signalId: string): Promise<TradeRecord[]> {
  const rows = await db.$queryRaw<Row[]>(
    Prisma.sql`SELECT ${COLUMNS} FROM Trade WHERE tenantId = ${tenantId} AND signalId = ${signalId} AND leg <> 'stop' ORDER BY id`,
  );
  return toRecords(rows);
}

/** How a trade stands that has not come to its end. */
export type Standing = Pick<TradeRecord, 'id' | 'status' | 'orderType' | 'ackedAt'>;

const STANDING = textRows({ id: 'id', status: 'status', orderType: 'orderType', ackedAt: 'ackedAt' });

/** Trades of a signal that have not come to their end, in any order. */
export async function readUnsettledOfSignal(db: RawReader, tenantId: string, signalId: string): Promise<Standing[]> {
  const rows = await db.$queryRaw<Row[]>(
    Prisma.sql`SELECT ${STANDING.columns} FROM Trade WHERE tenantId = ${tenantId} AND signalId = ${signalId} AND status IN ('planned', 'unknown', 'live', 'partially_filled')`,
  );
  return rows.map((text) => {
    const row = STANDING.read(text);
    return {
      id: required(row, 'id'),
      status: required(row, 'status') as TradeStatus,
      orderType: required(row, 'orderType') as OrderType,
      ackedAt: row.ackedAt === null ? null : timeOfText(row.ackedAt),
    };
  });
}

/** Unsettled trades of one account: what a stream's gap may have hidden. */
export async function readUnsettledOfAccount(db: Reader, tenantId: string, accountId: string): Promise<TradeRecord[]> {
  const rows = await db.$queryRaw<Row[]>(
    Prisma.sql`SELECT ${COLUMNS} FROM Trade WHERE tenantId = ${tenantId} AND accountId = ${accountId} AND status IN ('unknown', 'live', 'partially_filled') ORDER BY id LIMIT 500`,
  );
  return toRecords(rows);
}

/** Ended without the venue's having it, although a request for it left or may have left: the venue may know better. */
const ENDED_UNPLACED = Prisma.sql`status IN ('rejected', 'expired') AND attempts > 0`;

/** Such orders of one account, of whatever instruments or of these, made after a moment. */
export async function readEndedUnplaced(
  db: Reader,
  tenantId: string,
  accountId: string,
  since: Date,
  instrumentIds: readonly string[] | null,
): Promise<TradeRecord[]> {
  if (instrumentIds?.length === 0) return [];
  const inThese =
    instrumentIds === null ? Prisma.empty : Prisma.sql`AND instrumentId IN (${Prisma.join([...instrumentIds])})`;
  const rows = await db.$queryRaw<Row[]>(
    Prisma.sql`SELECT ${COLUMNS} FROM Trade WHERE tenantId = ${tenantId} AND accountId = ${accountId} AND ${ENDED_UNPLACED}
      AND id > ${firstIdAt(since.getTime())} ${inThese} ORDER BY id DESC LIMIT 500`,
  );
  return toRecords(rows);
}

/** What of such an order decides whether and where it is asked for. */
export type EndedUnplaced = Pick<TradeRecord, 'id' | 'accountId'> & { readonly tenantId: string };

/** Such orders that ended between two moments, of all tenants: a sweep finds out whose they are. */
export async function findEndedUnplaced(
  db: Reader,
  after: Date,
  before: Date,
  limit: number,
): Promise<readonly EndedUnplaced[]> {
  return db.$queryRaw<EndedUnplaced[]>(
    Prisma.sql`SELECT id, tenantId, accountId FROM Trade
      WHERE ${ENDED_UNPLACED} AND updatedAt > ${after} AND updatedAt < ${before} LIMIT ${limit}`,
  );
}

/** The fills that are written do not add up to what the trade says is filled: a push with one of them was lost. */
const LACKS_FILLS = Prisma.sql`status IN ('filled', 'partially_filled', 'canceled') AND filledQuantity > 0 AND leg <> 'outside'
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
  return toRecords(rows);
}

/** Where trades changed between two moments lack fills. For all tenants: a sweep finds out whose they are. */
export async function findAccountsLackingFills(
  db: Reader,
  since: Date,
  before: Date,
  limit: number,
): Promise<readonly { readonly tenantId: string; readonly accountId: string }[]> {
  return db.$queryRaw<{ tenantId: string; accountId: string }[]>(
    Prisma.sql`SELECT DISTINCT tenantId, accountId FROM Trade WHERE updatedAt > ${since} AND updatedAt < ${before} AND ${LACKS_FILLS} LIMIT ${limit}`,
  );
}

/** Otherwise the database goes through all that a source's strategies ever traded, before each signal. */
const BY_STATUS = Prisma.sql`FORCE INDEX (Trade_tenantId_status_createdAt_id_idx)`;

/** Limit entries of a source's followers in one instrument that may still be filled. */
export async function readRestingEntries(
  db: Reader,
  tenantId: string,
  sourceId: string,
  instrumentId: string,
): Promise<TradeRecord[]> {
  const rows = await db.$queryRaw<Row[]>(
    Prisma.sql`SELECT ${COLUMNS} FROM Trade ${BY_STATUS} WHERE tenantId = ${tenantId} AND status IN ('planned', 'unknown', 'live', 'partially_filled') AND leg = 'open' AND orderType = 'limit' AND instrumentId = ${instrumentId} AND strategyId IN (SELECT id FROM Strategy WHERE tenantId = ${tenantId} AND signalSourceId = ${sourceId}) ORDER BY id`,
  );
  return toRecords(rows);
}

/** Trades by their ids, in the order of the ids. Unknown ids are left out. */
export async function readTrades(db: Reader, tenantId: string, ids: readonly string[]): Promise<TradeRecord[]> {
  if (ids.length === 0) return [];
  const rows = await db.$queryRaw<Row[]>(
    Prisma.sql`SELECT ${COLUMNS} FROM Trade WHERE tenantId = ${tenantId} AND id IN (${Prisma.join([...ids])}) ORDER BY id`,
  );
  return toRecords(rows);
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
  return db.$queryRaw<Straggler[]>(
    Prisma.sql`SELECT id, accountId, status, orderType FROM Trade WHERE tenantId = ${tenantId} AND status IN ('planned', 'unknown', 'live', 'partially_filled') AND leg <> 'stop' AND updatedAt < ${before} AND signalId IN (SELECT id FROM \`Signal\` WHERE tenantId = ${tenantId} AND status = 'done') LIMIT ${limit}`,
  );
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
