import { type BoundName, isWithin } from './bounds';
import {
  type Dec,
  dec,
  isAbove,
  isAboveZero,
  isBelow,
  isBelowZero,
  isEqual,
  maxDec,
  minDec,
  ONE,
  quantize,
  roundUpToStep,
  sharedText,
  sum,
  toText,
  ZERO,
} from './decimal';
import { type Instrument, roundToLot } from './instrument';
import type { OpenLeg } from './leader';
import { remembered } from './remembered';
import type { PositionSide } from './signal';

/**
 * How a follower's quantity is found. `value` of each mode:
 *
 * ratio                none; the follow ratio alone        r·q_l·c_l/c_f
 * equity_proportional  none; the follow ratio alone        r·(q_l·c_l/E_l)·E_f/c_f
 * fixed_notional       notional in quote currency          N/(P·c_f)
 * fixed_margin         margin in quote currency            M·L/(P·c_f)
 * percent_balance      percent (0–100] of equity           E_f·p·L/(P·c_f)
 * risk_percent         percent (0–100] of equity at risk   E_f·ρ/(|P − stop|·c_f)
 * fixed_quantity       contracts                           Q
 */
export const SIZING_MODES = [
  'ratio',
  'equity_proportional',
  'fixed_notional',
  'fixed_margin',
  'percent_balance',
  'risk_percent',
  'fixed_quantity',
] as const;
export type SizingMode = (typeof SIZING_MODES)[number];

/** The bound of each mode's `value`; a mode without one takes none. */
export const SIZING_VALUE_BOUNDS: Readonly<Partial<Record<SizingMode, BoundName>>> = {
  fixed_notional: 'statedMoney',
  fixed_margin: 'statedMoney',
  percent_balance: 'percent',
  risk_percent: 'percent',
  fixed_quantity: 'statedContracts',
};

/** One line of a receipt's arithmetic. `label` is a stable key for the reader's language. */
export type ArithmeticStep = { readonly label: ArithmeticLabel; readonly expression: string; readonly value: string };

export const ARITHMETIC_LABELS = [
  'ratio_times_leader',
  'equity_share_of_leader',
  'ratio_times_percent_balance',
  'notional_to_contracts',
  'margin_to_contracts',
  'percent_balance_to_contracts',
  'risk_to_contracts',
  'fixed_quantity',
  'with_rounding_debt',
  'rounded_to_lot',
  'forced_minimum',
  'reduced_to_cap',
  'debt_after',
  'share_of_held',
  'everything_held',
  'owed_reduction',
  'capped_at_held',
  'capped_at_maximum',
  'capped_at_free',
] as const;
export type ArithmeticLabel = (typeof ARITHMETIC_LABELS)[number];

type SizedInstrument = Pick<Instrument, 'contractValue' | 'lotSize' | 'minSize'>;

export type EntryInput = {
  readonly mode: SizingMode;
  /** See `SIZING_MODES`; null where the mode needs none. */
  readonly value: Dec | null;
  /** r > 0. */
  readonly followRatio: Dec;
  readonly leg: OpenLeg;
  /** c_l: base coins in one contract of the leader's instrument. */
  readonly leaderContractValue: Dec;
  /** The follower's instrument, at his own venue. */
  readonly instrument: SizedInstrument;
  readonly price: Dec | null;
  readonly leverage: Dec;
  /** E_f in quote currency. */
  readonly equity: Dec | null;
  /** E_l in quote currency. */
  readonly leaderEquity: Dec | null;
  /** Where his own position is stopped; null: nowhere that is known. */
  readonly stopPrice: Dec | null;
  /** The price that his stop is measured from; absent: `price`. */
  readonly stopFrom?: Dec | null;
  /** On which side he stands then; absent: the leg's. */
  readonly positionSide?: PositionSide;
  /** Contracts that sizing by risk is reduced to; null or absent: it is not. */
  readonly most?: Dec | null;
  /** Contracts that earlier rounding left out (> 0: he holds too little, < 0: too much). */
  readonly debt: Dec;
  /** Order the venue's minimum instead of skipping. */
  readonly forceMinimum: boolean;
};

export type EntrySize =
  | {
      readonly ok: true;
      /** Contracts, a multiple of the lot, at least the minimum. */
      readonly quantity: Dec;
      /** Contracts before debt and rounding. */
      readonly exact: Dec;
      readonly debtAfter: Dec;
      readonly forcedMinimum: boolean;
      readonly steps: readonly ArithmeticStep[];
    }
  | EntryDenial;

