import { dec } from '@/domain/decimal';
import { valuePosition } from './margin';
import { type Position, positionSign } from './model';
import type { Venue } from './venue';

const FUNDING_PERIOD_MS = 8 * 3_600_000;

/** Funding of the current period: small, steady, and different per instrument. */
export function fundingRate(instId: string, fundingTime: number): string {
  let hash = fundingTime / FUNDING_PERIOD_MS;
  for (const char of instId) hash = (hash * 31 + char.charCodeAt(0)) % 9973;
  return dec(Math.round((hash / 9973) * 200) - 40)
    .times('0.000001')
    .toFixed();
}

export function nextFundingTime(now: number): number {
  return (Math.floor(now / FUNDING_PERIOD_MS) + 1) * FUNDING_PERIOD_MS;
}

export const FUNDING_PERIOD = FUNDING_PERIOD_MS;

/** Charges or pays funding on every open position: −sign·mark·quantity·rate. */
export function settleFunding(venue: Venue, fundingTime: number): void {
  for (const account of venue.accounts.byUid.values()) {
    const paid: Position[] = [];
    for (const position of account.positions.values()) {
      const sign = positionSign(position);
      if (sign === 0) continue;
      const value = valuePosition(venue.market, position);
      const rate = dec(fundingRate(position.instId, fundingTime));
      const amount = value.notional.times(rate).times(-sign);
      position.fundingFee = position.fundingFee.plus(amount);
      account.cash = account.cash.plus(amount);
      paid.push(position);
      venue.accounts.addBill(account, {
        uid: account.uid,
        billId: venue.ids.next(),
        kind: 'funding',
        instId: position.instId,
        balance: account.cash,
        balanceChange: amount,
        ts: venue.clock.now(),
      });
      venue.accounts.touchPosition(position);
    }
    if (paid.length > 0) {
      venue.accounts.touch(account);
      venue.events.holdings(account, 'funding_fee', paid);
    }
  }
}
