import { z } from 'zod';
import type { DashboardView, dashboardQuerySchema } from '@/contracts/api/overview';
import { dec, quantize, toText, ZERO } from '@/domain/decimal';
import { EXIT_TOLD_AFTER } from '@/domain/exit';
import { Prisma } from '@/platform/database/database';
import type { Actor } from '../identity/actor';
import { decimalText, timeText } from '../view-fields';
import type { WebContext } from '../web-context';
import { listSignals } from './signals';

const DAYS = 30;
const DAY_MS = 86_400_000;
const LAST_SIGNALS = 8;
const ATTENTION_PER_KIND = 10;

type Count = number | bigint;
type DecimalColumn = { toString(): string } | null;
type Rows = ReturnType<WebContext['database']['forTenant']>;

/** How long the figures of past days are kept: only a late fill still changes them. */
const PAST_SECONDS = 300;

/** Figures of the tenant for its operators. Today is counted at every call, past days now and then. */
export async function getDashboard(
  context: Pick<WebContext, 'database' | 'clock' | 'redis' | 'environment'>,
  actor: Actor,
  { utcOffsetMinutes }: z.output<typeof dashboardQuerySchema>,
): Promise<DashboardView> {
  const { tenantId } = actor;
  const rows = context.database.forTenant(tenantId);
  const offsetMs = utcOffsetMinutes * 60_000;
  const today = Math.floor((context.clock.now() + offsetMs) / DAY_MS);
  const startOf = (day: number) => new Date(day * DAY_MS - offsetMs);
  const readToday = async () => {
    const past = await readPast(context, rows, {
      tenantId,
      from: startOf(today - DAYS + 1),
      to: startOf(today),
      utcOffsetMinutes,
    });
    const [trades, signals] = await Promise.all([
      readTradeDays(rows, { tenantId, from: startOf(today), to: null, utcOffsetMinutes }),
      readSignalDays(rows, { tenantId, from: startOf(today), to: null, utcOffsetMinutes }, past.lastSequence),
    ]);
    return {
      tradeDays: new Map([...past.trades, ...trades].map((day) => [day.day, day])),
      signalDays: new Map([...past.signals, ...signals.days].map((day) => [day.day, day.signals])),
    };
  };
  const [counts, { tradeDays, signalDays }, lastSignals, attention] = await Promise.all([
    readCounts(rows, tenantId),
    readToday(),
    listSignals(context, actor, { attempts: 'newest', limit: LAST_SIGNALS }),
    readAttention(rows, tenantId, new Date(context.clock.now() - DAY_MS)),
  ]);
  const days = Array.from({ length: DAYS }, (_, at) => {
    const day = new Date((today - DAYS + 1 + at) * DAY_MS).toISOString().slice(0, 10);
    const trades = tradeDays.get(day);
    return {
      day,
      signals: signalDays.get(day) ?? 0,
      orders: trades?.orders ?? 0,
      filled: trades?.filled ?? 0,
      volume: trades?.volume ?? '0',
      realizedPnl: trades?.realizedPnl ?? '0',
    };
  });
  const last = days.at(-1);
  const orders = last?.orders ?? 0;
  return {
    figures: {
      ...counts,
      signalsToday: last?.signals ?? 0,
      ordersToday: orders,
      filledShareToday: orders === 0 ? null : toText(quantize(dec(last?.filled ?? 0).div(orders))),
      volumeToday: last?.volume ?? '0',
      realizedPnlToday: last?.realizedPnl ?? '0',
    },
    days,
    lastSignals: lastSignals.items,
    attention,
  };
}

async function readCounts(rows: Rows, tenantId: string) {
  const [counts] = await rows.$queryRaw<
    { customers: Count; activeCustomers: Count; followers: Count; strategies: Count; openPositions: Count }[]
  >(
    Prisma.sql`SELECT
      (SELECT COUNT(*) FROM \`Customer\` WHERE tenantId = ${tenantId}) AS customers,
      (SELECT COUNT(*) FROM \`Customer\` WHERE tenantId = ${tenantId} AND status = 'active') AS activeCustomers,
      (SELECT COUNT(*) FROM \`Subscription\` WHERE tenantId = ${tenantId} AND status = 'active') AS followers,
      (SELECT COUNT(*) FROM \`Strategy\` WHERE tenantId = ${tenantId} AND status = 'active') AS strategies,
      (SELECT COUNT(*) FROM \`Position\` WHERE tenantId = ${tenantId} AND quantity > 0) AS openPositions`,
  );
  return {
    customers: Number(counts?.customers ?? 0),
    activeCustomers: Number(counts?.activeCustomers ?? 0),
    followers: Number(counts?.followers ?? 0),
    strategies: Number(counts?.strategies ?? 0),
    openPositions: Number(counts?.openPositions ?? 0),
  };
}

