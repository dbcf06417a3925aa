import type { Database } from '@/platform/database/database';
import type { TradingAccount } from './accounts';
import type { OrderExecutor } from './order-executor';
import type { TradeBook } from './trade-book';
import { readEndedUnplaced } from './trade-record';

export type EndedOrderDeps = {
  readonly database: Pick<Database, 'forTenant'>;
  readonly executor: Pick<OrderExecutor, 'query'>;
  readonly book: Pick<TradeBook, 'drain'>;
};

/**
 * Asks the venue for the orders of an account that our books ended as refused or never placed although a request for them may have
 * left, and writes what it has of them. Throws where one of them could not be asked for.
 * @param since of orders made after this moment, epoch ms
 * @param instrumentIds of these alone; null: of all
 */
export async function askForEndedOrders(
  { database, executor, book }: EndedOrderDeps,
  account: TradingAccount,
  since: number,
  instrumentIds: readonly string[] | null,
): Promise<void> {
  const { id, tenantId } = account;
  const db = database.forTenant(tenantId);
  const ended = await readEndedUnplaced(db, tenantId, id, new Date(since), instrumentIds);
  let failed = 0;
  for (const trade of ended) if ((await executor.query(trade, account)) === 'failed') failed += 1;
  await book.drain();
  if (failed > 0) throw new Error(`${failed} orders that had ended could not be asked for`);
}
