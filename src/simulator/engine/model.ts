import { type Dec, dec, ZERO } from '@/domain/decimal';
import type { RefusalReason } from './refusal';

export const POS_MODES = ['net_mode', 'long_short_mode'] as const;
export type PosMode = (typeof POS_MODES)[number];
/** What is margin: nothing (spot), USDT alone (futures), or all currencies. */
export const ACCOUNT_LEVELS = ['spot', 'futures', 'multi-currency', 'portfolio'] as const;
export type AccountLevel = (typeof ACCOUNT_LEVELS)[number];
export type PosSide = 'net' | 'long' | 'short';
export type MgnMode = 'cross' | 'isolated';
export type Side = 'buy' | 'sell';
export const ORDER_TYPES = ['market', 'limit', 'post_only', 'ioc', 'fok', 'optimal_limit_ioc'] as const;
export type OrderType = (typeof ORDER_TYPES)[number];
export type OrderState = 'live' | 'partially_filled' | 'filled' | 'canceled';
export type StpMode = 'cancel_maker' | 'cancel_taker' | 'cancel_both';

/** Who or what ended an order that was not filled whole. */
export type CancelReason =
  | 'user'
  | 'liquidation'
  | 'fok-unfilled'
  | 'ioc-remainder'
  | 'cancel-all-after'
  | 'position-closed'
  /** Other orders of the account that would fill sooner already close the whole position. */
  | 'displaced'
  /** The position that it would close is gone or smaller. */
  | 'nothing-to-reduce'
  | 'closed-at-market'
  | 'post-only-would-take'
  | 'self-trade'
  | 'delivery';
export type OrderCategory = 'normal' | 'full_liquidation' | 'partial_liquidation' | 'adl' | 'delivery';
/** Why an order's terms are not those it was placed with: by its owner, or because an account closes no more than it holds. */
export type Amendment = 'by-user' | 'by-user-cut' | 'cut-when-placed' | 'cut-by-others';
/** Why balances and positions changed. */
export type HoldingsReason =
  | 'filled'
  | 'liquidation'
  | 'adl'
  | 'delivered'
  | 'funding_fee'
  | 'transferred'
  | 'set_leverage';
/** How a position got smaller the last time. */
export type PositionEnding =
  | 'partly-closed'
  | 'closed'
  | 'partly-liquidated'
  | 'liquidated'
  | 'partly-deleveraged'
  | 'deleveraged';

/** A take-profit and/or stop-loss that comes alive when its parent is completely filled. Prices are text as sent. */
export interface AttachedAlgo {
  attachAlgoId: string;
  attachAlgoClOrdId: string;
  tpTriggerPx: string;
  tpTriggerPxType: string;
  tpOrdPx: string;
  slTriggerPx: string;
  slTriggerPxType: string;
  slOrdPx: string;
  sz: string;
}

export interface LastFill {
  px: Dec;
  sz: Dec;
  tradeId: string;
  time: number;
  execType: 'T' | 'M';
  fee: Dec;
  pnl: Dec;
}

export interface Order {
  uid: string;
  ordId: string;
  clOrdId: string;
  tag: string;
  instId: string;
  side: Side;
  posSide: PosSide;
  tdMode: MgnMode;
  ordType: OrderType;
  reduceOnly: boolean;
  /** Null for market orders. */
  px: Dec | null;
  sz: Dec;
  accFillSz: Dec;
  /** Σ price × size of the fills, so that avgPx never accumulates rounding. */
  fillValue: Dec;
  avgPx: Dec;
  fee: Dec;
  pnl: Dec;
  state: OrderState;
  cancelReason: CancelReason | '';
  category: OrderCategory;
  lever: string;
  stpMode: StpMode;
  attached: AttachedAlgo[];
  algoId: string;
  algoClOrdId: string;
  reqId: string;
  /** Set while the change is told. */
  amendment: Amendment | '';
  lastFill: LastFill | null;
  /** Accepted, but a fault holds its execution back: price moves do not touch it. */
  deferred: boolean;
  /** When the request arrived at the server, before any injected delay. */
  createdAt: number;
  acceptedAt: number;
  filledAt: number | null;
  uTime: number;
}

export interface Position {
  uid: string;
  instId: string;
  mgnMode: MgnMode;
  posSide: PosSide;
  posId: string;
  /** Signed in net mode; never negative for long and short. */
  pos: Dec;
  avgPx: Dec;
  lever: Dec;
  /** Collateral of an isolated position; zero for cross. */
  margin: Dec;
  pnl: Dec;
  fee: Dec;
  fundingFee: Dec;
  liqPenalty: Dec;
  /** Contracts closed since it was opened, Σ price × contracts of them, and the most it ever held. */
  closedSz: Dec;
  closedValue: Dec;
  maxPos: Dec;
  tradeId: string;
  cTime: number;
  uTime: number;
}

export interface Fill {
  uid: string;
  instId: string;
  ordId: string;
  clOrdId: string;
  tag: string;
  tradeId: string;
  billId: string;
  side: Side;
  posSide: PosSide;
  mgnMode: MgnMode;
  execType: 'T' | 'M';
  px: Dec;
  sz: Dec;
  fee: Dec;
  feeRate: Dec;
  pnl: Dec;
  balance: Dec;
  balanceChange: Dec;
  category: OrderCategory;
  ts: number;
}

/** A change of balance that is not a trade. */
export interface Bill {
  uid: string;
  billId: string;
  kind: 'funding' | 'transfer';
  instId: string;
  balance: Dec;
  balanceChange: Dec;
  ts: number;
}