export type EntryDenial = {
  readonly ok: false;
  readonly code:
    | 'BELOW_MINIMUM'
    | 'NO_STOP'
    | 'STOP_CROSSED'
    | 'EQUITY_UNKNOWN'
    | 'NO_EQUITY'
    | 'PRICE_UNKNOWN'
    | 'LEADER_EQUITY_UNKNOWN'
    | 'NO_SIZE_SET'
    | 'SIZE_OUT_OF_RANGE';
  /** Contracts that were wanted, debt included; null when it could not be computed. */
  readonly wanted: Dec | null;
  /** Smallest order the venue takes, contracts. */
  readonly minimum: Dec;
  readonly debtAfter: Dec;
  readonly steps: readonly ArithmeticStep[];
};

const HUNDRED = dec(100);

/** What the venue takes at least: its minimum, rounded up to the lot, and one lot in any case. */
export const smallestOrder = remembered(
  ({ lotSize, minSize }: Pick<Instrument, 'lotSize' | 'minSize'>): Dec =>
    maxDec(roundUpToStep(minSize, lotSize), lotSize),
);

function step(label: ArithmeticLabel, expression: string, value: Dec): ArithmeticStep {
  return { label, expression, value: toText(value) };
}

type Exact = { readonly quantity: Dec; readonly step: ArithmeticStep };

function exactQuantity(input: EntryInput): Exact | Exclude<EntryDenial['code'], 'BELOW_MINIMUM' | 'SIZE_OUT_OF_RANGE'> {
  const { mode, leg, instrument, price, leverage, equity, followRatio: r, value } = input;
  const c = instrument.contractValue;
  const own = mode === 'ratio' || mode === 'equity_proportional';

  if (own && leg.percentBalance !== null) {
    if (equity === null) return 'EQUITY_UNKNOWN';
    if (!isAboveZero(equity)) return 'NO_EQUITY';
    if (price === null || !isAboveZero(price)) return 'PRICE_UNKNOWN';
    const p = leg.percentBalance;
    const quantity = quantize(r.times(p).times(equity).times(leverage).div(price.times(c)));
    const expression = `${toText(r)} × ${toText(p)} × ${toText(equity)} × ${toText(leverage)} ÷ (${toText(price)} × ${toText(c)})`;
    return { quantity, step: step('ratio_times_percent_balance', expression, quantity) };
  }
  if (mode === 'ratio') {
    const wanted = r.times(leg.quantity);
    // Mostly leader and follower trade the same contract, and a division costs more than all the rest.
    const same = isEqual(input.leaderContractValue, c);
    const quantity = quantize(same ? wanted : wanted.times(input.leaderContractValue).div(c));
    const expression = `${toText(r)} × ${sharedText(leg.quantity)} × ${sharedText(input.leaderContractValue)} ÷ ${sharedText(c)}`;
    return { quantity, step: step('ratio_times_leader', expression, quantity) };
  }
  if (mode === 'equity_proportional') {
    if (equity === null) return 'EQUITY_UNKNOWN';
    if (!isAboveZero(equity)) return 'NO_EQUITY';
    if (input.leaderEquity === null || !isAboveZero(input.leaderEquity)) return 'LEADER_EQUITY_UNKNOWN';
    const base = leg.quantity.times(input.leaderContractValue);
    const quantity = quantize(r.times(base).times(equity).div(input.leaderEquity.times(c)));
    const expression = `${toText(r)} × ${toText(leg.quantity)} × ${toText(input.leaderContractValue)} × ${toText(equity)} ÷ (${toText(input.leaderEquity)} × ${toText(c)})`;
    return { quantity, step: step('equity_share_of_leader', expression, quantity) };
  }
  if (value === null || !isAboveZero(value)) return 'NO_SIZE_SET';
  if (mode === 'fixed_quantity') {
    return { quantity: value, step: step('fixed_quantity', toText(value), value) };
  }
  if (price === null || !isAboveZero(price)) return 'PRICE_UNKNOWN';
  const unit = `(${toText(price)} × ${toText(c)})`;
  if (mode === 'fixed_notional') {
    const quantity = quantize(value.div(price.times(c)));
    return { quantity, step: step('notional_to_contracts', `${toText(value)} ÷ ${unit}`, quantity) };
  }
  if (mode === 'fixed_margin') {
    const quantity = quantize(value.times(leverage).div(price.times(c)));
    const expression = `${toText(value)} × ${toText(leverage)} ÷ ${unit}`;
    return { quantity, step: step('margin_to_contracts', expression, quantity) };
  }
  if (equity === null) return 'EQUITY_UNKNOWN';
  if (!isAboveZero(equity)) return 'NO_EQUITY';
  const fraction = value.div(HUNDRED);
  if (mode === 'percent_balance') {
    const quantity = quantize(equity.times(fraction).times(leverage).div(price.times(c)));
    const expression = `${toText(equity)} × ${toText(fraction)} × ${toText(leverage)} ÷ ${unit}`;
    return { quantity, step: step('percent_balance_to_contracts', expression, quantity) };
  }
  const { stopPrice } = input;
  if (stopPrice === null || !isAboveZero(stopPrice)) return 'NO_STOP';
  const from = input.stopFrom ?? price;
  const distance = (input.positionSide ?? leg.side) === 'long' ? from.minus(stopPrice) : stopPrice.minus(from);
  if (!isAboveZero(distance)) return 'STOP_CROSSED';
  const quantity = quantize(equity.times(fraction).div(distance.times(c)));
  const expression = `${toText(equity)} × ${toText(fraction)} ÷ (|${toText(from)} − ${toText(stopPrice)}| × ${toText(c)})`;
  return { quantity, step: step('risk_to_contracts', expression, quantity) };
}

