import { type Dec, isAboveZero, isEqual } from '@/domain/decimal';
import { VENUE_UNREACHABLE } from '@/exchanges/port';
import { currentTime } from '@/platform/clock';
import { type LeverageFailure, refuseLeverage, setLeverage } from './leverage';
import { type KnownLeverage, rememberLeverages } from './leverage-notes';
import type { Placeable, Withheld } from './order-executor';
import type { PhaseDeps, PhaseOrders } from './phase-orders';

/** A leverage that cannot be set is given up this long before the signal is, so that the receipt says why, ms. */
const LEVERAGE_MARGIN = 2000;

type Sending = Pick<PhaseDeps, 'database' | 'executor' | 'book' | 'venue' | 'logger'>;
type Orders = Pick<PhaseOrders, 'tenantId' | 'limits' | 'mayExist' | 'patience'>;

/** Sends each entry as soon as its own leverage is set: one slow account holds up no other. */
export async function leverAndSend(deps: Sending, orders: Orders, items: readonly Placeable[]): Promise<void> {
  if (items.length === 0) return;
  const { database, executor, venue, logger } = deps;
  const { limits, mayExist: perhaps, patience, tenantId } = orders;
  const until = () => Math.min(limits.freshUntil, patience.until - LEVERAGE_MARGIN);
  const known: KnownLeverage[] = [];
  const sending: Promise<void>[] = [];
  await Promise.all(
    items.map(async (item) => {
      const mayExist = perhaps.has(item.trade.id);
      if (mayExist) {
        const found = await executor.resolve(item.trade, item.account, item.trade.sendBy, limits.signal);
        if (found !== 'absent') return;
      }
      const began = performance.now();
      const levered = await setLeverage(item, venue(item.account.venue), until, limits);
      if (levered.kind === 'failed' && levered.setting) {
        const after = await executor.deps.settings?.afterRefusal(item, began, limits);
        if (after?.kind === 'again') {
          // Its leverage was set with the settings as they are.
          sending.push(executor.execute(after.item, limits, false));
          return;
        }
        if (after?.kind === 'withheld') {
          withhold(deps, orders, item, after.withheld, mayExist);
          return;
        }
      }
      if (levered.kind === 'withheld') {
        logger.warn({ trade: item.trade.id, code: levered.withheld.code }, 'leverage was not set');
        withhold(deps, orders, item, levered.withheld, mayExist);
        return;
      }
      if (levered.kind === 'failed') {
        logger.warn({ trade: item.trade.id, code: levered.code }, 'leverage was not set');
        giveUp(deps, orders, item, levered, mayExist);
        return;
      }
      const fixed = levered.kind === 'fixed';
      const leverage = fixed ? levered.leverage : item.trade.leverage;
      if (isAboveZero(leverage)) known.push({ item, leverage, fixed });
      const refusal = fixed ? refuseLeverage(item, leverage) : null;
      if (refusal === null) sending.push(executor.execute(withLeverage(deps, orders, item, leverage), limits, false));
      else withhold(deps, orders, item, refusal, mayExist);
    }),
  );
  // Should it not be noted, it is set once more with the next entry.
  await rememberLeverages(database.forTenant(tenantId), tenantId, known).catch((error: Error) =>
    logger.warn({ reason: error.message }, 'leverages were not noted'),
  );
  await Promise.all(sending);
}

/** The order with the leverage that the venue will use for it, told before its outcome is. */
function withLeverage({ book }: Sending, { tenantId }: Orders, item: Placeable, leverage: Dec): Placeable {
  if (isEqual(leverage, item.trade.leverage)) return item;
  book.report(tenantId, { kind: 'levered', tradeId: item.trade.id, leverage });
  return { ...item, trade: { ...item.trade, leverage } };
}

function withhold(
  { book }: Sending,
  { limits, tenantId }: Orders,
  { trade }: Placeable,
  refusal: Withheld,
  mayHaveLeft: boolean,
): void {
  if (limits.signal.aborted || !limits.maySend()) return;
  book.report(tenantId, { kind: 'expired', tradeId: trade.id, at: currentTime(), ...refusal, mayHaveLeft });
}

function giveUp(
  { book }: Sending,
  { limits, tenantId }: Orders,
  { trade }: Placeable,
  { code, message }: LeverageFailure,
  wasSent: boolean,
): void {
  if (limits.signal.aborted || !limits.maySend()) return;
  const tradeId = trade.id;
  const at = currentTime();
  if (code === VENUE_UNREACHABLE) {
    const context = limits.lateness?.(trade) ?? {};
    book.report(tenantId, { kind: 'expired', tradeId, code, at, context, mayHaveLeft: wasSent });
    return;
  }
  if (wasSent) {
    book.report(tenantId, { kind: 'expired', tradeId, code: `LEVERAGE_${code}`, at, mayHaveLeft: true });
    return;
  }
  const outcome = { kind: 'refused', code: `LEVERAGE_${code}`, message, at } as const;
  book.report(tenantId, { kind: 'placement', tradeId, outcome, attempt: 0, sentAt: at });
}
