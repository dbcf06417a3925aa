import { z } from 'zod';
import type { Page } from '@/contracts/api/common';
import type { ReceiptView, receiptQuerySchema } from '@/contracts/api/copying';
import { AppError } from '@/contracts/envelope';
import { checksOf, stepsOf } from '@/domain/decision-text';
import type { DenialLocale } from '@/domain/denial-text';
import { receiptState } from '@/domain/receipt';
import { Prisma } from '@/platform/database/database';
import { type Actor, visibleCustomer } from '../identity/actor';
import { decodeCursor, encodeCursor, ID_PART } from '../paging';
import { decimalText, parsedJson, timeText } from '../view-fields';
import type { WebContext } from '../web-context';
import { rankOfState, WORST_RANK_SQL } from './receipt-rank';
import { all } from './sql';
import { TRADE_COLUMNS, TRADE_JOINS, TRADE_NAMES, type TradeRow, toTradeView } from './trade-view';

const stepSchema = z
  .tuple([z.string(), z.string(), z.string()])
  .transform(([label, expression, value]) => ({ label, expression, value }))
  .or(z.object({ label: z.string(), expression: z.string(), value: z.string() }));
const checkSchema = z
  .tuple([z.string(), z.string(), z.string()])
  .rest(z.unknown())
  .transform(([rule, value, limit, denied]) => ({ rule, value, limit, passed: denied === undefined }))
  .or(z.object({ rule: z.string(), value: z.string(), limit: z.string(), passed: z.boolean().catch(true) }));

/** What the planner wrote into Trade.decision (see `KeptDecision`), or lists of it, as rows of older makes have them. */
const decisionSchema = z.object({
  steps: z.string().transform(stepsOf).or(z.array(stepSchema)).catch([]),
  checks: z.string().transform(checksOf).or(z.array(checkSchema)).catch([]),
  stopPrice: z.string().nullable().catch(null),
  takePrice: z.string().nullable().catch(null),
});

type ReceiptRow = TradeRow & { decision: unknown; receivedAt: Date };
type FillRow = {
  tradeId: string;
  venueFillId: string;
  quantity: { toString(): string };
  price: { toString(): string };
  fee: { toString(): string };
  feeCurrency: string;
  filledAt: Date;
};

/**
 * One receipt a follower, in the order of their subscriptions. Three statements, whatever the number of followers:
 * which receipts, their trades, the fills. Throws NOT_FOUND, also for a customer who has no part in the signal.
 */
export async function listReceipts(
  { database }: Pick<WebContext, 'database'>,
  actor: Actor,
  signalId: string,
  query: z.output<typeof receiptQuerySchema>,
  locale: DenialLocale,
): Promise<Page<ReceiptView>> {
  const { tenantId } = actor;
  const rows = database.forTenant(tenantId);
  const customerId = visibleCustomer(actor, undefined);
  const [after] = query.cursor === undefined ? [] : decodeCursor(query.cursor, [ID_PART]);
  const conditions = all([
    Prisma.sql`t.signalId = ${signalId} AND t.tenantId = ${tenantId}`,
    customerId !== undefined && Prisma.sql`t.customerId = ${customerId}`,
    after !== undefined && Prisma.sql`t.subscriptionId > ${after}`,
  ]);
  const having = all([
    Prisma.sql`1 = 1`,
    query.state !== undefined && Prisma.sql`${WORST_RANK_SQL} = ${rankOfState(query.state)}`,
    query.code !== undefined && Prisma.sql`SUM(t.code = ${query.code}) > 0`,
  ]);
  const found = await rows.$queryRaw<{ subscriptionId: string }[]>(
    Prisma.sql`SELECT t.subscriptionId FROM \`Trade\` t WHERE ${conditions}
      GROUP BY t.subscriptionId HAVING ${having} ORDER BY t.subscriptionId LIMIT ${query.limit + 1}`,
  );
  if (found.length === 0) {
    await requireSignal(rows, tenantId, signalId, customerId);
    return { items: [], nextCursor: null };
  }
  const shown = found.slice(0, query.limit).map((row) => row.subscriptionId);
  const trades = await rows.$queryRaw<ReceiptRow[]>(
    Prisma.sql`SELECT ${TRADE_COLUMNS}, t.decision, g.receivedAt, ${TRADE_NAMES}
      FROM \`Trade\` t JOIN \`Signal\` g ON g.id = t.signalId ${TRADE_JOINS}
      WHERE t.signalId = ${signalId} AND t.tenantId = ${tenantId} AND t.subscriptionId IN (${Prisma.join(shown)})
      ORDER BY t.subscriptionId, t.leg, t.round`,
  );
  const fills = await readFills(rows, tenantId, trades);
  return {
    items: toReceipts(trades, fills, locale),
    nextCursor: found.length > query.limit ? encodeCursor(shown.at(-1) ?? '') : null,
  };
}

