import { type Dec, dec } from '@/domain/decimal';
import { findInstrument, type Instrument } from '../engine/instruments';
import {
  type Account,
  type AttachedAlgo,
  type MgnMode,
  ORDER_TYPES,
  type PosSide,
  readDecimal,
  type Side,
  type StpMode,
} from '../engine/model';
import { checkPriceLimit, checkSize, checkTick, insideLimits, type WantedOrder } from '../engine/order-checks';
import type { Venue } from '../engine/venue';
import { VenueError } from './errors';
import { findInstrumentByCode } from './instrument-rows';

export type Request = Readonly<Record<string, unknown>>;

export function textOf(value: unknown): string {
  return typeof value === 'string'
    ? value
    : typeof value === 'number' || typeof value === 'boolean'
      ? String(value)
      : '';
}

/** REST names instruments by id, WebSocket order operations by number alone. */
export function readInstrument(request: Request, byCode: boolean): Instrument {
  if (byCode) {
    const code = Number(textOf(request.instIdCode));
    if (textOf(request.instIdCode) === '') throw new VenueError('50014', 'instIdCode');
    const found = findInstrumentByCode(code);
    if (!found) throw new VenueError('51001');
    return found;
  }
  const instId = textOf(request.instId);
  if (instId === '') throw new VenueError('50014', 'instId');
  const found = findInstrument(instId);
  if (!found) throw new VenueError('51001');
  return found;
}

export function checkClientId(id: string, name: string): string {
  if (id !== '' && !/^[A-Za-z0-9]{1,32}$/.test(id)) throw new VenueError('51000', name);
  return id;
}

export function readPosSide(account: Account, value: unknown): PosSide {
  const posSide = textOf(value);
  if (account.posMode === 'net_mode') {
    if (posSide !== '' && posSide !== 'net') throw new VenueError('51000', 'posSide');
    return 'net';
  }
  if (posSide !== 'long' && posSide !== 'short') throw new VenueError('51000', 'posSide');
  return posSide;
}

export function readTdMode(value: unknown): MgnMode {
  const tdMode = textOf(value);
  if (tdMode !== 'cross' && tdMode !== 'isolated') throw new VenueError('51000', 'tdMode');
  return tdMode;
}

export function readSide(value: unknown): Side {
  const side = textOf(value);
  if (side !== 'buy' && side !== 'sell') throw new VenueError('51000', 'side');
  return side;
}

/** Minimum, lot and maximum of a size. */
export function readSize(instrument: Instrument, value: unknown, name: string, market: boolean): Dec {
  const sz = readDecimal(value);
  if (!sz?.gt(0)) throw new VenueError('51000', name);
  checkSize(instrument, sz, market);
  return sz;
}

export function readPx(instrument: Instrument, value: unknown, name: string): Dec {
  const px = readDecimal(value);
  if (!px?.gt(0)) throw new VenueError('51000', name);
  checkTick(instrument, px);
  return px;
}

/** Reads and checks everything of an order that does not depend on the account's holdings. */
export function readOrder(venue: Venue, account: Account, request: Request, byCode: boolean): WantedOrder {
  const instrument = readInstrument(request, byCode);
  const tdMode = readTdMode(request.tdMode);
  const side = readSide(request.side);
  const ordType = ORDER_TYPES.find((type) => type === request.ordType);
  if (!ordType) throw new VenueError('51000', 'ordType');
  const posSide = readPosSide(account, request.posSide);
  const clOrdId = checkClientId(textOf(request.clOrdId), 'clOrdId');
  const tag = textOf(request.tag);
  if (tag !== '' && !/^[A-Za-z0-9]{1,16}$/.test(tag)) throw new VenueError('51000', 'tag');
  const market = ordType === 'market' || ordType === 'optimal_limit_ioc';
  const sz = readSize(instrument, request.sz, 'sz', market);
  const wanted = market ? null : readPx(instrument, request.px, 'px');
  const quote = venue.market.quote(instrument.instId);
  const px = wanted && textOf(request.pxAmendType) === '1' ? insideLimits(quote, side, wanted) : wanted;
  if (px) checkPriceLimit(quote, side, px);
  return {
    instrument,
    instId: instrument.instId,
    clOrdId,
    tag,
    side,
    posSide,
    tdMode,
    ordType,
    reduceOnly: posSide === 'net' && (request.reduceOnly === true || request.reduceOnly === 'true'),
    px,
    sz,
    stpMode: readStpMode(request.stpMode),
    attached: readAttached(venue, instrument, side, px, request),
  };
}