/** What rounding owes counts only where it can have been cut off an order. */
function countedDebt(debt: Dec): Dec {
  return isWithin('contracts', debt.abs()) ? debt : ZERO;
}

/**
 * Quantity of an entry: exact by the mode's formula, plus the rounding debt, rounded down to the lot. What rounding cuts,
 * or the whole when it stays under the venue's minimum, is carried in `debtAfter`: exact + debt = quantity + debtAfter.
 */
export function sizeEntry(input: EntryInput): EntrySize {
  const minimum = smallestOrder(input.instrument);
  const debt = countedDebt(input.debt);
  const exact = exactQuantity(input);
  if (typeof exact === 'string') return unsized(exact, minimum, debt, []);

  const steps = [exact.step];
  const total = sum(exact.quantity, debt);
  if (!debt.isZero()) {
    steps.push(step('with_rounding_debt', `${toText(exact.quantity)} + ${toText(debt)}`, total));
  }
  const most = input.mode === 'risk_percent' ? (input.most ?? null) : null;
  if (most !== null && isAbove(total, most) && !isBelow(total, minimum)) {
    return reduced(input, exact, total, maxDec(most, minimum), steps);
  }
  if (!isWithin('contracts', total.abs())) return unsized('SIZE_OUT_OF_RANGE', minimum, debt, steps);
  let quantity = isAboveZero(total) ? roundToLot(input.instrument, total) : ZERO;
  let forcedMinimum = false;
  if (isBelow(quantity, minimum) || !isAboveZero(quantity)) {
    // Never forced when he already holds more than his part: that would grow with every small add.
    const forced = input.forceMinimum && isAboveZero(total) && isWithin('contracts', minimum);
    if (!forced) return belowMinimum(total, minimum, steps);
    quantity = minimum;
    forcedMinimum = true;
    steps.push(step('forced_minimum', `${toText(total)} → ${toText(minimum)}`, minimum));
  } else if (!isEqual(quantity, total)) {
    steps.push(step('rounded_to_lot', `⌊${toText(total)} ÷ ${toText(input.instrument.lotSize)}⌋`, quantity));
  }
  const debtAfter = quantity === total ? ZERO : total.minus(quantity);
  if (!debtAfter.isZero()) steps.push(step('debt_after', `${toText(total)} − ${toText(quantity)}`, debtAfter));
  return { ok: true, quantity, exact: exact.quantity, debtAfter, forcedMinimum, steps };
}

/** What a cap takes off was not cut by rounding: nothing of it is owed. Where even the minimum is too much, the rules say why. */
function reduced(input: EntryInput, exact: Exact, total: Dec, most: Dec, steps: ArithmeticStep[]): EntrySize {
  const quantity = roundToLot(input.instrument, most);
  steps.push(step('reduced_to_cap', `min(${toText(total)}, ${toText(quantity)})`, quantity));
  return { ok: true, quantity, exact: exact.quantity, debtAfter: ZERO, forcedMinimum: false, steps };
}

/** No quantity was found that could be ordered: nothing of it is owed. */
function unsized(code: EntryDenial['code'], minimum: Dec, debt: Dec, steps: readonly ArithmeticStep[]): EntryDenial {
  return { ok: false, code, wanted: null, minimum, debtAfter: debt, steps };
}

function belowMinimum(total: Dec, minimum: Dec, steps: readonly ArithmeticStep[]): EntryDenial {
  return {
    ok: false,
    code: 'BELOW_MINIMUM',
    wanted: total,
    minimum,
    debtAfter: total,
    steps: [...steps, step('debt_after', `${toText(total)} < ${toText(minimum)}`, total)],
  };
}

