import type { z } from 'zod';
import type { OverviewView, overviewQuerySchema } from '@/contracts/api/overview';
import { AppError } from '@/contracts/envelope';
import { type Dec, dec, toText, ZERO } from '@/domain/decimal';
import type { DenialLocale } from '@/domain/denial-text';
import { Prisma } from '@/platform/database/database';
import { listAccounts } from '../accounts/accounts';
import { getCustomer } from '../customers/customers';
import { type Actor, visibleCustomer } from '../identity/actor';
import { listSubscriptions } from '../subscriptions/subscriptions';
import { decimalText } from '../view-fields';
import type { WebContext } from '../web-context';
import { listPositions } from './positions';
import { listTrades } from './trades';

const DAY_SECONDS = 86_400;
const CURVE_POINTS = 240;

/** One customer at a glance: what the portal's first page shows. Throws NOT_FOUND. */
export async function getOverview(
  context: WebContext,
  actor: Actor,
  query: z.output<typeof overviewQuerySchema>,
  locale: DenialLocale,
): Promise<OverviewView> {
  const customerId = visibleCustomer(actor, query.customerId);
  if (customerId === undefined) {
    throw new AppError('VALIDATION_ERROR', 'customerId: must be given', { field: 'customerId' });
  }
  const [customer, accounts, subscriptions, positions, trades, totals, curve] = await Promise.all([
    getCustomer(context, actor, customerId),
    listAccounts(context, actor, { customerId, limit: 200 }),
    listSubscriptions(context, actor, { customerId, limit: 200 }),
    listPositions(context, actor, { customerId, limit: 200 }),
    listTrades(context, actor, { customerId, limit: 10 }, locale),
    readTotals(context, actor, customerId),
    readCurve(context, actor, customerId, query.days),
  ]);
  const gains = positions.items.flatMap(({ unrealizedPnl }) => (unrealizedPnl === null ? [] : [dec(unrealizedPnl)]));
  const available = accounts.items.flatMap((account) => (account.available === null ? [] : [dec(account.available)]));
  return {
    customer,
    equity: customer.equity,
    available: available.length === 0 ? null : toText(sum(available)),
    ...totals,
    // Without any position nothing is open: zero, not unknown.
    unrealizedPnl: positions.items.length > 0 && gains.length === 0 ? null : toText(sum(gains)),
    curve,
    accounts: accounts.items,
    subscriptions: subscriptions.items,
    positions: positions.items,
    lastTrades: trades.items,
  };
}

async function readTotals({ database }: Pick<WebContext, 'database'>, { tenantId }: Actor, customerId: string) {
  const { _sum } = await database.forTenant(tenantId).position.aggregate({
    where: { customerId },
    _sum: { realizedPnl: true, fee: true },
  });
  return { realizedPnl: decimalText(_sum.realizedPnl ?? ZERO), fees: decimalText(_sum.fee ?? ZERO) };
}

type Snapshot = { accountId: string; bucket: number | bigint; equity: { toString(): string } };

/** Equity of all accounts together at the end of each step; an account keeps its last known value between snapshots. */
async function readCurve(
  { database, clock }: Pick<WebContext, 'database' | 'clock'>,
  { tenantId }: Actor,
  customerId: string,
  days: number,
): Promise<OverviewView['curve']> {
  const since = new Date(clock.now() - days * DAY_SECONDS * 1000);
  const step = Math.max(60, Math.round((days * DAY_SECONDS) / CURVE_POINTS));
  const snapshots = await database.forTenant(tenantId).$queryRaw<Snapshot[]>(
    Prisma.sql`SELECT e.accountId, b.bucket, e.equity FROM (
        SELECT accountId, FLOOR(TIMESTAMPDIFF(SECOND, '1970-01-01', takenAt) / ${step}) AS bucket, MAX(takenAt) AS takenAt
        FROM \`EquitySnapshot\` WHERE tenantId = ${tenantId} AND customerId = ${customerId} AND takenAt >= ${since}
        GROUP BY accountId, bucket
      ) b JOIN \`EquitySnapshot\` e ON e.accountId = b.accountId AND e.takenAt = b.takenAt
      ORDER BY b.bucket`,
  );
  const latest = new Map<string, Dec>();
  const curve = new Map<number, string>();
  for (const { accountId, bucket, equity } of snapshots) {
    latest.set(accountId, dec(equity.toString()));
    curve.set(Number(bucket), toText(sum([...latest.values()])));
  }
  const now = clock.now();
  return [...curve].map(([bucket, equity]) => ({
    at: new Date(Math.min((bucket + 1) * step * 1000, now)).toISOString(),
    equity,
  }));
}

function sum(values: readonly Dec[]): Dec {
  return values.reduce((total, value) => total.plus(value), ZERO);
}
