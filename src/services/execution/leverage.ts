import { type Dec, dec, isAboveZero, isEqual, toText } from '@/domain/decimal';
import { type MarginMode, type Venue, type VenueAccount, VenueError } from '@/exchanges/port';
import { currentTime } from '@/platform/clock';
import { Prisma, type TenantClient } from '@/platform/database/database';
import { IS_TRUSTED } from './leverage-notes';
import { BREAKER_LOOK, type ExecutionLimits, mayStart, type Placeable, pause, type Withheld } from './order-executor';
import { venueSymbol } from './trade-record';

/** Pauses between two attempts to set a leverage, ms: the first and the longest. Setting it twice does no harm. */
const FIRST_PAUSE = 400;
const LONGEST_PAUSE = 3000;

/** `setting`: refused because the account's settings are other ones. */
export type LeverageFailure = { readonly code: string; readonly message: string; readonly setting?: true };

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
        AND marginMode = ${account.marginMode} AND leverage = ${toText(trade.leverage)} AND ${Prisma.raw(IS_TRUSTED)}
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
 * set       the account uses the leverage that was decided
 * fixed     what rests at the venue keeps it at this one
 * withheld  a kill switch lets nothing leave for the entry, its leverage neither
 * failed    it is not known: an order with another leverage than decided is a wrong order
 */
export type Levered =
  | { readonly kind: 'set' }
  | { readonly kind: 'fixed'; readonly leverage: Dec }
  | { readonly kind: 'withheld'; readonly withheld: Withheld }
  | ({ readonly kind: 'failed' } & LeverageFailure);

/**
 * Sets the leverage of one entry, again and again until the moment that `until` says and while neither the venue nor a kill switch
 * refuses; a venue that is gone is waited for. What rests there is never taken back for it.
 */
export async function setLeverage(
  { trade, account }: Placeable,
  venue: Venue,
  until: () => number,
  limits: ExecutionLimits,
): Promise<Levered> {
  const { signal } = limits;
  const symbol = venueSymbol(trade.instrumentId);
  const { access, marginMode, positionMode } = account;
  const breaker = venue.breaker(account.mode);
  for (let wait = FIRST_PAUSE; ; wait = Math.min(wait * 2, LONGEST_PAUSE)) {
    while (!breaker.reachable && !signal.aborted && currentTime() + BREAKER_LOOK < until()) {
      await pause(BREAKER_LOOK * (0.5 + Math.random()), signal);
    }
    const withheld = limits.withheld?.(trade) ?? null;
    if (withheld !== null) return { kind: 'withheld', withheld };
    const leverage = toText(trade.leverage);
    const allowed = mayStart(trade, limits);
    const outcome = await venue.placer.setLeverage(access, symbol, marginMode, leverage, positionMode, allowed);
    if (outcome.kind === 'done') return { kind: 'set' };
    const standing = outcome.fixed ? await askLeverage(venue, access, symbol, marginMode) : null;
    if (standing?.kind === 'fixed') return standing;
    const { code, message } = standing ?? outcome;
    const final = outcome.kind === 'refused' && !standing?.retryable;
    const setting = outcome.kind === 'refused' && outcome.setting ? ({ setting: true } as const) : {};
    if (final || signal.aborted || currentTime() + wait >= until())
      return { kind: 'failed', code, message, ...setting };
    await pause(wait * (0.5 + Math.random()), signal);
  }
}

async function askLeverage(
  venue: Venue,
  access: VenueAccount,
  symbol: string,
  marginMode: MarginMode,
): Promise<
  Extract<Levered, { kind: 'fixed' }> | (LeverageFailure & { readonly kind: 'failed'; readonly retryable: boolean })
> {
  try {
    return { kind: 'fixed', leverage: dec(await venue.account(access).getLeverage(symbol, marginMode)) };
  } catch (error) {
    if (!(error instanceof VenueError)) throw error;
    const { code, message, retryable } = error;
    return { kind: 'failed', code, message, retryable };
  }
}

/**
 * Whether an order may leave with the leverage that the account is kept at: every limit allows it, and the size is the one that it leads
 * to. Null: it may; else the code and the numbers of its sentence.
 */
export function refuseLeverage({ trade, account, withLeverage }: Placeable, leverage: Dec): Withheld | null {
  if (isEqual(leverage, trade.leverage)) return null;
  const decision = isAboveZero(leverage) ? withLeverage?.(leverage) : undefined;
  if (decision?.outcome === 'denied') return { code: decision.code, context: decision.context };
  if (decision !== undefined && isEqual(decision.approved.order.quantity, trade.quantity)) return null;
  const context = { leverage: toText(leverage), wanted: toText(trade.leverage), venue: account.venue };
  return { code: 'LEVERAGE_FIXED', context };
}