export type ReductionInput = {
  /** Contracts the follower holds for this subscription, ≥ 0. */
  readonly held: Dec;
  /** Contracts that entries may still add which left and of which it is not known yet what they filled; none when left out. */
  readonly entering?: Dec;
  /** Part of his own position that the leader closes, in (0, 1]; 0: only what is owed from earlier closes. */
  readonly share: Dec;
  readonly debt: Dec;
  readonly instrument: Pick<Instrument, 'lotSize' | 'minSize' | 'maxMarketSize'>;
  /** The leader holds nothing after this leg: nothing is owed to the follower any more, so positive debt ends. */
  readonly leaderFlat: boolean;
  /** No more than this can be closed now; null: all of it can. */
  readonly most?: Dec | null;
};

export type ReductionSize =
  | {
      readonly ok: true;
      readonly quantity: Dec;
      readonly debtAfter: Dec;
      readonly steps: readonly ArithmeticStep[];
    }
  | {
      readonly ok: false;
      readonly code: 'BELOW_MINIMUM' | 'NO_POSITION' | 'ENTRY_ON_ITS_WAY';
      readonly wanted: Dec;
      readonly minimum: Dec;
      readonly debtAfter: Dec;
      readonly steps: readonly ArithmeticStep[];
    };

/**
 * Quantity of a reduction. Held + debt is what the follower ought to hold; after a close of share s it ought to be
 * (1 − s) of that, and `debtAfter` keeps whatever the lot or the minimum put in the way:
 *
 *   want = s·held + (1 − s)·max(0, −debt)      debtAfter = (1 − s)·(held + debt) − (held − quantity)
 *
 * Share 1 closes everything that is held, also where that is under the minimum, and leaves no debt.
 * Of what is entering, his share is not closed yet but owed: held in `debtAfter` then means held + entering.
 * More than the venue takes in one market order is cut to that, the rest is carried as debt.
 */
export function sizeReduction(input: ReductionInput): ReductionSize {
  const { held, share, instrument } = input;
  const debt = countedDebt(input.debt);
  const minimum = smallestOrder(instrument);
  const full = !isBelow(share, ONE);
  const remaining = full ? ZERO : ONE.minus(share);
  const entering = input.entering ?? ZERO;
  const coming = full ? held : held.plus(entering);
  const settle = (quantity: Dec): Dec => {
    const carried = quantize(remaining.times(coming.plus(debt)).minus(coming.minus(quantity)));
    return countedDebt(input.leaderFlat ? minDec(carried, ZERO) : carried);
  };

  if (!isAboveZero(held)) {
    return {
      ok: false,
      code: isAboveZero(entering) ? 'ENTRY_ON_ITS_WAY' : 'NO_POSITION',
      wanted: ZERO,
      minimum,
      debtAfter: settle(ZERO),
      steps: [],
    };
  }

  const steps: ArithmeticStep[] = [];
  let want = held;
  if (full) {
    steps.push(step('everything_held', toText(held), held));
  } else {
    want = quantize(share.times(held));
    steps.push(step('share_of_held', `${showShare(share)} × ${toText(held)}`, want));
    if (isBelowZero(debt)) {
      const owed = quantize(remaining.times(debt.neg()));
      const total = want.plus(owed);
      steps.push(step('owed_reduction', `${toText(want)} + ${showShare(remaining)} × ${toText(debt.neg())}`, total));
      want = total;
    }
    if (isAbove(want, held)) {
      steps.push(step('capped_at_held', `min(${toText(want)}, ${toText(held)})`, held));
      want = held;
    }
  }

  let quantity = isEqual(want, held) ? held : roundToLot(instrument, want);
  if (!isEqual(quantity, want)) {
    steps.push(step('rounded_to_lot', `⌊${toText(want)} ÷ ${toText(instrument.lotSize)}⌋`, quantity));
  }
  if (instrument.maxMarketSize !== null && isAbove(quantity, instrument.maxMarketSize)) {
    const most = roundToLot(instrument, instrument.maxMarketSize);
    steps.push(step('capped_at_maximum', `min(${toText(quantity)}, ${toText(most)})`, most));
    quantity = most;
  }
  if (input.most != null && isAbove(quantity, input.most)) {
    const most = roundToLot(instrument, input.most);
    steps.push(step('capped_at_free', `min(${toText(quantity)}, ${toText(most)})`, most));
    quantity = most;
  }
  if ((isBelow(quantity, minimum) || !isAboveZero(quantity)) && !isEqual(quantity, held)) {
    return { ok: false, code: 'BELOW_MINIMUM', wanted: want, minimum, debtAfter: settle(ZERO), steps };
  }
  const debtAfter = settle(quantity);
  if (!debtAfter.isZero()) steps.push(step('debt_after', `${toText(want)} − ${toText(quantity)}`, debtAfter));
  return { ok: true, quantity, debtAfter, steps };
}

function showShare(share: Dec): string {
  return toText(share.toDecimalPlaces(6));
}
