import { type Dec, dec, maxDec, minDec, roundDownToStep, ZERO } from '@/domain/decimal';
import { activateAttached, cancelAttachedOf } from './attached';
import { sweep, take } from './book';
import { cancel, retire } from './cancel';
import { fitClosing } from './closing';
import { reducingSize } from './margin';
import type { Quote } from './market';
import {
  type Account,
  closesOnly,
  type HoldingsReason,
  isTerminal,
  type Order,
  type OrderCategory,
  remaining,
} from './model';
import { priceLimits } from './order-checks';
import { applyFill } from './positions';
import { type Disturbance, later, type Venue } from './venue';

function orderSubject(order: Order): { account: string; instId: string; clOrdId: string; method: string } {
  return { account: order.uid, instId: order.instId, clOrdId: order.clOrdId, method: order.ordType };
}

/** Whether an order would execute at once against the book. */
export function crosses(order: Order, quote: Quote): boolean {
  if (!order.px) return true;
  return order.side === 'buy' ? order.px.gte(quote.ask) : order.px.lte(quote.bid);
}

/** Takes up an order that was just accepted: executes what crosses, lets the rest stand or cancels it by its type. */
export function execute(venue: Venue, account: Account, order: Order): void {
  const faults = venue.disturbances.execution(orderSubject(order));
  const delay = faults.find((fault) => fault.kind === 'fill-delay');
  if (delay) {
    order.deferred = true;
    later(venue, delay.ms, () => {
      order.deferred = false;
      if (!isTerminal(order.state)) run(venue, account, order, faults);
    });
    return;
  }
  run(venue, account, order, faults);
}

function run(venue: Venue, account: Account, order: Order, faults: readonly Disturbance[]): void {
  const quote = venue.market.quote(order.instId);
  // Accepted before the suspension: it executes when the instrument trades again.
  if (quote.state !== 'live') {
    rest(venue, order);
    return;
  }
  if (!crosses(order, quote)) {
    if (order.ordType === 'ioc' || order.ordType === 'optimal_limit_ioc')
      cancel(venue, account, order, 'ioc-remainder');
    else if (order.ordType === 'fok') cancel(venue, account, order, 'fok-unfilled');
    else rest(venue, order);
    return;
  }
  if (order.ordType === 'post_only') {
    cancel(venue, account, order, 'post-only-would-take');
    return;
  }
  if (!preventSelfTrade(venue, account, order, quote)) return;
  const partial = order.ordType === 'fok' ? undefined : faults.find((fault) => fault.kind === 'partial-fill');
  const open = remaining(order);
  const share = partial
    ? roundDownToStep(open.times(dec(String(partial.fraction))), quote.instrument.lotSz)
    : undefined;
  const offered = sweep(quote, order.side, share ?? open, worstPx(order, quote));
  if (order.ordType === 'fok' && sizeOf(offered).lt(open)) {
    cancel(venue, account, order, 'fok-unfilled');
    return;
  }
  for (const { px, sz } of offered) {
    if (isTerminal(order.state)) return;
    take(quote, order.side, sz);
    fill(venue, account, order, slipped(px, order, quote, faults), minDec(sz, remaining(order)), true);
  }
  if (isTerminal(order.state)) return;
  if (partial) leaveRest(venue, account, order, partial);
  else if (order.ordType === 'ioc' || order.ordType === 'optimal_limit_ioc')
    cancel(venue, account, order, 'ioc-remainder');
  // The rest of a market order stays open inside the price limit, and takes what comes.
  else rest(venue, order);
}

function sizeOf(offered: readonly { readonly sz: Dec }[]): Dec {
  return offered.reduce((sum, { sz }) => sum.plus(sz), ZERO);
}

/** What a partial-fill fault makes of the rest. */
function leaveRest(
  venue: Venue,
  account: Account,
  order: Order,
  partial: Extract<Disturbance, { kind: 'partial-fill' }>,
): void {
  if (partial.rest === 'cancel') {
    cancel(venue, account, order, 'ioc-remainder');
  } else if (partial.rest === 'later' || !order.px) {
    order.deferred = true;
    later(venue, partial.ms, () => {
      order.deferred = false;
      if (!isTerminal(order.state)) run(venue, account, order, []);
    });
  } else {
    rest(venue, order);
  }
}

/** The worst price an order takes: its own, or that of the price limit. */
function worstPx(order: Order, quote: Quote): Dec {
  if (order.px) return order.px;
  const { buyLmt, sellLmt } = priceLimits(quote);
  return order.side === 'buy' ? buyLmt : sellLmt;
}

function slipped(px: Dec, order: Order, quote: Quote, faults: readonly Disturbance[]): Dec {
  const slip = faults.find((fault) => fault.kind === 'slippage');
  if (!slip) return px;
  const worse = quote.instrument.tickSz.times(slip.ticks);
  const moved = order.side === 'buy' ? px.plus(worse) : maxDec(quote.instrument.tickSz, px.minus(worse));
  if (!order.px) return moved;
  return order.side === 'buy' ? minDec(moved, order.px) : maxDec(moved, order.px);
}

