import { type Dec, dec, minDec, ONE, ZERO } from './decimal';
import { type Instrument, roundToTick } from './instrument';
import type { PositionSide, SignalIntent, TriggerLevel } from './signal';

/**
 * Stop-loss and take-profit of one follower's position. A price in quote currency, or a share of his own average entry; at most
 * one of each pair is set, and all null means none.
 */
export type ProtectionLevels = {
  readonly stopPrice: Dec | null;
  readonly stopShare: Dec | null;
  readonly takePrice: Dec | null;
  readonly takeShare: Dec | null;
};

/** stop: the stop-loss · take: the take-profit */
export const LEVEL_KINDS = ['stop', 'take'] as const;
export type LevelKind = (typeof LEVEL_KINDS)[number];

/** An order that protects: contracts and trigger prices, at least one of them set. */
export type ProtectiveOrder = {
  readonly quantity: Dec;
  readonly stopPrice: Dec | null;
  readonly takePrice: Dec | null;
};

export const NO_LEVELS: ProtectionLevels = { stopPrice: null, stopShare: null, takePrice: null, takeShare: null };

const HUNDRED = dec(100);

/** Whether a signal says anything about stop-loss and take-profit. `protect` without either takes them away. */
export function setsLevels(intent: Pick<SignalIntent, 'action' | 'stopLoss' | 'takeProfit'>): boolean {
  return intent.action === 'protect' || (intent.stopLoss ?? null) !== null || (intent.takeProfit ?? null) !== null;
}

/**
 * A signal's levels for one follower. Who copies in reverse holds the other side: the price at which the leader stops his loss
 * is the one at which the follower takes his profit, so the two change places.
 */
export function followerLevels(
  intent: Pick<SignalIntent, 'stopLoss' | 'takeProfit'>,
  reverse: boolean,
): ProtectionLevels {
  const stop = (reverse ? intent.takeProfit : intent.stopLoss) ?? null;
  const take = (reverse ? intent.stopLoss : intent.takeProfit) ?? null;
  return {
    stopPrice: priceOf(stop),
    stopShare: shareOf(stop),
    takePrice: priceOf(take),
    takeShare: shareOf(take),
  };
}

/** Null: it is none, or a share of the entry. */
export function priceOf(level: TriggerLevel | null): Dec | null {
  return level?.unit === 'price' ? dec(level.value) : null;
}

function shareOf(level: TriggerLevel | null): Dec | null {
  return level?.unit === 'percent' ? dec(level.value).div(HUNDRED) : null;
}

/**
 * The order that a position should have; null: none, because nothing is held or no level is set.
 * stop = entry · (1 − share) for a long, entry · (1 + share) for a short; take-profit the other way round; nearest tick.
 * A price that comes out at or below zero is left out: it could never be reached. It becomes a market order, of which the venue takes
 * so much at a time: once that much is closed, the market has passed the level of the rest, which is closed for it.
 * @param averageEntry of the follower's own fills, quote currency; null when flat
 */
export function wantedProtection(
  levels: ProtectionLevels,
  side: PositionSide,
  quantity: Dec,
  averageEntry: Dec | null,
  instrument: Pick<Instrument, 'tickSize' | 'maxMarketSize'>,
): ProtectiveOrder | null {
  if (quantity.lte(0) || averageEntry === null) return null;
  const away = side === 'long' ? ONE.neg() : ONE;
  const at = (price: Dec | null, share: Dec | null, direction: Dec): Dec | null => {
    const exact = price ?? (share === null ? null : averageEntry.times(ONE.plus(share.times(direction))));
    if (exact === null) return null;
    const rounded = roundToTick(instrument, exact);
    return rounded.gt(ZERO) ? rounded : null;
  };
  const stopPrice = at(levels.stopPrice, levels.stopShare, away);
  const takePrice = at(levels.takePrice, levels.takeShare, away.neg());
  if (stopPrice === null && takePrice === null) return null;
  const { maxMarketSize } = instrument;
  return { quantity: maxMarketSize === null ? quantity : minDec(quantity, maxMarketSize), stopPrice, takePrice };
}

/** What was last asked of the venue. spent: the order was triggered. */
export type ProtectionRequest = 'none' | 'place' | 'change' | 'cancel' | 'spent';

