import type { z } from 'zod';
import type { Page } from '@/contracts/api/common';
import type { ExitView, exitQuerySchema } from '@/contracts/api/exits';
import { dec, toText } from '@/domain/decimal';
import type { PositionSide } from '@/domain/signal';
import { Prisma } from '@/platform/database/database';
import { type Actor, visibleCustomer } from '../identity/actor';
import { decodeCursor, encodeCursor, ID_PART, NUMBER_PART, toPage } from '../paging';
import { optionalTimeText } from '../view-fields';
import type { WebContext } from '../web-context';
import { exitReasonOf, REASON_COLUMNS, type ReasonRow } from './exit-view';

type DecimalColumn = { toString(): string };
type Row = ReasonRow & {
  subscriptionId: string;
  instrumentId: string;
  side: PositionSide;
  customerId: string;
  customerName: string | null;
  accountId: string;
  accountLabel: string | null;
  strategyId: string;
  strategyName: string | null;
  symbol: string;
  contractValue: DecimalColumn;
  quantity: DecimalColumn | null;
  toldAt: Date | null;
  lapsed: boolean | number;
};

/** Exits of the tenant, the last due first, in one statement. A customer sees his own. */
export async function listExits(
  { database }: Pick<WebContext, 'database'>,
  actor: Actor,
  query: z.output<typeof exitQuerySchema>,
): Promise<Page<ExitView>> {
  const { tenantId } = actor;
  const customerId = visibleCustomer(actor, query.customerId);
  const conditions = [Prisma.sql`x.tenantId = ${tenantId}`];
  if (customerId !== undefined) conditions.push(Prisma.sql`x.customerId = ${customerId}`);
  if (query.cause !== undefined) conditions.push(Prisma.sql`x.cause = ${query.cause}`);
  if (query.state === 'open') conditions.push(Prisma.sql`x.doneAt IS NULL`);
  if (query.state === 'done') conditions.push(Prisma.sql`x.doneAt IS NOT NULL`);
  if (query.cursor !== undefined) conditions.push(after(query.cursor));
  const rows = await database.forTenant(tenantId).$queryRaw<Row[]>(
    Prisma.sql`SELECT ${REASON_COLUMNS}, x.subscriptionId, x.instrumentId, x.side, x.customerId, c.name AS customerName,
        x.accountId, a.label AS accountLabel, x.strategyId, g.name AS strategyName, i.symbol, i.contractValue, p.quantity,
        x.toldAt, x.lapsed
      FROM PositionExit x JOIN Instrument i ON i.id = x.instrumentId
      LEFT JOIN Customer c ON c.id = x.customerId
      LEFT JOIN ExchangeAccount a ON a.id = x.accountId
      LEFT JOIN Strategy g ON g.id = x.strategyId
      LEFT JOIN Position p ON p.subscriptionId = x.subscriptionId AND p.instrumentId = x.instrumentId AND p.side = x.side
      WHERE ${Prisma.join(conditions, ' AND ')}
      ORDER BY x.dueAt DESC, x.subscriptionId DESC, x.instrumentId DESC, x.side DESC LIMIT ${query.limit + 1}`,
  );
  return toPage(rows, query.limit, toView, (row) =>
    encodeCursor(row.dueAt.getTime(), row.subscriptionId, row.instrumentId, row.side),
  );
}

function after(cursor: string): Prisma.Sql {
  const [at, subscriptionId, instrumentId, side] = decodeCursor(cursor, [
    NUMBER_PART,
    ID_PART,
    /^[\w:-]{1,60}$/,
    /^(?:long|short)$/,
  ]);
  return Prisma.sql`(x.dueAt, x.subscriptionId, x.instrumentId, x.side)
    < (${new Date(Number(at))}, ${subscriptionId}, ${instrumentId}, ${side})`;
}

function toView(row: Row): ExitView {
  const held = dec((row.quantity ?? 0).toString());
  return {
    ...exitReasonOf(row),
    subscriptionId: row.subscriptionId,
    customerId: row.customerId,
    customerName: row.customerName ?? '',
    accountId: row.accountId,
    accountLabel: row.accountLabel ?? '',
    strategyId: row.strategyId,
    strategyName: row.strategyName ?? '',
    symbol: row.symbol,
    side: row.side,
    signalId: row.signalId,
    held: toText(held),
    heldBase: toText(held.times(row.contractValue.toString())),
    toldAt: optionalTimeText(row.toldAt),
    doneAt: optionalTimeText(row.doneAt),
    lapsed: Boolean(Number(row.lapsed)),
  };
}