function rest(venue: Venue, order: Order): void {
  let book = venue.resting.get(order.instId);
  if (!book) {
    book = new Set();
    venue.resting.set(order.instId, book);
  }
  book.add(order);
}

/**
 * Self-trade prevention: own resting orders on the other side at or inside the price the taker would get. Returns false
 * where the taker itself was cancelled.
 */
function preventSelfTrade(venue: Venue, account: Account, order: Order, quote: Quote): boolean {
  if (account.pending.size <= 1) return true;
  const touch = order.side === 'buy' ? quote.ask : quote.bid;
  for (const own of [...account.pending.values()]) {
    if (own === order || own.instId !== order.instId || own.side === order.side || !own.px || own.deferred) continue;
    const meets = order.side === 'buy' ? own.px.lte(touch) : own.px.gte(touch);
    if (!meets) continue;
    if (order.stpMode !== 'cancel_taker') cancel(venue, account, own, 'self-trade');
    if (order.stpMode !== 'cancel_maker') {
      cancel(venue, account, order, 'self-trade');
      return false;
    }
  }
  return true;
}

/** Books one execution, updates the order and tells the streams. A reduce-only order never executes past the position. */
export function fill(venue: Venue, account: Account, order: Order, px: Dec, wanted: Dec, taker: boolean): void {
  let size = wanted;
  const reducesOnly = closesOnly(order);
  if (reducesOnly) {
    const position = account.positions.get(`${order.instId}|${order.posSide}|${order.tdMode}`);
    const held = order.posSide === 'net' ? reducingSize(account, order, size) : (position?.pos ?? ZERO);
    size = minDec(size, held);
    if (size.isZero()) {
      cancel(venue, account, order, 'nothing-to-reduce');
      return;
    }
  }
  const effect = applyFill(venue, account, order, px, size, taker);
  const now = venue.clock.now();
  const tradeId = venue.ids.nextTrade();
  order.accFillSz = order.accFillSz.plus(size);
  order.fillValue = order.fillValue.plus(px.times(size));
  order.avgPx = order.fillValue.eq(px.times(order.accFillSz)) ? px : order.fillValue.div(order.accFillSz);
  order.fee = order.fee.plus(effect.fee);
  order.pnl = order.pnl.plus(effect.pnl);
  order.lastFill = { px, sz: size, tradeId, time: now, execType: taker ? 'T' : 'M', fee: effect.fee, pnl: effect.pnl };
  order.uTime = now;
  effect.position.tradeId = tradeId;
  const record = {
    uid: account.uid,
    instId: order.instId,
    ordId: order.ordId,
    clOrdId: order.clOrdId,
    tag: order.tag,
    tradeId,
    billId: venue.ids.next(),
    side: order.side,
    posSide: order.posSide,
    mgnMode: order.tdMode,
    execType: order.lastFill.execType,
    px,
    sz: size,
    fee: effect.fee,
    feeRate: effect.feeRate,
    pnl: effect.pnl,
    balance: account.cash,
    balanceChange: effect.cashChange,
    category: order.category,
    ts: now,
  };
  const done = remaining(order).isZero();
  order.state = done ? 'filled' : 'partially_filled';
  if (done) {
    order.filledAt = now;
    retire(venue, account, order);
  }
  venue.accounts.addFill(account, record);
  venue.accounts.touch(account);
  venue.accounts.touchOrder(order);
  venue.accounts.touchPosition(effect.position);
  venue.market.publicTrade(order.instId, px, size, taker ? order.side : order.side === 'buy' ? 'sell' : 'buy', tradeId);
  venue.events.order(account, order, record);
  venue.events.holdings(account, HOLDINGS_REASON[order.category], [effect.position]);
  if (done && order.attached.length > 0) activateAttached(venue, account, order);
  if (effect.position.pos.isZero()) cancelAttachedOf(venue, account, effect.position);
  if (!done && reducesOnly && effect.position.pos.isZero()) cancel(venue, account, order, 'nothing-to-reduce');
  if (effect.closed) fitClosing(venue, account, effect.position);
}

const HOLDINGS_REASON: Readonly<Record<OrderCategory, HoldingsReason>> = {
  normal: 'filled',
  full_liquidation: 'liquidation',
  partial_liquidation: 'liquidation',
  adl: 'adl',
  delivery: 'delivered',
};

/** A resting order whose price was improved by an amendment, or whose terms changed: look at it again. */
export function reconsider(venue: Venue, account: Account, order: Order): void {
  venue.resting.get(order.instId)?.delete(order);
  run(venue, account, order, []);
}

/** After a price moved: fills every resting order the price has reached, as maker, at the order's own price. */
export function matchResting(venue: Venue, instId: string): void {
  const book = venue.resting.get(instId);
  if (!book || book.size === 0) return;
  const quote = venue.market.quote(instId);
  if (quote.state !== 'live') return;
  for (const order of [...book]) {
    const account = venue.accounts.byUid.get(order.uid);
    if (order.deferred || isTerminal(order.state) || !account) continue;
    if (!order.px) reconsider(venue, account, order);
    else if (crosses(order, quote)) fill(venue, account, order, order.px, remaining(order), false);
  }
}
