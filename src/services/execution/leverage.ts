import { dec, toText } from '@/domain/decimal';
import type { Venue } from '@/exchanges/port';
import { type BulkColumns, bulkInsert } from '@/platform/database/bulk';
import type { TenantClient } from '@/platform/database/database';
import type { Logger } from '@/platform/log';
import type { Placeable } from './order-executor';
import { venueSymbol } from './trade-record';

const COLUMNS = {
  accountId: 'CHAR(32)',
  instrumentId: 'VARCHAR(64)',
  marginMode: 'VARCHAR(64)',
  leverage: 'DECIMAL(36,18)',
  updatedAt: 'DATETIME(3)',
} as const satisfies BulkColumns;

/** Times that a throttled or unanswered setting is tried. Setting a leverage twice does no harm. */
const ATTEMPTS = 4;

export type LeverageFailure = { readonly tradeId: string; readonly code: string; readonly message: string };

/**
 * Sets the leverage of every entry whose account is not known to use it already. Answers the trades that must not be
 * sent because their leverage could not be set: an order with another leverage than decided is a wrong order.
 */
export async function ensureLeverage(
  db: TenantClient,
  tenantId: string,
  items: readonly Placeable[],
  venue: (key: string) => Venue,
  logger: Logger,
): Promise<readonly LeverageFailure[]> {
  const entries = items.filter((item) => item.trade.leg === 'open');
  if (entries.length === 0) return [];
  const known = await db.accountLeverage.findMany({
    where: {
      accountId: { in: entries.map((item) => item.account.id) },
      instrumentId: { in: [...new Set(entries.map((item) => item.trade.instrumentId))] },
    },
  });
  const current = new Map(known.map((row) => [`${row.accountId}|${row.instrumentId}|${row.marginMode}`, row.leverage]));
  const differing = entries.filter(({ trade, account }) => {
    const leverage = current.get(`${account.id}|${trade.instrumentId}|${account.marginMode}`);
    return leverage === undefined || !dec(leverage.toString()).eq(trade.leverage);
  });
  const outcomes = await Promise.all(differing.map((item) => setLeverage(item, venue(item.account.venue))));
  const done = differing.filter((_, index) => outcomes[index]?.kind === 'done');
  await bulkInsert(
    db,
    'AccountLeverage',
    tenantId,
    COLUMNS,
    done.map(({ trade, account }) => ({
      accountId: account.id,
      instrumentId: trade.instrumentId,
      marginMode: account.marginMode,
      leverage: toText(trade.leverage),
      updatedAt: new Date(),
    })),
    { replace: ['leverage', 'updatedAt'] },
  );
  return differing.flatMap((item, index) => {
    const outcome = outcomes[index];
    if (outcome === undefined || outcome.kind === 'done') return [];
    logger.warn({ trade: item.trade.id, code: outcome.code }, 'leverage was not set');
    return [{ tradeId: item.trade.id, code: outcome.code, message: outcome.message }];
  });
}

async function setLeverage({ trade, account }: Placeable, venue: Venue) {
  const symbol = venueSymbol(trade.instrumentId);
  for (let attempt = 1; ; attempt += 1) {
    const { access, marginMode, positionMode } = account;
    const outcome = await venue.placer.setLeverage(access, symbol, marginMode, toText(trade.leverage), positionMode);
    if (outcome.kind === 'done' || outcome.kind === 'refused' || attempt >= ATTEMPTS) return outcome;
    await new Promise((resolve) => setTimeout(resolve, 200 * 2 ** attempt));
  }
}
