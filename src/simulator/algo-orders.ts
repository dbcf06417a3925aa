import { type Dec, dec, maxDec, minDec } from '@/domain/decimal';
import { opposite } from './algo-model';
import { addAlgo, endAlgo } from './attached';
import type { Venue } from './context';
import { VenueError } from './errors';
import type { Quote } from './market';
import { type Account, ALGO_TYPES, type AlgoOrder, leverageOf, positionKey, readDecimal } from './model';
import {
  checkAgainstAccount,
  checkClientId,
  type Request,
  readInstrument,
  readOrder,
  readPosSide,
  readPx,
  readSide,
  readSize,
  readTdMode,
  readTriggerType,
  textOf,
} from './order-rules';
import { accept } from './orders';

export interface AlgoRow {
  algoId: string;
  algoClOrdId: string;
  clOrdId: string;
  sCode: string;
  sMsg: string;
  tag: string;
}

/** Places a conditional, oco, trigger or trailing order. What a client can do wrong is told in the row. */
export function placeAlgo(venue: Venue, account: Account, request: Request): AlgoRow {
  const algoClOrdId = textOf(request.algoClOrdId);
  const row = { algoId: '', algoClOrdId, clOrdId: '', sCode: '0', sMsg: '', tag: textOf(request.tag) };
  try {
    const algo = readAlgo(venue, account, request);
    addAlgo(venue, account, algo);
    evaluate(venue, account, algo, venue.market.quote(algo.instId));
    return { ...row, algoId: algo.algoId };
  } catch (error) {
    if (!(error instanceof VenueError)) throw error;
    return { ...row, sCode: error.code, sMsg: error.message };
  }
}

function readAlgo(venue: Venue, account: Account, request: Request): AlgoOrder {
  const instrument = readInstrument(request, false);
  const ordType = ALGO_TYPES.find((type) => type === request.ordType);
  if (!ordType) throw new VenueError('51000', 'ordType');
  const tdMode = readTdMode(request.tdMode);
  const side = readSide(request.side);
  const posSide = readPosSide(account, request.posSide);
  const closeFraction = textOf(request.closeFraction);
  if (closeFraction !== '' && closeFraction !== '1') throw new VenueError('51000', 'closeFraction');
  const reduceOnly = posSide === 'net' && (request.reduceOnly === true || request.reduceOnly === 'true');
  if (closeFraction !== '' && posSide === 'net' && !reduceOnly) throw new VenueError('51000', 'reduceOnly');
  const sz = closeFraction === '' ? readSize(instrument, request.sz, 'sz', false).toFixed() : '';
  const px = (name: string): string =>
    textOf(request[name]) === '' ? '' : readPx(instrument, request[name], name).toFixed();
  const orderPx = (name: string): string => (textOf(request[name]) === '-1' ? '-1' : px(name));
  const now = venue.clock.now();
  const algo: AlgoOrder = {
    uid: account.uid,
    algoId: venue.ids.next(),
    algoClOrdId: checkClientId(textOf(request.algoClOrdId), 'algoClOrdId'),
    instId: instrument.instId,
    ordType,
    side,
    posSide,
    tdMode,
    reduceOnly,
    sz,
    closeFraction,
    tag: textOf(request.tag),
    tpTriggerPx: px('tpTriggerPx'),
    tpTriggerPxType:
      textOf(request.tpTriggerPx) === '' ? '' : readTriggerType(request.tpTriggerPxType, 'tpTriggerPxType'),
    tpOrdPx: orderPx('tpOrdPx'),
    slTriggerPx: px('slTriggerPx'),
    slTriggerPxType:
      textOf(request.slTriggerPx) === '' ? '' : readTriggerType(request.slTriggerPxType, 'slTriggerPxType'),
    slOrdPx: orderPx('slOrdPx'),
    triggerPx: px('triggerPx'),
    triggerPxType: textOf(request.triggerPx) === '' ? '' : readTriggerType(request.triggerPxType, 'triggerPxType'),
    ordPx: orderPx(textOf(request.orderPx) !== '' ? 'orderPx' : 'ordPx'),
    callbackRatio: textOf(request.callbackRatio),
    callbackSpread: textOf(request.callbackSpread),
    activePx: px('activePx'),
    extremePx: '',
    moveTriggerPx: '',
    state: 'live',
    actualSide: '',
    actualSz: '0',
    actualPx: '',
    ordId: '',
    failCode: '',
    parentOrdId: '',
    cxlOnClosePos: request.cxlOnClosePos === true || request.cxlOnClosePos === 'true',
    lever: leverageOf(account, instrument.instId, tdMode, posSide),
    cTime: now,
    uTime: now,
    triggerTime: null,
  };
  checkAlgo(venue, account, algo);
  return algo;
}

