import type { z } from 'zod';
import type { DashboardView, dashboardQuerySchema } from '@/contracts/api/overview';
import { dec, quantize, toText, ZERO } from '@/domain/decimal';
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

/** Figures of the tenant for its operators. Seven statements at once, however many rows they count. */
export async function getDashboard(
  context: Pick<WebContext, 'database' | 'clock'>,
  actor: Actor,
  { utcOffsetMinutes }: z.output<typeof dashboardQuerySchema>,
): Promise<DashboardView> {
  const { tenantId } = actor;
  const rows = context.database.forTenant(tenantId);
  const offsetMs = utcOffsetMinutes * 60_000;
  const today = Math.floor((context.clock.now() + offsetMs) / DAY_MS);
  const since = new Date((today - DAYS + 1) * DAY_MS - offsetMs);
  const [counts, tradeDays, signalDays, lastSignals, attention] = await Promise.all([
    readCounts(rows, tenantId),
    readTradeDays(rows, tenantId, since, utcOffsetMinutes),
    readSignalDays(rows, tenantId, since, utcOffsetMinutes),
    listSignals(context, actor, { limit: LAST_SIGNALS }),
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

async function readTradeDays(rows: Rows, tenantId: string, since: Date, offset: number) {
  const days = await rows.$queryRaw<
    { day: string; orders: Count; filled: Count; volume: DecimalColumn; realizedPnl: DecimalColumn }[]
  >(
    Prisma.sql`SELECT DATE_FORMAT(DATE_ADD(createdAt, INTERVAL ${offset} MINUTE), '%Y-%m-%d') AS day,
        SUM(status <> 'denied') AS orders, SUM(filledQuantity > 0) AS filled,
        SUM(filledValue) AS volume, SUM(realizedPnl) AS realizedPnl
      FROM \`Trade\` WHERE tenantId = ${tenantId} AND createdAt >= ${since} GROUP BY day`,
  );
  return new Map(
    days.map((row) => [
      row.day,
      {
        orders: Number(row.orders),
        filled: Number(row.filled),
        volume: decimalText(row.volume ?? ZERO),
        realizedPnl: decimalText(row.realizedPnl ?? ZERO),
      },
    ]),
  );
}

/** Signals have their index on the sequence: those of the last days are its end. */
async function readSignalDays(rows: Rows, tenantId: string, since: Date, offset: number) {
  const days = await rows.$queryRaw<{ day: string; signals: Count }[]>(
    Prisma.sql`SELECT DATE_FORMAT(DATE_ADD(receivedAt, INTERVAL ${offset} MINUTE), '%Y-%m-%d') AS day, COUNT(*) AS signals
      FROM \`Signal\` WHERE tenantId = ${tenantId} AND receivedAt >= ${since} GROUP BY day`,
  );
  return new Map(days.map((row) => [row.day, Number(row.signals)]));
}

/** What someone has to look at: dead keys now, and what was not copied or is unsettled since `since`. */
async function readAttention(rows: Rows, tenantId: string, since: Date): Promise<DashboardView['attention']> {
  const found = await rows.$queryRaw<
    { kind: string; subjectId: string; title: string; code: string | null; count: Count; at: Date }[]
  >(
    Prisma.sql`
      (SELECT 'account_failing' AS kind, a.id AS subjectId, CONCAT(c.name, ' · ', a.label) AS title,
          a.healthCode AS code, 1 AS count, COALESCE(a.checkedAt, a.updatedAt) AS at
        FROM \`ExchangeAccount\` a JOIN \`Customer\` c ON c.id = a.customerId
        WHERE a.tenantId = ${tenantId} AND a.health = 'failing' ORDER BY at DESC LIMIT ${ATTENTION_PER_KIND})
      UNION ALL
      (SELECT 'trades_unknown', t.signalId, MAX(i.symbol), MAX(t.code), COUNT(*), MAX(t.updatedAt)
        FROM \`Trade\` t JOIN \`Instrument\` i ON i.id = t.instrumentId
        WHERE t.tenantId = ${tenantId} AND t.status = 'unknown' GROUP BY t.signalId
        ORDER BY MAX(t.updatedAt) DESC LIMIT ${ATTENTION_PER_KIND})
      UNION ALL
      (SELECT 'signal_rejected', g.id, i.symbol, g.rejectCode, 1, g.receivedAt
        FROM \`Signal\` g JOIN \`Instrument\` i ON i.id = g.instrumentId
        WHERE g.tenantId = ${tenantId} AND g.status = 'rejected' AND g.receivedAt >= ${since}
        ORDER BY g.sequence DESC LIMIT ${ATTENTION_PER_KIND})
      UNION ALL
      (SELECT 'message_rejected', m.sourceId, MAX(s.name), MAX(m.code), COUNT(*), MAX(m.receivedAt)
        FROM \`RejectedMessage\` m JOIN \`SignalSource\` s ON s.id = m.sourceId
        WHERE m.tenantId = ${tenantId} AND m.receivedAt >= ${since} GROUP BY m.sourceId
        ORDER BY MAX(m.receivedAt) DESC LIMIT ${ATTENTION_PER_KIND})`,
  );
  return found.map((row) => ({
    kind: row.kind as DashboardView['attention'][number]['kind'],
    subjectId: row.subjectId,
    title: row.title,
    code: row.code,
    count: Number(row.count),
    at: timeText(row.at),
  }));
}
