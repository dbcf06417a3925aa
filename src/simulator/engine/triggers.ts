import { type Dec, dec, maxDec, minDec } from '@/domain/decimal';
import { addAlgo, endAlgo } from './attached';
import type { Quote } from './market';
import { type Account, type AlgoOrder, opposite, positionKey } from './model';
import { checkAgainstAccount, checkPriceLimit, checkSize, checkTrading, type WantedOrder } from './order-checks';
import { accept } from './orders';
import { Refusal } from './refusal';
import type { Venue } from './venue';

/** Take-profit and stop-loss orders that may rest on one instrument. */
const MAX_PAIRS = 100;

/** Takes up a conditional, oco, trigger or trailing order whose form is right. Throws Refusal; it never fires at once. */
export function placeTrigger(venue: Venue, account: Account, algo: AlgoOrder): void {
  const quote = venue.market.quote(algo.instId);
  checkTrading(quote);
  checkAlgo(account, algo);
  checkPairSize(quote, algo);
  if (isPair(algo)) checkNotPassed(quote, algo);
  // A trigger order fires when the price gets to it from where it is now.
  if (algo.ordType === 'trigger') algo.extremePx = quote.last.toFixed();
  addAlgo(venue, account, algo);
  if (!isPair(algo)) evaluate(venue, account, algo, quote);
}

function isPair(algo: AlgoOrder): boolean {
  return algo.ordType === 'conditional' || algo.ordType === 'oco';
}

function checkAlgo(account: Account, algo: AlgoOrder): void {
  let pairs = 0;
  for (const live of account.liveAlgos.values()) {
    if (algo.algoClOrdId !== '' && live.algoClOrdId === algo.algoClOrdId)
      throw new Refusal('duplicate-trigger-id', algo.algoClOrdId);
    if (live.instId !== algo.instId) continue;
    if (isPair(live)) pairs += 1;
    const sameClose = live.closeFraction !== '' && algo.closeFraction !== '' && live.ordType === algo.ordType;
    if (sameClose && live.posSide === algo.posSide) throw new Refusal('second-close-trigger');
  }
  if (isPair(algo) && pairs >= MAX_PAIRS) throw new Refusal('too-many-triggers');
  if (algo.algoClOrdId !== '' && attachedIds(account).has(algo.algoClOrdId))
    throw new Refusal('duplicate-trigger-id', algo.algoClOrdId);
  if (algo.closeFraction !== '') {
    const position = account.positions.get(positionKey(algo.instId, algo.posSide, algo.tdMode));
    if (!position || position.pos.isZero()) throw new Refusal('no-position');
  }
}

/** A take-profit or stop-loss becomes an order, of which it must not be too large. */
function checkPairSize({ instrument }: Quote, algo: AlgoOrder): void {
  if (!isPair(algo) || algo.sz === '') return;
  const isMarket = algo.tpOrdPx === '-1' || algo.slOrdPx === '-1';
  checkSize(instrument, dec(algo.sz), isMarket);
}

/** Ids that wait on orders for their take-profits and stop-losses to come alive. */
function attachedIds(account: Account): Set<string> {
  const orders = [...account.pending.values()];
  return new Set(orders.flatMap((order) => order.attached.map((attached) => attached.attachAlgoClOrdId)));
}

/** A take-profit or stop-loss that the market has reached already is refused. */
function checkNotPassed(quote: Quote, algo: AlgoOrder): void {
  const sells = algo.side === 'sell';
  if (algo.tpTriggerPx !== '' && takesProfit(quote, algo))
    throw new Refusal(sells ? 'take-profit-too-low' : 'take-profit-too-high', algo.tpTriggerPxType);
  if (algo.slTriggerPx !== '' && stopsLoss(quote, algo))
    throw new Refusal(sells ? 'stop-loss-too-high' : 'stop-loss-too-low', algo.slTriggerPxType);
}

/** What of a live take-profit or stop-loss order can be changed. */
export interface TriggerAmendment {
  readonly sz: string;
  readonly tpTriggerPx: string;
  readonly tpOrdPx: string;
  readonly slTriggerPx: string;
  readonly slOrdPx: string;
}

/** Throws Refusal and leaves it as it was; it never fires at once. */
export function amendTrigger(venue: Venue, account: Account, algo: AlgoOrder, wanted: TriggerAmendment): void {
  const sameHalves =
    (wanted.tpTriggerPx === '') === (algo.tpTriggerPx === '') &&
    (wanted.slTriggerPx === '') === (algo.slTriggerPx === '');
  if (!sameHalves) throw new Refusal('halves-are-fixed');
  const quote = venue.market.quote(algo.instId);
  checkPairSize(quote, { ...algo, ...wanted });
  checkNotPassed(quote, { ...algo, ...wanted });
  Object.assign(algo, wanted, { uTime: venue.clock.now() });
  venue.accounts.touchAlgo(algo);
  venue.events.algo(account, algo);
}

/** After a price moved: fires the algo orders it has reached. */
export function matchAlgos(venue: Venue, instId: string): void {
  const quote = venue.market.quote(instId);
  if (quote.state !== 'live') return;
  for (const account of venue.accounts.byUid.values()) {
    if (account.liveAlgos.size === 0) continue;
    for (const algo of [...account.liveAlgos.values()]) {
      if (algo.instId === instId && algo.state === 'live') evaluate(venue, account, algo, quote);
    }
  }
}