function checkAlgo(venue: Venue, account: Account, algo: AlgoOrder): void {
  for (const live of account.liveAlgos.values()) {
    if (algo.algoClOrdId !== '' && live.algoClOrdId === algo.algoClOrdId) throw new VenueError('51016');
    const sameClose = live.closeFraction !== '' && algo.closeFraction !== '' && live.ordType === algo.ordType;
    if (sameClose && live.instId === algo.instId && live.posSide === algo.posSide) throw new VenueError('51088');
  }
  if (algo.closeFraction !== '') {
    const position = account.positions.get(positionKey(algo.instId, algo.posSide, algo.tdMode));
    if (!position || position.pos.isZero()) throw new VenueError('51023');
  }
  const pairs = [
    [algo.tpTriggerPx, algo.tpOrdPx, 'tpOrdPx'],
    [algo.slTriggerPx, algo.slOrdPx, 'slOrdPx'],
  ] as const;
  if (algo.ordType === 'conditional' || algo.ordType === 'oco') {
    for (const [trigger, price, name] of pairs) {
      if ((trigger === '') !== (price === '')) throw new VenueError('50014', name);
    }
    const given = pairs.filter(([trigger]) => trigger !== '').length;
    if (given === 0) throw new VenueError('50015', 'tpTriggerPx', 'slTriggerPx');
    if (algo.ordType === 'oco' && given < 2) throw new VenueError('50014', 'slTriggerPx');
  } else if (algo.ordType === 'trigger') {
    if (algo.triggerPx === '') throw new VenueError('50014', 'triggerPx');
    if (algo.ordPx === '') throw new VenueError('50014', 'orderPx');
    // A trigger order fires when the price gets to it from where it is now.
    algo.extremePx = venue.market.quote(algo.instId).last.toFixed();
  } else {
    const ratio = readDecimal(algo.callbackRatio);
    const spread = readDecimal(algo.callbackSpread);
    if ((ratio === undefined) === (spread === undefined))
      throw new VenueError('50015', 'callbackRatio', 'callbackSpread');
    if ((ratio ?? spread)?.lte(0)) throw new VenueError('51000', ratio ? 'callbackRatio' : 'callbackSpread');
  }
}

/** Cancels algo orders by algoId or algoClOrdId, one row each. */
export function cancelAlgo(venue: Venue, account: Account, request: Request): AlgoRow {
  const algo = findAlgo(account, request);
  const row = { algoId: textOf(request.algoId), algoClOrdId: '', clOrdId: '', sCode: '0', sMsg: '', tag: '' };
  if (algo?.state !== 'live') {
    const error = new VenueError('51400');
    return { ...row, sCode: error.code, sMsg: error.message };
  }
  endAlgo(venue, account, algo, 'canceled');
  return { ...row, algoId: algo.algoId, algoClOrdId: algo.algoClOrdId };
}

export interface AmendedAlgoRow {
  algoId: string;
  algoClOrdId: string;
  reqId: string;
  sCode: string;
  sMsg: string;
}

/** Changes size and prices of a live take-profit or stop-loss order; a price of "0" takes that half away. */
export function amendAlgo(venue: Venue, account: Account, request: Request): AmendedAlgoRow {
  const algo = findAlgo(account, request);
  const row = {
    algoId: algo?.algoId ?? textOf(request.algoId),
    algoClOrdId: algo?.algoClOrdId ?? textOf(request.algoClOrdId),
    reqId: textOf(request.reqId),
    sCode: '0',
    sMsg: '',
  };
  try {
    if (algo?.state !== 'live') throw new VenueError('51503');
    if (algo.ordType !== 'conditional' && algo.ordType !== 'oco') throw new VenueError('51000', 'ordType');
    amend(venue, account, algo, request);
    return row;
  } catch (error) {
    if (!(error instanceof VenueError)) throw error;
    return { ...row, sCode: error.code, sMsg: error.message };
  }
}

