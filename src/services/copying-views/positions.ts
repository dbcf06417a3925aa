import type { z } from 'zod';
import type { Page } from '@/contracts/api/common';
import type { PositionView, positionQuerySchema } from '@/contracts/api/copying';
import type { AccountMode } from '@/domain/account-mode';
import { averagePrice } from '@/domain/average-price';
import { type Dec, dec, quantize, toText, ZERO } from '@/domain/decimal';
import { contractsToBase } from '@/domain/instrument';
import { Prisma } from '@/platform/database/database';
import { exitReasonOf, REASON_COLUMNS, type ReasonRow } from '../exits/exit-view';
import { type Actor, visibleCustomer } from '../identity/actor';
import { type LastPrice, type LastPrices, readLastPrices } from '../market-views/last-prices';
import { decodeCursor, encodeCursor, ID_PART, NAME_PART, namePart, readNamePart, toPage } from '../paging';
import { decimalText, optionalDecimalText, optionalTimeText, timeText } from '../view-fields';
import type { WebContext } from '../web-context';
import { all } from './sql';

type DecimalColumn = { toString(): string };
type PositionRow = (ReasonRow | { [K in keyof ReasonRow]: null }) & {
  subscriptionId: string;
  instrumentId: string;
  customerId: string;
  customerName: string | null;
  strategyId: string;
  strategyName: string | null;
  accountId: string;
  mode: AccountMode;
  symbol: string;
  contractValue: DecimalColumn;
  side: PositionView['side'];
  quantity: DecimalColumn;
  cost: DecimalColumn;
  realizedPnl: DecimalColumn;
  leverage: DecimalColumn;
  openedAt: Date | null;
  updatedAt: Date;
  request: string | null;
  confirmed: boolean | number | null;
  failures: number | null;
  askedStop: DecimalColumn | null;
  askedTake: DecimalColumn | null;
  protectionCode: string | null;
  driftKind: NonNullable<PositionView['drift']>['kind'] | null;
  driftBooked: DecimalColumn;
  driftHeld: DecimalColumn;
  driftSince: Date;
};

/** Open positions, by the names of customers: one statement, and one read of the last prices of each mode. */
export async function listPositions(
  context: Pick<WebContext, 'database' | 'redis' | 'environment' | 'clock' | 'logger'>,
  actor: Actor,
  query: z.output<typeof positionQuerySchema>,
): Promise<Page<PositionView>> {
  const { tenantId } = actor;
  const customerId = visibleCustomer(actor, query.customerId);
  const after =
    query.cursor === undefined
      ? null
      : decodeCursor(query.cursor, [NAME_PART, ID_PART, ID_PART, /^[\w:-]{1,60}$/, /^(?:long|short)$/]);
  const [namedPart = '', afterCustomer, afterSubscription, afterInstrument, afterSide] = after ?? [];
  const afterName = readNamePart(namedPart);
  const conditions = all([
    Prisma.sql`p.tenantId = ${tenantId} AND p.quantity > 0`,
    customerId !== undefined && Prisma.sql`p.customerId = ${customerId}`,
    query.strategyId !== undefined && Prisma.sql`p.strategyId = ${query.strategyId}`,
    after !== null &&
      Prisma.sql`(c.name > ${afterName} OR (c.name = ${afterName}
        AND (p.customerId, p.subscriptionId, p.instrumentId, p.side) > (${afterCustomer}, ${afterSubscription}, ${afterInstrument}, ${afterSide})))`,
  ]);
  const rows = await context.database.forTenant(tenantId).$queryRaw<PositionRow[]>(
    Prisma.sql`SELECT p.*, s.name AS strategyName, c.name AS customerName, a.mode, i.symbol,
        i.contractValue, r.request, r.confirmed, r.failures, r.askedStop, r.askedTake, r.code AS protectionCode,
        d.kind AS driftKind, d.booked AS driftBooked, d.held AS driftHeld, d.firstSeenAt AS driftSince,
        ${REASON_COLUMNS} FROM (
        SELECT p.subscriptionId, p.instrumentId, p.side, p.customerId, p.accountId, p.strategyId, p.quantity, p.cost,
          p.leverage, p.realizedPnl, p.openedAt, p.updatedAt
        FROM \`Position\` p JOIN \`Customer\` c ON c.id = p.customerId WHERE ${conditions}
        ORDER BY c.name, p.customerId, p.subscriptionId, p.instrumentId, p.side LIMIT ${query.limit + 1}
      ) p JOIN \`Instrument\` i ON i.id = p.instrumentId
      JOIN \`ExchangeAccount\` a ON a.id = p.accountId
      LEFT JOIN \`Strategy\` s ON s.id = p.strategyId
      JOIN \`Customer\` c ON c.id = p.customerId
      LEFT JOIN \`Protection\` r ON r.subscriptionId = p.subscriptionId AND r.instrumentId = p.instrumentId
        AND r.side = p.side AND r.open = 1
      LEFT JOIN \`PositionExit\` x ON x.subscriptionId = p.subscriptionId AND x.instrumentId = p.instrumentId
        AND x.side = p.side AND x.doneAt IS NULL
      LEFT JOIN PositionDrift d ON d.accountId = p.accountId AND d.resolvedAt IS NULL AND d.instrumentId = p.instrumentId
        AND d.side = p.side
      ORDER BY c.name, p.customerId, p.subscriptionId, p.instrumentId, p.side`,
  );
  const prices = await pricesOf(context, rows);
  return toPage(
    rows,
    query.limit,
    (row) => toView(row, prices.get(row.mode)?.get(row.instrumentId)),
    (row) =>
      encodeCursor(namePart(row.customerName ?? ''), row.customerId, row.subscriptionId, row.instrumentId, row.side),
  );
}