function readStpMode(value: unknown): StpMode {
  const mode = textOf(value);
  if (mode === '') return 'cancel_maker';
  if (mode !== 'cancel_maker' && mode !== 'cancel_taker' && mode !== 'cancel_both')
    throw new VenueError('51000', 'stpMode');
  return mode;
}

function readAttached(
  venue: Venue,
  instrument: Instrument,
  side: Side,
  px: Dec | null,
  request: Request,
): AttachedAlgo[] {
  const listed = request.attachAlgoOrds;
  if (listed !== undefined && !Array.isArray(listed)) throw new VenueError('51000', 'attachAlgoOrds');
  const rows: Request[] = listed ? [...listed] : [];
  if (rows.length === 0 && (textOf(request.tpTriggerPx) !== '' || textOf(request.slTriggerPx) !== ''))
    rows.push(request);
  return rows.map((row) => {
    const attached: AttachedAlgo = {
      attachAlgoId: venue.ids.next(),
      attachAlgoClOrdId: checkClientId(textOf(row.attachAlgoClOrdId), 'attachAlgoClOrdId'),
      tpTriggerPx: readTrigger(instrument, row.tpTriggerPx, 'tpTriggerPx'),
      tpTriggerPxType: textOf(row.tpTriggerPx) === '' ? '' : readTriggerType(row.tpTriggerPxType, 'tpTriggerPxType'),
      tpOrdPx: readOrderPx(instrument, row.tpTriggerPx, row.tpOrdPx, 'tpOrdPx'),
      slTriggerPx: readTrigger(instrument, row.slTriggerPx, 'slTriggerPx'),
      slTriggerPxType: textOf(row.slTriggerPx) === '' ? '' : readTriggerType(row.slTriggerPxType, 'slTriggerPxType'),
      slOrdPx: readOrderPx(instrument, row.slTriggerPx, row.slOrdPx, 'slOrdPx'),
      sz: listed ? textOf(row.sz) : '',
    };
    if (attached.tpTriggerPx === '' && attached.slTriggerPx === '') throw new VenueError('51000', 'attachAlgoOrds');
    checkAttachedPrices(venue, instrument, side, px, attached);
    return attached;
  });
}

function readTrigger(instrument: Instrument, value: unknown, name: string): string {
  if (textOf(value) === '') return '';
  return readPx(instrument, value, name).toFixed();
}

export function readTriggerType(value: unknown, name: string): string {
  const type = textOf(value) || 'last';
  if (type !== 'last' && type !== 'index' && type !== 'mark') throw new VenueError('51000', name);
  return type;
}

function readOrderPx(instrument: Instrument, trigger: unknown, value: unknown, name: string): string {
  const given = textOf(value);
  if (textOf(trigger) === '') {
    if (given !== '') throw new VenueError('51000', name);
    return '';
  }
  if (given === '') throw new VenueError('50014', name);
  return given === '-1' ? '-1' : readPx(instrument, value, name).toFixed();
}

function checkAttachedPrices(
  venue: Venue,
  instrument: Instrument,
  side: Side,
  px: Dec | null,
  attached: AttachedAlgo,
): void {
  const quote = venue.market.quote(instrument.instId);
  const reference = px ?? (side === 'buy' ? quote.ask : quote.bid);
  const tp = attached.tpTriggerPx === '' ? undefined : dec(attached.tpTriggerPx);
  const sl = attached.slTriggerPx === '' ? undefined : dec(attached.slTriggerPx);
  if (side === 'buy') {
    if (tp?.lte(reference)) throw new VenueError(px ? '51046' : '51050');
    if (sl?.gte(reference)) throw new VenueError(px ? '51047' : '51051');
  } else {
    if (tp?.gte(reference)) throw new VenueError(px ? '51048' : '51052');
    if (sl?.lte(reference)) throw new VenueError(px ? '51049' : '51053');
  }
}
