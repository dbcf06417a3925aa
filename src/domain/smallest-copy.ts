import { type BoundName, isWithin } from './bounds';
import {
  type Dec,
  dec,
  isAbove,
  isAboveZero,
  isBelow,
  isBelowZero,
  maxDec,
  minDec,
  ONE,
  quantize,
  roundDownToStep,
  roundUpToPlaces,
  sum,
  ZERO,
} from './decimal';
import { worthPrice } from './limit-price';
import type { OrderOutline, RiskSnapshot } from './risk/types';
import { type EntryInput, SIZING_VALUE_BOUNDS, smallestOrder } from './sizing';

/** What keeps a move that is large enough from being copied. */
export type CapInTheWay = {
  readonly code: 'ORDER_CAP' | 'SYMBOL_EXPOSURE' | 'TOTAL_EXPOSURE' | 'INSUFFICIENT_BALANCE' | 'ABOVE_MAXIMUM';
  /** Fraction of the equity; null where it is none. */
  readonly share: Dec | null;
};

/** What has to become larger for a move to be copied: the equity, the follow ratio, or the size that is set for every entry. */
export type SmallestCopy = {
  readonly of: 'equity' | 'ratio' | 'value';
  /** The smallest that copies the move, all caps considered: equity to the cent, a ratio to 8 decimals. Null: none does. */
  readonly least: Dec | null;
  /** Why there is none, or why it is more than the venue's minimum alone would need. Null: no cap is in the way. */
  readonly cap: CapInTheWay | null;
  /** Whether everything above `least` copies it, too. */
  readonly steady: boolean;
};

/** Contracts of an entry, before debt and rounding: x · per ÷ over. */
type Scale = { readonly of: SmallestCopy['of']; readonly per: Dec; readonly over: Dec };

/** quantity · worth + used ≤ rate · equity, all times the leverage. */
type Cap = CapInTheWay & { readonly used: Dec; readonly rate: Dec };

/** The search goes from one whole order to the next: so many are tried. */
const TRIES = 50;

/**
 * The smallest equity, ratio or size with which a move that was under the venue's minimum is copied by the same rules. Debt that happens
 * to be there now would make the answer smaller today and wrong tomorrow, and counts only where nothing else is copied; holding too much
 * makes it larger. A larger equity is understood as paid in: what is free grows with it.
 *
 * @returns null where some figure is not known
 */
export function smallestCopy(entry: EntryInput, order: OrderOutline, snapshot: RiskSnapshot): SmallestCopy | null {
  const scale = scaleOf(entry);
  const price = worthPrice(order.side, order.limitPrice, snapshot.price);
  const { equity } = snapshot;
  if (scale === null || !isAboveZero(scale.per) || price === null || equity === null) return null;
  const { instrument } = entry;
  const minimum = smallestOrder(instrument);
  const search: Search = {
    scale,
    minimum,
    lot: instrument.lotSize,
    largest: order.orderType === 'market' ? snapshot.instrument.maxMarketSize : null,
    // Where the minimum is forced, it is enough that anything at all is wanted.
    needed: entry.forceMinimum ? SMALLEST.minus(entry.debt) : minimum.minus(minDec(entry.debt, ZERO)),
    debt: entry.debt,
    forced: entry.forceMinimum,
    worth: price.times(instrument.contractValue),
    caps: capsOf(snapshot, equity, order.leverage),
    reduces: entry.mode === 'risk_percent' && entry.most != null,
  };
  const find = (one: Search): SmallestCopy =>
    scale.of === 'equity' ? leastEquity(one) : leastSetting(one, equity, boundOf(entry));
  const found = find(search);
  if (found.least !== null || !isAboveZero(entry.debt) || entry.forceMinimum) return found;
  // With what is owed the order comes out larger than a cap allows: only something smaller is copied now.
  return { ...find({ ...search, needed: minimum.minus(entry.debt) }), cap: found.cap };
}

