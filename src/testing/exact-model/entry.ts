import {
  type Book,
  type Contract,
  type Decided,
  MOST_CONTRACTS,
  type Moment,
  type Order,
  other,
  type Settings,
  type Side,
  smallest,
  worth,
} from './facts';
import type { Leg } from './leader';
import { least, most, ONE, Rational, rounded, ZERO } from './rational';

/** What a follower opens. */

type Open = Extract<Leg, { kind: 'open' }>;

/** Where an entry is decided. Margin: in the instrument, and in all. */
export type EntryPlace = {
  readonly settings: Settings;
  readonly contract: Contract;
  readonly order: Order;
  readonly moment: Moment;
  readonly leverage: Rational;
  readonly book: Pick<Book, 'side' | 'quantity' | 'debts'>;
  readonly symbolMargin: Rational;
  readonly totalMargin: Rational;
  readonly leaderCoins: Rational;
};

const HUNDRED = Rational.of(100n);
const TWO = Rational.of(2n);
const CENTH = Rational.of(1n, 100n);

/** The leverage that an entry uses. */
export function leverageOf(settings: Settings, contract: Contract, wanted: Rational): Rational {
  return most(ONE, least(wanted, contract.maxLeverage, ...settings.leverageLimits).down(CENTH));
}

export function decideEntry(place: EntryPlace, leg: Open): Decided {
  const { settings, contract, order, moment, leverage, book } = place;
  const side = settings.reverse ? other(leg.side) : leg.side;
  const trade = side === 'long' ? 'buy' : 'sell';
  const debt = book.debts[side];
  const { market, equity } = moment;
  let limit = order.limit;
  if (limit !== null && settings.reverse && market !== null) limit = market.times(TWO).minus(limit);
  if (limit !== null) limit = trade === 'buy' ? limit.down(contract.tick) : limit.up(contract.tick);
  const possible = limit === null || limit.sign > 0;
  const denied = (code: string, debtAfter = debt): Decided => ({
    ...{ leg: 'open', side, code, quantity: null, limit: possible ? limit : null, leverage, debtAfter, goesOn: false },
  });
  if (!possible) return denied(settings.reverse ? 'LIMIT_CANNOT_REST' : 'PRICE_OUT_OF_RANGE');
  if (settings.leverageLimits.some((one) => one.lt(ONE))) return denied('LEVERAGE_EXCEEDED');
  if (book.quantity.sign > 0 && book.side !== side) return denied('OPPOSITE_POSITION');
  if (equity === null) return denied('EQUITY_UNKNOWN');
  if (equity.sign <= 0) return denied('NO_EQUITY');
  if (market === null) return denied('PRICE_UNKNOWN');

  const { stop, take } = ownLevels(settings, order);
  const at = limit === null ? market : side === 'long' ? least(limit, market) : most(limit, market);
  const passed = crossed(side, at, stop, take);
  if (passed !== null) return denied(passed);
  const marketable = limit !== null && (trade === 'buy' ? !limit.lt(market) : !limit.gt(market));
  const guarded = limit === null ? market : marketable ? limit : null;
  if (order.seen !== null && guarded !== null) {
    const move = guarded.minus(order.seen).over(order.seen);
    if ((trade === 'buy' ? move : move.negated()).gt(settings.slippage)) return denied('SLIPPAGE');
  }

  const price = worth(trade, limit, market) ?? market;
  const exact = exactSize(place, leg, side, price, stop, limit ?? market, equity);
  if (typeof exact === 'string') return denied(exact);
  const wanted = exact.plus(debt);
  const minimum = smallest(contract);
  const caps = capsOf(place, equity);
  const worthOfOne = price.times(contract.coins).over(leverage);
  let quantity = wanted.sign > 0 ? wanted.down(contract.lot) : ZERO;
  if (quantity.lt(minimum)) {
    if (!settings.forceMinimum || wanted.sign <= 0) return denied('BELOW_MINIMUM', wanted);
    quantity = minimum;
  }
  let debtAfter = wanted.minus(quantity);
  const allowed = caps.map(({ margin }) => margin.over(worthOfOne));
  if (limit === null && contract.largest !== null) allowed.push(contract.largest);
  const largest = allowed.reduce((one, next) => least(one, next));
  if (settings.reduceToCap && settings.mode === 'risk_percent' && wanted.gt(largest) && !wanted.lt(minimum)) {
    quantity = most(largest.down(contract.lot), minimum);
    debtAfter = ZERO;
  } else if (wanted.gt(MOST_CONTRACTS)) return denied('SIZE_OUT_OF_RANGE');
  if (limit === null && contract.largest !== null && quantity.gt(contract.largest)) return denied('ABOVE_MAXIMUM');
  const inTheWay = caps.find(({ margin }) => quantity.times(worthOfOne).gt(margin));
  if (inTheWay !== undefined) return denied(inTheWay.code);
  return { leg: 'open', side, code: null, quantity, limit, leverage, debtAfter, goesOn: false };
}

