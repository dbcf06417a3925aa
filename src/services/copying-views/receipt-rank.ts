import type { SignalCounts } from '@/contracts/api/copying';
import type { ReceiptState } from '@/domain/receipt';
import { Prisma } from '@/platform/database/database';

/** The order of `receiptState` in domain/receipt, worst first; a test holds the two together. */
const WORST_FIRST: readonly ReceiptState[] = ['unknown', 'rejected', 'denied', 'partial', 'pending', 'open', 'filled'];

/** Stop orders come behind all others. */
const STOPS = 10;

/** `receiptState` for the database: the rank of a group of rows of Trade `t`. */
export const WORST_RANK_SQL = Prisma.sql`MOD(MIN(CASE
  WHEN t.leg = 'stop' THEN ${Prisma.raw(String(STOPS))} + CASE t.status
    WHEN 'unknown' THEN 0 WHEN 'rejected' THEN 1 WHEN 'planned' THEN 4 WHEN 'live' THEN 5 ELSE 6 END
  WHEN t.status = 'unknown' THEN 0
  WHEN t.status = 'rejected' OR (t.status IN ('canceled', 'expired') AND t.filledQuantity = 0) THEN 1
  WHEN t.status = 'denied' THEN 2
  WHEN t.status IN ('canceled', 'expired') THEN 3
  WHEN t.status = 'planned' THEN 4
  WHEN t.status IN ('live', 'partially_filled') THEN 5
  ELSE 6 END), ${Prisma.raw(String(STOPS))})`;

/** Throws RangeError for a rank that the statement above cannot give. */
export function stateOfRank(rank: number): ReceiptState {
  const state = WORST_FIRST[rank];
  if (state === undefined) throw new RangeError(`There is no receipt state of rank ${rank}`);
  return state;
}

export function rankOfState(state: ReceiptState): number {
  return WORST_FIRST.indexOf(state);
}

export const NO_COUNTS: SignalCounts = { total: 0, filled: 0, partial: 0, open: 0, denied: 0, rejected: 0, unknown: 0 };

/** Adds `receipts` of one state. What is pending is on its way: it counts as open. */
export function addToCounts(counts: SignalCounts, state: ReceiptState, receipts: number): SignalCounts {
  const place = state === 'pending' ? 'open' : state;
  return { ...counts, total: counts.total + receipts, [place]: counts[place] + receipts };
}
