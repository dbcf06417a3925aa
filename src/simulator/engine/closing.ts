import { type Dec, ZERO } from '@/domain/decimal';
import { cancel } from './cancel';
import { type Account, closesOnly, type Order, type Position, positionKey, positionSign, remaining } from './model';
import type { Venue } from './venue';

/*
 * An account closes no more than it holds. Orders that may only close are taken with any size; where together they exceed
 * the position, those that would fill last are cut, or cancelled where nothing is left for them.
 */

type Closes = Pick<Order, 'instId' | 'posSide' | 'tdMode'>;

function isOf(order: Order, position: Closes): boolean {
  return order.instId === position.instId && order.posSide === position.posSide && order.tdMode === position.tdMode;
}

/** Whoever would fill sooner comes first: market orders, then better prices, then older orders. */
function bySoonerFill(a: Order, b: Order): number {
  if (a.px && b.px && !a.px.eq(b.px)) return (a.side === 'sell') === a.px.lt(b.px) ? -1 : 1;
  if ((a.px === null) !== (b.px === null)) return a.px === null ? -1 : 1;
  return a.ordId < b.ordId ? -1 : 1;
}

/** Contracts of its position that an order of this side can take away. */
function reducible(account: Account, order: Order): Dec {
  const position = account.positions.get(positionKey(order.instId, order.posSide, order.tdMode));
  const sign = position ? positionSign(position) : 0;
  return position && sign !== 0 && (order.side === 'sell') === (sign === 1) ? position.pos.abs() : ZERO;
}

/** The orders that cannot keep what is open of them, and what is left for each. */
function excess(account: Account, position: Closes): Map<Order, Dec> {
  const cuts = new Map<Order, Dec>();
  const closing = [...account.pending.values()].filter((order) => closesOnly(order) && isOf(order, position));
  for (const side of ['buy', 'sell'] as const) {
    const queue = closing.filter((order) => order.side === side).sort(bySoonerFill);
    const first = queue[0];
    if (!first) continue;
    let room = reducible(account, first);
    for (const order of queue) {
      const open = remaining(order);
      if (open.gt(room)) cuts.set(order, room);
      room = open.gt(room) ? ZERO : room.minus(open);
    }
  }
  return cuts;
}

function cut(order: Order, room: Dec): void {
  order.sz = order.accFillSz.plus(room);
}

/** A position got smaller: what would close more than is left of it is cut. */
export function fitClosing(venue: Venue, account: Account, position: Position): void {
  if (venue.closing === 'refused' || account.pending.size === 0) return;
  applyCuts(venue, account, excess(account, { ...position, tdMode: position.mgnMode }), 'nothing-to-reduce');
}

/**
 * An order comes in or changes. It is cut silently, because its own push is still to be sent; `settle` cuts the others and
 * ends it where nothing is left for it.
 */
export function makeRoom(
  venue: Venue,
  account: Account,
  order: Order,
): { readonly wasCut: boolean; readonly settle: () => void } {
  if (venue.closing === 'refused' || !closesOnly(order)) return NO_CUT;
  const cuts = excess(account, order);
  const own = cuts.get(order);
  const wasCut = own?.gt(ZERO) === true;
  if (own && wasCut) cut(order, own);
  if (!own || wasCut) cuts.delete(order);
  return { wasCut, settle: () => applyCuts(venue, account, cuts, 'displaced') };
}

const NO_CUT = { wasCut: false, settle: () => {} };

function applyCuts(
  venue: Venue,
  account: Account,
  cuts: ReadonlyMap<Order, Dec>,
  reason: 'displaced' | 'nothing-to-reduce',
): void {
  for (const [order, room] of cuts) {
    if (room.isZero()) {
      cancel(venue, account, order, reason);
      continue;
    }
    cut(order, room);
    order.uTime = venue.clock.now();
    order.amendment = 'cut-by-others';
    venue.accounts.touchOrder(order);
    venue.events.order(account, order);
    order.amendment = '';
  }
}
