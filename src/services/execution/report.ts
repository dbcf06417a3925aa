import type { Dec } from '@/domain/decimal';
import type { OrderUpdate, PlacementOutcome, VenueFill } from '@/exchanges/port';
import type { TradeRecord } from './trade-record';

/** Something that was learnt about a trade. The trade book turns reports into rows. */
export type TradeReport =
  | {
      readonly kind: 'placement';
      readonly tradeId: string;
      readonly outcome: PlacementOutcome;
      readonly attempt: number;
      /** Epoch ms. */
      readonly sentAt: number;
      /** The trade as it was when it was sent, where the sender has it: what is plain needs no look at the row. */
      readonly trade?: TradeRecord;
    }
  | {
      readonly kind: 'venue';
      readonly tradeId: string;
      readonly update: OrderUpdate;
      readonly fills: readonly VenueFill[];
    }
  /** Nobody knows, or can ask, whether it was placed. */
  | { readonly kind: 'doubted'; readonly tradeId: string; readonly code: string }
  /** It uses another leverage than it was decided with. */
  | { readonly kind: 'levered'; readonly tradeId: string; readonly leverage: Dec }
  /** It never reached the venue and never will. */
  | {
      readonly kind: 'expired';
      readonly tradeId: string;
      readonly code: string;
      readonly at: number;
      /** A request for it may have left, perhaps by a worker that is gone: the venue may still turn out to have it. */
      readonly mayHaveLeft?: boolean;
      /** The numbers of the sentence that the receipt shows. */
      readonly context?: Readonly<Record<string, string>>;
    };