/** How a protection stands between us and the venue. */
export type ProtectionStanding = {
  readonly request: ProtectionRequest;
  /** False: whether the last request was carried out is not known. */
  readonly confirmed: boolean;
  /** What the last request asked for; for a cancel what stood before. */
  readonly asked: ProtectiveOrder;
  /** The order's trade is final: filled, cancelled or refused. */
  readonly ended: boolean;
};

/**
 * rest    nothing to do
 * ask     find out what became of the last request, or of a triggered order
 * forget  the order is over; whether another one is needed is decided anew
 * place, change, cancel  what to ask the venue for
 */
export type ProtectionStep = 'rest' | 'ask' | 'forget' | 'place' | 'change' | 'cancel';

/**
 * The next step towards what is wanted. One order at a time: what is not known is asked for before anything else is, and an
 * order whose kind has to change (a take-profit comes or goes) is taken back before its successor is placed.
 */
export function nextStep(wanted: ProtectiveOrder | null, standing: ProtectionStanding): ProtectionStep {
  if (standing.request === 'none') return wanted === null ? 'rest' : 'place';
  if (standing.ended) return 'forget';
  if (!standing.confirmed || standing.request === 'spent' || standing.request === 'cancel') return 'ask';
  if (wanted === null) return 'cancel';
  const { asked } = standing;
  const sameKind =
    (wanted.stopPrice === null) === (asked.stopPrice === null) &&
    (wanted.takePrice === null) === (asked.takePrice === null);
  if (!sameKind) return 'cancel';
  return isSameOrder(wanted, asked) ? 'rest' : 'change';
}

/** Whether a position has the order that it should have, as far as the venue has confirmed it. */
export function isCovered(wanted: ProtectiveOrder | null, standing: ProtectionStanding): boolean {
  return wanted === null || nextStep(wanted, standing) === 'rest';
}

export function isSameOrder(a: ProtectiveOrder, b: ProtectiveOrder): boolean {
  const equal = (x: Dec | null, y: Dec | null): boolean => (x === null || y === null ? x === y : x.eq(y));
  return a.quantity.eq(b.quantity) && equal(a.stopPrice, b.stopPrice) && equal(a.takePrice, b.takePrice);
}

export type LevelProblem = { readonly field: 'stopLoss' | 'takeProfit'; readonly message: string };

/**
 * A level that is a share of the entry and can never be reached: its price would be zero or below. A stop-loss so far away is none for a
 * short either.
 *
 * @param side null: it is known when the signal is carried out only
 */
export function findShareProblem(
  side: PositionSide | null,
  stopLoss: TriggerLevel | null,
  takeProfit: TriggerLevel | null,
): LevelProblem | null {
  const whole = (level: TriggerLevel | null): boolean => level?.unit === 'percent' && dec(level.value).gte(HUNDRED);
  if (whole(stopLoss)) {
    return { field: 'stopLoss', message: 'A stop-loss must lie less than 100 % away from the entry.' };
  }
  if (side === 'short' && whole(takeProfit)) {
    return {
      field: 'takeProfit',
      message: 'The take-profit of a short position must lie less than 100 % away from its entry.',
    };
  }
  return null;
}

/**
 * What is wrong with the prices of a signal, as far as it can be told from the signal alone: a long's stop-loss lies below its
 * entry and its take-profit above, a short's the other way round. Null: nothing.
 */
export function findLevelProblem(
  side: PositionSide,
  entry: string | null,
  stopLoss: TriggerLevel | null,
  takeProfit: TriggerLevel | null,
): LevelProblem | null {
  const stop = priceOf(stopLoss);
  const take = priceOf(takeProfit);
  const [lower, higher] = side === 'long' ? [stop, take] : [take, stop];
  if (lower !== null && higher !== null && lower.gte(higher)) {
    const order = side === 'long' ? 'below' : 'above';
    return { field: 'stopLoss', message: `The stop-loss of a ${side} position lies ${order} its take-profit.` };
  }
  if (entry === null) return null;
  const at = dec(entry);
  const wrong = (price: Dec | null, below: boolean): boolean =>
    price !== null && (below ? price.gte(at) : price.lte(at));
  if (wrong(stop, side === 'long')) {
    const order = side === 'long' ? 'below' : 'above';
    return { field: 'stopLoss', message: `The stop-loss of a ${side} position lies ${order} its entry at ${entry}.` };
  }
  if (wrong(take, side === 'short')) {
    const order = side === 'long' ? 'above' : 'below';
    return {
      field: 'takeProfit',
      message: `The take-profit of a ${side} position lies ${order} its entry at ${entry}.`,
    };
  }
  return null;
}
