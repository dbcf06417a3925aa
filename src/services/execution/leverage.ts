import { toText } from '@/domain/decimal';
import type { Venue, VenuePosition } from '@/exchanges/port';
import { type BulkColumns, bulkInsert } from '@/platform/database/bulk';
import { Prisma, type TenantClient } from '@/platform/database/database';
import { BREAKER_LOOK, type ExecutionLimits, mayStart, type Placeable, pause, type Withheld } from './order-executor';
import { venueSymbol } from './trade-record';

const COLUMNS = {
  accountId: 'CHAR(32)',
  instrumentId: 'VARCHAR(64)',
  marginMode: 'VARCHAR(64)',
  leverage: 'DECIMAL(36,18)',
  updatedAt: 'DATETIME(3)',
} as const satisfies BulkColumns;

/** Pauses between two attempts to set a leverage, ms: the first and the longest. Setting it twice does no harm. */
const FIRST_PAUSE = 400;
const LONGEST_PAUSE = 3000;

/** @property withheld a kill switch lets nothing leave for the entry, its leverage neither */
export type LeverageFailure =
  | { readonly code: string; readonly message: string; readonly withheld?: undefined }
  | { readonly withheld: Withheld };

/** Entries whose account is not known to use the leverage that was decided. */
export async function entriesToLever(
  db: TenantClient,
  tenantId: string,
  items: readonly Placeable[],
): Promise<readonly Placeable[]> {
  const opens = items.filter((item) => item.trade.leg === 'open' && item.leverageSet !== true);
  const missing = opens.filter((item) => item.leverageSet === false);
  for (const entries of alike(opens.filter((item) => item.leverageSet === undefined))) {
    const [first] = entries;
    if (first === undefined) continue;
    const { trade, account } = first;
    const known = await db.$queryRaw<{ accountId: string }[]>(
      Prisma.sql`SELECT accountId FROM AccountLeverage WHERE tenantId = ${tenantId} AND instrumentId = ${trade.instrumentId}
        AND marginMode = ${account.marginMode} AND leverage = ${toText(trade.leverage)}
        AND accountId IN (${Prisma.join(entries.map((entry) => entry.account.id))})`,
    );
    const set = new Set(known.map(({ accountId }) => accountId));
    missing.push(...entries.filter((entry) => !set.has(entry.account.id)));
  }
  return missing;
}

/** Entries that want the same leverage of the same instrument: most signals have one such group. */
function alike(entries: readonly Placeable[]): Iterable<readonly Placeable[]> {
  const groups = new Map<string, Placeable[]>();
  for (const entry of entries) {
    const { trade, account } = entry;
    const key = `${trade.instrumentId}|${account.marginMode}|${toText(trade.leverage)}`;
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [entry]);
    else group.push(entry);
  }
  return groups.values();
}

/**
 * Sets the leverage of one entry, again and again until the moment that `until` says and while neither the venue nor a kill switch
 * refuses; a venue that is gone is waited for. Answers why the order must not be sent (an order with another leverage than decided is
 * a wrong order), or null when it is set.
 */
export async function setLeverage(
  { trade, account }: Placeable,
  venue: Venue,
  until: () => number,
  limits: ExecutionLimits,
): Promise<LeverageFailure | null> {
  const { signal } = limits;
  const symbol = venueSymbol(trade.instrumentId);
  const { access, marginMode, positionMode } = account;
  const breaker = venue.breaker(account.mode);
  for (let wait = FIRST_PAUSE; ; wait = Math.min(wait * 2, LONGEST_PAUSE)) {
    while (!breaker.reachable && !signal.aborted && Date.now() + BREAKER_LOOK < until()) {
      await pause(BREAKER_LOOK * (0.5 + Math.random()), signal);
    }
    const withheld = limits.withheld?.(trade) ?? null;
    if (withheld !== null) return { withheld };
    const leverage = toText(trade.leverage);
    const allowed = mayStart(trade, limits);
    const outcome = await venue.placer.setLeverage(access, symbol, marginMode, leverage, positionMode, allowed);
    if (outcome.kind === 'done') return null;
    if (outcome.kind === 'refused' || signal.aborted || Date.now() + wait >= until()) return outcome;
    await pause(wait * (0.5 + Math.random()), signal);
  }
}

/** Forgets what was noted where positions at the venue use another leverage: somebody changed it by hand. */
export async function forgetOtherLeverages(
  db: TenantClient,
  account: { readonly id: string; readonly venue: string },
  held: readonly Pick<VenuePosition, 'symbol' | 'marginMode' | 'leverage'>[],
): Promise<void> {
  if (held.length === 0) return;
  await db.accountLeverage.deleteMany({
    where: {
      accountId: account.id,
      OR: held.map(({ symbol, marginMode, leverage }) => ({
        instrumentId: `${account.venue}:${symbol}`,
        marginMode,
        leverage: { not: leverage },
      })),
    },
  });
}

/** Notes what was set, so that it need not be set again. */
export async function rememberLeverages(
  db: TenantClient,
  tenantId: string,
  items: readonly Placeable[],
): Promise<void> {
  await bulkInsert(
    db,
    'AccountLeverage',
    tenantId,
    COLUMNS,
    items.map(({ trade, account }) => ({
      accountId: account.id,
      instrumentId: trade.instrumentId,
      marginMode: account.marginMode,
      leverage: toText(trade.leverage),
      updatedAt: new Date(),
    })),
    { replace: ['leverage', 'updatedAt'] },
  );
}
