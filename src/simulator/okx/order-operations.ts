import type { Dec } from '@/domain/decimal';
import { cancel } from '../engine/cancel';
import { type Account, isTerminal, type Order } from '../engine/model';
import { checkAgainstAccount } from '../engine/order-checks';
import { accept, amend } from '../engine/orders';
import type { Venue } from '../engine/venue';
import { type ErrorCode, VenueError, venueErrorOf } from './errors';
import { checkClientId, type Request, readInstrument, readOrder, readPx, readSize, textOf } from './order-requests';

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

function attempt(venue: Venue, names: Partial<OperationRow>, work: () => Partial<OperationRow>): OperationRow {
  const ts = String(venue.clock.now());
  try {
    return { clOrdId: '', ordId: '', ...names, ts, sCode: '0', sMsg: '', ...work() };
  } catch (error) {
    const told = venueErrorOf(error);
    if (!told) throw error;
    return { clOrdId: '', ordId: '', ...names, ts, sCode: told.code, sMsg: told.message };
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
    cancel(venue, account, order, 'user');
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
      amend(venue, account, order, readAmendment(order, request, reqId));
    } catch (error) {
      if (request.cxlOnFail === true || request.cxlOnFail === 'true') cancel(venue, account, order, 'user');
      throw error;
    }
    return { clOrdId: order.clOrdId, ordId: order.ordId };
  });
}

function readAmendment(order: Order, request: Request, reqId: string): { sz?: Dec; px?: Dec; reqId: string } {
  const instrument = readInstrument({ instId: order.instId }, false);
  const wantsSz = textOf(request.newSz) !== '';
  const wantsPx = textOf(request.newPx) !== '';
  if (!wantsSz && !wantsPx) throw new VenueError('51500');
  if (wantsPx && !order.px) throw new VenueError('51000', 'newPx');
  return {
    reqId,
    ...(wantsSz ? { sz: readSize(instrument, request.newSz, 'newSz', false) } : {}),
    ...(wantsPx ? { px: readPx(instrument, request.newPx, 'newPx') } : {}),
  };
}
