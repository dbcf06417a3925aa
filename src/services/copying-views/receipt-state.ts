import type { RECEIPT_STATES, SignalCounts } from '@/contracts/api/copying';
import type { TradeStatus } from '@/domain/order-state';
import { Prisma } from '@/platform/database/database';

export type ReceiptState = (typeof RECEIPT_STATES)[number];

/** From the worst to the best: the worst leg of a follower's answer is the state of his receipt. */
const WORST_FIRST = ['unknown', 'rejected', 'denied', 'pending', 'open', 'filled'] as const;

/** State of one leg. An order that ended with a part filled counts as filled, without any as rejected. */
export function legState(status: TradeStatus, anyFilled: boolean): ReceiptState {
  switch (status) {
    case 'denied':
    case 'unknown':
    case 'filled':
    case 'rejected':
      return status;
    case 'planned':
      return 'pending';
    case 'live':
    case 'partially_filled':
      return 'open';
    case 'canceled':
    case 'expired':
      return anyFilled ? 'filled' : 'rejected';
  }
}

/** State of a receipt with one leg, or with two for a reversal. */
export function receiptState(
  legs: readonly { readonly status: TradeStatus; readonly anyFilled: boolean }[],
): ReceiptState {
  const states = new Set(legs.map((leg) => legState(leg.status, leg.anyFilled)));
  return WORST_FIRST.find((state) => states.has(state)) ?? 'pending';
}

/** `legState` and `receiptState` for the database: the rank of the worst leg of a group of rows of Trade `t`. */
export const WORST_RANK_SQL = Prisma.sql`MIN(CASE
  WHEN t.status = 'unknown' THEN 0
  WHEN t.status = 'rejected' OR (t.status IN ('canceled', 'expired') AND t.filledQuantity = 0) THEN 1
  WHEN t.status = 'denied' THEN 2
  WHEN t.status = 'planned' THEN 3
  WHEN t.status IN ('live', 'partially_filled') THEN 4
  ELSE 5 END)`;

export function stateOfRank(rank: number): ReceiptState {
  const state = WORST_FIRST[rank];
  if (state === undefined) throw new RangeError(`There is no receipt state of rank ${rank}`);
  return state;
}

export function rankOfState(state: ReceiptState): number {
  return WORST_FIRST.indexOf(state);
}

export const NO_COUNTS: SignalCounts = { total: 0, filled: 0, open: 0, denied: 0, rejected: 0, unknown: 0 };

/** Adds `receipts` of one state. What is pending is on its way: it counts as open. */
export function addToCounts(counts: SignalCounts, state: ReceiptState, receipts: number): SignalCounts {
  const place = state === 'pending' ? 'open' : state;
  return { ...counts, total: counts.total + receipts, [place]: counts[place] + receipts };
}
