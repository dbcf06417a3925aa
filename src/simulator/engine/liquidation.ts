import { minDec, ZERO } from '@/domain/decimal';
import { TAKER_RATE } from './arithmetic';
import { collateral, poolsCurrencies } from './coins';
import { cancelForRisk, forceClose } from './forced-close';
import { valueAccount, valuePosition } from './margin';
import { type Account, type Position, positionSign } from './model';
import type { Venue } from './venue';

/** Closes at the touch what margin no longer carries. Screens with plain numbers, decides with decimals. */
export function liquidate(venue: Venue): void {
  for (const account of venue.accounts.byUid.values()) {
    if (account.positions.size === 0) continue;
    for (const position of account.positions.values()) {
      if (
        position.mgnMode === 'isolated' &&
        !position.pos.isZero() &&
        venue.market.quote(position.instId).state === 'live' &&
        isolatedBroken(venue, position)
      ) {
        liquidatePosition(venue, account, position);
      }
    }
    if (maybeCrossBroken(venue, account) && crossBroken(venue, account)) {
      cancelForRisk(venue, account, (order) => order.tdMode === 'cross');
      for (const position of account.positions.values()) {
        const trades = venue.market.quote(position.instId).state === 'live';
        if (position.mgnMode === 'cross' && !position.pos.isZero() && trades)
          liquidatePosition(venue, account, position);
      }
      // Where all currencies are margin it is a debt that the others stand for.
      if (account.cash.isNegative() && !poolsCurrencies(account)) {
        // The insurance fund takes what the account cannot pay.
        account.cash = ZERO;
        venue.accounts.touch(account);
        venue.events.holdings(account, 'liquidation', []);
      }
    }
  }
}

function isolatedBroken(venue: Venue, position: Position): boolean {
  const value = valuePosition(venue.market, position);
  return position.margin.plus(value.upl).lte(value.mmr.plus(value.notional.times(TAKER_RATE)));
}

function maybeCrossBroken(venue: Venue, account: Account): boolean {
  let equity = Number(account.cash.plus(collateral(venue.market, account)));
  let need = 0;
  for (const position of account.positions.values()) {
    if (position.mgnMode !== 'cross' || position.pos.isZero()) continue;
    const { instrument, lastNumber } = venue.market.quote(position.instId);
    const base = Math.abs(Number(position.pos)) * Number(instrument.ctVal);
    equity += positionSign(position) * (lastNumber - Number(position.avgPx)) * base;
    need += lastNumber * base * (Number(instrument.mmr) + Number(TAKER_RATE));
  }
  return need > 0 && equity <= need * 1.01;
}

function crossBroken(venue: Venue, account: Account): boolean {
  const equity = valueAccount(venue.market, account);
  const need = equity.crossMmr.plus(equity.crossNotional.times(TAKER_RATE));
  return need.gt(0) && equity.crossEquity.lte(need);
}

/**
 * Takes over a position, or `size` contracts of it, at the touch. The account's orders on it go first. No more than its
 * collateral can be lost of an isolated position: the rest is the insurance fund's.
 */
export function liquidatePosition(venue: Venue, account: Account, position: Position, size = position.pos.abs()): void {
  const quote = venue.market.quote(position.instId);
  const { margin, mgnMode, instId, posSide } = position;
  cancelForRisk(
    venue,
    account,
    (order) => order.instId === instId && order.posSide === posSide && order.tdMode === mgnMode,
  );
  const whole = size.eq(position.pos.abs());
  const px = positionSign(position) === 1 ? quote.bid : quote.ask;
  forceClose(venue, account, position, size, px, whole ? 'full_liquidation' : 'partial_liquidation');
  if (mgnMode === 'isolated' && whole) {
    const excess = minDec(ZERO, position.pnl.plus(position.fee).plus(margin));
    account.cash = account.cash.minus(excess);
    venue.accounts.touch(account);
    venue.events.holdings(account, 'liquidation', []);
  }
}
