import { currentTime } from '@/platform/clock';
import { findEndedUnplaced, readTrades } from '../execution/trade-record';
import type { OnceMore } from './once-more';
import { reconcilingExecutor, type StragglerDeps } from './sweep';
import { toPlaceable } from './take-over';

/** An order that ended without the venue's having it is asked for once more this long after, ms. */
const ASK_AFTER = 10_000;
/** Found in one look. */
const FOUND = 20_000;

/**
 * Asks the venue once more for orders that ended as refused or never placed although a request for them may have left: a venue that
 * said no, or did not know an order, may have it a moment later. Never sends anything.
 * @param age of the end, ms
 * @param round what was asked for already
 */
export async function askForEndedOnceMore(
  deps: StragglerDeps,
  owns: (accountId: string) => boolean,
  round: OnceMore,
  age = ASK_AFTER,
): Promise<void> {
  const now = currentTime();
  const before = now - age;
  const found = await findEndedUnplaced(deps.database.system, round.since(before), new Date(before), FOUND);
  round.found(found, before, found.length < FOUND);
  const executor = reconcilingExecutor(deps);
  for (const [tenantId, ids] of round.turn(owns)) {
    try {
      const trades = await readTrades(deps.database.forTenant(tenantId), tenantId, ids);
      const items = await toPlaceable(deps, tenantId, trades);
      await Promise.all(
        items.map(async ({ trade, account }) => {
          if ((await executor.query(trade, account)) !== 'failed') round.answered(trade.id, before);
        }),
      );
    } catch (error) {
      // One tenant whose keys cannot be opened must not hold up the others.
      deps.logger.error({ tenant: tenantId, reason: (error as Error).message }, 'ended orders were not asked for');
    }
  }
  await deps.book.drain();
}
