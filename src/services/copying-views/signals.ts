import { z } from 'zod';
import type { Page } from '@/contracts/api/common';
import {
  type SignalCounts,
  type SignalView,
  type signalQuerySchema,
  triggerLevelSchema,
} from '@/contracts/api/copying';
import { AppError } from '@/contracts/envelope';
import { ORDER_TYPES, POSITION_SIDES, SIGNAL_ACTIONS } from '@/domain/signal';
import { Prisma } from '@/platform/database/database';
import { type Actor, visibleCustomer } from '../identity/actor';
import { decodeCursor, encodeCursor, NUMBER_PART, toPage } from '../paging';
import { optionalTimeText, parsedJson, timeText } from '../view-fields';
import type { WebContext } from '../web-context';
import { addToCounts, NO_COUNTS, stateOfRank, WORST_RANK_SQL } from './receipt-rank';
import { all } from './sql';

const side = z.enum(POSITION_SIDES).nullable().catch(null);
const text = z.string().nullable().catch(null);
const level = triggerLevelSchema.nullable().catch(null);
/** Signal.intent, a SignalIntent of domain/signal: what the view shows of it. */
const intentSchema = z.object({
  symbol: z.string().catch(''),
  usdMeantUsdt: z.boolean().catch(false),
  action: z.enum(SIGNAL_ACTIONS).catch('open'),
  side,
  size: z.object({ unit: z.string(), value: z.string() }).nullable().catch(null),
  orderType: z.enum(ORDER_TYPES).catch('market'),
  limitPrice: text,
  referencePrice: text,
  stopLoss: level,
  takeProfit: level,
});
const bookSchema = z.object({ side, quantity: z.string() });
/** Signal.plan: what the view shows of it. */
const planSchema = z.object({ before: bookSchema, after: bookSchema });

/** Signal.receipts: counts that cannot change any more. */
const receiptsSchema = z.object({
  counts: z.object({
    total: z.number(),
    filled: z.number(),
    partial: z.number(),
    open: z.number(),
    denied: z.number(),
    rejected: z.number(),
    unknown: z.number(),
  }),
  lastFilledAt: z.string().nullable(),
});

type SignalRow = {
  id: string;
  sequence: bigint | number;
  sourceId: string;
  sourceName: string | null;
  instrumentId: string;
  format: string;
  status: SignalView['status'];
  intent: unknown;
  plan: unknown;
  rejectCode: string | null;
  attempt: number;
  followedBy: string | null;
  sentAt: Date;
  receivedAt: Date;
  plannedAt: Date | null;
  receipts: unknown;
  firstSentAt: Date | null;
  lastAckAt: Date | null;
};

type Answers = {
  readonly counts: SignalCounts;
  readonly firstSentAt: Date | null;
  readonly lastAckAt: Date | null;
  readonly lastFilledAt: Date | null;
};
const NO_ANSWERS: Answers = { counts: NO_COUNTS, firstSentAt: null, lastAckAt: null, lastFilledAt: null };

type SignalFilter = Partial<Omit<z.output<typeof signalQuerySchema>, 'limit' | 'cursor'>> & {
  readonly ids?: readonly string[];
};

/**
 * Two statements: the signals, and the counts of all receipts that may still change at once. A customer sees the signals that he
 * has a receipt of, with the counts of his own receipts.
 */
export async function listSignals(
  { database }: Pick<WebContext, 'database'>,
  actor: Actor,
  query: SignalFilter & { readonly cursor?: string | undefined; readonly limit: number },
): Promise<Page<SignalView>> {
  const { tenantId } = actor;
  const rows = database.forTenant(tenantId);
  const customerId = visibleCustomer(actor, undefined);
  const [after] = query.cursor === undefined ? [] : decodeCursor(query.cursor, [NUMBER_PART]);
  const conditions = all([
    Prisma.sql`g.tenantId = ${tenantId}`,
    query.ids !== undefined && Prisma.sql`g.id IN (${Prisma.join([...query.ids])})`,
    query.sourceId !== undefined && Prisma.sql`g.sourceId = ${query.sourceId}`,
    query.status !== undefined && Prisma.sql`g.status = ${query.status}`,
    query.attempts === 'newest' && Prisma.sql`g.followedBy IS NULL`,
    after !== undefined && Prisma.sql`g.sequence < ${BigInt(after)}`,
    customerId !== undefined &&
      Prisma.sql`g.id IN (SELECT t.signalId FROM \`Trade\` t WHERE t.tenantId = ${tenantId} AND t.customerId = ${customerId})`,
  ]);
  const found = await rows.$queryRaw<SignalRow[]>(
    Prisma.sql`SELECT g.id, g.sequence, g.sourceId, s.name AS sourceName, g.instrumentId, g.format, g.status, g.intent,
        g.plan, g.rejectCode, g.attempt, g.followedBy, g.sentAt, g.receivedAt, g.plannedAt, g.receipts, g.firstSentAt, g.lastAckAt
      FROM \`Signal\` g LEFT JOIN \`SignalSource\` s ON s.id = g.sourceId
      WHERE ${conditions} ORDER BY g.sequence DESC LIMIT ${query.limit + 1}`,
  );
  const shown = found.slice(0, query.limit);
  // What is kept counts the receipts of all customers.
  const kept = new Map(customerId === undefined ? shown.map((row) => [row.id, keptAnswers(row)]) : []);
  const counted = shown.map((row) => row.id).filter((id) => (kept.get(id) ?? null) === null);
  const answers = await readAnswers(rows, tenantId, customerId, counted);
  return toPage(
    found,
    query.limit,
    (row) => toView(row, kept.get(row.id) ?? answers.get(row.id) ?? NO_ANSWERS),
    (row) => encodeCursor(BigInt(row.sequence)),
  );
}

