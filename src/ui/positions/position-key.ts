import type { PositionView } from '@/contracts/api/copying';

/** A subscription holds one row per instrument and side. */
export function positionKey(row: PositionView): string {
  return `${row.subscriptionId}|${row.symbol}|${row.side}`;
}
