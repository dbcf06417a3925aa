import { type Dec, dec } from '@/domain/decimal';
import { makeRoom } from './closing';
import { marginFor, valueAccount } from './margin';
import { crosses, execute, reconsider } from './matching';
import { type Account, isTerminal, leverageOf, type Order, type OrderCategory, remaining } from './model';
import { checkPriceLimit, checkTrading, type WantedOrder } from './order-checks';
import { Refusal } from './refusal';
import type { Venue } from './venue';

export interface OrderExtras {
  readonly category?: OrderCategory;
  readonly algoId?: string;
  readonly algoClOrdId?: string;
}

function newOrder(venue: Venue, account: Account, wanted: WantedOrder, receivedAt: number, extras: OrderExtras): Order {
  const now = venue.clock.now();
  const zero = dec(0);
  return {
    uid: account.uid,
    ordId: venue.ids.next(),
    clOrdId: wanted.clOrdId,
    tag: wanted.tag,
    instId: wanted.instId,
    side: wanted.side,
    posSide: wanted.posSide,
    tdMode: wanted.tdMode,
    ordType: wanted.ordType,
    reduceOnly: wanted.reduceOnly,
    px: wanted.px,
    sz: wanted.sz,
    accFillSz: zero,
    fillValue: zero,
    avgPx: zero,
    fee: zero,
    pnl: zero,
    state: 'live',
    cancelReason: '',
    category: extras.category ?? 'normal',
    lever: leverageOf(account, wanted.instId, wanted.tdMode, wanted.posSide),
    stpMode: wanted.stpMode,
    attached: wanted.attached,
    algoId: extras.algoId ?? '',
    algoClOrdId: extras.algoClOrdId ?? '',
    reqId: '',
    amendment: '',
    lastFill: null,
    deferred: false,
    createdAt: receivedAt,
    acceptedAt: now,
    filledAt: null,
    uTime: now,
  };
}

/** Gives an order its number and its place on the account, and tells nobody yet. */
export function register(
  venue: Venue,
  account: Account,
  wanted: WantedOrder,
  receivedAt: number,
  extras: OrderExtras = {},
): Order {
  const order = newOrder(venue, account, wanted, receivedAt, extras);
  account.orders.set(order.ordId, order);
  account.pending.set(order.ordId, order);
  if (order.clOrdId !== '') account.byClientId.set(order.clOrdId, order);
  venue.accounts.touchOrder(order);
  return order;
}

/** Books an order that passed every check, tells the streams it is live, and executes what crosses. */
export function accept(
  venue: Venue,
  account: Account,
  wanted: WantedOrder,
  receivedAt: number,
  extras: OrderExtras = {},
): Order {
  const order = register(venue, account, wanted, receivedAt, extras);
  const room = makeRoom(venue, account, order);
  order.amendment = room.wasCut ? 'cut-when-placed' : '';
  venue.events.order(account, order);
  order.amendment = '';
  room.settle();
  if (!isTerminal(order.state)) execute(venue, account, order);
  return order;
}

/**
 * Changes price and/or size of a resting order, tells the streams, and executes what crosses now. `reqId` is the client's
 * own name for the change. Throws Refusal and leaves the order as it was.
 */
export function amend(
  venue: Venue,
  account: Account,
  order: Order,
  wanted: { readonly sz?: Dec | undefined; readonly px?: Dec | undefined; readonly reqId: string },
): void {
  const quote = venue.market.quote(order.instId);
  checkTrading(quote);
  const sz = wanted.sz ?? order.sz;
  if (sz.lte(order.accFillSz)) throw new Refusal('order-is-over');
  const px = wanted.px ?? order.px;
  if (px) checkPriceLimit(quote, order.side, px);
  if (px && order.ordType === 'post_only' && crosses({ ...order, px }, quote)) throw new Refusal('would-take');
  const needed = marginFor(venue.market, account, { ...order, px }, sz.minus(order.accFillSz));
  const held = marginFor(venue.market, account, order, remaining(order));
  if (needed.gt(held.plus(valueAccount(venue.market, account).available))) throw new Refusal('insufficient-margin');
  order.sz = sz;
  order.px = px;
  const room = makeRoom(venue, account, order);
  order.reqId = wanted.reqId;
  order.amendment = room.wasCut ? 'by-user-cut' : 'by-user';
  order.uTime = venue.clock.now();
  venue.accounts.touchOrder(order);
  venue.events.order(account, order);
  order.reqId = '';
  order.amendment = '';
  room.settle();
  if (isTerminal(order.state)) return;
  if (crosses(order, quote) && !order.deferred) reconsider(venue, account, order);
}
