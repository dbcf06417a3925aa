import { type Dec, maxDec, minDec, ONE } from '@/domain/decimal';
import { isMultiple } from './arithmetic';
import type { Instrument } from './instruments';
import { availableToClose, marginFor, valueAccount } from './margin';
import type { Quote } from './market';
import {
  type Account,
  type AttachedAlgo,
  type MgnMode,
  type OrderType,
  opensHedge,
  type PosSide,
  positionKey,
  type Side,
  type StpMode,
} from './model';
import { Refusal } from './refusal';
import { checkLevel } from './settings';
import type { Venue } from './venue';

/** An order whose form is right. */
export interface WantedOrder {
  readonly instrument: Instrument;
  readonly instId: string;
  readonly clOrdId: string;
  readonly tag: string;
  readonly side: Side;
  readonly posSide: PosSide;
  readonly tdMode: MgnMode;
  readonly ordType: OrderType;
  readonly reduceOnly: boolean;
  readonly px: Dec | null;
  readonly sz: Dec;
  readonly stpMode: StpMode;
  readonly attached: AttachedAlgo[];
}

const MAX_PENDING = 4000;
const MAX_PENDING_PER_INSTRUMENT = 500;

/** Minimum, lot and maximum of a size. */
export function checkSize(instrument: Instrument, sz: Dec, market: boolean): void {
  if (sz.lt(instrument.lotSz)) throw new Refusal('below-minimum');
  if (!isMultiple(sz, instrument.lotSz)) throw new Refusal('not-a-multiple-of-the-lot');
  if (market && sz.gt(instrument.maxMktSz)) throw new Refusal('above-market-maximum');
  if (sz.gt(instrument.maxLmtSz)) throw new Refusal('above-maximum');
}

export function checkTick(instrument: Instrument, px: Dec): void {
  if (!isMultiple(px, instrument.tickSz)) throw new Refusal('price-off-tick');
}

export interface PriceLimits {
  readonly buyLmt: Dec;
  readonly sellLmt: Dec;
}

export function priceLimits(quote: Quote): PriceLimits {
  const { priceBand, tickSz } = quote.instrument;
  const buyLmt = quote.mark.times(ONE.plus(priceBand)).div(tickSz).floor().times(tickSz);
  const sellLmt = quote.mark.times(ONE.minus(priceBand)).div(tickSz).ceil().times(tickSz);
  return { buyLmt, sellLmt };
}

/** A price pulled in to the limit. */
export function insideLimits(quote: Quote, side: Side, px: Dec): Dec {
  const { buyLmt, sellLmt } = priceLimits(quote);
  return side === 'buy' ? minDec(px, buyLmt) : maxDec(px, sellLmt);
}

export function checkPriceLimit(quote: Quote, side: Side, px: Dec): void {
  const { buyLmt, sellLmt } = priceLimits(quote);
  if (side === 'buy' ? px.gt(buyLmt) : px.lt(sellLmt))
    throw new Refusal('price-outside-limits', buyLmt.toFixed(), sellLmt.toFixed());
}

/** Orders are placed and changed while their instrument trades. */
export function checkTrading(quote: Quote): void {
  if (quote.state !== 'live') throw new Refusal(quote.state === 'suspend' ? 'suspended' : quote.state);
}

/** A client's id is free again once its order is over. */
export function checkClientIdFree(account: Account, clOrdId: string): void {
  const before = clOrdId === '' ? undefined : account.byClientId.get(clOrdId);
  if (before && account.pending.has(before.ordId)) throw new Refusal('duplicate-client-id');
}

/** Checks an order against what the account holds: client id, number of orders, position rules and margin. */
export function checkAgainstAccount(venue: Venue, account: Account, wanted: WantedOrder): void {
  checkTrading(venue.market.quote(wanted.instId));
  checkLevel(account, wanted.tdMode);
  if (wanted.reduceOnly && account.level === 'portfolio') throw new Refusal('no-reduce-only');
  checkClientIdFree(account, wanted.clOrdId);
  if (account.pending.size >= MAX_PENDING) throw new Refusal('too-many-orders');
  if (account.pending.size >= MAX_PENDING_PER_INSTRUMENT) {
    let same = 0;
    for (const order of account.pending.values()) if (order.instId === wanted.instId) same += 1;
    if (same >= MAX_PENDING_PER_INSTRUMENT) {
      throw new Refusal('too-many-orders-of-instrument', wanted.instId, String(MAX_PENDING_PER_INSTRUMENT));
    }
  }
  checkPosition(venue, account, wanted);
  const needed = marginFor(venue.market, account, wanted, wanted.sz);
  if (needed.gt(0) && needed.gt(valueAccount(venue.market, account).available))
    throw new Refusal('insufficient-margin');
}

function checkPosition(venue: Venue, account: Account, wanted: WantedOrder): void {
  const position = account.positions.get(positionKey(wanted.instId, wanted.posSide, wanted.tdMode));
  const flat = !position || position.pos.isZero();
  if (wanted.posSide === 'net') {
    if (!wanted.reduceOnly) return;
    if (flat) throw new Refusal('nothing-to-reduce');
    if ((wanted.side === 'buy') === position.pos.isPositive()) throw new Refusal('adds-to-position');
    return;
  }
  if (opensHedge(wanted.side, wanted.posSide)) return;
  if (flat) throw new Refusal('nothing-to-reduce');
  if (venue.closing === 'refused' && wanted.sz.gt(availableToClose(account, position)))
    throw new Refusal('closes-more-than-available');
}
