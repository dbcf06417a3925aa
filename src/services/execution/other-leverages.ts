import { type Dec, dec, isEqual, toText } from '@/domain/decimal';
import { LEVERAGE_CHANGED } from '@/domain/order-note-text';
import { Prisma, type TenantClient, type Transaction } from '@/platform/database/database';
import { firstIdAt } from '@/platform/ids';
import type { SettingChange } from '../notifications/events';
import { queueSettingsChanged } from '../notifications/settings-changed';
import type { TradeRevision } from './apply-report';
import { venueSymbol } from './trade-record';

/** Entries of one account that were written within this time may set each other's leverage, ms. */
const TOGETHER = 60_000;

type Relevered = TradeRevision & { readonly decidedLeverage: Dec };

const isRelevered = (trade: TradeRevision): trade is Relevered => trade.decidedLeverage !== null;

/**
 * What follows from entries for which the venue used another leverage than was decided. Another entry of ours may have set it: then
 * nobody is blamed. Else somebody changed it by hand: the note is forgotten, so that it is set again before the next entry, and operators
 * and customers are told, once for all entries that show it. Answers the trades, saying whose doing it was.
 */
export async function settleOtherLeverages(
  tx: TenantClient,
  tenantId: string,
  trades: readonly TradeRevision[],
  now: number,
): Promise<readonly TradeRevision[]> {
  const relevered = trades.filter(isRelevered);
  if (relevered.length === 0) return trades;
  const ours = await setByUs(tx, tenantId, relevered, now);
  const byHand = relevered.filter(({ id }) => !ours.has(id));
  if (byHand.length > 0) {
    const notes = byHand.map(({ accountId, instrumentId }) => ({ accountId, instrumentId }));
    await tx.accountLeverage.deleteMany({ where: { OR: notes } });
    await queueSettingsChanged(tx as unknown as Transaction, tenantId, changesOf(byHand), now);
  }
  return trades.map((trade) => {
    if (!ours.has(trade.id) || trade.code !== LEVERAGE_CHANGED || trade.detail === null) return trade;
    return { ...trade, detail: JSON.stringify({ ...JSON.parse(trade.detail), by: 'ours' }) };
  });
}

/** Those whose leverage is the one that we set last, or that another entry of the account was decided with at about the same time. */
async function setByUs(
  tx: TenantClient,
  tenantId: string,
  trades: readonly Relevered[],
  now: number,
): Promise<ReadonlySet<string>> {
  const accounts = Prisma.join([...new Set(trades.map(({ accountId }) => accountId))]);
  const set = await tx.$queryRaw<{ accountId: string; instrumentId: string; leverage: string }[]>(
    Prisma.sql`SELECT accountId, instrumentId, CAST(leverage AS CHAR) AS leverage FROM AccountLeverage
        WHERE tenantId = ${tenantId} AND accountId IN (${accounts})
      UNION ALL SELECT accountId, instrumentId, CAST(leverage AS CHAR) FROM Trade
        WHERE tenantId = ${tenantId} AND accountId IN (${accounts}) AND leg = 'open' AND code IS NULL
          AND id > ${firstIdAt(now - TOGETHER)} AND id NOT IN (${Prisma.join(trades.map(({ id }) => id))})`,
  );
  const isOurs = ({ accountId, instrumentId, leverage }: Relevered): boolean =>
    set.some(
      (row) => row.accountId === accountId && row.instrumentId === instrumentId && isEqual(dec(row.leverage), leverage),
    );
  return new Set(trades.filter(isOurs).map(({ id }) => id));
}

function changesOf(trades: readonly Relevered[]) {
  const accounts = new Map<string, Map<string, SettingChange>>();
  for (const { accountId, instrumentId, decidedLeverage, leverage } of trades) {
    const changes = accounts.get(accountId) ?? new Map<string, SettingChange>();
    const symbol = venueSymbol(instrumentId);
    changes.set(symbol, { setting: 'leverage', symbol, from: toText(decidedLeverage), to: toText(leverage) });
    accounts.set(accountId, changes);
  }
  return [...accounts].map(([accountId, changes]) => ({ accountId, changes: [...changes.values()] }));
}
