import type { TradeLeg, TradeStatus } from './order-state';

/** How one follower's answer to one signal stands: of its trades (a reversal has two), the one that needs most attention. */
export const RECEIPT_STATES = ['pending', 'open', 'filled', 'partial', 'denied', 'rejected', 'unknown'] as const;
export type ReceiptState = (typeof RECEIPT_STATES)[number];

type TradeOutline = { readonly leg?: TradeLeg; readonly status: TradeStatus; readonly filled: boolean };

function stateOf({ status, filled }: TradeOutline): ReceiptState {
  switch (status) {
    case 'unknown':
      return 'unknown';
    case 'rejected':
      return 'rejected';
    case 'expired':
    case 'canceled':
      return filled ? 'partial' : 'rejected';
    case 'denied':
      return 'denied';
    case 'planned':
      return 'pending';
    case 'live':
    case 'partially_filled':
      return 'open';
    case 'filled':
      return 'filled';
  }
}

/** Worst first. */
const ORDER: readonly ReceiptState[] = ['unknown', 'rejected', 'denied', 'partial', 'pending', 'open', 'filled'];

function worst(trades: readonly TradeOutline[]): ReceiptState | null {
  const states = new Set(trades.map(stateOf));
  return ORDER.find((state) => states.has(state)) ?? null;
}

/**
 * A stop order says something only where the signal did nothing but set it: that one was refused, or is not known to stand, changes
 * nothing about what was bought. Positions say how they are protected, and a position without its stop is told by itself.
 */
export function receiptState(trades: readonly TradeOutline[]): ReceiptState {
  const orders = worst(trades.filter(({ leg }) => leg !== 'stop'));
  if (orders !== null) return orders;
  return ORDER.find((state) => trades.some((trade) => stopState(trade) === state)) ?? 'pending';
}

/** A stop that went with its position has done what it should. */
function stopState({ status, filled }: TradeOutline): ReceiptState {
  if (status === 'unknown' || status === 'rejected' || status === 'planned') return stateOf({ status, filled });
  return status === 'live' ? 'open' : 'filled';
}

export type ReceiptCounts = {
  readonly total: number;
  readonly filled: number;
  /** Ended with a part filled: the rest was cancelled. */
  readonly partial: number;
  /** On its way or resting at the venue. */
  readonly open: number;
  readonly denied: number;
  readonly rejected: number;
  readonly unknown: number;
};

/**
 * These become nothing else, unless an order that was never placed turns out to stand at the venue: a cancelled order may still be
 * filled, a stop order has its life before it.
 */
const FINAL: readonly TradeStatus[] = ['filled', 'rejected', 'denied', 'expired'];

/** Whether the receipts of these trades are not expected to change. */
export function areFinal(trades: readonly Pick<TradeOutline, 'leg' | 'status'>[]): boolean {
  return trades.every(({ leg, status }) => leg !== 'stop' && FINAL.includes(status));
}

/** Counts receipts, one a follower. `trades` may come in any order. */
export function countReceipts(trades: readonly (TradeOutline & { readonly subscriptionId: string })[]): ReceiptCounts {
  const followers = new Map<string, TradeOutline[]>();
  for (const trade of trades) {
    const own = followers.get(trade.subscriptionId);
    if (own === undefined) followers.set(trade.subscriptionId, [trade]);
    else own.push(trade);
  }
  const counts = { total: followers.size, filled: 0, partial: 0, open: 0, denied: 0, rejected: 0, unknown: 0 };
  for (const own of followers.values()) {
    const state = receiptState(own);
    counts[state === 'pending' ? 'open' : state] += 1;
  }
  return counts;
}
