import type { z } from 'zod';
import { dec, toText, ZERO } from '@/domain/decimal';
import type { ListedInstrument } from '@/domain/listing';
import type { PositionSide } from '@/domain/signal';
import type {
  AccountLevel,
  Candle,
  EndedPosition,
  Execution,
  ExecutionCause,
  OrderUpdate,
  PendingOrder,
  StopState,
  VenueAccountConfig,
  VenueFill,
  VenueOrderState,
  VenuePosition,
} from '@/exchanges/port';
import { toInstrumentEnd, toInstrumentState } from './instrument-state';
import type {
  candleSchema,
  OkxConfig,
  OkxEndedPosition,
  OkxExecution,
  OkxFill,
  OkxInstrument,
  OkxOrder,
  OkxPendingOrder,
  OkxPosition,
  OkxStop,
} from './schema';

export const OKX = 'okx';
/** The currency that the traded swaps settle in. */
export const SETTLE_CURRENCY = 'USDT';

const DECIMAL_PLACES = 18;

/** The state of an order from a query or a push. `fill` is set where the row carries the fee of its last fill (pushes). */
export function toOrderUpdate(order: OkxOrder, accountId: string): OrderUpdate {
  return {
    accountId,
    clientOrderId: clientIdOf(order),
    venueOrderId: order.ordId,
    symbol: order.instId,
    state: toState(order.state),
    filledQuantity: plain(order.accFillSz),
    averagePrice: positiveOrNull(order.avgPx),
    fee: plain(order.fee),
    cancelCode: order.state === 'canceled' || order.state === 'mmp_canceled' ? order.cancelSource || order.state : null,
    cause: CATEGORIES.get(order.category) ?? 'order',
    leverage: positiveOrNull(order.lever),
    updatedAt: Number(order.uTime),
    fill: toPushedFill(order),
  };
}

/** Orders that the venue places itself; all other categories are somebody's own. */
const CATEGORIES: ReadonlyMap<string, ExecutionCause> = new Map([
  ['full_liquidation', 'liquidation'],
  ['partial_liquidation', 'liquidation'],
  ['adl', 'adl'],
  ['delivery', 'delivery'],
]);

export function toPendingOrder(order: OkxPendingOrder, accountId: string): PendingOrder {
  return {
    ...toOrderUpdate(order, accountId),
    side: order.side,
    positionSide: sideOf(order.posSide),
    reduceOnly: order.reduceOnly === 'true',
    quantity: plain(order.sz),
  };
}

function sideOf(posSide: OkxPendingOrder['posSide']): PositionSide | null {
  return posSide === 'net' ? null : posSide;
}

/** An order that a stop order became carries the stop order's id beside an empty one of its own. */
function clientIdOf(order: OkxOrder): string {
  return order.clOrdId || order.algoClOrdId;
}

const STOP_STATES: Readonly<Record<OkxStop['state'], StopState['state']>> = {
  live: 'live',
  pause: 'live',
  partially_effective: 'triggered',
  effective: 'triggered',
  canceled: 'canceled',
  order_failed: 'failed',
  partially_failed: 'failed',
};

export function toStopState(stop: OkxStop): StopState {
  return {
    venueStopId: stop.algoId,
    state: STOP_STATES[stop.state],
    quantity: plain(stop.sz),
    stopPrice: positiveOrNull(stop.slTriggerPx),
    takePrice: positiveOrNull(stop.tpTriggerPx),
    venueOrderId: stop.ordIdList[0] ?? (stop.ordId || null),
    code: stop.failCode || null,
  };
}

function toState(state: OkxOrder['state']): VenueOrderState {
  return state === 'mmp_canceled' ? 'canceled' : state;
}

/** A query repeats the last fill without its own fee, so it is not taken for one. */
function toPushedFill(order: OkxOrder): VenueFill | null {
  if (!order.tradeId || !order.fillFee || !positiveOrNull(order.fillSz) || !order.fillPx) return null;
  return {
    venueFillId: order.tradeId,
    clientOrderId: clientIdOf(order),
    symbol: order.instId,
    quantity: plain(order.fillSz),
    price: plain(order.fillPx),
    fee: plain(order.fillFee),
    feeCurrency: order.fillFeeCcy || SETTLE_CURRENCY,
    filledAt: Number(order.fillTime || order.uTime),
  };
}

export function toFill(fill: OkxFill): VenueFill {
  return {
    venueFillId: fill.tradeId,
    clientOrderId: fill.clOrdId,
    symbol: fill.instId,
    quantity: plain(fill.fillSz),
    price: plain(fill.fillPx),
    fee: plain(fill.fee),
    feeCurrency: fill.feeCcy,
    filledAt: Number(fill.ts),
  };
}

export function toExecution(fill: OkxExecution): Execution {
  return {
    ...toFill(fill),
    venueOrderId: fill.ordId,
    side: fill.side,
    positionSide: sideOf(fill.posSide),
    cause: causeOf(fill.subType),
  };
}