function priceOf(quote: Quote, type: string): Dec {
  return type === 'mark' ? quote.mark : quote.last;
}

function evaluate(venue: Venue, account: Account, algo: AlgoOrder, quote: Quote): void {
  if (algo.ordType === 'trigger') {
    const trigger = dec(algo.triggerPx);
    const now = priceOf(quote, algo.triggerPxType);
    const reached = trigger.gte(algo.extremePx) ? now.gte(trigger) : now.lte(trigger);
    if (reached) fire(venue, account, algo, '', algo.ordPx);
    return;
  }
  if (algo.ordType === 'move_order_stop') {
    const before = algo.extremePx;
    if (trail(algo, quote)) fire(venue, account, algo, '', '-1');
    else if (algo.extremePx !== before) venue.accounts.touchAlgo(algo);
    return;
  }
  if (algo.tpTriggerPx !== '' && takesProfit(quote, algo)) fire(venue, account, algo, 'tp', algo.tpOrdPx);
  else if (algo.slTriggerPx !== '' && stopsLoss(quote, algo)) fire(venue, account, algo, 'sl', algo.slOrdPx);
}

/** A closing sell takes profit above, a closing buy below. */
function takesProfit(quote: Quote, algo: AlgoOrder): boolean {
  const now = priceOf(quote, algo.tpTriggerPxType);
  return algo.side === 'sell' ? now.gte(algo.tpTriggerPx) : now.lte(algo.tpTriggerPx);
}

function stopsLoss(quote: Quote, algo: AlgoOrder): boolean {
  const now = priceOf(quote, algo.slTriggerPxType);
  return algo.side === 'sell' ? now.lte(algo.slTriggerPx) : now.gte(algo.slTriggerPx);
}

/** Follows the best price; true when the price has come back by the callback. */
function trail(algo: AlgoOrder, quote: Quote): boolean {
  const now = quote.last;
  const sells = algo.side === 'sell';
  if (algo.extremePx === '') {
    const active = algo.activePx === '' || (sells ? now.gte(algo.activePx) : now.lte(algo.activePx));
    if (!active) return false;
    algo.extremePx = now.toFixed();
  }
  const extreme = sells ? maxDec(dec(algo.extremePx), now) : minDec(dec(algo.extremePx), now);
  algo.extremePx = extreme.toFixed();
  const ratio = algo.callbackRatio === '' ? undefined : dec(algo.callbackRatio);
  const distance = ratio ? extreme.times(ratio) : dec(algo.callbackSpread);
  const trigger = sells ? extreme.minus(distance) : extreme.plus(distance);
  algo.moveTriggerPx = trigger.toFixed();
  return sells ? now.lte(trigger) : now.gte(trigger);
}

function fire(venue: Venue, account: Account, algo: AlgoOrder, side: '' | 'tp' | 'sl', orderPx: string): void {
  algo.triggerTime = venue.clock.now();
  algo.actualSide = side;
  const quote = venue.market.quote(algo.instId);
  try {
    const held = account.positions.get(positionKey(algo.instId, algo.posSide, algo.tdMode));
    if (algo.reduceOnly && (!held || held.pos.isZero())) throw new Refusal('nothing-to-reduce');
    const whole = algo.closeFraction !== '' ? held?.pos.abs() : undefined;
    const sz = whole ?? (venue.closing === 'cut' ? dec(algo.sz) : reducible(algo, held?.pos.abs()));
    const { instrument } = quote;
    const px = orderPx === '-1' ? null : dec(orderPx);
    checkSize(instrument, sz, px === null);
    if (px) checkPriceLimit(quote, algo.side, px);
    const wanted: WantedOrder = {
      instrument,
      instId: algo.instId,
      clOrdId: '',
      tag: algo.tag,
      side: algo.side,
      posSide: algo.posSide,
      tdMode: algo.tdMode,
      ordType: px ? 'limit' : 'market',
      reduceOnly: algo.reduceOnly,
      px,
      sz,
      stpMode: 'cancel_maker',
      attached: [],
    };
    checkAgainstAccount(venue, account, wanted);
    const extras = { algoId: algo.algoId, algoClOrdId: algo.algoClOrdId };
    algo.actualSz = sz.toFixed();
    algo.actualPx = orderPx === '-1' ? quote.last.toFixed() : orderPx;
    // Marked first: the fill may close the position, which cancels what is still live for it.
    endAlgo(venue, account, algo, 'effective');
    const order = accept(venue, account, wanted, algo.triggerTime, extras);
    algo.ordId = order.ordId;
    venue.accounts.touchAlgo(algo);
    venue.events.algo(account, algo);
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    algo.refusal = error.reason;
    endAlgo(venue, account, algo, 'order_failed');
  }
}

/** A closing order never asks for more than is held. */
function reducible(algo: AlgoOrder, held: Dec | undefined): Dec {
  const wanted = dec(algo.sz);
  const closes =
    algo.reduceOnly || (algo.posSide !== 'net' && opposite(algo.side) === (algo.posSide === 'long' ? 'buy' : 'sell'));
  return closes && held?.gt(0) ? minDec(wanted, held) : wanted;
}
