import { decideClose } from './close';
import { decideEntry, leverageOf } from './entry';
import type { Book, Contract, Decided, Level, Levels, Moment, Order, Settings, Side } from './facts';
import type { Leg } from './leader';
import { least, ONE, Rational, rounded, ZERO } from './rational';

/** What a follower does about a signal, and what becomes of his book. */

const MOST_CLOSES = 20;
const HUNDRED = Rational.of(100n);

export function decide(
  book: Pick<Book, 'side' | 'quantity' | 'cost' | 'leverage' | 'debts'>,
  legs: readonly Leg[],
  settings: Settings,
  contract: Contract,
  order: Order,
  moment: Moment,
  wantedLeverage: Rational,
): readonly Decided[] {
  const leverage = leverageOf(settings, contract, wantedLeverage);
  const decided: Decided[] = [];
  const margin = book.cost.over(book.leverage);
  let state = { side: book.side, quantity: book.quantity, debts: book.debts };
  let bound = margin;
  for (const leg of legs) {
    if (leg.kind === 'open') {
      const { free } = moment;
      const now = { ...moment, free: free === null ? null : free.plus(margin.minus(bound)) };
      const place = { settings, contract, order, leverage, moment: now, book: state, leaderCoins: contract.coins };
      const margins = { symbolMargin: bound, totalMargin: bound.plus(moment.elsewhere) };
      decided.push(decideEntry({ ...place, ...margins }, leg));
      continue;
    }
    for (let closes = 1; closes <= MOST_CLOSES; closes += 1) {
      const one = decideClose({ settings, contract, order, leverage, moment, book: state }, leg);
      const left = one.quantity === null ? state.quantity : state.quantity.minus(one.quantity);
      const goesOn = legs.length > 1 && one.code === null && left.sign > 0 && closes < MOST_CLOSES;
      decided.push({ ...one, goesOn });
      if (state.quantity.sign > 0) bound = bound.times(left).over(state.quantity);
      state = { side: left.sign > 0 ? state.side : null, quantity: left, debts: { long: ZERO, short: ZERO } };
      if (!goesOn) break;
    }
  }
  // In a reversal, to have nothing to close is no denial.
  return legs.length > 1 ? decided.filter(({ leg, code }) => leg === 'open' || code !== 'NO_POSITION') : decided;
}

/** Keeps what is owed once the orders of a signal have stood. */
export function settle(book: Book, decided: readonly Decided[], leaderLeft: boolean): void {
  if (leaderLeft) book.debts = { long: ZERO, short: ZERO };
  for (const { leg, side, code, debtAfter, goesOn } of decided) {
    const counts = code === null ? !goesOn : leg === 'close' || code === 'BELOW_MINIMUM';
    if (counts) book.debts[side] = debtAfter;
  }
}

/** Books a fill. */
export function fill(
  book: Book,
  { leg, side, leverage }: Decided,
  quantity: Rational,
  price: Rational,
  c: Contract,
): void {
  const value = rounded(quantity.times(c.coins).times(price));
  if (leg === 'open') {
    book.side = side;
    book.quantity = book.quantity.plus(quantity);
    book.cost = book.cost.plus(value);
    book.leverage = leverage;
    return;
  }
  const closed = least(quantity, book.quantity);
  const left = book.quantity.minus(closed);
  const cost = left.sign === 0 ? book.cost : rounded(book.cost.times(closed).over(book.quantity));
  book.realized = book.realized.plus(side === 'long' ? value.minus(cost) : cost.minus(value));
  book.cost = book.cost.minus(cost);
  book.quantity = left;
  if (left.sign === 0) book.side = null;
}

export function average({ quantity, cost }: Book, { coins }: Contract): Rational | null {
  return quantity.sign === 0 ? null : rounded(cost.over(quantity.times(coins)));
}

/** Where the stop order of a position stands. */
export function stopOrder(
  { stop, take }: Levels,
  side: Side,
  entry: Rational,
  quantity: Rational,
  { tick, largest }: Contract,
): { readonly quantity: Rational; readonly stop: Rational | null; readonly take: Rational | null } | null {
  const away = side === 'long' ? -1n : 1n;
  const at = (level: Level | null, direction: bigint): Rational | null => {
    if (level === null) return null;
    const share = level.value.over(HUNDRED).times(Rational.of(direction));
    const price = (level.unit === 'price' ? level.value : entry.times(ONE.plus(share))).nearest(tick);
    return price.sign > 0 ? price : null;
  };
  const prices = { stop: at(stop, away), take: at(take, -away) };
  if (prices.stop === null && prices.take === null) return null;
  return { quantity: largest === null ? quantity : least(quantity, largest), ...prices };
}