/** What of a position was closed so far, for its history. */
export interface ClosedPosition {
  uid: string;
  posId: string;
  instId: string;
  mgnMode: MgnMode;
  posSide: PosSide;
  direction: 'long' | 'short';
  lever: Dec;
  openAvgPx: Dec;
  closeAvgPx: Dec;
  closeTotalPos: Dec;
  openMaxPos: Dec;
  pnl: Dec;
  fee: Dec;
  fundingFee: Dec;
  liqPenalty: Dec;
  ending: PositionEnding;
  cTime: number;
  uTime: number;
}

export const ALGO_TYPES = ['conditional', 'oco', 'trigger', 'move_order_stop'] as const;
export type AlgoType = (typeof ALGO_TYPES)[number];
export type AlgoState = 'live' | 'effective' | 'canceled' | 'order_failed';

export interface AlgoOrder {
  uid: string;
  algoId: string;
  algoClOrdId: string;
  instId: string;
  ordType: AlgoType;
  side: Side;
  posSide: PosSide;
  tdMode: MgnMode;
  reduceOnly: boolean;
  sz: string;
  closeFraction: string;
  tag: string;
  tpTriggerPx: string;
  tpTriggerPxType: string;
  tpOrdPx: string;
  slTriggerPx: string;
  slTriggerPxType: string;
  slOrdPx: string;
  triggerPx: string;
  triggerPxType: string;
  ordPx: string;
  callbackRatio: string;
  callbackSpread: string;
  activePx: string;
  /** move_order_stop: the best price since it became active, and the trigger that follows it. */
  extremePx: string;
  moveTriggerPx: string;
  state: AlgoState;
  actualSide: '' | 'tp' | 'sl';
  actualSz: string;
  actualPx: string;
  ordId: string;
  /** Why the order that it fired was refused. */
  refusal: RefusalReason | '';
  /** Made from an order's attachment: dies with the position. */
  parentOrdId: string;
  /** Asked to die with the position. */
  cxlOnClosePos: boolean;
  lever: string;
  cTime: number;
  uTime: number;
  triggerTime: number | null;
}

export interface Account {
  uid: string;
  /** Of the account whose sub-account it is; empty: it is none. */
  mainUid: string;
  owner: string;
  label: string;
  apiKey: string;
  secret: string;
  passphrase: string;
  /** Comma-separated, as in account/config: read_only, trade, withdraw. */
  perm: string;
  /** Comma-separated addresses the key is bound to; empty: none. */
  ip: string;
  posMode: PosMode;
  level: AccountLevel;
  createdAt: number;
  /** USDT, without the margin of isolated positions. */
  cash: Dec;
  /** Other currencies: amounts. */
  coins: Map<string, Dec>;
  uTime: number;
  /** instId|mgnMode|posSide → leverage. */
  leverage: Map<string, string>;
  positions: Map<string, Position>;
  pending: Map<string, Order>;
  orders: Map<string, Order>;
  /** The newest order of each client id: the id can be used again when its order is done. */
  byClientId: Map<string, Order>;
  algos: Map<string, AlgoOrder>;
  liveAlgos: Map<string, AlgoOrder>;
  fills: Fill[];
  bills: Bill[];
  closed: ClosedPosition[];
}

export const DEFAULT_LEVERAGE = '3';

export function positionKey(instId: string, posSide: PosSide, mgnMode: MgnMode): string {
  return `${instId}|${posSide}|${mgnMode}`;
}

/** +1 long, −1 short, 0 flat. */
export function positionSign(position: Pick<Position, 'pos' | 'posSide'>): 1 | -1 | 0 {
  if (position.pos.isZero()) return 0;
  if (position.posSide === 'short') return -1;
  if (position.posSide === 'long') return 1;
  return position.pos.isNegative() ? -1 : 1;
}

/** True where an order may only make its position smaller. */
export function closesOnly(order: Pick<Order, 'reduceOnly' | 'posSide' | 'side'>): boolean {
  return order.reduceOnly || (order.posSide !== 'net' && !opensHedge(order.side, order.posSide));
}

/** True where an order adds to a long/short-mode position; meaningless in net mode. */
export function opensHedge(side: Side, posSide: PosSide): boolean {
  return (posSide === 'long' && side === 'buy') || (posSide === 'short' && side === 'sell');
}

export function opposite(side: Side): Side {
  return side === 'buy' ? 'sell' : 'buy';
}

export function isTerminal(state: OrderState): boolean {
  return state === 'filled' || state === 'canceled';
}

export function remaining(order: Order): Dec {
  return order.sz.minus(order.accFillSz);
}

export function leverageKey(instId: string, mgnMode: MgnMode, posSide: PosSide): string {
  return mgnMode === 'isolated' ? `${instId}|isolated|${posSide}` : `${instId}|cross`;
}

export function leverageOf(account: Account, instId: string, mgnMode: MgnMode, posSide: PosSide): string {
  return account.leverage.get(leverageKey(instId, mgnMode, posSide)) ?? DEFAULT_LEVERAGE;
}

/** Amounts as text: plain, at most 16 digits after the point. */
export function amountText(value: Dec): string {
  return value.toDecimalPlaces(16).toFixed();
}

/** Reads a decimal a client sent; undefined where it is not a plain number. */
export function readDecimal(value: unknown): Dec | undefined {
  const text = typeof value === 'number' ? String(value) : value;
  if (typeof text !== 'string' || !/^[+-]?(?:\d{1,24})(?:\.\d{1,24})?$/.test(text)) return undefined;
  const parsed = dec(text);
  return parsed.isZero() ? ZERO : parsed;
}
