import { dec } from '@/domain/decimal';
import type { Venue } from './context';
import { type ErrorCode, VenueError } from './errors';
import { marginFor, valueAccount } from './margin';
import { CANCEL_SOURCE, cancel, crosses, execute, reconsider } from './matching';
import { type Account, isTerminal, leverageOf, type Order, remaining } from './model';
import {
  checkAgainstAccount,
  checkClientId,
  checkPriceLimit,
  type Request,
  readInstrument,
  readOrder,
  readPx,
  readSize,
  textOf,
  type WantedOrder,
} from './order-rules';

/** One row of the answer to an order operation. */
export interface OperationRow {
  clOrdId: string;
  ordId: string;
  tag?: string;
  reqId?: string;
  ts: string;
  sCode: string;
  sMsg: string;
  subCode?: string;
}

export interface OperationContext {
  /** When the request arrived, venue ms, before injected delays. */
  readonly receivedAt: number;
  /** The deadline the client gave, if any. */
  readonly expTime: number | undefined;
  /** WebSocket operations name instruments by number. */
  readonly byCode: boolean;
}

export interface OrderExtras {
  readonly category?: string;
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
    cancelSource: '',
    cancelSourceReason: '',
    category: extras.category ?? 'normal',
    lever: leverageOf(account, wanted.instId, wanted.tdMode, wanted.posSide),
    stpMode: wanted.stpMode,
    attached: wanted.attached,
    algoId: extras.algoId ?? '',
    algoClOrdId: extras.algoClOrdId ?? '',
    reqId: '',
    amendResult: '',
    lastFill: null,
    deferred: false,
    createdAt: receivedAt,
    acceptedAt: now,
    filledAt: null,
    uTime: now,
  };
}

/** Books an order that passed every check, tells the streams it is live, and executes what crosses. */
export function accept(
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
  venue.events.order(account, order);
  execute(venue, account, order);
  return order;
}

function attempt(venue: Venue, names: Partial<OperationRow>, work: () => Partial<OperationRow>): OperationRow {
  const ts = String(venue.clock.now());
  try {
    return { clOrdId: '', ordId: '', ...names, ts, sCode: '0', sMsg: '', ...work() };
  } catch (error) {
    if (!(error instanceof VenueError)) throw error;
    return { clOrdId: '', ordId: '', ...names, ts, sCode: error.code, sMsg: error.message };
  }
}

function checkDeadline(venue: Venue, context: OperationContext): void {
  if (context.expTime !== undefined && venue.clock.now() > context.expTime) throw new VenueError('50037');
}

/** Places one order. Never throws for what a client can do wrong: the row says it. */
export function placeOrder(venue: Venue, account: Account, request: Request, context: OperationContext): OperationRow {
  const names = { clOrdId: textOf(request.clOrdId), ordId: '', tag: textOf(request.tag), subCode: '' };
  return attempt(venue, names, () => {
    checkDeadline(venue, context);
    const wanted = readOrder(venue, account, request, context.byCode);
    checkAgainstAccount(venue, account, wanted);
    const order = accept(venue, account, wanted, context.receivedAt);
    return { ordId: order.ordId, sMsg: context.byCode ? '' : 'Order placed' };
  });
}

/** Finds an order by ordId, else by clOrdId; ordId wins where both are given, as on OKX. */
export function findOrder(account: Account, request: Request): Order | undefined {
  const ordId = textOf(request.ordId);
  if (ordId !== '') return account.orders.get(ordId);
  const clOrdId = textOf(request.clOrdId);
  if (clOrdId === '') throw new VenueError('51003');
  return account.byClientId.get(clOrdId);
}

function findPending(account: Account, request: Request, byCode: boolean, missing: ErrorCode): Order {
  const instrument = readInstrument(request, byCode);
  const order = findOrder(account, request);
  if (!order || order.instId !== instrument.instId || isTerminal(order.state)) throw new VenueError(missing);
  return order;
}

/** Cancels one order. `sCode` 0 says that the request was accepted; the orders channel says what became of it. */
export function cancelOrder(venue: Venue, account: Account, request: Request, context: OperationContext): OperationRow {
  const names = { clOrdId: textOf(request.clOrdId), ordId: textOf(request.ordId) };
  return attempt(venue, names, () => {
    const order = findPending(account, request, context.byCode, '51400');
    cancel(venue, account, order, CANCEL_SOURCE.user);
    return { clOrdId: order.clOrdId, ordId: order.ordId };
  });
}

/** Changes price and/or size of a resting order; `cxlOnFail` cancels it where that is refused. */
export function amendOrder(venue: Venue, account: Account, request: Request, context: OperationContext): OperationRow {
  const reqId = textOf(request.reqId);
  const names = { clOrdId: textOf(request.clOrdId), ordId: textOf(request.ordId), reqId, subCode: '' };
  return attempt(venue, names, () => {
    checkDeadline(venue, context);
    checkClientId(reqId, 'reqId');
    const order = findPending(account, request, context.byCode, '51503');
    try {
      amend(venue, account, order, request);
    } catch (error) {
      if (request.cxlOnFail === true || request.cxlOnFail === 'true') cancel(venue, account, order, CANCEL_SOURCE.user);
      throw error;
    }
    order.reqId = reqId;
    order.amendResult = '0';
    order.uTime = venue.clock.now();
    venue.accounts.touchOrder(order);
    venue.events.order(account, order);
    order.reqId = '';
    order.amendResult = '';
    if (crosses(order, venue.market.quote(order.instId)) && !order.deferred) reconsider(venue, account, order);
    return { clOrdId: order.clOrdId, ordId: order.ordId };
  });
}

function amend(venue: Venue, account: Account, order: Order, request: Request): void {
  const instrument = readInstrument({ instId: order.instId }, false);
  const quote = venue.market.quote(order.instId);
  const wantsSz = textOf(request.newSz) !== '';
  const wantsPx = textOf(request.newPx) !== '';
  if (!wantsSz && !wantsPx) throw new VenueError('51500');
  if (wantsPx && !order.px) throw new VenueError('51000', 'newPx');
  const sz = wantsSz ? readSize(instrument, request.newSz, 'newSz', false) : order.sz;
  if (sz.lte(order.accFillSz)) throw new VenueError('51503');
  const px = wantsPx ? readPx(instrument, request.newPx, 'newPx') : order.px;
  if (px) checkPriceLimit(quote, order.side, px);
  if (px && order.ordType === 'post_only' && crosses({ ...order, px }, quote)) throw new VenueError('51511');
  const needed = marginFor(venue.market, account, { ...order, px }, sz.minus(order.accFillSz));
  const held = marginFor(venue.market, account, order, remaining(order));
  if (needed.gt(held.plus(valueAccount(venue.market, account).available))) throw new VenueError('51008');
  order.sz = sz;
  order.px = px;
}
