import { isAboveZero } from '@/domain/decimal';
import { isTerminal } from '@/domain/order-state';
import { Prisma, type TenantClient, type Transaction } from '@/platform/database/database';
import { type FoundOrder, queueFoundOrders } from '../notifications/found-orders';
import { queueTradeNotifications } from '../notifications/queue';
import type { TradeRevision } from './apply-report';
import { WITHDRAWN } from './ask-stop';
import { giveBackDebts, takeOverDebts } from './late-debts';

/** The venue has, or filled, an order that our books had ended. One that it ended itself without a fill changes nothing for anybody. */
export function isFoundAtVenue({ found, status, filledQuantity }: TradeRevision): boolean {
  return found !== null && (status !== 'canceled' || isAboveZero(filledQuantity));
}

/**
 * What trades turned out to be after their signal was finished: who was told, and what was written then, is made right. Call it in
 * the transaction that writes the trades, after them.
 */
export async function tellLate(
  tx: TenantClient,
  tenantId: string,
  trades: readonly TradeRevision[],
  now: number,
): Promise<void> {
  const found = trades.filter((trade) => trade.found !== null);
  // A stop order that we took back with its position is no news.
  const ended = trades.filter(
    (trade) => isTerminal(trade.status) && !(trade.leg === 'stop' && trade.code === WITHDRAWN),
  );
  if (found.length === 0 && ended.length === 0) return;
  await countReceiptsAgain(tx, tenantId, found);
  const finished = await tx.signal.findMany({
    where: { id: { in: [...new Set([...found, ...ended].map((trade) => trade.signalId))] }, status: 'done' },
    select: { id: true },
  });
  const over = new Set(finished.map(({ id }) => id));
  const at = new Date(now);
  const late = (of: readonly TradeRevision[]): string[] =>
    of.filter(({ signalId }) => over.has(signalId)).map(({ id }) => id);
  const never = ended.filter(({ status }) => status === 'expired' || status === 'rejected');
  await giveBackDebts(tx, tenantId, late(never), at);
  await takeOverDebts(tx, tenantId, late(found), at);
  for (const { id: signalId } of finished) {
    const tradeIds = ended.filter((trade) => trade.signalId === signalId).map((trade) => trade.id);
    await queueTradeNotifications(tx as unknown as Transaction, { tenantId, signalId, tradeIds, now });
  }
  await queueFoundOrders(tx as unknown as Transaction, { tenantId, orders: foundOrders(found), now });
}

function foundOrders(trades: readonly TradeRevision[]): readonly FoundOrder[] {
  return trades
    .filter(isFoundAtVenue)
    .flatMap(({ found, ...trade }) =>
      found === null ? [] : { ...trade, endedAs: found.status, endedCode: found.code },
    );
}

/**
 * Counts of receipts that were kept because they could not change any more are forgotten, and that a signal of ours achieved nothing. Locks the signals: one that is being
 * finished at this moment is finished when this returns.
 */
async function countReceiptsAgain(tx: TenantClient, tenantId: string, found: readonly TradeRevision[]): Promise<void> {
  if (found.length === 0) return;
  const signalIds = [...new Set(found.map((trade) => trade.signalId))].sort();
  await tx.$executeRaw(
    Prisma.sql`UPDATE \`Signal\` SET receipts = NULL, followedBy = NULL WHERE tenantId = ${tenantId} AND id IN (${Prisma.join(signalIds)})`,
  );
}
