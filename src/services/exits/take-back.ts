import { type CancelDeps, cancelEntries } from '../execution/resting-entries';
import { readTrades } from '../execution/trade-record';
import type { CloseUnderWay } from './closes';
import { byTenant } from './sync-exits';

/** What cannot be taken back in this time is tried again with the next look, ms. */
const WITHIN = 2_000;

/** Takes closes of ours back that rest at the venue, so that they do not stand in the way of one that fills. */
export async function takeBackCloses(
  deps: CancelDeps,
  closes: readonly CloseUnderWay[],
  stop: AbortSignal,
): Promise<void> {
  await Promise.all(
    [...byTenant(closes)].map(async ([tenantId, own]) => {
      const ids = own.map(({ id }) => id);
      const trades = await readTrades(deps.database.forTenant(tenantId), tenantId, ids);
      await cancelEntries(deps, tenantId, trades, WITHIN, stop);
    }),
  );
}
