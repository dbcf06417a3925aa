import { type Dec, dec, maxDec, ZERO } from '@/domain/decimal';
import {
  crossLiquidationPx,
  initialMargin,
  isolatedLiquidationPx,
  maintenanceMargin,
  quantity,
  TAKER_RATE,
  unrealizedPnl,
} from './arithmetic';
import { collateral } from './coins';
import type { Market } from './market';
import {
  type Account,
  leverageOf,
  type Order,
  opensHedge,
  type Position,
  positionKey,
  positionSign,
  remaining,
} from './model';

export interface PositionValue {
  readonly sign: 1 | -1 | 0;
  readonly base: Dec;
  readonly upl: Dec;
  readonly imr: Dec;
  readonly mmr: Dec;
  readonly notional: Dec;
}

/** A position at the venue's mark price. */
export function valuePosition(market: Market, position: Position): PositionValue {
  const { instrument, mark } = market.quote(position.instId);
  const base = quantity(position.pos, instrument.ctVal);
  const sign = positionSign(position);
  return {
    sign,
    base,
    upl: unrealizedPnl(sign, position.avgPx, mark, base),
    imr: position.mgnMode === 'cross' ? initialMargin(mark, base, position.lever) : position.margin,
    mmr: maintenanceMargin(mark, base, instrument.mmr),
    notional: mark.times(base),
  };
}

export interface Equity {
  /** cash + cross profit + isolated margin and profit. */
  readonly total: Dec;
  /** What carries cross positions: cash, cross profit, and other currencies where they are margin. */
  readonly crossEquity: Dec;
  readonly crossUpl: Dec;
  readonly crossImr: Dec;
  readonly crossMmr: Dec;
  readonly crossNotional: Dec;
  readonly isolatedEquity: Dec;
  readonly isolatedUpl: Dec;
  readonly ordFrozen: Dec;
  /** What new orders may use; never negative. */
  readonly available: Dec;
}

export function valueAccount(market: Market, account: Account): Equity {
  let crossUpl = ZERO;
  let crossImr = ZERO;
  let crossMmr = ZERO;
  let crossNotional = ZERO;
  let isolatedEquity = ZERO;
  let isolatedUpl = ZERO;
  for (const position of account.positions.values()) {
    if (position.pos.isZero()) continue;
    const value = valuePosition(market, position);
    if (position.mgnMode === 'cross') {
      crossUpl = crossUpl.plus(value.upl);
      crossImr = crossImr.plus(value.imr);
      crossMmr = crossMmr.plus(value.mmr);
      crossNotional = crossNotional.plus(value.notional);
    } else {
      isolatedEquity = isolatedEquity.plus(position.margin).plus(value.upl);
      isolatedUpl = isolatedUpl.plus(value.upl);
    }
  }
  let ordFrozen = ZERO;
  for (const order of account.pending.values()) ordFrozen = ordFrozen.plus(orderMargin(market, account, order));
  const cashEquity = account.cash.plus(crossUpl);
  const crossEquity = cashEquity.plus(collateral(market, account));
  return {
    total: cashEquity.plus(isolatedEquity),
    crossEquity,
    crossUpl,
    crossImr,
    crossMmr,
    crossNotional,
    isolatedEquity,
    isolatedUpl,
    ordFrozen,
    available: maxDec(ZERO, crossEquity.minus(crossImr).minus(ordFrozen)),
  };
}

/** Contracts of a net-mode order, or of a closing order, that only reduce what is held. */
export function reducingSize(
  account: Account,
  order: Pick<Order, 'instId' | 'side' | 'posSide' | 'tdMode'>,
  size: Dec,
): Dec {
  const position = account.positions.get(positionKey(order.instId, order.posSide, order.tdMode));
  if (!position || position.pos.isZero()) return ZERO;
  if (order.posSide !== 'net') return opensHedge(order.side, order.posSide) ? ZERO : size;
  const reduces = position.pos.isPositive() ? order.side === 'sell' : order.side === 'buy';
  if (!reduces) return ZERO;
  const held = position.pos.abs();
  return held.lt(size) ? held : size;
}

/** Contracts not yet claimed by resting closing orders of the same position. */
export function availableToClose(account: Account, position: Position): Dec {
  let free = position.pos.abs();
  if (position.posSide === 'net') return position.pos;
  for (const order of account.pending.values()) {
    if (order.instId !== position.instId || order.posSide !== position.posSide || order.tdMode !== position.mgnMode)
      continue;
    if ((order.side === 'sell') === (position.posSide === 'long')) free = free.minus(remaining(order));
  }
  return free.isNegative() ? ZERO : free;
}

/** Margin and taker fee an order needs for the part of it that opens. */
export function marginFor(
  market: Market,
  account: Account,
  order: Pick<Order, 'instId' | 'side' | 'posSide' | 'tdMode' | 'reduceOnly' | 'px'>,
  size: Dec,
): Dec {
  if (order.reduceOnly) return ZERO;
  if (order.posSide !== 'net' && !opensHedge(order.side, order.posSide)) return ZERO;
  const opening = size.minus(reducingSize(account, order, size));
  if (opening.isZero()) return ZERO;
  const quote = market.quote(order.instId);
  const px = order.px ?? (order.side === 'buy' ? quote.ask : quote.bid);
  const notional = px.times(quantity(opening, quote.instrument.ctVal));
  const lever = dec(leverageOf(account, order.instId, order.tdMode, order.posSide));
  return notional.div(lever).plus(notional.times(TAKER_RATE));
}

function orderMargin(market: Market, account: Account, order: Order): Dec {
  return marginFor(market, account, order, remaining(order));
}

/** Liquidation price, or undefined where no price above zero liquidates. */
export function liquidationPx(market: Market, account: Account, position: Position): Dec | undefined {
  const value = valuePosition(market, position);
  if (value.sign === 0) return undefined;
  const { mmr } = market.quote(position.instId).instrument;
  let px: Dec;
  if (position.mgnMode === 'isolated') {
    px = isolatedLiquidationPx(value.sign, position.avgPx, value.base, position.margin, mmr);
  } else {
    const equity = valueAccount(market, account);
    const others = equity.crossMmr.minus(value.mmr).plus(equity.crossNotional.minus(value.notional).times(TAKER_RATE));
    const free = equity.crossEquity.minus(value.upl).minus(others);
    px = crossLiquidationPx(value.sign, position.avgPx, value.base, free, mmr);
  }
  return px.gt(0) ? px : undefined;
}
