import { type Dec, dec, ZERO } from '@/domain/decimal';
import type { Market } from './market';
import type { Account } from './model';

/** Currencies that accounts can hold beside USDT. What each counts as margin of its worth. */
export const COINS = { BTC: dec('0.98'), ETH: dec('0.97') } as const satisfies Record<string, Dec>;
export type Coin = keyof typeof COINS;
export const COIN_NAMES = Object.keys(COINS) as [Coin, ...Coin[]];

export interface CoinValue {
  readonly ccy: string;
  readonly amount: Dec;
  /** USD of one, and of all. */
  readonly price: Dec;
  readonly worth: Dec;
  /** What of it counts as margin. */
  readonly discounted: Dec;
}

/** What an account holds beside USDT, at the price of the coin's swap. */
export function coinsOf(market: Market, account: Account): CoinValue[] {
  return [...account.coins].flatMap(([ccy, amount]) => {
    if (amount.isZero()) return [];
    const price = market.quote(`${ccy}-USDT-SWAP`).last;
    const worth = amount.times(price);
    return [{ ccy, amount, price, worth, discounted: worth.times(COINS[ccy as Coin]) }];
  });
}

/** Whether all currencies are margin. */
export function poolsCurrencies({ level }: Pick<Account, 'level'>): boolean {
  return level === 'multi-currency' || level === 'portfolio';
}

/** What other currencies add to the margin of cross positions. */
export function collateral(market: Market, account: Account): Dec {
  if (!poolsCurrencies(account) || account.coins.size === 0) return ZERO;
  return coinsOf(market, account).reduce((sum, { discounted }) => sum.plus(discounted), ZERO);
}
