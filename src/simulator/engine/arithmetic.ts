import { type Dec, dec, ONE, ZERO } from '@/domain/decimal';

/*
 * Arithmetic of linear (USDT-margined) swaps, after OKX's documentation of positions, margin and fees.
 * `quantity` is always |contracts| × contract value, in base currency; prices are USDT per base.
 */

export const MAKER_RATE = dec('0.0002');
export const TAKER_RATE = dec('0.0005');

export function quantity(contracts: Dec, ctVal: Dec): Dec {
  return contracts.abs().times(ctVal);
}

/** sign·(mark − average)·quantity. */
export function unrealizedPnl(sign: 1 | -1 | 0, averagePx: Dec, markPx: Dec, baseQuantity: Dec): Dec {
  if (sign === 0) return ZERO;
  const move = markPx.minus(averagePx).times(baseQuantity);
  return sign === 1 ? move : move.neg();
}

/** Profit of closing `baseQuantity` at `closePx`. */
export function realizedPnl(sign: 1 | -1, averagePx: Dec, closePx: Dec, baseQuantity: Dec): Dec {
  return unrealizedPnl(sign, averagePx, closePx, baseQuantity);
}

/** Initial margin: price·quantity ÷ leverage. Cross uses the mark price, isolated the average price. */
export function initialMargin(px: Dec, baseQuantity: Dec, lever: Dec): Dec {
  return px.times(baseQuantity).div(lever);
}

export function maintenanceMargin(markPx: Dec, baseQuantity: Dec, rate: Dec): Dec {
  return markPx.times(baseQuantity).times(rate);
}

/** What the account's balance changes by: negative, a cost. */
export function tradeFee(px: Dec, baseQuantity: Dec, rate: Dec): Dec {
  return px.times(baseQuantity).times(rate).neg();
}

/** Size-weighted average price after adding `added` contracts at `px`. */
export function averageAfterAdding(averagePx: Dec, held: Dec, px: Dec, added: Dec): Dec {
  if (held.isZero()) return px;
  const total = held.abs().plus(added);
  return averagePx.times(held.abs()).plus(px.times(added)).div(total);
}

/** Price at which an isolated position's collateral covers maintenance and the closing fee no more. */
export function isolatedLiquidationPx(sign: 1 | -1, averagePx: Dec, baseQuantity: Dec, margin: Dec, mmr: Dec): Dec {
  const costs = mmr.plus(TAKER_RATE);
  return sign === 1
    ? averagePx
        .times(baseQuantity)
        .minus(margin)
        .div(baseQuantity.times(ONE.minus(costs)))
    : averagePx
        .times(baseQuantity)
        .plus(margin)
        .div(baseQuantity.times(ONE.plus(costs)));
}

/**
 * Price of this instrument at which a cross account is liquidated, everything else standing still: equity falls to the
 * sum of maintenance margins and closing fees. `otherEquity` is equity without this position's profit, less what the
 * other positions need.
 */
export function crossLiquidationPx(sign: 1 | -1, averagePx: Dec, baseQuantity: Dec, otherEquity: Dec, mmr: Dec): Dec {
  return isolatedLiquidationPx(sign, averagePx, baseQuantity, otherEquity, mmr);
}

/** Price at which closing brings everything realised so far to zero. */
export function breakEvenPx(sign: 1 | -1, averagePx: Dec, baseQuantity: Dec, realized: Dec): Dec {
  return sign === 1
    ? averagePx
        .times(baseQuantity)
        .minus(realized)
        .div(baseQuantity.times(ONE.minus(TAKER_RATE)))
    : averagePx
        .times(baseQuantity)
        .plus(realized)
        .div(baseQuantity.times(ONE.plus(TAKER_RATE)));
}

/** True where `value` is a whole multiple of `step`. Cheap for steps that are powers of ten. */
export function isMultiple(value: Dec, step: Dec): boolean {
  if (value.decimalPlaces() > step.decimalPlaces()) return false;
  return value.mod(step).isZero();
}