type Rows = ReturnType<WebContext['database']['forTenant']>;

async function requireSignal(rows: Rows, tenantId: string, signalId: string, customerId: string | undefined) {
  const [found] = await rows.$queryRaw<unknown[]>(
    customerId === undefined
      ? Prisma.sql`SELECT id FROM \`Signal\` WHERE id = ${signalId} AND tenantId = ${tenantId}`
      : Prisma.sql`SELECT id FROM \`Trade\` WHERE signalId = ${signalId} AND tenantId = ${tenantId} AND customerId = ${customerId} LIMIT 1`,
  );
  if (found === undefined) throw new AppError('NOT_FOUND', 'There is no such signal');
}

async function readFills(rows: Rows, tenantId: string, trades: readonly ReceiptRow[]): Promise<Map<string, FillRow[]>> {
  const filled = trades.filter((trade) => trade.filledAt !== null || Number(trade.filledQuantity) > 0);
  const byTrade = new Map<string, FillRow[]>();
  if (filled.length === 0) return byTrade;
  const fills = await rows.$queryRaw<FillRow[]>(
    Prisma.sql`SELECT tradeId, venueFillId, quantity, price, fee, feeCurrency, filledAt FROM \`Fill\`
      WHERE tenantId = ${tenantId} AND tradeId IN (${Prisma.join(filled.map((trade) => trade.id))})
      ORDER BY filledAt, id`,
  );
  for (const fill of fills) {
    const known = byTrade.get(fill.tradeId);
    if (known === undefined) byTrade.set(fill.tradeId, [fill]);
    else known.push(fill);
  }
  return byTrade;
}

function toReceipts(
  trades: readonly ReceiptRow[],
  fills: ReadonlyMap<string, readonly FillRow[]>,
  locale: DenialLocale,
): ReceiptView[] {
  const followers = new Map<string, ReceiptRow[]>();
  for (const trade of trades) {
    const legs = followers.get(trade.subscriptionId);
    if (legs === undefined) followers.set(trade.subscriptionId, [trade]);
    else legs.push(trade);
  }
  return [...followers.values()].flatMap((legs) => {
    const [first] = legs;
    if (first === undefined) return [];
    return {
      signalId: first.signalId,
      subscriptionId: first.subscriptionId,
      customerId: first.customerId,
      customerName: first.customerName ?? '',
      accountId: first.accountId,
      strategyId: first.strategyId,
      strategyName: first.strategyName ?? '',
      state: receiptState(
        legs.map((row) => ({ leg: row.leg, status: row.status, filled: Number(row.filledQuantity) > 0 })),
      ),
      trades: legs.map((leg) => toReceiptTrade(leg, fills.get(leg.id) ?? [], locale)),
    };
  });
}

function toReceiptTrade(row: ReceiptRow, fills: readonly FillRow[], locale: DenialLocale) {
  const decision = decisionSchema.safeParse(parsedJson(row.decision));
  return {
    ...toTradeView(row, locale),
    arithmetic: decision.success ? decision.data.steps : [],
    checks: decision.success ? decision.data.checks : [],
    stopPrice: decision.success ? decision.data.stopPrice : null,
    takePrice: decision.success ? decision.data.takePrice : null,
    fills: fills.map((fill) => ({
      venueFillId: fill.venueFillId,
      quantity: decimalText(fill.quantity),
      price: decimalText(fill.price),
      fee: decimalText(fill.fee),
      feeCurrency: fill.feeCurrency,
      filledAt: timeText(fill.filledAt),
    })),
    latencyMs: row.ackedAt === null ? null : row.ackedAt.getTime() - row.receivedAt.getTime(),
  };
}