/** Each mode's own prices: a live position is not worth what the simulator says. */
async function pricesOf(
  context: Parameters<typeof readLastPrices>[0],
  rows: readonly PositionRow[],
): Promise<ReadonlyMap<AccountMode, LastPrices>> {
  const modes = [...new Set(rows.map((row) => row.mode))];
  const ids = (mode: AccountMode): string[] => rows.filter((row) => row.mode === mode).map((row) => row.instrumentId);
  return new Map(
    await Promise.all(modes.map(async (mode) => [mode, await readLastPrices(context, mode, ids(mode))] as const)),
  );
}

function protectionOf(row: PositionRow): PositionView['protection'] {
  if (row.request === null) return null;
  const stands = row.request === 'place' && Boolean(row.confirmed);
  return {
    state: Number(row.failures) > 0 ? (stands ? 'outdated' : 'failing') : stands ? 'standing' : 'pending',
    stopPrice: optionalDecimalText(row.askedStop),
    takePrice: optionalDecimalText(row.askedTake),
    code: row.protectionCode,
  };
}

function driftOf(row: PositionRow): PositionView['drift'] {
  if (row.driftKind === null) return null;
  const booked = dec(row.driftBooked.toString());
  const held = dec(row.driftHeld.toString());
  const base = (contracts: Dec): string => toText(contracts.times(row.contractValue.toString()));
  return {
    kind: row.driftKind,
    ...{ booked: toText(booked), bookedBase: base(booked) },
    ...{ held: toText(held), heldBase: base(held) },
    since: timeText(row.driftSince),
  };
}

function toView(row: PositionRow, last: LastPrice | undefined): PositionView {
  const quantity = dec(row.quantity.toString());
  const contractValue = dec(row.contractValue.toString());
  const base = contractsToBase({ contractValue }, quantity);
  const cost = dec(row.cost.toString());
  const worth = last === undefined ? null : base.times(last.price);
  const gain = worth === null ? null : row.side === 'long' ? worth.minus(cost) : cost.minus(worth);
  return {
    subscriptionId: row.subscriptionId,
    customerId: row.customerId,
    customerName: row.customerName ?? '',
    strategyId: row.strategyId,
    strategyName: row.strategyName ?? '',
    accountId: row.accountId,
    symbol: row.symbol,
    side: row.side,
    quantity: toText(quantity),
    quantityBase: toText(base),
    averagePrice: toText(averagePrice({ contractValue }, quantity, cost) ?? ZERO),
    markPrice: last?.price ?? null,
    unrealizedPnl: gain === null ? null : toText(quantize(gain)),
    realizedPnl: decimalText(row.realizedPnl),
    leverage: decimalText(row.leverage),
    protection: protectionOf(row),
    drift: driftOf(row),
    exit: row.cause === null ? null : exitReasonOf(row),
    openedAt: optionalTimeText(row.openedAt),
    updatedAt: timeText(row.updatedAt),
  };
}
