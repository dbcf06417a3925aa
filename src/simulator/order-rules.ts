import { type Dec, dec, ONE } from '@/domain/decimal';
import { isMultiple } from './arithmetic';
import type { Venue } from './context';
import { VenueError } from './errors';
import { findInstrument, findInstrumentByCode, type Instrument } from './instruments';
import { marginFor, valueAccount } from './margin';
import type { Quote } from './market';
import {
  type Account,
  type AttachedAlgo,
  type MgnMode,
  ORDER_TYPES,
  type OrderType,
  opensHedge,
  type PosSide,
  positionKey,
  readDecimal,
  type Side,
  type StpMode,
} from './model';
import { availableToClose } from './rows';

export type Request = Readonly<Record<string, unknown>>;

/** An order request that passed the checks of its form. */
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
  if (sz.lt(instrument.lotSz)) throw new VenueError('51020');
  if (!isMultiple(sz, instrument.lotSz)) throw new VenueError('51121');
  if (market && sz.gt(instrument.maxMktSz)) throw new VenueError('51202');
  if (sz.gt(instrument.maxLmtSz)) throw new VenueError('51005');
  return sz;
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

export function checkPriceLimit(quote: Quote, side: Side, px: Dec): void {
  const { buyLmt, sellLmt } = priceLimits(quote);
  if (side === 'buy' ? px.gt(buyLmt) : px.lt(sellLmt))
    throw new VenueError('51006', buyLmt.toFixed(), sellLmt.toFixed());
}

export function readPx(instrument: Instrument, value: unknown, name: string): Dec {
  const px = readDecimal(value);
  if (!px?.gt(0)) throw new VenueError('51000', name);
  if (!isMultiple(px, instrument.tickSz)) throw new VenueError('51150');
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
  const px = market ? null : readPx(instrument, request.px, 'px');
  const quote = venue.market.quote(instrument.instId);
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

/** Checks an order against what the account holds: client id, number of orders, position rules and margin. */
export function checkAgainstAccount(venue: Venue, account: Account, wanted: WantedOrder): void {
  if (wanted.clOrdId !== '') {
    const before = account.byClientId.get(wanted.clOrdId);
    if (before && account.pending.has(before.ordId)) throw new VenueError('51016');
  }
  if (account.pending.size >= MAX_PENDING) throw new VenueError('51025');
  if (account.pending.size >= MAX_PENDING_PER_INSTRUMENT) {
    let same = 0;
    for (const order of account.pending.values()) if (order.instId === wanted.instId) same += 1;
    if (same >= MAX_PENDING_PER_INSTRUMENT) {
      throw new VenueError('51174', wanted.instId, String(MAX_PENDING_PER_INSTRUMENT));
    }
  }
  checkPosition(account, wanted);
  const needed = marginFor(venue.market, account, wanted, wanted.sz);
  if (needed.gt(0) && needed.gt(valueAccount(venue.market, account).available)) throw new VenueError('51008');
}

function checkPosition(account: Account, wanted: WantedOrder): void {
  const position = account.positions.get(positionKey(wanted.instId, wanted.posSide, wanted.tdMode));
  const flat = !position || position.pos.isZero();
  if (wanted.posSide === 'net') {
    if (!wanted.reduceOnly) return;
    if (flat) throw new VenueError('51169');
    if ((wanted.side === 'buy') === position.pos.isPositive()) throw new VenueError('51170');
    return;
  }
  if (opensHedge(wanted.side, wanted.posSide)) return;
  if (flat) throw new VenueError('51169');
  if (wanted.sz.gt(availableToClose(account, position))) throw new VenueError('51112');
}
