import {
  type Book,
  type Contract,
  type Decided,
  type Moment,
  type Order,
  other,
  type Settings,
  type Side,
  smallest,
} from './facts';
import type { Leg } from './leader';
import { least, most, ONE, type Rational, rounded, ZERO } from './rational';

/** What a follower closes. */

type Close = Extract<Leg, { kind: 'close' }>;

export type ClosePlace = {
  readonly settings: Settings;
  readonly contract: Contract;
  readonly order: Order;
  readonly moment: Moment;
  readonly leverage: Rational;
  readonly book: Pick<Book, 'side' | 'quantity' | 'debts'>;
};

export function decideClose({ settings, contract, order, leverage, book }: ClosePlace, leg: Close): Decided {
  const asked = leg.side !== null && settings.reverse ? other(leg.side) : leg.side;
  const side: Side = asked ?? book.side ?? 'long';
  const debt = book.debts[side];
  const held = book.side === side ? book.quantity : ZERO;
  const part = leg.share.lt(ONE);
  const kept = part ? ONE.minus(leg.share) : ZERO;
  const after = (closed: Rational): Rational => {
    const owed = rounded(kept.times(held.plus(debt)).minus(held.minus(closed)));
    return part ? owed : least(owed, ZERO);
  };
  // Copied in reverse it goes at market.
  let limit = settings.reverse ? null : order.limit;
  const buys = side === 'short';
  if (limit !== null) limit = buys ? limit.down(contract.tick) : limit.up(contract.tick);
  const possible = limit === null || limit.sign > 0;
  const denied = (code: string, debtAfter: Rational): Decided => ({
    ...{ leg: 'close', side, code, quantity: null, limit: possible ? limit : null, leverage, debtAfter, goesOn: false },
  });
  if (!possible) {
    const owed = rounded(kept.times(held.plus(debt)).minus(held));
    return denied('PRICE_OUT_OF_RANGE', held.sign > 0 ? owed : debt);
  }
  if (held.sign <= 0) return denied('NO_POSITION', after(ZERO));
  let want = held;
  if (part) {
    want = rounded(leg.share.times(held));
    if (debt.sign < 0) want = want.plus(rounded(kept.times(debt.negated())));
    want = least(want, held);
  }
  let quantity = want.eq(held) ? held : want.down(contract.lot);
  if (contract.largest !== null && quantity.gt(contract.largest)) quantity = contract.largest.down(contract.lot);
  if (!quantity.eq(held) && quantity.lt(smallest(contract))) return denied('BELOW_MINIMUM', after(ZERO));
  return { leg: 'close', side, code: null, quantity, limit, leverage, debtAfter: after(quantity), goesOn: false };
}

/** What is owed on each side when the followers of a signal are read: no more is held too much than is held. */
export function countedDebts(book: Book): Record<Side, Rational> {
  const counted = (side: Side): Rational =>
    most(book.debts[side], (book.side === side ? book.quantity : ZERO).negated());
  return { long: counted('long'), short: counted('short') };
}
