import { cancel } from './cancel';
import type { Instrument } from './instruments';
import { type Account, type MgnMode, type Order, opposite, type PosSide, positionKey, positionSign } from './model';
import { checkClientIdFree, checkTrading } from './order-checks';
import { accept } from './orders';
import { Refusal } from './refusal';
import type { Venue } from './venue';

export interface CloseRequest {
  readonly instrument: Instrument;
  readonly mgnMode: MgnMode;
  readonly posSide: PosSide;
  /** Cancels what waits on the closing side first, whosever it is; without it such an order is a reason to refuse. */
  readonly cancelsOrders: boolean;
  readonly clOrdId: string;
  readonly tag: string;
}

/** Closes a whole position at market. Throws Refusal. */
export function closePosition(venue: Venue, account: Account, wanted: CloseRequest, receivedAt: number): void {
  const { instrument, mgnMode, posSide, clOrdId, tag } = wanted;
  checkTrading(venue.market.quote(instrument.instId));
  const position = account.positions.get(positionKey(instrument.instId, posSide, mgnMode));
  const sign = position ? positionSign(position) : 0;
  if (!position || sign === 0) throw new Refusal('no-position');
  if (position.pos.abs().gt(instrument.maxMktSz)) throw new Refusal('too-large-to-close-at-market');
  checkClientIdFree(account, clOrdId);
  const side = opposite(sign === 1 ? 'buy' : 'sell');
  const waits = (order: Order): boolean =>
    order.instId === instrument.instId && order.tdMode === mgnMode && order.posSide === posSide && order.side === side;
  for (const order of [...account.pending.values()].filter(waits)) {
    if (!wanted.cancelsOrders) throw new Refusal('closing-orders-wait');
    cancel(venue, account, order, 'closed-at-market');
  }
  accept(
    venue,
    account,
    {
      instrument,
      instId: instrument.instId,
      clOrdId,
      tag,
      side,
      posSide,
      tdMode: mgnMode,
      ordType: 'market',
      reduceOnly: posSide === 'net',
      px: null,
      sz: position.pos.abs(),
      stpMode: 'cancel_maker',
      attached: [],
    },
    receivedAt,
  );
}
