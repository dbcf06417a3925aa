import type { z } from 'zod';
import type { Page } from '@/contracts/api/common';
import type { TradeView, tradeQuerySchema } from '@/contracts/api/copying';
import { AppError } from '@/contracts/envelope';
import type { DenialLocale } from '@/domain/denial-text';
import { Prisma } from '@/platform/database/database';
import { type Actor, visibleCustomer } from '../identity/actor';
import { encodeCursor, timeCursor, toPage } from '../paging';
import type { WebContext } from '../web-context';
import { all } from './sql';
import { TRADE_COLUMNS, TRADE_JOINS, TRADE_NAMES, type TradeRow, toTradeView } from './trade-view';

type TradeFilter = Omit<z.output<typeof tradeQuerySchema>, 'format'>;

/** One statement: the page is cut from the index first, its few rows are joined with their names afterwards. */
export async function listTrades(
  { database }: Pick<WebContext, 'database'>,
  actor: Actor,
  query: TradeFilter,
  locale: DenialLocale,
): Promise<Page<TradeView>> {
  const { tenantId } = actor;
  const customerId = visibleCustomer(actor, query.customerId);
  const after = timeCursor(query.cursor);
  const conditions = all([
    Prisma.sql`t.tenantId = ${tenantId}`,
    customerId !== undefined && Prisma.sql`t.customerId = ${customerId}`,
    query.strategyId !== undefined && Prisma.sql`t.strategyId = ${query.strategyId}`,
    query.signalId !== undefined && Prisma.sql`t.signalId = ${query.signalId}`,
    query.status !== undefined && Prisma.sql`t.status = ${query.status}`,
    after !== null &&
      Prisma.sql`t.createdAt <= ${after.at} AND (t.createdAt < ${after.at} OR (t.createdAt = ${after.at} AND t.id < ${after.id}))`,
  ]);
  const rows = await database.forTenant(tenantId).$queryRaw<TradeRow[]>(
    Prisma.sql`SELECT t.*, ${TRADE_NAMES} FROM (
      SELECT ${TRADE_COLUMNS} FROM \`Trade\` t WHERE ${conditions}
      ORDER BY t.createdAt DESC, t.id DESC LIMIT ${query.limit + 1}
    ) t ${TRADE_JOINS} ORDER BY t.createdAt DESC, t.id DESC`,
  );
  return toPage(
    rows,
    query.limit,
    (row) => toTradeView(row, locale),
    (row) => encodeCursor(row.createdAt.getTime(), row.id),
  );
}

/** Throws NOT_FOUND. */
export async function getTrade(
  { database }: Pick<WebContext, 'database'>,
  actor: Actor,
  id: string,
  locale: DenialLocale,
): Promise<TradeView> {
  const { tenantId } = actor;
  const customerId = visibleCustomer(actor, undefined);
  const conditions = all([
    Prisma.sql`t.tenantId = ${tenantId} AND t.id = ${id}`,
    customerId !== undefined && Prisma.sql`t.customerId = ${customerId}`,
  ]);
  const [row] = await database
    .forTenant(tenantId)
    .$queryRaw<TradeRow[]>(
      Prisma.sql`SELECT ${TRADE_COLUMNS}, ${TRADE_NAMES} FROM \`Trade\` t ${TRADE_JOINS} WHERE ${conditions}`,
    );
  if (row === undefined) throw new AppError('NOT_FOUND', 'There is no such trade');
  return toTradeView(row, locale);
}
