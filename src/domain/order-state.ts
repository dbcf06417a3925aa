/**
 * Life of a trade (one order for one customer). One table says which moves are legal.
 *
 *  planned ──► live ──► partially_filled ──► filled
 *     │          │              │
 *     │          └──► canceled ◄┘          (a late fill after a cancel is legal: it only raises the filled quantity)
 *     ├──► unknown ──► any of the venue's states, or planned again once absence is definitive
 *     ├──► rejected   the venue said no
 *     └──► expired    never reached the venue in time, and now never will
 *  What the venue has is ours, whatever we believed: rejected and expired go on to any of its states once it tells of the order.
 *  denied is born final: our own rules said no, nothing was sent, and an order under its id is not ours.
 */
export const TRADE_STATUSES = [
  'denied',
  'planned',
  'unknown',
  'live',
  'partially_filled',
  'filled',
  'canceled',
  'rejected',
  'expired',
] as const;
export type TradeStatus = (typeof TRADE_STATUSES)[number];

/**
 * close, open  an order that a signal led to
 * stop         the stop-loss and take-profit order that stands at the venue for a position; live until its price is reached
 * outside      a part of a position that was closed at the venue by no order of ours; filled from its beginning
 */
export const TRADE_LEGS = ['close', 'open', 'stop', 'outside'] as const;
export type TradeLeg = (typeof TRADE_LEGS)[number];

const TRANSITIONS: Readonly<Record<TradeStatus, readonly TradeStatus[]>> = {
  denied: [],
  planned: ['unknown', 'live', 'partially_filled', 'filled', 'canceled', 'rejected', 'expired'],
  unknown: ['planned', 'live', 'partially_filled', 'filled', 'canceled', 'rejected', 'expired'],
  live: ['partially_filled', 'filled', 'canceled'],
  partially_filled: ['filled', 'canceled'],
  filled: [],
  // A venue may report the cancel before the last fill: the fill still counts.
  canceled: ['filled'],
  rejected: ['live', 'partially_filled', 'filled', 'canceled'],
  expired: ['live', 'partially_filled', 'filled', 'canceled'],
};

/** Thrown when code asks for a move that the table does not have: a broken invariant, never an expected failure. */
export class IllegalTransitionError extends Error {
  readonly code = 'ILLEGAL_TRANSITION';
  constructor(
    readonly from: TradeStatus,
    readonly to: TradeStatus,
  ) {
    super(`A trade cannot move from ${from} to ${to}`);
  }
}

export function canTransition(from: TradeStatus, to: TradeStatus): boolean {
  return TRANSITIONS[from].includes(to);
}

/** Answers `to`, or throws IllegalTransitionError. Staying where one is is always legal. */
export function transition(from: TradeStatus, to: TradeStatus): TradeStatus {
  if (from !== to && !canTransition(from, to)) throw new IllegalTransitionError(from, to);
  return to;
}

/** It ended without the venue's having it, as far as we know. */
export function isUnplacedEnd(status: TradeStatus): status is 'rejected' | 'expired' {
  return status === 'rejected' || status === 'expired';
}

/** No further order traffic is expected. */
export function isTerminal(status: TradeStatus): boolean {
  return (
    status === 'filled' || status === 'canceled' || status === 'rejected' || status === 'denied' || status === 'expired'
  );
}
