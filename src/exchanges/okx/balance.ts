import { isWithin } from '@/domain/bounds';
import { type Dec, dec, isAboveZero } from '@/domain/decimal';
import type { VenueBalance } from '@/exchanges/port';
import { plain, SETTLE_CURRENCY } from './mapper';
import type { OkxBalance } from './schema';

/**
 * What an account is worth and what of it is free, in the settlement currency. In futures mode that is what it holds of this
 * currency: others are no margin for our swaps. In the multi-currency and portfolio modes all of them are, and the venue
 * tells the account's figures in USD. Fields that do not apply to an account's mode are empty.
 * @param price USD of one unit of the settlement currency, where the payload does not tell it
 * @returns null where the payload does not tell: a push names only the currencies that changed, and nobody owns more than a bound
 */
export function toBalance(balance: OkxBalance, price: Dec | null = null): VenueBalance | null {
  if (isMarginedInUsd(balance)) {
    const rate = settlePrice(balance) ?? price;
    if (rate === null) return null;
    return credible({ equity: inSettle(balance.adjEq, rate), available: inSettle(balance.availEq, rate) });
  }
  const detail = settleDetail(balance);
  if (detail === undefined) return null;
  return credible({ equity: plain(detail.eq), available: plain(detail.availEq || detail.availBal) });
}

function credible(balance: VenueBalance): VenueBalance | null {
  const amounts = [balance.equity, balance.available].map((text) => dec(text).abs());
  return amounts.every((amount) => isWithin('balance', amount)) ? balance : null;
}

/** Whether all of an account's currencies are margin. Spot mode tells `adjEq` as well, but no `availEq`. */
export function isMarginedInUsd({ adjEq, availEq }: OkxBalance): boolean {
  return adjEq !== '' && availEq !== '';
}

/** USD of one unit of the settlement currency; null where the payload does not tell. */
export function settlePrice(balance: OkxBalance): Dec | null {
  const detail = settleDetail(balance);
  if (detail === undefined) return null;
  const price = detail.coinUsdPrice === '' ? impliedPrice(detail.eq, detail.eqUsd) : dec(detail.coinUsdPrice);
  return price !== null && isAboveZero(price) ? price : null;
}

/** Queries do not tell the price itself. */
function impliedPrice(amount: string, inUsd: string): Dec | null {
  if (amount === '' || inUsd === '' || dec(amount).isZero()) return null;
  return dec(inUsd).div(amount);
}

function settleDetail({ details }: OkxBalance) {
  return details.find(({ ccy }) => ccy === SETTLE_CURRENCY);
}

function inSettle(usd: string, price: Dec): string {
  return plain(dec(usd).div(price).toFixed());
}
