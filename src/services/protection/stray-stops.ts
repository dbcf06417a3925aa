import { FOUND_AT_VENUE } from '@/domain/order-note-text';
import type { Venue } from '@/exchanges/port';
import type { Cipher } from '@/platform/cipher';
import { type Database, Prisma } from '@/platform/database/database';
import type { Logger } from '@/platform/log';
import { openAccounts } from '../execution/accounts';
import { askStop, endedUnfilled, WITHDRAWN } from '../execution/ask-stop';
import type { ExecutionTimings } from '../execution/timings';
import type { TradeBook } from '../execution/trade-book';
import { venueSymbol } from '../execution/trade-record';
import type { KillSwitchBoard } from '../safety/kill-switch-board';

export type StrayDeps = {
  readonly database: Database;
  readonly cipher: Cipher;
  readonly venue: (key: string) => Venue;
  readonly book: TradeBook;
  readonly killSwitches: Pick<KillSwitchBoard, 'withheld'>;
  readonly timings: Pick<ExecutionTimings, 'stopSendWindow'>;
  readonly logger: Logger;
};

type Stray = {
  readonly id: string;
  readonly tenantId: string;
  readonly strategyId: string;
  readonly customerId: string;
  readonly accountId: string;
  readonly instrumentId: string;
};

/** Taken up in one look. */
const AT_ONCE = 200;

/**
 * Takes stop orders back that stand at the venue although they had ended by our books, and that no position has as its own: it has
 * another one by now, or is closed. An id is given to one position once, so that none of these comes to be wanted again.
 */
export async function withdrawStrays(deps: StrayDeps, owns: (accountId: string) => boolean): Promise<void> {
  const strays = (await findStrays(deps.database)).filter(
    (stray) => owns(stray.accountId) && deps.killSwitches.withheld(stray.tenantId, { ...stray, leg: 'stop' }) === null,
  );
  for (const tenantId of new Set(strays.map((stray) => stray.tenantId))) {
    const own = strays.filter((stray) => stray.tenantId === tenantId);
    const ids = [...new Set(own.map(({ accountId }) => accountId))];
    const accounts = await openAccounts(deps.database.forTenant(tenantId), deps.cipher, tenantId, ids);
    await Promise.all(
      own.map(async (stray) => {
        const account = accounts.get(stray.accountId);
        if (account !== undefined) await withdraw(deps, stray, deps.venue(account.venue).account(account.access));
      }),
    );
  }
  await deps.book.drain();
}

/** Mostly none. */
function findStrays({ system }: Database): Promise<Stray[]> {
  return system.$queryRaw<Stray[]>(
    Prisma.sql`SELECT t.id, t.tenantId, t.strategyId, t.customerId, t.accountId, t.instrumentId
      FROM Trade t FORCE INDEX (Trade_status_updatedAt_idx)
      LEFT JOIN Protection p ON p.subscriptionId = t.subscriptionId AND p.instrumentId = t.instrumentId
        AND p.side = t.positionSide AND p.open = 1 AND p.tradeId = t.id
      JOIN Customer c ON c.id = t.customerId AND c.status = 'active'
      WHERE t.status = 'live' AND t.leg = 'stop' AND t.code = ${FOUND_AT_VENUE} AND p.tradeId IS NULL LIMIT ${AT_ONCE}`,
  );
}

async function withdraw(
  deps: StrayDeps,
  { id, tenantId, accountId, instrumentId }: Stray,
  client: ReturnType<Venue['account']>,
): Promise<void> {
  const symbol = venueSymbol(instrumentId);
  try {
    const { accepted } = await client.cancelStop(symbol, id, performance.now() + deps.timings.stopSendWindow);
    const update = accepted
      ? endedUnfilled(accountId, symbol, id, '', WITHDRAWN)
      : ((await askStop(client, accountId, symbol, id))?.update ?? null);
    if (update === null) return;
    const fills = Number(update.filledQuantity) > 0 ? await client.getFills(symbol, update.venueOrderId) : [];
    deps.book.report(tenantId, { kind: 'venue', tradeId: id, update, fills });
  } catch (error) {
    // It stands where it stood: the next look tries again.
    deps.logger.warn({ trade: id, reason: (error as Error).message }, 'a stop order that had ended was not taken back');
  }
}
