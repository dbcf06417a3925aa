import { setMaxListeners } from 'node:events';
import { VENUE_UNREACHABLE } from '@/exchanges/port';
import type { Database } from '@/platform/database/database';
import type { Logger } from '@/platform/log';
import { OrderExecutor } from '../execution/order-executor';
import {
  findAccountsLackingFills,
  readStragglers,
  readTradesLackingFills,
  type TradeRecord,
} from '../execution/trade-record';
import { findUnclaimed } from './claim';
import type { CopyDeps } from './copy-deps';
import { toPlaceable } from './take-over';

/** A new signal is given this long to be picked up from the queue before the sweep takes it, ms. */
const QUEUE_GRACE = 1000;
const SIGNALS_AT_ONCE = 50;
/** Unsettled trades of finished signals are looked at again after this long without news, ms. */
const STRAGGLER_AGE = 5000;
const STRAGGLERS_AT_ONCE = 200;
/** Fills are looked for this long after the last news of their trade, ms; what is older is found when its stream opens. */
const FILLS_WITHIN = 15 * 60_000;

/** Signals that lost their job or their worker. What the queue forgets, the rows remember. */
export async function sweepSignals(database: Database, grace = QUEUE_GRACE): Promise<readonly string[]> {
  return findUnclaimed(database.system, new Date(Date.now() - grace), SIGNALS_AT_ONCE);
}

/**
 * Asks the venue about trades that their signal's dispatch gave up on, and writes what it says. Never sends anything:
 * a trade that the venue definitively does not have has expired.
 */
export async function settleStragglers(
  deps: Pick<CopyDeps, 'database' | 'cipher' | 'venue' | 'clock' | 'book' | 'timings'> & { readonly logger: Logger },
  owns: (accountId: string) => boolean,
  stop: AbortSignal,
  age = STRAGGLER_AGE,
): Promise<void> {
  const tenants = await deps.database.system.trade.findMany({
    where: {
      status: { in: ['planned', 'unknown', 'live', 'partially_filled'] },
      updatedAt: { lt: new Date(Date.now() - age) },
    },
    distinct: ['tenantId'],
    select: { tenantId: true },
  });
  const executor = new OrderExecutor({
    venue: deps.venue,
    clock: deps.clock,
    timings: deps.timings,
    logger: deps.logger,
    report: (tenantId, report) => deps.book.report(tenantId, report),
    extendSendBy: async () => false,
  });
  const signal = AbortSignal.any([stop, AbortSignal.timeout(15_000)]);
  // Every trade that is asked for listens to it.
  setMaxListeners(0, signal);
  const nothingMayBeSent = { freshUntil: 0, maySend: () => true, signal };
  for (const { tenantId } of tenants) {
    const before = new Date(Date.now() - age);
    const db = deps.database.forTenant(tenantId);
    const trades = (await readStragglers(db, tenantId, before, STRAGGLERS_AT_ONCE)).filter((trade) =>
      owns(trade.accountId),
    );
    const items = await toPlaceable(deps, tenantId, trades);
    await Promise.all(
      items.map((item) =>
        item.trade.status === 'planned' || item.trade.status === 'unknown'
          ? executor.execute(item, { ...nothingMayBeSent, ...lateAs(item.trade) }, true)
          : executor.query(item.trade, item.account),
      ),
    );
  }
  await completeFills(deps, executor, owns, age);
  await deps.book.drain();
}

/** Why a straggler that the venue does not have was not placed: it was given up because nobody answered, or in time. */
function lateAs({ status, instrumentId }: TradeRecord) {
  const venue = instrumentId.slice(0, instrumentId.indexOf(':'));
  return status === 'unknown' ? { expiredAs: VENUE_UNREACHABLE, lateness: () => ({ venue }) } : {};
}

/** Asks for fills whose pushes were lost although their order's end was told: the cumulative figures hide such a gap. */
async function completeFills(
  deps: Pick<CopyDeps, 'database' | 'cipher'> & { readonly logger: Logger },
  executor: OrderExecutor,
  owns: (accountId: string) => boolean,
  age: number,
): Promise<void> {
  const since = new Date(Date.now() - FILLS_WITHIN);
  const accounts = await findAccountsLackingFills(deps.database.system, since, new Date(Date.now() - age));
  for (const { tenantId, accountId } of accounts) {
    if (!owns(accountId)) continue;
    const db = deps.database.forTenant(tenantId);
    const items = await toPlaceable(deps, tenantId, await readTradesLackingFills(db, tenantId, accountId, since));
    await Promise.all(items.map((item) => executor.query(item.trade, item.account)));
  }
}
