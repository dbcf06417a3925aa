import { averagePrice } from './average-price';
import { type Dec, dec, isAboveZero, minDec, quantize, ZERO } from './decimal';
import { type Instrument, notional } from './instrument';
import type { OrderSide } from './risk/types';
import type { PositionSide } from './signal';

/** A subscription's own position in one instrument, made of its own fills. Money in quote currency. */
export type OwnPosition = {
  /** Null when flat. */
  readonly side: PositionSide | null;
  /** Contracts, ≥ 0. */
  readonly quantity: Dec;
  /** Average entry · quantity · contract value. Kept instead of the average, which is not always a finite decimal. */
  readonly cost: Dec;
  /** Without fees. */
  readonly realizedPnl: Dec;
  /** Paid, > 0; rebates < 0. */
  readonly fees: Dec;
};

export type PositionFill = {
  readonly side: OrderSide;
  /** Contracts, > 0. */
  readonly quantity: Dec;
  readonly price: Dec;
  /** Paid, > 0; rebates < 0. */
  readonly fee: Dec;
};

export const FLAT_POSITION: OwnPosition = { side: null, quantity: ZERO, cost: ZERO, realizedPnl: ZERO, fees: ZERO };

/** Size-weighted average entry price; null when flat. */
export function averageEntry(position: OwnPosition, instrument: Pick<Instrument, 'contractValue'>): Dec | null {
  return averagePrice(instrument, position.quantity, position.cost);
}

/**
 * Books a fill. Adding averages by size, reducing keeps the average and realises s·(close − avg)·Q, and what exceeds the
 * position opens the other side. Every amount has at most 18 decimals, and profit neither appears nor gets lost:
 * realised pnl = money received − money paid + s·cost of what is still open.
 */
export function applyFill(
  position: OwnPosition,
  fill: PositionFill,
  instrument: Pick<Instrument, 'contractValue'>,
): OwnPosition {
  if (!isAboveZero(fill.quantity)) throw new RangeError('A fill has a quantity above zero');
  const direction: PositionSide = fill.side === 'buy' ? 'long' : 'short';
  const fees = position.fees.plus(fill.fee);
  const { side, quantity, cost } = position;
  if (side === null || quantity.isZero() || side === direction) {
    return {
      side: direction,
      quantity: quantity.plus(fill.quantity),
      cost: quantize(cost.plus(notional(instrument, fill.quantity, fill.price))),
      realizedPnl: position.realizedPnl,
      fees,
    };
  }

  const closed = minDec(fill.quantity, quantity);
  const left = quantity.minus(closed);
  const costClosed = left.isZero() ? cost : quantize(cost.times(closed).div(quantity));
  const proceeds = quantize(notional(instrument, closed, fill.price));
  const gain = side === 'long' ? proceeds.minus(costClosed) : costClosed.minus(proceeds);
  const realizedPnl = position.realizedPnl.plus(gain);
  const excess = fill.quantity.minus(closed);
  if (isAboveZero(excess)) {
    const opened = quantize(notional(instrument, excess, fill.price));
    return { side: direction, quantity: excess, cost: opened, realizedPnl, fees };
  }
  return { side: left.isZero() ? null : side, quantity: left, cost: cost.minus(costClosed), realizedPnl, fees };
}

/**
 * Books a fill of an order that closes: the position ends at most, its other side is never opened. What exceeds it closed
 * something that this book does not have (opened by hand, or taken out by a repair of drift); of that only the fee counts.
 */
export function applyClosingFill(
  position: OwnPosition,
  fill: PositionFill,
  instrument: Pick<Instrument, 'contractValue'>,
): OwnPosition {
  const quantity = minDec(fill.quantity, position.quantity);
  if (quantity.isZero()) return { ...position, fees: position.fees.plus(fill.fee) };
  return applyFill(position, { ...fill, quantity }, instrument);
}

/** Takes a part off at what it cost, where nobody tells at what price it went: nothing is realised. */
export function reduceAtCost(position: OwnPosition, quantity: Dec): OwnPosition {
  const taken = minDec(quantity, position.quantity);
  if (taken.isZero()) return position;
  const left = position.quantity.minus(taken);
  const cost = left.isZero() ? ZERO : quantize(position.cost.times(left).div(position.quantity));
  return { ...position, side: left.isZero() ? null : position.side, quantity: left, cost };
}

/** s·(mark − avg)·Q, in quote currency. */
export function unrealizedPnl(position: OwnPosition, mark: Dec, instrument: Pick<Instrument, 'contractValue'>): Dec {
  if (position.side === null) return dec(0);
  const worth = notional(instrument, position.quantity, mark);
  return position.side === 'long' ? worth.minus(position.cost) : position.cost.minus(worth);
}
