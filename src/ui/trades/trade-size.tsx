import type { TradeView } from '@/contracts/api/copying';
import { Size } from '../shared/figures';

type Sized = Pick<TradeView, 'symbol' | 'quantity' | 'quantityBase' | 'filledQuantity'>;

/** What was ordered, with what was filled before it where that is a part: the venue cuts a close of more than is there. */
export function TradeSize({ trade: { symbol, quantity, quantityBase, filledQuantity } }: { trade: Sized }) {
  const ordered = <Size contracts={quantity} base={quantityBase} symbol={symbol} />;
  if (filledQuantity === quantity || filledQuantity === '0') return ordered;
  return (
    <>
      <Size contracts={filledQuantity} symbol={symbol} /> / {ordered}
    </>
  );
}