type Span = {
  readonly tenantId: string;
  readonly from: Date;
  /** Null: until now. */
  readonly to: Date | null;
  readonly utcOffsetMinutes: number;
};

const tradeDaySchema = z.object({
  day: z.string(),
  orders: z.number(),
  filled: z.number(),
  volume: z.string(),
  realizedPnl: z.string(),
});
type TradeDay = z.infer<typeof tradeDaySchema>;
const pastSchema = z.object({
  trades: z.array(tradeDaySchema),
  signals: z.array(z.object({ day: z.string(), signals: z.number() })),
  /** Of the last signal in those days: later ones are found by their sequence. */
  lastSequence: z.string(),
});
type Past = z.infer<typeof pastSchema>;

async function readPast(
  { redis, environment }: Pick<WebContext, 'redis' | 'environment'>,
  rows: Rows,
  span: Span,
): Promise<Past> {
  const key = `${environment.REDIS_PREFIX}:days:${span.tenantId}:${span.from.getTime()}`;
  const kept = await redis.get(key).catch(() => null);
  const parsed = pastSchema.safeParse(kept === null ? null : JSON.parse(kept));
  if (parsed.success) return parsed.data;
  const [trades, signals] = await Promise.all([readTradeDays(rows, span), readSignalDays(rows, span, '0')]);
  const past: Past = { trades, signals: signals.days, lastSequence: signals.lastSequence };
  await redis.set(key, JSON.stringify(past), 'EX', PAST_SECONDS).catch(() => undefined);
  return past;
}

async function readTradeDays(rows: Rows, { tenantId, from, to, utcOffsetMinutes }: Span): Promise<TradeDay[]> {
  const days = await rows.$queryRaw<
    { day: string; orders: Count; filled: Count; volume: DecimalColumn; realizedPnl: DecimalColumn }[]
  >(
    Prisma.sql`SELECT DATE_FORMAT(DATE_ADD(createdAt, INTERVAL ${utcOffsetMinutes} MINUTE), '%Y-%m-%d') AS day,
        SUM(status <> 'denied') AS orders, SUM(filledQuantity > 0) AS filled,
        SUM(filledValue) AS volume, SUM(realizedPnl) AS realizedPnl
      FROM \`Trade\` WHERE tenantId = ${tenantId} AND createdAt >= ${from} ${before('createdAt', to)} GROUP BY day`,
  );
  return days.map((row) => ({
    day: row.day,
    orders: Number(row.orders),
    filled: Number(row.filled),
    volume: decimalText(row.volume ?? ZERO),
    realizedPnl: decimalText(row.realizedPnl ?? ZERO),
  }));
}

async function readSignalDays(
  rows: Rows,
  { tenantId, from, to, utcOffsetMinutes }: Span,
  afterSequence: string,
): Promise<{ days: { day: string; signals: number }[]; lastSequence: string }> {
  const days = await rows.$queryRaw<{ day: string; signals: Count; last: Count }[]>(
    Prisma.sql`SELECT DATE_FORMAT(DATE_ADD(receivedAt, INTERVAL ${utcOffsetMinutes} MINUTE), '%Y-%m-%d') AS day,
        COUNT(*) AS signals, MAX(sequence) AS last
      FROM \`Signal\` WHERE tenantId = ${tenantId} AND sequence > ${BigInt(afterSequence)}
        AND receivedAt >= ${from} ${before('receivedAt', to)} GROUP BY day`,
  );
  const lastSequence = days.reduce((max, row) => (BigInt(row.last) > max ? BigInt(row.last) : max), 0n);
  return {
    days: days.map((row) => ({ day: row.day, signals: Number(row.signals) })),
    lastSequence: String(lastSequence),
  };
}

function before(column: 'createdAt' | 'receivedAt', to: Date | null): Prisma.Sql {
  return to === null ? Prisma.empty : Prisma.sql`AND ${Prisma.raw(column)} < ${to}`;
}

