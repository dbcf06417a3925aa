import { minDec, ZERO } from '@/domain/decimal';
import { TAKER_RATE } from './arithmetic';
import { valueAccount, valuePosition } from './margin';
import { cancel, fill } from './matching';
import { type Account, type Position, positionSign } from './model';
import { accept } from './orders';
import type { Venue } from './venue';

/** Closes at the touch what margin no longer carries. Screens with plain numbers, decides with decimals. */
export function liquidate(venue: Venue): void {
  for (const account of venue.accounts.byUid.values()) {
    if (account.positions.size === 0) continue;
    for (const position of account.positions.values()) {
      if (position.mgnMode === 'isolated' && !position.pos.isZero() && isolatedBroken(venue, position)) {
        close(venue, account, position);
      }
    }
    if (maybeCrossBroken(venue, account) && crossBroken(venue, account)) {
      for (const order of [...account.pending.values()]) {
        if (order.tdMode === 'cross') cancel(venue, account, order, 'liquidation');
      }
      for (const position of account.positions.values()) {
        if (position.mgnMode === 'cross' && !position.pos.isZero()) close(venue, account, position);
      }
      if (account.cash.isNegative()) {
        // The insurance fund takes what the account cannot pay.
        account.cash = ZERO;
        venue.accounts.touch(account);
        venue.events.balance(account, 'liquidation');
      }
    }
  }
}

function isolatedBroken(venue: Venue, position: Position): boolean {
  const value = valuePosition(venue.market, position);
  return position.margin.plus(value.upl).lte(value.mmr.plus(value.notional.times(TAKER_RATE)));
}

function maybeCrossBroken(venue: Venue, account: Account): boolean {
  let equity = Number(account.cash);
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
  return need.gt(0) && account.cash.plus(equity.crossUpl).lte(need);
}

function close(venue: Venue, account: Account, position: Position): void {
  const sign = positionSign(position);
  if (sign === 0) return;
  const quote = venue.market.quote(position.instId);
  const margin = position.margin;
  const order = accept(
    venue,
    account,
    {
      instrument: quote.instrument,
      instId: position.instId,
      clOrdId: '',
      tag: '',
      side: sign === 1 ? 'sell' : 'buy',
      posSide: position.posSide,
      tdMode: position.mgnMode,
      ordType: 'market',
      reduceOnly: position.posSide === 'net',
      px: null,
      sz: position.pos.abs(),
      stpMode: 'cancel_maker',
      attached: [],
    },
    venue.clock.now(),
    { category: 'full_liquidation' },
  );
  // A fault may hold executions back; a liquidation does not wait.
  if (order.state === 'live') fill(venue, account, order, sign === 1 ? quote.bid : quote.ask, order.sz, true);
  if (position.mgnMode === 'isolated') {
    // No more than the collateral can be lost: the rest is the insurance fund's.
    const change = position.pnl.plus(position.fee);
    const excess = minDec(ZERO, change.plus(margin));
    account.cash = account.cash.minus(excess);
    venue.accounts.touch(account);
  }
  venue.events.balance(account, 'liquidation');
}
