import { endAlgo } from '../engine/attached';
import { type Account, ALGO_TYPES, type AlgoOrder, leverageOf, readDecimal } from '../engine/model';
import { amendTrigger, placeTrigger } from '../engine/triggers';
import type { Venue } from '../engine/venue';
import { VenueError, venueErrorOf } from './errors';
import {
  checkClientId,
  type Request,
  readInstrument,
  readPosSide,
  readPx,
  readSide,
  readSize,
  readTdMode,
  readTriggerType,
  textOf,
} from './order-requests';

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
    placeTrigger(venue, account, algo);
    return { ...row, algoId: algo.algoId };
  } catch (error) {
    const told = venueErrorOf(error);
    if (!told) throw error;
    return { ...row, sCode: told.code, sMsg: told.message };
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
  const reduces = request.reduceOnly === true || request.reduceOnly === 'true';
  const cxlOnClosePos = request.cxlOnClosePos === true || request.cxlOnClosePos === 'true';
  if (reduces && ordType === 'trigger') throw new VenueError('51205');
  if (cxlOnClosePos && !reduces) throw new VenueError('51000', 'reduceOnly');
  if (closeFraction !== '' && posSide !== 'net') throw new VenueError('51329');
  if (closeFraction !== '' && !reduces) throw new VenueError('51328');
  const reduceOnly = posSide === 'net' && reduces;
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
    refusal: '',
    parentOrdId: '',
    cxlOnClosePos,
    lever: leverageOf(account, instrument.instId, tdMode, posSide),
    cTime: now,
    uTime: now,
    triggerTime: null,
  };
  checkForm(algo);
  return algo;
}

function checkForm(algo: AlgoOrder): void {
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

/** Changes size and prices of a live take-profit or stop-loss order. */
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
    const told = venueErrorOf(error);
    if (!told) throw error;
    return { ...row, sCode: told.code, sMsg: told.message };
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
  amendTrigger(venue, account, algo, {
    sz,
    tpTriggerPx,
    slTriggerPx,
    tpOrdPx: orderPrice('newTpOrdPx', tpTriggerPx, algo.tpOrdPx),
    slOrdPx: orderPrice('newSlOrdPx', slTriggerPx, algo.slOrdPx),
  });
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
