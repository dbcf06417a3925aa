import { type Dec, isAbove, toText, ZERO } from '@/domain/decimal';
import { contractsToBase, type Instrument } from '@/domain/instrument';
import { applyClosingFill, applyFill, averageEntry, type OwnPosition } from '@/domain/position';
import type { PositionSide } from '@/domain/signal';
import { type BulkColumns, bulkInsert } from '@/platform/database/bulk';
import { Prisma, type TenantClient } from '@/platform/database/database';
import { NumberReader, required, textRows, timeOfText } from '@/platform/database/text-rows';
import type { TradeRevision } from './apply-report';

type Transaction = Pick<TenantClient, '$queryRaw' | '$executeRaw'>;

const POSITION_COLUMNS = {
  subscriptionId: 'CHAR(32)',
  instrumentId: 'VARCHAR(64)',
  side: 'VARCHAR(64)',
  customerId: 'CHAR(32)',
  accountId: 'CHAR(32)',
  strategyId: 'CHAR(32)',
  quantity: 'DECIMAL(36,18)',
  cost: 'DECIMAL(36,18)',
  leverage: 'DECIMAL(36,18)',
  realizedPnl: 'DECIMAL(36,18)',
  fee: 'DECIMAL(36,18)',
  openedAt: 'DATETIME(3)',
  updatedAt: 'DATETIME(3)',
} as const satisfies BulkColumns;

/** A follower's position after some fills were booked. */
export type BookedPosition = {
  readonly subscriptionId: string;
  readonly customerId: string;
  readonly strategyId: string;
  readonly accountId: string;
  readonly instrumentId: string;
  readonly side: PositionSide;
  readonly position: OwnPosition;
  readonly averagePrice: Dec | null;
};

type Held = { readonly position: OwnPosition; readonly openedAt: Date | null; readonly leverage: Dec };

type Key = `${string}|${string}|${PositionSide}`;
const keyOf = (subscriptionId: string, instrumentId: string, side: PositionSide): Key =>
  `${subscriptionId}|${instrumentId}|${side}`;

/**
 * Carries what the trades were filled since they were last booked into the followers' positions, and answers the trades
 * with their booked figures and realised profit. Runs in the transaction that updates the trades, so that each fill is
 * booked exactly once.
 */
export async function bookFills(
  tx: Transaction,
  tenantId: string,
  trades: readonly TradeRevision[],
  instruments: (id: string) => Instrument,
  now: Date,
): Promise<{ readonly trades: readonly TradeRevision[]; readonly positions: readonly BookedPosition[] }> {
  const open = trades.filter((trade) => isAbove(trade.filledQuantity, trade.bookedQuantity));
  if (open.length === 0) return { trades, positions: [] };

  const held = await holdPositions(tx, tenantId, open, now);
  const changed = new Map<Key, Held & { readonly trade: TradeRevision }>();
  const booked = trades.map((trade) => {
    if (!isAbove(trade.filledQuantity, trade.bookedQuantity)) return trade;
    const instrument = instruments(trade.instrumentId);
    const key = keyOf(trade.subscriptionId, trade.instrumentId, trade.positionSide);
    const before = changed.get(key) ?? held.get(key) ?? emptyPosition(trade);
    const quantity = trade.filledQuantity.minus(trade.bookedQuantity);
    const value = trade.filledValue.minus(trade.bookedValue);
    const apply = trade.leg === 'open' ? applyFill : applyClosingFill;
    const after = apply(
      before.position,
      {
        side: trade.side,
        quantity,
        price: value.div(contractsToBase(instrument, quantity)),
        fee: trade.bookedFee.minus(trade.fee),
      },
      instrument,
    );
    const gain = after.realizedPnl.minus(before.position.realizedPnl);
    changed.set(key, {
      trade,
      position: after,
      openedAt: before.position.quantity.isZero() ? now : before.openedAt,
      leverage: trade.leg === 'open' ? trade.leverage : before.leverage,
    });
    return {
      ...trade,
      bookedQuantity: trade.filledQuantity,
      bookedFee: trade.fee,
      bookedValue: trade.filledValue,
      realizedPnl: trade.realizedPnl.plus(gain),
    };
  });

  const rows = [...changed.values()].map((entry) => positionRow(entry, now));
  await bulkInsert(tx, 'Position', tenantId, POSITION_COLUMNS, rows, {
    replace: ['quantity', 'cost', 'leverage', 'realizedPnl', 'fee', 'openedAt', 'updatedAt'],
  });

  const positions = [...changed.values()].map(({ trade, position }) => ({
    subscriptionId: trade.subscriptionId,
    customerId: trade.customerId,
    strategyId: trade.strategyId,
    accountId: trade.accountId,
    instrumentId: trade.instrumentId,
    side: trade.positionSide,
    position,
    averagePrice: averageEntry(position, instruments(trade.instrumentId)),
  }));
  return { trades: booked, positions };
}

