import type { ReceiptView, TradeView } from '@/contracts/api/copying';
import type { TradeChange } from '@/contracts/realtime';
import { isTerminal } from '@/domain/order-state';
import { receiptState } from '@/domain/receipt';

/** A row as a push changes it. Replayed events may be older than the row: what is final is never taken back. */
export function withTradeChange<T extends TradeView>(trade: T, change: TradeChange): T {
  if (trade.id !== change.id) return trade;
  if (isTerminal(trade.status) && !isTerminal(change.status)) return trade;
  if (
    trade.status === change.status &&
    trade.filledQuantity === change.filledQuantity &&
    trade.code === change.code &&
    trade.averagePrice === change.averagePrice
  ) {
    return trade;
  }
  return {
    ...trade,
    status: change.status,
    code: change.code,
    filledQuantity: change.filledQuantity,
    averagePrice: change.averagePrice,
  };
}

/** A receipt with the changes of its trades; the same object when none concerns it. */
export function withReceiptChanges(receipt: ReceiptView, changes: ReadonlyMap<string, TradeChange>): ReceiptView {
  let touched = false;
  const trades = receipt.trades.map((trade) => {
    const change = changes.get(trade.id);
    if (change === undefined) return trade;
    const next = withTradeChange(trade, change);
    if (next !== trade) touched = true;
    return next;
  });
  if (!touched) return receipt;
  const state = receiptState(
    trades.map(({ status, filledQuantity }) => ({ status, filled: /[1-9]/.test(filledQuantity) })),
  );
  return { ...receipt, trades, state };
}