/** What someone has to look at: dead keys and exits that are not done in time now, and what was not copied or is unsettled since `since`. */
async function readAttention(rows: Rows, tenantId: string, since: Date): Promise<DashboardView['attention']> {
  // Name and id together, so that the first by name keeps his id.
  const who = Prisma.sql`CONCAT(c.name, CHAR(10), c.id)`;
  const found = await rows.$queryRaw<
    {
      kind: string;
      subjectId: string;
      title: string;
      who: string | null;
      customers: Count;
      code: string | null;
      message: string | null;
      count: Count;
      at: Date;
    }[]
  >(
    Prisma.sql`
      (SELECT CONCAT('account_', a.health) AS kind, a.id AS subjectId, a.label AS title,
          ${who} AS who, 1 AS customers, a.healthCode AS code, NULL AS message, 1 AS count, COALESCE(a.checkedAt, a.updatedAt) AS at
        FROM \`ExchangeAccount\` a JOIN \`Customer\` c ON c.id = a.customerId
        WHERE a.tenantId = ${tenantId} AND a.health IN ('failing', 'limited') AND a.endedAt IS NULL ORDER BY at DESC LIMIT ${ATTENTION_PER_KIND})
      UNION ALL
      (SELECT 'exit_due', MIN(x.subscriptionId), MAX(i.symbol),
          MIN(${who}), COUNT(DISTINCT x.customerId), COALESCE(x.obstacle, x.code),
          CASE WHEN MAX(x.obstacle) IS NULL THEN MAX(x.message) END, COUNT(*), MIN(x.dueAt)
        FROM \`PositionExit\` x JOIN \`Instrument\` i ON i.id = x.instrumentId JOIN \`Customer\` c ON c.id = x.customerId
        WHERE x.tenantId = ${tenantId} AND x.doneAt IS NULL
          AND x.dueAt < UTC_TIMESTAMP(3) - INTERVAL ${EXIT_TOLD_AFTER / 1000} SECOND
        GROUP BY x.instrumentId, COALESCE(x.obstacle, x.code) ORDER BY MIN(x.dueAt) LIMIT ${ATTENTION_PER_KIND})
      UNION ALL
      (SELECT 'trades_unknown', t.signalId, MAX(i.symbol), MIN(${who}), COUNT(DISTINCT t.customerId),
          MAX(t.code), NULL, COUNT(*), MAX(t.updatedAt)
        FROM \`Trade\` t JOIN \`Instrument\` i ON i.id = t.instrumentId JOIN \`Customer\` c ON c.id = t.customerId
        WHERE t.tenantId = ${tenantId} AND t.status = 'unknown' GROUP BY t.signalId
        ORDER BY MAX(t.updatedAt) DESC LIMIT ${ATTENTION_PER_KIND})
      UNION ALL
      (SELECT 'signal_rejected', g.id, i.symbol, NULL, 0, g.rejectCode, NULL, 1, g.receivedAt
        FROM \`Signal\` g JOIN \`Instrument\` i ON i.id = g.instrumentId
        WHERE g.tenantId = ${tenantId} AND g.status = 'rejected' AND g.receivedAt >= ${since}
        ORDER BY g.sequence DESC LIMIT ${ATTENTION_PER_KIND})
      UNION ALL
      (SELECT 'message_rejected', m.sourceId, MAX(s.name), NULL, 0, MAX(m.code), NULL, COUNT(*), MAX(m.receivedAt)
        FROM \`RejectedMessage\` m JOIN \`SignalSource\` s ON s.id = m.sourceId
        WHERE m.tenantId = ${tenantId} AND m.receivedAt >= ${since} GROUP BY m.sourceId
        ORDER BY MAX(m.receivedAt) DESC LIMIT ${ATTENTION_PER_KIND})`,
  );
  return found.map((row) => ({
    kind: row.kind as DashboardView['attention'][number]['kind'],
    subjectId: row.subjectId,
    title: row.title,
    customer: customerOf(row.who),
    customers: Number(row.customers),
    code: row.code,
    message: row.message,
    count: Number(row.count),
    at: timeText(row.at),
  }));
}

function customerOf(who: string | null): DashboardView['attention'][number]['customer'] {
  if (who === null) return null;
  const at = who.lastIndexOf('\n');
  return { id: who.slice(at + 1), name: who.slice(0, at) };
}