type Search = {
  readonly scale: Scale;
  readonly minimum: Dec;
  readonly lot: Dec;
  /** What the venue takes in one order; null: any. */
  readonly largest: Dec | null;
  /** Contracts that have to come out before rounding. */
  readonly needed: Dec;
  readonly debt: Dec;
  /** Less than the minimum is made the minimum. */
  readonly forced: boolean;
  /** Of one contract, quote currency. */
  readonly worth: Dec;
  readonly caps: readonly Cap[];
  /** What is above a cap is reduced to it. */
  readonly reduces: boolean;
};

const HUNDRED = dec(100);
/** What is reckoned with has 18 decimals. */
const SMALLEST = dec('0.000000000000000001');

function scaleOf(entry: EntryInput): Scale | null {
  const { mode, leg, price, leverage, leaderEquity, value, followRatio } = entry;
  const c = entry.instrument.contractValue;
  if (mode === 'fixed_quantity') return { of: 'value', per: ONE, over: ONE };
  const own = mode === 'ratio' || mode === 'equity_proportional';
  if (own && leg.percentBalance === null) {
    const base = leg.quantity.times(entry.leaderContractValue);
    if (mode === 'ratio') return { of: 'ratio', per: base, over: c };
    return leaderEquity === null ? null : { of: 'equity', per: followRatio.times(base), over: leaderEquity.times(c) };
  }
  if (price === null) return null;
  const unit = price.times(c);
  if (own) return { of: 'equity', per: followRatio.times(leg.percentBalance ?? ZERO).times(leverage), over: unit };
  if (mode === 'fixed_notional') return { of: 'value', per: ONE, over: unit };
  if (mode === 'fixed_margin') return { of: 'value', per: leverage, over: unit };
  if (value === null) return null;
  if (mode === 'percent_balance') return { of: 'equity', per: value.div(HUNDRED).times(leverage), over: unit };
  const stop = entry.stopPrice;
  if (stop === null) return null;
  const distance = (entry.stopFrom ?? price).minus(stop).abs();
  return { of: 'equity', per: value.div(HUNDRED), over: distance.times(c) };
}

function boundOf({ mode }: EntryInput): BoundName {
  return SIZING_VALUE_BOUNDS[mode] ?? 'followRatio';
}

/** In the order in which the rules are asked. */
function capsOf({ limits, symbolMargin, totalMargin, available }: RiskSnapshot, equity: Dec, leverage: Dec): Cap[] {
  const cap = (code: CapInTheWay['code'], share: Dec | null, used: Dec): Cap => ({
    ...{ code, share, used: used.times(leverage), rate: (share ?? ONE).times(leverage) },
  });
  const caps = [
    cap('ORDER_CAP', limits.maxOrderShare, ZERO),
    cap('SYMBOL_EXPOSURE', limits.maxSymbolShare, symbolMargin),
    cap('TOTAL_EXPOSURE', limits.maxTotalShare, totalMargin),
  ];
  return available === null ? caps : [...caps, cap('INSUFFICIENT_BALANCE', null, equity.minus(available))];
}

const TOO_LARGE: CapInTheWay = { code: 'ABOVE_MAXIMUM', share: null };

function isTooLarge({ largest }: Search, quantity: Dec): boolean {
  return largest !== null && isAbove(quantity, largest);
}

/** What would be ordered with an x that is large enough. */
function ordered({ scale, lot, debt, forced, minimum }: Search, x: Dec): Dec {
  // Mostly the minimum alone, and a division costs more than all the rest.
  if (isBelow(x.times(scale.per), minimum.plus(lot).minus(debt).minus(SMALLEST).times(scale.over))) return minimum;
  const quantity = roundDownToStep(quantize(x.times(scale.per).div(scale.over)).plus(debt), lot);
  return forced ? maxDec(quantity, minimum) : quantity;
}

/** The first cap that does not allow a quantity with an equity; null: all do. */
function capInTheWay({ caps, worth }: Search, quantity: Dec, equity: Dec): Cap | null {
  const bought = quantity.times(worth);
  for (const cap of caps) if (isAbove(sum(bought, cap.used), cap.rate.times(equity))) return cap;
  return null;
}

