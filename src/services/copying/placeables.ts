import { isEqual, ZERO } from '@/domain/decimal';
import { type Approved, withoutChecks } from '@/domain/risk/assess';
import type { TradingAccount } from '../execution/accounts';
import type { Placeable } from '../execution/order-executor';
import type { TradeRecord } from '../execution/trade-record';
import type { WrittenTrade } from './write-ahead';

/** What trades were written for. */
type Origin = {
  readonly signalId: string;
  readonly instrumentId: string;
  /** The part of the signal's plan; absent: the trades are rows. */
  readonly part?: number;
};

/** The orders of a part that is written ahead, ready to be sent, and those whose account's key does not open. */
export function toPlaceables(
  origin: Origin,
  written: readonly WrittenTrade[],
  accounts: ReadonlyMap<string, TradingAccount>,
): { readonly items: readonly Placeable[]; readonly unreadable: readonly WrittenTrade[] } {
  const items: Placeable[] = [];
  const unreadable: WrittenTrade[] = [];
  for (const trade of written) {
    if (trade.decision.outcome !== 'order') continue;
    const { approved } = trade.decision;
    const { follower } = trade;
    const account = accounts.get(follower.snapshot.accountId);
    if (account === undefined) {
      unreadable.push(trade);
      continue;
    }
    const { leverageSet: noted, leverageTrusted } = follower;
    const leverageSet = leverageTrusted && noted !== null && isEqual(noted, approved.order.leverage);
    items.push({
      // The checks are written: nobody needs them while the order is on its way.
      approved: withoutChecks(approved),
      account,
      leverageSet,
      ...(leverageSet ? {} : { withLeverage: trade.withLeverage }),
      ...(origin.part === undefined ? {} : { part: origin.part }),
      trade: freshTrade(origin, trade, approved),
    });
  }
  return { items, unreadable };
}

/** The row as it was just written, field by field: spreading objects took longer than all else here. */
function freshTrade(
  { signalId, instrumentId }: Origin,
  { id, sendBy, follower }: WrittenTrade,
  { order }: Approved,
): TradeRecord {
  const { subscriptionId, customerId, accountId } = follower.snapshot;
  return {
    id,
    signalId,
    strategyId: follower.strategyId,
    subscriptionId,
    customerId,
    accountId,
    instrumentId,
    leg: order.leg,
    side: order.side,
    positionSide: order.positionSide,
    reduceOnly: order.reduceOnly,
    orderType: order.orderType,
    limitPrice: order.limitPrice,
    leverage: order.leverage,
    quantity: order.quantity,
    status: 'planned',
    code: null,
    venueOrderId: null,
    sendBy,
    attempts: 0,
    filledQuantity: ZERO,
    filledValue: ZERO,
    fee: ZERO,
    realizedPnl: ZERO,
    bookedQuantity: ZERO,
    bookedValue: ZERO,
    ackedAt: null,
  };
}
