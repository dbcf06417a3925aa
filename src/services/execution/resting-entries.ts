import type { Venue } from '@/exchanges/port';
import type { Cipher } from '@/platform/cipher';
import { currentTime } from '@/platform/clock';
import type { Database } from '@/platform/database/database';
import type { Logger } from '@/platform/log';
import { openAccounts, type TradingAccount } from './accounts';
import { pause } from './order-executor';
import type { ExecutionTimings } from './timings';
import type { TradeBook } from './trade-book';
import { type TradeRecord, venueSymbol } from './trade-record';

export { readRestingEntries } from './trade-record';

export type CancelDeps = {
  readonly database: Pick<Database, 'forTenant'>;
  readonly cipher: Cipher;
  readonly venue: (key: string) => Venue;
  readonly book: TradeBook;
  readonly timings: ExecutionTimings;
  /** Asked right before each cancel leaves; false: the entry is left as it is. */
  readonly mayCancel?: (entry: TradeRecord) => boolean;
  readonly logger: Logger;
};

/** Accounts that are asked at once. */
const AT_ONCE = 64;

/**
 * Takes resting entries back and waits until the venue says how much of each was filled, so that what follows can reckon
 * with it. Repeating is harmless. What is not final within `within` ms is left as it is and looked at again later.
 */
export async function cancelEntries(
  deps: CancelDeps,
  tenantId: string,
  entries: readonly TradeRecord[],
  within: number,
  stop: AbortSignal,
): Promise<void> {
  const accountIds = [...new Set(entries.map((entry) => entry.accountId))];
  const accounts = await openAccounts(deps.database.forTenant(tenantId), deps.cipher, tenantId, accountIds);
  const signal = AbortSignal.any([stop, AbortSignal.timeout(within)]);
  let open: readonly TradeRecord[] = entries;
  let delay = deps.timings.firstQuery;
  while (open.length > 0 && !signal.aborted) {
    const waiting = [...open];
    const left: TradeRecord[] = [];
    const runner = async (): Promise<void> => {
      for (let entry = waiting.shift(); entry !== undefined; entry = waiting.shift()) {
        if (signal.aborted || !(await takeBack(deps, entry, accounts.get(entry.accountId)))) left.push(entry);
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, runner));
    open = left;
    if (open.length > 0) await pause(delay, signal);
    delay = Math.min(delay * 2, deps.timings.longestQuery);
  }
  await deps.book.drain();
}

/** One cancel and one look at what became of it. Answers true when nothing more will happen to the order. */
async function takeBack(deps: CancelDeps, entry: TradeRecord, account: TradingAccount | undefined): Promise<boolean> {
  if (account === undefined) {
    deps.logger.warn({ trade: entry.id }, 'no key to take a resting entry back with');
    return false;
  }
  // As it is, until it may be taken back again.
  if (deps.mayCancel?.(entry) === false) return true;
  const symbol = venueSymbol(entry.instrumentId);
  const venue = deps.venue(account.venue);
  const client = venue.account(account.access);
  try {
    await client.cancelOrder(symbol, entry.id);
    const expired = await venue.clock(account.mode).hasPassed(entry.sendBy + deps.timings.absenceMargin);
    const update = await client.getOrder(symbol, entry.id);
    if (update === null) {
      // It may still be on its way until its request has expired.
      if (!expired) return false;
      const told = {
        kind: 'expired',
        tradeId: entry.id,
        code: 'WITHDRAWN',
        at: currentTime(),
        mayHaveLeft: true,
      } as const;
      deps.book.report(account.tenantId, told);
      return true;
    }
    const fills = Number(update.filledQuantity) > 0 ? await client.getFills(symbol, update.venueOrderId) : [];
    deps.book.report(account.tenantId, { kind: 'venue', tradeId: entry.id, update, fills });
    return update.state === 'filled' || update.state === 'canceled';
  } catch (error) {
    deps.logger.warn({ trade: entry.id, reason: (error as Error).message }, 'a resting entry could not be taken back');
    return false;
  }
}
