import { type Dec, dec, minDec, ZERO } from '@/domain/decimal';
import {
  averageAfterAdding,
  initialMargin,
  MAKER_RATE,
  quantity,
  realizedPnl,
  TAKER_RATE,
  tradeFee,
} from './arithmetic';
import {
  type Account,
  leverageOf,
  type Order,
  type OrderCategory,
  opensHedge,
  type Position,
  type PositionEnding,
  positionKey,
  positionSign,
} from './model';
import type { Venue } from './venue';

export interface FillEffect {
  readonly position: Position;
  readonly pnl: Dec;
  readonly fee: Dec;
  readonly feeRate: Dec;
  /** Change of the account's cash, margin movements of isolated positions included. */
  readonly cashChange: Dec;
  /** Whether the position got smaller. */
  readonly closed: boolean;
}

function findOrMake(venue: Venue, account: Account, order: Order): Position {
  const key = positionKey(order.instId, order.posSide, order.tdMode);
  const known = account.positions.get(key);
  if (known) return known;
  const now = venue.clock.now();
  const position: Position = {
    uid: account.uid,
    instId: order.instId,
    mgnMode: order.tdMode,
    posSide: order.posSide,
    posId: venue.ids.next(),
    pos: ZERO,
    avgPx: ZERO,
    lever: dec(order.lever),
    margin: ZERO,
    pnl: ZERO,
    fee: ZERO,
    fundingFee: ZERO,
    liqPenalty: ZERO,
    closedSz: ZERO,
    closedValue: ZERO,
    maxPos: ZERO,
    tradeId: '',
    cTime: now,
    uTime: now,
  };
  account.positions.set(key, position);
  return position;
}

/**
 * Books one execution of `size` contracts at `px` on the account: closes what it opposes, opens the rest, charges the fee
 * and moves isolated margin. Changes the position and the account's cash.
 */
export function applyFill(
  venue: Venue,
  account: Account,
  order: Order,
  px: Dec,
  size: Dec,
  taker: boolean,
): FillEffect {
  const { instrument } = venue.market.quote(order.instId);
  const position = findOrMake(venue, account, order);
  const now = venue.clock.now();
  const feeRate = taker ? TAKER_RATE : MAKER_RATE;
  const fee = tradeFee(px, quantity(size, instrument.ctVal), feeRate);
  const sign = positionSign(position);
  const closes =
    order.posSide === 'net'
      ? sign !== 0 && (order.side === 'buy') !== (sign === 1)
      : !opensHedge(order.side, order.posSide);
  const closed = closes ? minDec(size, position.pos.abs()) : ZERO;
  const opened = order.posSide !== 'net' && closes ? ZERO : size.minus(closed);
  if (sign === 0) beginPosition(position, account, order, now);

  let pnl = ZERO;
  let cashChange = fee;
  position.fee = position.fee.plus(fee);
  if (closed.gt(0) && sign !== 0) {
    pnl = realizedPnl(sign, position.avgPx, px, quantity(closed, instrument.ctVal));
    const released = position.margin.times(closed).div(position.pos.abs());
    cashChange = cashChange.plus(pnl).plus(released);
    position.margin = position.margin.minus(released);
    position.pnl = position.pnl.plus(pnl);
    position.closedSz = position.closedSz.plus(closed);
    position.closedValue = position.closedValue.plus(px.times(closed));
    position.pos = position.pos.minus(position.posSide === 'short' ? closed : closed.times(sign));
    recordClosed(venue, account, position, sign, order.category, now);
    if (position.pos.isZero() && opened.gt(0)) beginPosition(position, account, order, now);
  }
  if (opened.gt(0)) {
    position.avgPx = averageAfterAdding(position.avgPx, position.pos, px, opened);
    position.pos = position.pos.plus(order.posSide === 'net' && order.side === 'sell' ? opened.neg() : opened);
    if (position.pos.abs().gt(position.maxPos)) position.maxPos = position.pos.abs();
    if (position.mgnMode === 'isolated') {
      const added = initialMargin(px, quantity(opened, instrument.ctVal), position.lever);
      position.margin = position.margin.plus(added);
      cashChange = cashChange.minus(added);
    }
  }
  position.uTime = now;
  account.cash = account.cash.plus(cashChange);
  account.uTime = now;
  return { position, pnl, fee, feeRate, cashChange, closed: closed.gt(0) };
}

function beginPosition(position: Position, account: Account, order: Order, now: number): void {
  position.avgPx = ZERO;
  position.margin = ZERO;
  position.pnl = ZERO;
  position.fee = ZERO;
  position.fundingFee = ZERO;
  position.liqPenalty = ZERO;
  position.closedSz = ZERO;
  position.closedValue = ZERO;
  position.maxPos = ZERO;
  position.cTime = now;
  position.lever = dec(leverageOf(account, order.instId, order.tdMode, order.posSide));
}

const ENDINGS: Readonly<Record<OrderCategory, readonly [whole: PositionEnding, part: PositionEnding]>> = {
  normal: ['closed', 'partly-closed'],
  full_liquidation: ['liquidated', 'partly-liquidated'],
  partial_liquidation: ['liquidated', 'partly-liquidated'],
  adl: ['deleveraged', 'partly-deleveraged'],
  delivery: ['closed', 'partly-closed'],
};

function recordClosed(
  venue: Venue,
  account: Account,
  position: Position,
  sign: 1 | -1,
  category: OrderCategory,
  now: number,
): void {
  const [whole, part] = ENDINGS[category];
  venue.accounts.putClosed(account, {
    uid: account.uid,
    posId: position.posId,
    instId: position.instId,
    mgnMode: position.mgnMode,
    posSide: position.posSide,
    direction: sign === 1 ? 'long' : 'short',
    lever: position.lever,
    openAvgPx: position.avgPx,
    closeAvgPx: position.closedValue.div(position.closedSz),
    closeTotalPos: position.closedSz,
    openMaxPos: position.maxPos,
    pnl: position.pnl,
    fee: position.fee,
    fundingFee: position.fundingFee,
    liqPenalty: position.liqPenalty,
    ending: position.pos.isZero() ? whole : part,
    cTime: position.cTime,
    uTime: now,
  });
}
