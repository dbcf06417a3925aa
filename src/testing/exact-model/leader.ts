import { type Contract, MOST_CONTRACTS, type Moment, type Order, other, type Side, type Trade, worth } from './facts';
import { least, ONE, Rational, rounded, ZERO } from './rational';

/** The leader's book, and the legs of his moves. */

export type LeaderBook = { side: Side | null; quantity: Rational };

export type Leg =
  | { readonly kind: 'close'; readonly side: Side | null; readonly share: Rational }
  | { readonly kind: 'open'; readonly side: Side; readonly quantity: Rational; readonly percent: Rational | null };

const HUNDRED = Rational.of(100n);

/** Moves the book. Null: the signal cannot be carried out. */
export function moveLeader(
  book: LeaderBook,
  order: Order,
  contract: Contract,
  moment: Moment,
  defaultLeverage: Rational,
): readonly Leg[] | null {
  const { action, side, size } = order;
  const price = priceOf(book, order, moment);
  const leverage = order.leverage ?? defaultLeverage;
  if (action === 'protect') return [];
  if (action === 'target') {
    if (size === null) return null;
    if (size.value.sign === 0) return leave(book, side);
    const size1 = contractsOf(size.unit, size.value.abs(), contract, price, leverage);
    if (size1 === null) return null;
    return moveTo(book, size.value.sign < 0 || side === 'short' ? 'short' : 'long', size1);
  }
  if (action === 'close') return close(book, order, contract, price, leverage);
  if (side === null || size === null) return null;
  if (size.unit === 'percent_balance') {
    const percent = size.value.over(HUNDRED);
    const quantity = contractsOf('margin', moment.leaderEquity.times(percent), contract, price, leverage);
    return quantity === null ? null : add(book, side, quantity, percent);
  }
  const quantity = contractsOf(size.unit, size.value, contract, price, leverage);
  return quantity === null ? null : add(book, side, quantity, null);
}

function priceOf(book: LeaderBook, order: Order, { market }: Moment): Rational | null {
  if (order.limit === null) return order.seen ?? market;
  const { action, side, size } = order;
  let trade: Trade = side === 'short' ? 'sell' : 'buy';
  if (action === 'close') trade = (side ?? book.side) === 'long' ? 'sell' : 'buy';
  else if (side === null && size !== null && size.value.sign < 0) trade = 'sell';
  return worth(trade, order.limit, market);
}

function contractsOf(
  unit: string,
  value: Rational,
  { coins }: Contract,
  price: Rational | null,
  leverage: Rational,
): Rational | null {
  if (unit === 'contracts') return value;
  if (unit === 'base') return rounded(value.over(coins));
  if (price === null) return null;
  const money = unit === 'margin' ? value.times(leverage) : value;
  return rounded(money.over(price.times(coins)));
}

function leave(book: LeaderBook, side: Side | null): readonly Leg[] {
  const left = book.side ?? side;
  setBook(book, null, ZERO);
  return [{ kind: 'close', side: left, share: ONE }];
}

function add(book: LeaderBook, side: Side, quantity: Rational, percent: Rational | null): readonly Leg[] | null {
  if (quantity.sign <= 0) return null;
  const open = { kind: 'open', side, quantity, percent } as const;
  if ((book.side === side ? book.quantity.plus(quantity) : quantity).gt(MOST_CONTRACTS)) return null;
  if (book.side !== other(side)) {
    setBook(book, side, book.quantity.plus(quantity));
    return [open];
  }
  setBook(book, side, quantity);
  return [{ kind: 'close', side: other(side), share: ONE }, open];
}

function moveTo(book: LeaderBook, side: Side, quantity: Rational): readonly Leg[] | null {
  if (quantity.sign === 0) return leave(book, side);
  if (book.side !== side) return add(book, side, quantity, null);
  if (quantity.eq(book.quantity)) return [];
  if (quantity.gt(book.quantity)) return add(book, side, quantity.minus(book.quantity), null);
  const share = book.quantity.minus(quantity).over(book.quantity);
  setBook(book, side, quantity);
  return [{ kind: 'close', side, share }];
}

function close(
  book: LeaderBook,
  { side: asked, size }: Order,
  contract: Contract,
  price: Rational | null,
  leverage: Rational,
): readonly Leg[] | null {
  const side = asked ?? book.side;
  const holds = book.side !== null && book.side === side;
  let share = ONE;
  if (size?.unit === 'percent_position') share = size.value.over(HUNDRED);
  else if (size !== null && holds) {
    const quantity = contractsOf(size.unit, size.value, contract, price, leverage);
    if (quantity === null || quantity.sign <= 0) return null;
    share = least(ONE, quantity.over(book.quantity));
  }
  if (holds) setBook(book, side, book.quantity.minus(book.quantity.times(share)));
  return [{ kind: 'close', side, share }];
}

function setBook(book: LeaderBook, side: Side | null, quantity: Rational): void {
  book.quantity = rounded(quantity);
  book.side = book.quantity.sign > 0 ? side : null;
}