/** Null: they are to be counted. */
function keptAnswers({ receipts, firstSentAt, lastAckAt }: SignalRow): Answers | null {
  const kept = receiptsSchema.safeParse(parsedJson(receipts));
  if (!kept.success) return null;
  const { counts, lastFilledAt } = kept.data;
  return { counts, firstSentAt, lastAckAt, lastFilledAt: lastFilledAt === null ? null : new Date(lastFilledAt) };
}

/** Throws NOT_FOUND. */
export async function getSignal(context: Pick<WebContext, 'database'>, actor: Actor, id: string): Promise<SignalView> {
  const { items } = await listSignals(context, actor, { ids: [id], limit: 1 });
  const [signal] = items;
  if (signal === undefined) throw new AppError('NOT_FOUND', 'There is no such signal');
  return signal;
}

/**
 * Receipts by state and their times, for several signals from one grouped read of (signal, subscription): right while
 * the orders are still on their way, not only at the end.
 */
async function readAnswers(
  rows: ReturnType<WebContext['database']['forTenant']>,
  tenantId: string,
  customerId: string | undefined,
  signalIds: readonly string[],
): Promise<Map<string, Answers>> {
  const answers = new Map<string, Answers>();
  if (signalIds.length === 0) return answers;
  const conditions = all([
    Prisma.sql`t.signalId IN (${Prisma.join([...signalIds])}) AND t.tenantId = ${tenantId}`,
    customerId !== undefined && Prisma.sql`t.customerId = ${customerId}`,
  ]);
  const groups = await rows.$queryRaw<AnswerGroup[]>(
    Prisma.sql`SELECT r.signalId, r.worst, COUNT(*) AS receipts, MIN(r.firstSentAt) AS firstSentAt,
        MAX(r.lastAckAt) AS lastAckAt, MAX(r.lastFilledAt) AS lastFilledAt
      FROM (
        SELECT t.signalId, t.subscriptionId, ${WORST_RANK_SQL} AS worst, MIN(IF(t.leg = 'stop', NULL, t.sentAt)) AS firstSentAt,
          MAX(IF(t.leg = 'stop', NULL, t.ackedAt)) AS lastAckAt, MAX(IF(t.leg = 'stop', NULL, t.filledAt)) AS lastFilledAt
        FROM \`Trade\` t WHERE ${conditions} GROUP BY t.signalId, t.subscriptionId
      ) r GROUP BY r.signalId, r.worst`,
  );
  for (const group of groups) {
    const known = answers.get(group.signalId) ?? NO_ANSWERS;
    answers.set(group.signalId, {
      counts: addToCounts(known.counts, stateOfRank(Number(group.worst)), Number(group.receipts)),
      firstSentAt: earlier(known.firstSentAt, group.firstSentAt),
      lastAckAt: later(known.lastAckAt, group.lastAckAt),
      lastFilledAt: later(known.lastFilledAt, group.lastFilledAt),
    });
  }
  return answers;
}

type AnswerGroup = {
  signalId: string;
  worst: number | bigint;
  receipts: number | bigint;
  firstSentAt: Date | null;
  lastAckAt: Date | null;
  lastFilledAt: Date | null;
};

function later(a: Date | null, b: Date | null): Date | null {
  if (a === null || b === null) return a ?? b;
  return a > b ? a : b;
}

function earlier(a: Date | null, b: Date | null): Date | null {
  if (a === null || b === null) return a ?? b;
  return a < b ? a : b;
}

function toView(row: SignalRow, answers: Answers): SignalView {
  const intent = intentSchema.parse(parsedJson(row.intent) ?? {});
  const plan = planSchema.safeParse(parsedJson(row.plan));
  return {
    id: row.id,
    sourceId: row.sourceId,
    sourceName: row.sourceName ?? '',
    format: row.format,
    // The venue's name, which all other pages use, not the sender's spelling.
    symbol: row.instrumentId.slice(row.instrumentId.indexOf(':') + 1),
    takenForUsdt: intent.usdMeantUsdt ? intent.symbol : null,
    action: intent.action,
    side: intent.side,
    size: intent.size,
    orderType: intent.orderType,
    limitPrice: intent.limitPrice,
    referencePrice: intent.referencePrice,
    stopLoss: intent.stopLoss,
    takeProfit: intent.takeProfit,
    status: row.status,
    rejectCode: row.rejectCode,
    attempt: Number(row.attempt),
    followedBy: row.followedBy,
    leader: plan.success ? { before: plan.data.before, after: plan.data.after } : null,
    sentAt: timeText(row.sentAt),
    counts: answers.counts,
    timings: {
      receivedAt: timeText(row.receivedAt),
      plannedAt: optionalTimeText(row.plannedAt),
      firstSentAt: optionalTimeText(answers.firstSentAt),
      lastAckAt: optionalTimeText(answers.lastAckAt),
      lastFilledAt: optionalTimeText(answers.lastFilledAt),
    },
  };
}
