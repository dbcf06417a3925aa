import type { Dec } from '@/domain/decimal';
import { valueAccount, valuePosition } from '../engine/margin';
import { type Account, type AlgoOrder, type Order, type Position, positionSign } from '../engine/model';
import type { Venue } from '../engine/venue';
import { CANCEL_SOURCE } from '../okx/codes';
import { ACCOUNT_LEVEL } from '../okx/settings';

/* What the control API shows of the venue. */

function text(value: Dec): string {
  return value.toDecimalPlaces(18).toFixed();
}

export function orderView(order: Order): Record<string, unknown> {
  return {
    account: order.uid,
    instId: order.instId,
    clOrdId: order.clOrdId,
    ordId: order.ordId,
    state: order.state,
    side: order.side,
    posSide: order.posSide,
    reduceOnly: order.reduceOnly,
    ordType: order.ordType,
    px: order.px ? text(order.px) : null,
    sz: text(order.sz),
    fillSz: text(order.accFillSz),
    avgPx: order.accFillSz.isZero() ? null : text(order.avgPx),
    fee: text(order.fee),
    pnl: text(order.pnl),
    tag: order.tag,
    lever: order.lever,
    tdMode: order.tdMode,
    category: order.category,
    cancelSource: order.cancelReason ? CANCEL_SOURCE[order.cancelReason] : '',
    algoId: order.algoId,
    createdAt: order.createdAt,
    acceptedAt: order.acceptedAt,
    filledAt: order.filledAt,
    updatedAt: order.uTime,
  };
}

export function accountView(venue: Venue, account: Account): Record<string, unknown> {
  const equity = valueAccount(venue.market, account);
  return {
    account: account.uid,
    owner: account.owner,
    label: account.label,
    posMode: account.posMode,
    acctLv: ACCOUNT_LEVEL[account.level],
    perm: account.perm,
    ip: account.ip,
    createdAt: account.createdAt,
    cash: text(account.cash),
    coins: Object.fromEntries([...account.coins].map(([ccy, amount]) => [ccy, text(amount)])),
    equity: text(equity.total),
    available: text(equity.available),
    openPositions: [...account.positions.values()].filter((position) => !position.pos.isZero()).length,
    pendingOrders: account.pending.size,
    orders: account.orders.size,
    fills: account.fills.length,
    leverage: Object.fromEntries(account.leverage),
  };
}

export function algoView(algo: AlgoOrder): Record<string, unknown> {
  return {
    account: algo.uid,
    algoId: algo.algoId,
    algoClOrdId: algo.algoClOrdId,
    instId: algo.instId,
    ordType: algo.ordType,
    side: algo.side,
    posSide: algo.posSide,
    sz: algo.sz,
    slTriggerPx: algo.slTriggerPx,
    tpTriggerPx: algo.tpTriggerPx,
    state: algo.state,
    ordId: algo.ordId,
  };
}

export function positionView(venue: Venue, position: Position): Record<string, unknown> {
  const value = valuePosition(venue.market, position);
  return {
    account: position.uid,
    instId: position.instId,
    posSide: position.posSide,
    mgnMode: position.mgnMode,
    pos: text(position.pos),
    signedPos: text(position.pos.abs().times(positionSign(position))),
    avgPx: text(position.avgPx),
    lever: text(position.lever),
    margin: text(position.margin),
    upl: text(value.upl),
    notional: text(value.notional),
    realizedPnl: text(position.pnl.plus(position.fee).plus(position.fundingFee).plus(position.liqPenalty)),
    updatedAt: position.uTime,
  };
}