/** Types of transactions: 100 to 107, 110 and 111 are liquidations, 125 to 128 ADL, 112 and 113 deliveries. */
function causeOf(subType: string): ExecutionCause {
  if (/^1(?:0[0-7]|1[01])$/.test(subType)) return 'liquidation';
  if (/^12[5-8]$/.test(subType)) return 'adl';
  return subType === '112' || subType === '113' ? 'delivery' : 'order';
}

/** How a position's history says that it ended; 1 and 2 are closes by orders. */
const ENDS: ReadonlyMap<string, ExecutionCause> = new Map([
  ['3', 'liquidation'],
  ['4', 'liquidation'],
  ['5', 'adl'],
  ['6', 'adl'],
]);

/** Closed, liquidated or auto-deleveraged in part. */
const ENDS_IN_PART: ReadonlySet<string> = new Set(['1', '4', '5']);

/** Null where nothing of the position was closed. */
export function toEndedPosition(position: OkxEndedPosition): EndedPosition | null {
  const averageClosePrice = positiveOrNull(position.closeAvgPx);
  if (averageClosePrice === null) return null;
  return {
    symbol: position.instId,
    side: position.direction,
    quantity: toText(dec(position.closeTotalPos).abs()),
    averageClosePrice,
    cause: ENDS.get(position.type) ?? 'order',
    isWhole: !ENDS_IN_PART.has(position.type),
    endedAt: Number(position.uTime),
  };
}

/** Null for a position that is closed (the venue lists those for a while). */
export function toPosition(position: OkxPosition): VenuePosition | null {
  const quantity = dec(position.pos || 0);
  if (quantity.isZero()) return null;
  const short = position.posSide === 'short' || (position.posSide === 'net' && quantity.isNegative());
  return {
    symbol: position.instId,
    side: short ? 'short' : 'long',
    quantity: toText(quantity.abs()),
    averagePrice: plain(position.avgPx),
    markPrice: plain(position.markPx),
    unrealizedPnl: plain(position.upl),
    leverage: plain(position.lever),
    marginMode: position.mgnMode,
    liquidationPrice: positiveOrNull(position.liqPx),
  };
}

const ACCOUNT_LEVELS: ReadonlyMap<string, AccountLevel> = new Map([
  ['1', 'spot'],
  ['2', 'futures'],
  ['3', 'multi_currency'],
  ['4', 'portfolio'],
]);

export function toAccountConfig(config: OkxConfig): VenueAccountConfig {
  const permissions = config.perm.split(',').map((permission) => permission.trim());
  return {
    venueUserId: config.uid,
    venueOwnerId: config.mainUid || config.uid,
    positionMode: config.posMode === 'net_mode' ? 'net' : 'long_short',
    canRead: permissions.includes('read_only'),
    canTrade: permissions.includes('trade'),
    canWithdraw: permissions.includes('withdraw'),
    boundIps: config.ip
      .split(',')
      .map((ip) => ip.trim())
      .filter(Boolean),
    level: ACCOUNT_LEVELS.get(config.acctLv) ?? 'unknown',
  };
}

/** Null for what the product does not trade: inverse, otherwise settled, or not open for trading. */
/** Null: none that is traded here. */
export function toInstrument(row: OkxInstrument): ListedInstrument | null {
  if (row.ctType !== 'linear' || row.settleCcy !== SETTLE_CURRENCY) return null;
  const quoteCurrency = row.instId.split('-')[1] ?? row.settleCcy;
  return {
    id: `${OKX}:${row.instId}`,
    venue: OKX,
    symbol: row.instId,
    baseCurrency: row.ctValCcy,
    quoteCurrency,
    settleCurrency: row.settleCcy,
    contractValue: dec(row.ctVal || 0).times(row.ctMult || 1),
    lotSize: dec(row.lotSz || 0),
    minSize: dec(row.minSz || 0),
    maxMarketSize: row.maxMktSz ? dec(row.maxMktSz) : null,
    tickSize: dec(row.tickSz || 0),
    maxLeverage: dec(row.lever || 1),
    state: toInstrumentState(row.state),
    endsAt: toInstrumentEnd(row.expTime),
  };
}

export function toCandle(row: z.infer<typeof candleSchema>): Candle {
  const [openedAt, open, high, low, close, volume] = row;
  return { openedAt: Number(openedAt), open, high, low, close, volume };
}

/** "" is the venue's zero. Superfluous zeros go, and digits beyond the 18 that our boundaries carry. */
export function plain(text: string): string {
  return text === '' ? '0' : toText(dec(text).toDecimalPlaces(DECIMAL_PLACES));
}

/** "0" and "" both mean none. */
function positiveOrNull(text: string): string | null {
  if (text === '') return null;
  const value = dec(text).toDecimalPlaces(DECIMAL_PLACES);
  return value.gt(ZERO) ? toText(value) : null;
}