function amend(venue: Venue, account: Account, algo: AlgoOrder, request: Request): void {
  const instrument = readInstrument(request, false);
  if (instrument.instId !== algo.instId) throw new VenueError('51000', 'instId');
  const price = (name: string, before: string): string => {
    const text = textOf(request[name]);
    if (text === '') return before;
    return text === '0' ? '' : readPx(instrument, text, name).toFixed();
  };
  const orderPrice = (name: string, trigger: string, before: string): string => {
    if (trigger === '') return '';
    const text = textOf(request[name]);
    return text === '' ? before : text === '-1' ? '-1' : readPx(instrument, text, name).toFixed();
  };
  const sz = textOf(request.newSz) === '' ? algo.sz : readSize(instrument, request.newSz, 'newSz', false).toFixed();
  const tpTriggerPx = price('newTpTriggerPx', algo.tpTriggerPx);
  const slTriggerPx = price('newSlTriggerPx', algo.slTriggerPx);
  if (tpTriggerPx === '' && slTriggerPx === '') throw new VenueError('50015', 'newTpTriggerPx', 'newSlTriggerPx');
  if ((tpTriggerPx !== '' && algo.tpTriggerPx === '') || (slTriggerPx !== '' && algo.slTriggerPx === '')) {
    throw new VenueError('51000', 'newTpTriggerPx');
  }
  Object.assign(algo, {
    sz,
    tpTriggerPx,
    slTriggerPx,
    tpOrdPx: orderPrice('newTpOrdPx', tpTriggerPx, algo.tpOrdPx),
    slOrdPx: orderPrice('newSlOrdPx', slTriggerPx, algo.slOrdPx),
    uTime: venue.clock.now(),
  });
  venue.accounts.touchAlgo(algo);
  venue.events.algo(account, algo);
  evaluate(venue, account, algo, venue.market.quote(algo.instId));
}

export function findAlgo(account: Account, request: Request): AlgoOrder | undefined {
  const algoId = textOf(request.algoId);
  if (algoId !== '') return account.algos.get(algoId);
  const wanted = textOf(request.algoClOrdId);
  if (wanted === '') throw new VenueError('50015', 'algoId', 'algoClOrdId');
  let found: AlgoOrder | undefined;
  for (const algo of account.algos.values()) if (algo.algoClOrdId === wanted) found = algo;
  return found;
}

/** After a price moved: fires the algo orders it has reached. */
export function matchAlgos(venue: Venue, instId: string): void {
  const quote = venue.market.quote(instId);
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
  // A closing sell takes profit above and stops below; a closing buy the other way round.
  const sells = algo.side === 'sell';
  if (algo.tpTriggerPx !== '') {
    const now = priceOf(quote, algo.tpTriggerPxType);
    if (sells ? now.gte(algo.tpTriggerPx) : now.lte(algo.tpTriggerPx)) {
      fire(venue, account, algo, 'tp', algo.tpOrdPx);
      return;
    }
  }
  if (algo.slTriggerPx !== '') {
    const now = priceOf(quote, algo.slTriggerPxType);
    if (sells ? now.lte(algo.slTriggerPx) : now.gte(algo.slTriggerPx)) fire(venue, account, algo, 'sl', algo.slOrdPx);
  }
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
  try {
    const held = account.positions.get(positionKey(algo.instId, algo.posSide, algo.tdMode));
    if (algo.reduceOnly && (!held || held.pos.isZero())) throw new VenueError('51169');
    const whole = algo.closeFraction !== '' ? held?.pos.abs() : undefined;
    const sz = whole ?? reducible(algo, held?.pos.abs());
    const wanted = readOrder(
      venue,
      account,
      {
        instId: algo.instId,
        tdMode: algo.tdMode,
        side: algo.side,
        posSide: algo.posSide === 'net' ? '' : algo.posSide,
        ordType: orderPx === '-1' ? 'market' : 'limit',
        px: orderPx === '-1' ? '' : orderPx,
        sz: sz.toFixed(),
        reduceOnly: algo.reduceOnly,
        tag: algo.tag,
      },
      false,
    );
    checkAgainstAccount(venue, account, wanted);
    const extras = { algoId: algo.algoId, algoClOrdId: algo.algoClOrdId };
    algo.actualSz = sz.toFixed();
    algo.actualPx = orderPx === '-1' ? venue.market.quote(algo.instId).last.toFixed() : orderPx;
    // Marked first: the fill may close the position, which cancels what is still live for it.
    endAlgo(venue, account, algo, 'effective');
    const order = accept(venue, account, wanted, algo.triggerTime, extras);
    algo.ordId = order.ordId;
    venue.accounts.touchAlgo(algo);
    venue.events.algo(account, algo);
  } catch (error) {
    if (!(error instanceof VenueError)) throw error;
    algo.failCode = error.code;
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
