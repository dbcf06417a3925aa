import type { SystemView } from '@/contracts/api/safety';
import { EXIT_TOLD_AFTER } from '@/domain/exit';
import { Prisma, type TenantClient } from '@/platform/database/database';
import { eventStreamLength } from '@/platform/event-stream';
import { queueLengths } from '@/platform/queue';
import { venueSymbol } from '../execution/trade-record';
import type { Actor } from '../identity/actor';
import { listKillSwitches } from '../safety/list-kill-switches';
import { findNaked } from '../safety/naked';
import { decimalText, optionalTimeText, timeText } from '../view-fields';
import type { WebContext } from '../web-context';
import { countComparisons } from './comparisons';
import { type LivingWorker, livingWorkers } from './worker-figures';

const SHOWN = 50;
const RESTING: Prisma.TradeWhereInput = { status: { in: ['live', 'partially_filled'] }, orderType: 'limit' };
const UNSETTLED: Prisma.TradeWhereInput = {
  OR: [
    { status: { in: ['planned', 'unknown'] } },
    { status: { in: ['live', 'partially_filled'] }, orderType: 'market', leg: { not: 'stop' } },
    { status: 'partially_filled', leg: 'stop' },
  ],
};

/** How the service stands, for the operators of one tenant. What lives in Redis is null while Redis is away. */
export async function getSystem(context: WebContext, actor: Actor): Promise<SystemView> {
  const now = context.clock.now();
  const [unsettled, signals, drift, comparisons, exits, naked, switches, workers, queue, events] = await Promise.all([
    unsettledTrades(context, actor),
    unfinishedSignals(context, actor, now),
    context.database.forTenant(actor.tenantId).positionDrift.count({ where: { resolvedAt: null } }),
    whereRedisAnswers(() => countComparisons(context, actor, now)),
    dueExits(context, actor),
    nakedPositions(context, actor),
    listKillSwitches(context, actor),
    whereRedisAnswers(() => livingWorkers(context.redis, context.environment.REDIS_PREFIX, now)),
    whereRedisAnswers(() => queueLengths(context.redis, context.environment.REDIS_PREFIX, 'copy-signal')),
    whereRedisAnswers(() => eventStreamLength(context.redis, context.environment.REDIS_PREFIX)),
  ]);
  return {
    at: timeText(new Date(now)),
    unsettled,
    signals,
    drift: { open: drift, comparisons },
    exits,
    naked,
    killSwitches: [switches.platform, switches.tenant, ...switches.others].filter(({ level }) => level !== 'none'),
    workers:
      workers?.map(({ name, seenAt, figures }) => ({
        name,
        seenAt: timeText(new Date(seenAt)),
        streams: figures?.streams ?? null,
        signals: figures?.signals ?? null,
      })) ?? null,
    breakers: workers === null ? null : workers.flatMap(breakersOf),
    queue,
    events: events === null ? null : { length: events },
  };
}

function breakersOf({ name, figures }: LivingWorker): NonNullable<SystemView['breakers']> {
  return (figures?.breakers ?? []).map(({ since, lastFailureAt, nextProbeAt, ...breaker }) => ({
    worker: name,
    ...breaker,
    since: timeText(new Date(since)),
    lastFailureAt: lastFailureAt === null ? null : timeText(new Date(lastFailureAt)),
    nextProbeAt: nextProbeAt === null ? null : timeText(new Date(nextProbeAt)),
  }));
}

async function whereRedisAnswers<T>(ask: () => Promise<T>): Promise<T | null> {
  try {
    return await ask();
  } catch {
    return null;
  }
}

async function nakedPositions({ database }: WebContext, actor: Actor): Promise<SystemView['naked']> {
  const tables = database.forTenant(actor.tenantId);
  const found = await findNaked(tables, actor.tenantId);
  const shown = found.slice(0, SHOWN);
  const names = await customerNames(tables, shown);
  return {
    count: found.length,
    items: shown.map(({ kind, customerId, accountId, instrumentId, side, since, code }) => ({
      ...{ kind, customerId, accountId, side, code },
      customerName: names.get(customerId) ?? '',
      symbol: venueSymbol(instrumentId),
      since: timeText(since),
    })),
  };
}

async function customerNames(
  tables: Pick<TenantClient, 'customer'>,
  rows: readonly { readonly customerId: string }[],
): Promise<ReadonlyMap<string, string>> {
  if (rows.length === 0) return new Map();
  const customers = await tables.customer.findMany({
    where: { id: { in: [...new Set(rows.map((row) => row.customerId))] } },
    select: { id: true, name: true },
  });
  return new Map(customers.map(({ id, name }) => [id, name]));
}

async function unsettledTrades({ database }: WebContext, actor: Actor): Promise<SystemView['unsettled']> {
  const tables = database.forTenant(actor.tenantId);
  const [count, resting, rows] = await Promise.all([
    tables.trade.count({ where: UNSETTLED }),
    tables.trade.count({ where: RESTING }),
    tables.trade.findMany({ where: UNSETTLED, orderBy: [{ createdAt: 'asc' }, { id: 'asc' }], take: SHOWN }),
  ]);
  const names = await customerNames(tables, rows);
  return {
    count,
    oldestAt: optionalTimeText(rows[0]?.createdAt ?? null),
    resting,
    items: rows.map((row) => ({
      id: row.id,
      signalId: row.signalId,
      customerId: row.customerId,
      customerName: names.get(row.customerId) ?? '',
      symbol: venueSymbol(row.instrumentId),
      leg: row.leg,
      side: row.side,
      status: row.status,
      code: row.code,
      quantity: decimalText(row.quantity),
      filledQuantity: decimalText(row.filledQuantity),
      createdAt: timeText(row.createdAt),
      updatedAt: timeText(row.updatedAt),
    })),
  };
}

async function dueExits({ database }: WebContext, { tenantId }: Actor): Promise<SystemView['exits']> {
  const [counts] = await database.forTenant(tenantId).$queryRaw<{ open: bigint; overdue: bigint }[]>(
    Prisma.sql`SELECT COUNT(*) AS \`open\`,
        COUNT(CASE WHEN dueAt < UTC_TIMESTAMP(3) - INTERVAL ${EXIT_TOLD_AFTER / 1000} SECOND THEN 1 END) AS overdue
      FROM PositionExit WHERE tenantId = ${tenantId} AND doneAt IS NULL`,
  );
  return { open: Number(counts?.open ?? 0), overdue: Number(counts?.overdue ?? 0) };
}

async function unfinishedSignals({ database }: WebContext, actor: Actor, now: number): Promise<SystemView['signals']> {
  const { _count, _min } = await database.forTenant(actor.tenantId).signal.aggregate({
    where: { status: { in: ['received', 'planning', 'dispatching'] } },
    _count: true,
    _min: { receivedAt: true },
  });
  const oldest = _min.receivedAt;
  return {
    unfinished: _count,
    oldestReceivedAt: optionalTimeText(oldest),
    oldestAgeMs: oldest === null ? null : Math.max(0, now - oldest.getTime()),
  };
}
