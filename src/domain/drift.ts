import { type Dec, maxDec, minDec, ZERO } from './decimal';
import type { PositionMode } from './risk/types';
import type { PositionSide } from './signal';

/**
 * How a venue's position can differ from what our books say of it.
 *
 * missing  the venue holds less: something was closed by hand, or liquidated in part
 * ghost    the venue holds nothing of it any more
 * extra    the venue holds more: the customer opened it by hand; shown, and never touched
 * size     in a net account the venue holds the other side
 */
export const DRIFT_KINDS = ['missing', 'extra', 'ghost', 'size'] as const;
export type DriftKind = (typeof DRIFT_KINDS)[number];

export const DRIFT_POLICIES = ['off', 'alert', 'repair'] as const;
export type DriftPolicy = (typeof DRIFT_POLICIES)[number];

/** What one subscription holds by our books in one instrument. Contracts, positive. */
export type Booked = { readonly subscriptionId: string; readonly side: PositionSide; readonly quantity: Dec };
/** What the venue holds of the instrument on one side. Contracts, positive. */
export type Held = { readonly side: PositionSide; readonly quantity: Dec };

/** One side of one instrument of an account where books and venue differ. Contracts, positive. */
export type Drift = { readonly side: PositionSide; readonly kind: DriftKind; readonly booked: Dec; readonly held: Dec };

function total(positions: readonly { readonly side: PositionSide; readonly quantity: Dec }[], side: PositionSide): Dec {
  return positions.reduce((sum, position) => (position.side === side ? sum.plus(position.quantity) : sum), ZERO);
}

/**
 * Compares our books with the venue for one account and instrument. A net account has one signed position, to which all
 * subscriptions add up; a long/short account has one on each side. Empty: they agree.
 */
export function findDrift(mode: PositionMode, booked: readonly Booked[], held: readonly Held[]): readonly Drift[] {
  if (mode === 'net') return compareNet(booked, held);
  return (['long', 'short'] as const).flatMap((side) => compareSide(side, total(booked, side), total(held, side)));
}

function compareNet(booked: readonly Booked[], held: readonly Held[]): readonly Drift[] {
  const ours = total(booked, 'long').minus(total(booked, 'short'));
  const theirs = total(held, 'long').minus(total(held, 'short'));
  const side = (ours.isZero() ? theirs : ours).gt(0) ? 'long' : 'short';
  if (ours.times(theirs).lt(0)) return [{ side, kind: 'size', booked: ours.abs(), held: theirs.abs() }];
  return compareSide(side, ours.abs(), theirs.abs());
}

/**
 * What of a venue's positions in one instrument an order that only reduces could close on a side: in a net account nothing, where the
 * position stands on the other one.
 */
export function heldOnSide(mode: PositionMode, held: readonly Held[], side: PositionSide): Dec {
  if (mode !== 'net') return total(held, side);
  return maxDec(ZERO, total(held, side).minus(total(held, side === 'long' ? 'short' : 'long')));
}

function compareSide(side: PositionSide, booked: Dec, held: Dec): readonly Drift[] {
  if (booked.eq(held)) return [];
  const kind = held.gt(booked) ? 'extra' : held.isZero() ? 'ghost' : 'missing';
  return [{ side, kind, booked, held }];
}

/** What follows from the policies of all who hold a part: the books are only changed where each of them agreed. */
export function jointPolicy(policies: readonly DriftPolicy[]): DriftPolicy {
  if (policies.length > 0 && policies.every((policy) => policy === 'repair')) return 'repair';
  return policies.some((policy) => policy !== 'off') ? 'alert' : 'off';
}

/** Whether our books may follow the venue: only down, and only where all holders stand on the drifted side. */
export function canRepair(drift: Drift, booked: readonly Booked[]): boolean {
  if (drift.kind !== 'missing' && drift.kind !== 'ghost') return false;
  return total(booked, drift.side).eq(drift.booked);
}

/**
 * Divides what the venue still holds among the subscriptions of one side, in proportion to their books, in whole lots; the
 * lots that rounding leaves over go to the largest remainders. Answers the new quantities, each at most the old one, which
 * add up to `held` wherever that is whole lots.
 */
export function divideHeld(booked: readonly Booked[], held: Dec, lotSize: Dec): readonly Booked[] {
  const all = booked.reduce((sum, position) => sum.plus(position.quantity), ZERO);
  if (all.lte(held)) return booked;
  const shares = booked.map((position) => {
    const exact = position.quantity.times(held).div(all);
    const lots = exact.div(lotSize).floor().times(lotSize);
    return { position, quantity: lots, rest: exact.minus(lots) };
  });
  let left = held.minus(shares.reduce((sum, share) => sum.plus(share.quantity), ZERO));
  const byRest = [...shares].sort(
    (a, b) => b.rest.cmp(a.rest) || (a.position.subscriptionId < b.position.subscriptionId ? -1 : 1),
  );
  for (const share of byRest) {
    const room = share.position.quantity.minus(share.quantity);
    const extra = minDec(minDec(lotSize, room), left);
    if (extra.lte(0)) continue;
    share.quantity = share.quantity.plus(extra);
    left = left.minus(extra);
  }
  return shares.map(({ position, quantity }) => ({ ...position, quantity }));
}