/** The prices at which his own position is left; a percentage is no price before it is filled. */
function ownLevels(
  { reverse, mode }: Settings,
  { stopLoss, takeProfit, stopPrice }: Order,
): { readonly stop: Rational | null; readonly take: Rational | null } {
  const loss = stopLoss?.unit === 'price' ? stopLoss.value : null;
  const gain = takeProfit?.unit === 'price' ? takeProfit.value : null;
  if (reverse) return { stop: gain, take: loss };
  return { stop: loss ?? (mode === 'risk_percent' ? stopPrice : null), take: gain };
}

function crossed(side: Side, at: Rational, stop: Rational | null, take: Rational | null): string | null {
  const [below, above] = side === 'long' ? [stop, take] : [take, stop];
  const codes = side === 'long' ? ['STOP_CROSSED', 'TAKE_PROFIT_CROSSED'] : ['TAKE_PROFIT_CROSSED', 'STOP_CROSSED'];
  if (below !== null && !at.gt(below)) return codes[0] ?? null;
  return above !== null && !at.lt(above) ? (codes[1] ?? null) : null;
}

function exactSize(
  { settings, contract, leverage, moment, leaderCoins }: EntryPlace,
  leg: Open,
  side: Side,
  price: Rational,
  stop: Rational | null,
  from: Rational,
  equity: Rational,
): Rational | string {
  const { mode, ratio, value } = settings;
  const unit = price.times(contract.coins);
  if (mode === 'ratio' || mode === 'equity_proportional') {
    if (leg.percent !== null) return rounded(ratio.times(leg.percent).times(equity).times(leverage).over(unit));
    const coins = ratio.times(leg.quantity).times(leaderCoins);
    if (mode === 'ratio') return rounded(coins.over(contract.coins));
    return rounded(coins.times(equity).over(moment.leaderEquity.times(contract.coins)));
  }
  if (value === null) return 'NO_SIZE_SET';
  if (mode === 'fixed_quantity') return value;
  if (mode === 'fixed_notional') return rounded(value.over(unit));
  if (mode === 'fixed_margin') return rounded(value.times(leverage).over(unit));
  const part = equity.times(value.over(HUNDRED));
  if (mode === 'percent_balance') return rounded(part.times(leverage).over(unit));
  if (stop === null) return 'NO_STOP';
  const distance = side === 'long' ? from.minus(stop) : stop.minus(from);
  return distance.sign > 0 ? rounded(part.over(distance.times(contract.coins))) : 'STOP_CROSSED';
}

/** The margin that an entry may bind by each cap, in the order in which they are asked. */
function capsOf(
  { settings, moment, symbolMargin, totalMargin }: EntryPlace,
  equity: Rational,
): readonly { readonly code: string; readonly margin: Rational }[] {
  const caps = [
    { code: 'ORDER_CAP', margin: equity.times(settings.orderShare) },
    { code: 'SYMBOL_EXPOSURE', margin: equity.times(settings.symbolShare).minus(symbolMargin) },
    { code: 'TOTAL_EXPOSURE', margin: equity.times(settings.totalShare).minus(totalMargin) },
  ];
  return moment.free === null ? caps : [...caps, { code: 'INSUFFICIENT_BALANCE', margin: moment.free }];
}
