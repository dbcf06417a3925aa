import { Prisma, type Transaction } from '@/platform/database/database';
import { isUnfilledEnd, type SignalSummary, type TradeSummary } from './signal-entries';

type Exit = { readonly subscriptionId: string; readonly side: string; readonly told: bigint | number };

/**
 * The trades of a signal that somebody is to hear of; null: nobody is, operators neither. Of a leader's signal these are all. What has to
 * go is closed by signals of our own until it is gone: what they fill is told, and once for each exit that a close of it failed, which is
 * noted. Whoever throws the transaction away has told nothing.
 */
export async function takeNews(
  tx: Transaction,
  tenantId: string,
  { signalId, cause, rejectCode, trades }: SignalSummary,
  now: number,
): Promise<readonly TradeSummary[] | null> {
  if (cause === null) return trades;
  // There was nothing to be closed any more.
  if (trades.length === 0 && rejectCode === null) return null;
  const exits = await tx.$queryRaw<Exit[]>(
    Prisma.sql`SELECT subscriptionId, side, refusalToldAt IS NOT NULL AS told FROM PositionExit
      WHERE tenantId = ${tenantId} AND signalId = ${signalId}`,
  );
  const known = new Set(exits.filter(({ told }) => Number(told) === 1).map(keyOf));
  const news = trades.filter((trade) => trade.filledQuantity.gt(0) || !known.has(keyOfTrade(trade)));
  const failed = new Set(news.filter(hasFailed).map(keyOfTrade));
  // One that could not be planned has no trades.
  const fresh = exits.filter((exit) => !known.has(keyOf(exit)) && (trades.length === 0 || failed.has(keyOf(exit))));
  if (fresh.length > 0) {
    await tx.$executeRaw(
      Prisma.sql`UPDATE PositionExit SET refusalToldAt = ${new Date(now)} WHERE tenantId = ${tenantId}
        AND signalId = ${signalId} AND subscriptionId IN (${Prisma.join(fresh.map((exit) => exit.subscriptionId))})`,
    );
  }
  return news.length === 0 && fresh.length === 0 ? null : news;
}

function hasFailed(trade: TradeSummary): boolean {
  return trade.status === 'denied' || isUnfilledEnd(trade);
}

function keyOf({ subscriptionId, side }: Pick<Exit, 'subscriptionId' | 'side'>): string {
  return `${subscriptionId}|${side}`;
}

function keyOfTrade({ subscriptionId, positionSide }: TradeSummary): string {
  return keyOf({ subscriptionId, side: positionSide });
}