function leastSetting(search: Search, equity: Dec, bound: BoundName): SmallestCopy {
  const { scale, needed } = search;
  const least = roundUpToPlaces(needed.times(scale.over).div(scale.per), scale.of === 'ratio' ? 8 : 18);
  const quantity = ordered(search, least);
  if (isTooLarge(search, quantity)) return { of: scale.of, least: null, cap: TOO_LARGE, steady: true };
  const cap = capInTheWay(search, quantity, equity);
  const possible = cap === null && isWithin(bound, least);
  return { of: scale.of, least: possible ? least : null, cap: told(cap), steady: true };
}

/**
 * A larger equity may make a larger order, of which a cap may need a still larger equity: from below, the first one that needs no more is
 * the smallest. Orders that no equity of theirs allows are skipped.
 */
function leastEquity(search: Search): SmallestCopy {
  const { scale, needed, minimum, lot, caps, reduces } = search;
  const alone = roundUpToPlaces(needed.times(scale.over).div(scale.per), 2);
  let quantity = reduces ? minimum : maxDec(minimum, ordered(search, alone));
  let cap: Cap | null = null;
  // Mostly no cap is in the way, and nothing has to be searched.
  if (!reduces && (capInTheWay(search, quantity, alone) !== null || isTooLarge(search, quantity))) {
    const within = caps.map((one) => ({ one, ...ordersWithin(search, one) }));
    for (const { one, from } of within) {
      if (from === null || !isAbove(from, quantity)) continue;
      quantity = from;
      cap = one;
    }
    const never = within.find(({ before }) => before !== null && !isBelow(quantity, before));
    if (never !== undefined) return none(never.one);
  }
  let equity = alone;
  if (isAbove(quantity, minimum)) {
    equity = maxDec(alone, roundUpToPlaces(quantity.minus(search.debt).times(scale.over).div(scale.per), 2));
  }
  for (let tries = 0; tries < TRIES; tries += 1) {
    if (!reduces) quantity = ordered(search, equity);
    if (isTooLarge(search, quantity)) return none(cap ?? TOO_LARGE);
    const inTheWay = capInTheWay(search, quantity, equity);
    if (inTheWay === null) {
      if (!isWithin('balance', equity)) return none(cap);
      const next = quantity.plus(lot);
      const unsteady = reduces ? undefined : caps.find((one) => !isSteady(search, one, next));
      return { of: 'equity', least: equity, cap: told(unsteady ?? cap), steady: unsteady === undefined };
    }
    cap = inTheWay;
    const { used, rate } = inTheWay;
    equity = roundUpToPlaces(quantity.times(search.worth).plus(used).div(rate), 2);
  }
  return none(cap);

  function none(one: CapInTheWay | null): SmallestCopy {
    return { of: 'equity', least: null, cap: told(one), steady: true };
  }
}

/**
 * Orders whose cap allows them before the next larger one comes out: at least `from`, and under `before`. With n contracts that is
 * (n·worth + used) ÷ rate < (n + lot − debt)·over ÷ per.
 */
function ordersWithin(
  { scale: { per, over }, lot, debt, worth }: Search,
  { used, rate }: Cap,
): { readonly from: Dec | null; readonly before: Dec | null } {
  const slope = per.times(worth).minus(rate.times(over));
  const room = rate.times(over).times(lot.minus(debt)).minus(per.times(used));
  if (slope.isZero()) return { from: null, before: isAboveZero(room) ? null : ZERO };
  const limit = room.div(slope);
  if (!isBelowZero(slope)) return { from: null, before: limit };
  // More than the limit, in whole lots.
  return { from: isBelowZero(limit) ? null : roundDownToStep(limit, lot).plus(lot), before: null };
}

/** Whether a cap allows this order, and every larger one, as soon as it comes out. */
function isSteady({ scale: { per, over }, debt, worth }: Search, { used, rate }: Cap, quantity: Dec): boolean {
  const allowed = rate.times(over);
  if (isAbove(per.times(worth), allowed)) return false;
  if (!isAboveZero(used) && !isAboveZero(debt)) return true;
  return !isAbove(per.times(quantity.times(worth).plus(used)), allowed.times(quantity.minus(debt)));
}

function told(cap: CapInTheWay | null): CapInTheWay | null {
  return cap === null ? null : { code: cap.code, share: cap.share };
}
