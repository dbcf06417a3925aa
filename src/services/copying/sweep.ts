import { setMaxListeners } from 'node:events';
import { CREDENTIALS_UNREADABLE } from '@/domain/order-note-text';
import { VENUE_UNREACHABLE } from '@/exchanges/port';
import { currentTime } from '@/platform/clock';
import type { Database } from '@/platform/database/database';
import type { Logger } from '@/platform/log';
import { OrderExecutor } from '../execution/order-executor';
import type { TradeBook } from '../execution/trade-book';
import {
  findAccountsLackingFills,
  findStragglers,
  findTenantsOfStragglers,
  readTrades,
  readTradesLackingFills,
  type TradeRecord,
} from '../execution/trade-record';
import { findUnclaimed, type Unclaimed } from './claim';
import type { CopyDeps } from './copy-deps';
import { FILLS_WITHIN, StragglerRound } from './straggler-round';
import { toPlaceable } from './take-over';

/** A new signal is given this long to be picked up from the queue before the sweep takes it, ms. */
const QUEUE_GRACE = 1000;
const SIGNALS_AT_ONCE = 500;
/** Unsettled trades of finished signals are looked at again after this long without news, ms. */
const STRAGGLER_AGE = 5000;
/** Of one tenant; a round takes them in turn. */
const STRAGGLERS_FOUND = 20_000;
const ACCOUNTS_FOUND = 2000;

export type StragglerDeps = Pick<CopyDeps, 'database' | 'cipher' | 'venue' | 'book' | 'timings'> & {
  readonly logger: Logger;
};

/** Signals that lost their job or their worker. What the queue forgets, the rows remember. */
export async function sweepSignals(database: Database, grace = QUEUE_GRACE): Promise<readonly Unclaimed[]> {
  return findUnclaimed(database.system, grace, SIGNALS_AT_ONCE);
}

/**
 * Asks the venue about trades that their signal's dispatch gave up on, and about resting orders that no stream tells of, and
 * writes what it says. Never sends anything: a trade that the venue definitively does not have has expired.
 * @param round what to go on with; a new one starts from the beginning
 */
export async function settleStragglers(
  deps: StragglerDeps,
  owns: (accountId: string) => boolean,
  stop: AbortSignal,
  age = STRAGGLER_AGE,
  round = new StragglerRound(),
): Promise<void> {
  const before = new Date(currentTime() - age);
  const executor = reconcilingExecutor(deps);
  const signal = AbortSignal.any([stop, AbortSignal.timeout(15_000)]);
  // Every trade that is asked for listens to it.
  setMaxListeners(0, signal);
  const nothingMayBeSent = { freshUntil: 0, maySend: () => true, signal };
  round.begin(currentTime());
  for (const tenantId of await findTenantsOfStragglers(deps.database.system, before)) {
    try {
      const db = deps.database.forTenant(tenantId);
      const found = await findStragglers(db, tenantId, before, STRAGGLERS_FOUND);
      const ids = round.turn(
        tenantId,
        found.filter(({ accountId }) => owns(accountId)),
      );
      const items = await toPlaceable(deps, tenantId, await readTrades(db, tenantId, ids));
      await Promise.all(
        items.map((item) =>
          item.trade.status === 'planned' || item.trade.status === 'unknown'
            ? executor.execute(item, { ...nothingMayBeSent, ...lateAs(item.trade) }, true)
            : executor.query(item.trade, item.account),
        ),
      );
    } catch (error) {
      // One tenant whose keys cannot be opened must not hold up the others.
      deps.logger.error({ tenant: tenantId, reason: (error as Error).message }, 'stragglers were not asked for');
    }
  }
  await completeFills(deps, executor, owns, age, round);
  await deps.book.drain();
}

/** One that asks and never sends. */
export function reconcilingExecutor({ venue, timings, logger, book }: StragglerDeps): OrderExecutor {
  const report: TradeBook['report'] = (tenantId, told) => book.report(tenantId, told);
  return new OrderExecutor({ venue, timings, logger, report, extendSendBy: async () => false });
}

/** Why a straggler that the venue does not have was not placed: it was given up because nobody answered, or in time. */
function lateAs({ status, code, instrumentId }: TradeRecord) {
  if (code === CREDENTIALS_UNREADABLE) return { expiredAs: code };
  const venue = instrumentId.slice(0, instrumentId.indexOf(':'));
  return status === 'unknown' ? { expiredAs: VENUE_UNREACHABLE, lateness: () => ({ venue }) } : {};
}

/** Asks for fills whose pushes were lost although their order's end was told: the cumulative figures hide such a gap. */
async function completeFills(
  deps: StragglerDeps,
  executor: OrderExecutor,
  owns: (accountId: string) => boolean,
  age: number,
  round: StragglerRound,
): Promise<void> {
  const now = currentTime();
  const before = new Date(now - age);
  const since = round.fillsSince(now);
  const found =
    since === null ? [] : await findAccountsLackingFills(deps.database.system, since, before, ACCOUNTS_FOUND);
  const all = since !== null && found.length < ACCOUNTS_FOUND;
  for (const { tenantId, accountId } of round.lackingFills(found, before.getTime(), all)) {
    if (!owns(accountId)) continue;
    const db = deps.database.forTenant(tenantId);
    const trades = await readTradesLackingFills(db, tenantId, accountId, new Date(now - FILLS_WITHIN));
    if (trades.length === 0) round.fillsComplete(accountId);
    const items = await toPlaceable(deps, tenantId, trades);
    await Promise.all(items.map((item) => executor.query(item.trade, item.account)));
  }
}