function positionRow({ trade, position, openedAt, leverage }: Held & { readonly trade: TradeRevision }, now: Date) {
  return {
    subscriptionId: trade.subscriptionId,
    instrumentId: trade.instrumentId,
    side: trade.positionSide,
    customerId: trade.customerId,
    accountId: trade.accountId,
    strategyId: trade.strategyId,
    quantity: toText(position.quantity),
    cost: toText(position.cost),
    leverage: toText(leverage),
    realizedPnl: toText(position.realizedPnl),
    fee: toText(position.fees),
    openedAt: position.quantity.isZero() ? null : openedAt,
    updatedAt: now,
  };
}

/**
 * Locks the rows of all positions that these trades change. A row that is not there cannot be locked: two workers that
 * book a position's first fills at once would both start from nothing, and one fill would be lost. So it is made first.
 */
async function holdPositions(
  tx: Transaction,
  tenantId: string,
  trades: readonly TradeRevision[],
  now: Date,
): Promise<ReadonlyMap<Key, Held>> {
  const held = await lockPositions(tx, tenantId, trades);
  const missing = new Map<Key, TradeRevision>();
  for (const trade of trades) {
    const key = keyOf(trade.subscriptionId, trade.instrumentId, trade.positionSide);
    if (!held.has(key)) missing.set(key, trade);
  }
  if (missing.size === 0) return held;
  const rows = [...missing]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([, trade]) => ({ trade, ...emptyPosition(trade) }));
  const empty = rows.map((row) => positionRow(row, now));
  await bulkInsert(tx, 'Position', tenantId, POSITION_COLUMNS, empty, 'ignore');
  return lockPositions(tx, tenantId, trades);
}

function emptyPosition(trade: TradeRevision): Held {
  const position: OwnPosition = { side: null, quantity: ZERO, cost: ZERO, realizedPnl: ZERO, fees: ZERO };
  return { position, openedAt: null, leverage: trade.leverage };
}

const POSITION = textRows({
  subscriptionId: 'subscriptionId',
  instrumentId: 'instrumentId',
  side: 'side',
  quantity: 'quantity',
  cost: 'cost',
  leverage: 'leverage',
  realizedPnl: 'realizedPnl',
  fee: 'fee',
  openedAt: 'openedAt',
});

async function lockPositions(
  tx: Transaction,
  tenantId: string,
  trades: readonly TradeRevision[],
): Promise<Map<Key, Held>> {
  const subscriptions = [...new Set(trades.map((trade) => trade.subscriptionId))].sort();
  const rows = await tx.$queryRaw<{ row: string }[]>(
    Prisma.sql`SELECT ${POSITION.columns} FROM Position
      WHERE tenantId = ${tenantId} AND subscriptionId IN (${Prisma.join(subscriptions)})
      ORDER BY subscriptionId, instrumentId, side FOR UPDATE`,
  );
  const numbers = new NumberReader();
  const held = new Map<Key, Held>();
  for (const text of rows) {
    const row = POSITION.read(text);
    const side = required(row, 'side') as PositionSide;
    const quantity = numbers.of(required(row, 'quantity'));
    const position: OwnPosition = {
      side: quantity.isZero() ? null : side,
      quantity,
      cost: numbers.of(required(row, 'cost')),
      realizedPnl: numbers.of(required(row, 'realizedPnl')),
      fees: numbers.of(required(row, 'fee')),
    };
    const openedAt = row.openedAt === null ? null : new Date(timeOfText(row.openedAt));
    const key = keyOf(required(row, 'subscriptionId'), required(row, 'instrumentId'), side);
    held.set(key, { position, openedAt, leverage: numbers.of(required(row, 'leverage')) });
  }
  return held;
}
