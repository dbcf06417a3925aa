import { type Dec, ZERO } from '@/domain/decimal';
import { breakEvenPx, quantity, TAKER_RATE, unrealizedPnl } from '../engine/arithmetic';
import { type CoinValue, coinsOf, poolsCurrencies } from '../engine/coins';
import { type Equity, liquidationPx, valueAccount, valuePosition } from '../engine/margin';
import type { Market, Quote } from '../engine/market';
import {
  type Account,
  type AlgoOrder,
  amountText,
  type Bill,
  type ClosedPosition,
  type Fill,
  type Order,
  type Position,
} from '../engine/model';
import {
  AMEND_SOURCE,
  billSubType,
  billType,
  CANCEL_SOURCE,
  CANCEL_TEXT,
  CLOSING_TYPE,
  tradeSubType,
  tradeType,
} from './codes';
import { refusalCode } from './errors';

/*
 * The rows of OKX's answers and pushes: every number is text, absent values are empty text.
 */

const text = amountText;

function orderCommon(order: Order): Record<string, unknown> {
  const fill = order.lastFill;
  const attached = order.attached[0];
  return {
    accFillSz: text(order.accFillSz),
    algoClOrdId: order.algoClOrdId,
    algoId: order.algoId,
    attachAlgoClOrdId: attached?.attachAlgoClOrdId ?? '',
    attachAlgoOrds: order.attached.map((algo) => ({
      ...algo,
      amendPxOnTriggerType: '0',
      failCode: '',
      failReason: '',
    })),
    cTime: String(order.acceptedAt),
    cancelSource: order.cancelReason ? CANCEL_SOURCE[order.cancelReason] : '',
    cancelSourceReason: order.cancelReason ? CANCEL_TEXT[order.cancelReason] : '',
    category: order.category,
    ccy: '',
    clOrdId: order.clOrdId,
    fee: text(order.fee),
    feeCcy: 'USDT',
    fillPx: fill ? text(fill.px) : '',
    fillTime: fill ? String(fill.time) : '',
    instId: order.instId,
    instType: 'SWAP',
    isTpLimit: 'false',
    lever: order.lever,
    linkedAlgoOrd: { algoId: '' },
    ordId: order.ordId,
    ordType: order.ordType,
    pnl: text(order.pnl),
    posSide: order.posSide,
    px: order.px ? text(order.px) : '',
    pxType: '',
    pxUsd: '',
    pxVol: '',
    quickMgnType: '',
    rebate: '0',
    rebateCcy: 'USDT',
    reduceOnly: String(order.reduceOnly),
    side: order.side,
    slOrdPx: attached?.slOrdPx ?? '',
    slTriggerPx: attached?.slTriggerPx ?? '',
    slTriggerPxType: attached?.slTriggerPxType ?? '',
    source: order.algoId ? '7' : '',
    state: order.state,
    stpId: '',
    stpMode: order.stpMode,
    sz: text(order.sz),
    tag: order.tag,
    tdMode: order.tdMode,
    tgtCcy: '',
    tpOrdPx: attached?.tpOrdPx ?? '',
    tpTriggerPx: attached?.tpTriggerPx ?? '',
    tpTriggerPxType: attached?.tpTriggerPxType ?? '',
    tradeId: fill?.tradeId ?? '',
    tradeQuoteCcy: '',
    uTime: String(order.uTime),
  };
}

/** trade/order, orders-pending, orders-history: avgPx is empty before the first fill. */
export function restOrderRow(order: Order): Record<string, unknown> {
  const row = orderCommon(order);
  row.avgPx = order.accFillSz.isZero() ? '' : text(order.avgPx);
  row.fillSz = order.lastFill ? text(order.lastFill.sz) : '0';
  return row;
}

/** The orders channel: avgPx is "0" before the first fill; fill fields belong to the fill of this very push. */
export function pushOrderRow(order: Order, quote: Quote, fill: Fill | undefined): Record<string, unknown> {
  const row = orderCommon(order);
  const price = order.px ?? quote.last;
  row.avgPx = order.accFillSz.isZero() ? '0' : text(order.avgPx);
  row.notionalUsd = text(price.times(quantity(order.sz, quote.instrument.ctVal)));
  row.amendResult = order.amendment.startsWith('by-user') ? '0' : '';
  row.amendSource = order.amendment ? AMEND_SOURCE[order.amendment] : '';
  row.cancelSourceReason = '';
  row.reqId = order.reqId;
  row.code = '0';
  row.msg = '';
  row.lastPx = text(quote.last);
  row.execType = fill?.execType ?? '';
  row.fillFee = fill ? text(fill.fee) : '0';
  row.fillFeeCcy = fill ? 'USDT' : '';
  row.fillPx = fill ? text(fill.px) : '';
  row.fillSz = fill ? text(fill.sz) : '0';
  row.fillPnl = fill ? text(fill.pnl) : '0';
  row.fillTime = fill ? String(fill.ts) : '';
  row.fillNotionalUsd = fill ? text(fill.px.times(quantity(fill.sz, quote.instrument.ctVal))) : '';
  row.tradeId = fill?.tradeId ?? '';
  row.fillPxVol = '';
  row.fillPxUsd = '';
  row.fillMarkVol = '';
  row.fillFwdPx = '';
  row.fillMarkPx = fill ? text(quote.mark) : '';
  row.fillIdxPx = fill ? text(quote.last) : '';
  return row;
}

export function fillRow(fill: Fill): Record<string, unknown> {
  return {
    billId: fill.billId,
    clOrdId: fill.clOrdId,
    execType: fill.execType,
    fee: text(fill.fee),
    feeCcy: 'USDT',
    feeRate: text(fill.feeRate.neg()),
    fillFwdPx: '',
    fillIdxPx: text(fill.px),
    fillMarkPx: text(fill.px),
    fillMarkVol: '',
    fillPnl: text(fill.pnl),
    fillPx: text(fill.px),
    fillPxUsd: '',
    fillPxVol: '',
    fillSz: text(fill.sz),
    fillTime: String(fill.ts),
    instId: fill.instId,
    instType: 'SWAP',
    ordId: fill.ordId,
    posSide: fill.posSide,
    side: fill.side,
    subType: tradeSubType(fill),
    tag: fill.tag,
    tradeId: fill.tradeId,
    tradeQuoteCcy: '',
    ts: String(fill.ts),
  };
}

export function fillPushRow(fill: Fill): Record<string, unknown> {
  return {
    instId: fill.instId,
    fillSz: text(fill.sz),
    fillPx: text(fill.px),
    side: fill.side,
    ts: String(fill.ts),
    ordId: fill.ordId,
    clOrdId: fill.clOrdId,
    tradeId: fill.tradeId,
    execType: fill.execType,
    count: '1',
  };
}

/** A bill of a trade. */
export function fillBillRow(fill: Fill): Record<string, unknown> {
  return {
    ...emptyBill,
    bal: text(fill.balance),
    balChg: text(fill.balanceChange),
    billId: fill.billId,
    clOrdId: fill.clOrdId,
    execType: fill.execType,
    fee: text(fill.fee),
    fillTime: String(fill.ts),
    instId: fill.instId,
    mgnMode: fill.mgnMode,
    ordId: fill.ordId,
    pnl: text(fill.pnl),
    px: text(fill.px),
    subType: tradeSubType(fill),
    sz: text(fill.sz),
    tag: fill.tag,
    tradeId: fill.tradeId,
    ts: String(fill.ts),
    type: tradeType(fill),
  };
}

export function billRow(bill: Bill): Record<string, unknown> {
  return {
    ...emptyBill,
    bal: text(bill.balance),
    balChg: text(bill.balanceChange),
    billId: bill.billId,
    instId: bill.instId,
    instType: bill.instId === '' ? '' : 'SWAP',
    pnl: bill.kind === 'funding' ? text(bill.balanceChange) : '0',
    subType: billSubType(bill),
    sz: text(bill.balanceChange.abs()),
    ts: String(bill.ts),
    type: billType(bill),
  };
}

const emptyBill = {
  ccy: 'USDT',
  clOrdId: '',
  earnAmt: '',
  earnApr: '',
  execType: '',
  fee: '0',
  fillFwdPx: '',
  fillIdxPx: '',
  fillMarkPx: '',
  fillMarkVol: '',
  fillPxUsd: '',
  fillPxVol: '',
  fillTime: '',
  from: '',
  instType: 'SWAP',
  interest: '0',
  mgnMode: '',
  notes: '',
  ordId: '',
  posBal: '0',
  posBalChg: '0',
  px: '',
  tag: '',
  to: '',
  tradeId: '',
};

export function positionRow(market: Market, account: Account, position: Position): Record<string, unknown> {
  const quote = market.quote(position.instId);
  const value = valuePosition(market, position);
  const flat = value.sign === 0;
  const marginBase = flat ? ZERO : position.avgPx.times(value.base).div(position.lever);
  const ratio = (upl: Dec): string => (flat ? '' : text(upl.div(marginBase)));
  const realized = position.pnl.plus(position.fee).plus(position.fundingFee).plus(position.liqPenalty);
  const liquidation = liquidationPx(market, account, position);
  const uplLast = unrealizedPnl(value.sign, position.avgPx, quote.last, value.base);
  const isolated = position.mgnMode === 'isolated';
  return {
    adl: flat ? '' : '1',
    availPos: '',
    avgPx: flat ? '' : text(position.avgPx),
    baseBal: '',
    baseBorrowed: '',
    baseInterest: '',
    bePx: value.sign === 0 ? '' : text(breakEvenPx(value.sign, position.avgPx, value.base, realized)),
    bizRefId: '',
    bizRefType: '',
    cTime: String(position.cTime),
    ccy: 'USDT',
    clSpotInUseAmt: '',
    closeOrderAlgo: closeAlgos(account, position),
    deltaBS: '',
    deltaPA: '',
    fee: text(position.fee),
    fundingFee: text(position.fundingFee),
    gammaBS: '',
    gammaPA: '',
    hedgedPos: '',
    idxPx: text(quote.last),
    imr: flat || isolated ? '' : text(value.imr),
    instId: position.instId,
    instType: 'SWAP',
    interest: '',
    last: text(quote.last),
    lever: text(position.lever),
    liab: '',
    liabCcy: '',
    liqPenalty: text(position.liqPenalty),
    liqPx: liquidation ? text(liquidation.toDecimalPlaces(10)) : '',
    margin: isolated && !flat ? text(position.margin) : '',
    markPx: text(quote.mark),
    maxSpotInUseAmt: '',
    mgnMode: position.mgnMode,
    mgnRatio: flat ? '' : marginRatio(market, account, position),
    mmr: flat ? '' : text(value.mmr),
    nonSettleAvgPx: '',
    notionalUsd: flat ? '' : text(value.notional),
    optVal: '',
    pendingCloseOrdLiabVal: '',
    pnl: text(position.pnl),
    pos: text(position.pos),
    posCcy: '',
    posId: position.posId,
    posSide: position.posSide,
    quoteBal: '',
    quoteBorrowed: '',
    quoteInterest: '',
    realizedPnl: text(realized),
    settledPnl: '',
    spotInUseAmt: '',
    spotInUseCcy: '',
    thetaBS: '',
    thetaPA: '',
    tradeId: position.tradeId,
    uTime: String(position.uTime),
    upl: flat ? '' : text(value.upl),
    uplLastPx: flat ? '' : text(uplLast),
    uplRatio: ratio(value.upl),
    uplRatioLastPx: ratio(uplLast),
    usdPx: '1',
    vegaBS: '',
    vegaPA: '',
  };
}

function closeAlgos(account: Account, position: Position): unknown[] {
  const rows: unknown[] = [];
  for (const algo of account.liveAlgos.values()) {
    if (algo.closeFraction === '' || algo.instId !== position.instId || algo.posSide !== position.posSide) continue;
    rows.push({
      algoId: algo.algoId,
      slTriggerPx: algo.slTriggerPx,
      slTriggerPxType: algo.slTriggerPxType,
      tpTriggerPx: algo.tpTriggerPx,
      tpTriggerPxType: algo.tpTriggerPxType,
      closeFraction: algo.closeFraction,
    });
  }
  return rows;
}

function marginRatio(market: Market, account: Account, position: Position): string {
  if (position.mgnMode === 'isolated') {
    const value = valuePosition(market, position);
    const need = value.mmr.plus(value.notional.times(TAKER_RATE));
    return text(position.margin.plus(value.upl).div(need).toDecimalPlaces(10));
  }
  return crossRatio(market, account);
}

function crossRatio(market: Market, account: Account): string {
  const equity = valueAccount(market, account);
  const need = equity.crossMmr.plus(equity.crossNotional.times(TAKER_RATE));
  return need.isZero() ? '' : text(equity.crossEquity.div(need).toDecimalPlaces(10));
}

function currencyRow(account: Account, equity: Equity, ratio: string): Record<string, unknown> {
  const frozen = equity.crossImr.plus(equity.ordFrozen).plus(equity.isolatedEquity);
  const total = text(equity.total);
  return {
    accAvgPx: '',
    autoLendAmt: '0',
    autoLendMtAmt: '0',
    autoLendStatus: 'off',
    availBal: text(equity.available),
    availEq: text(equity.available),
    borrowFroz: '',
    cashBal: text(account.cash),
    ccy: 'USDT',
    clSpotInUseAmt: '',
    coinUsdPrice: '1',
    colBorrAutoConversion: '0',
    colRes: '0',
    collateralEnabled: false,
    collateralRestrict: false,
    crossLiab: '',
    disEq: total,
    eq: total,
    eqUsd: total,
    fixedBal: '0',
    frozenBal: text(frozen),
    frpType: '0',
    imr: text(equity.crossImr.plus(equity.ordFrozen)),
    interest: '',
    isoEq: text(equity.isolatedEquity),
    isoLiab: '',
    isoUpl: text(equity.isolatedUpl),
    liab: '',
    maxLoan: '',
    maxSpotInUseAmt: '',
    mgnRatio: ratio,
    mmr: text(equity.crossMmr),
    notionalLever: equity.total.gt(0) ? text(equity.crossNotional.div(equity.total).toDecimalPlaces(8)) : '0',
    openAvgPx: '',
    ordFrozen: text(equity.ordFrozen),
    rewardBal: '0',
    smtSyncEq: '0',
    spotBal: '',
    spotCopyTradingEq: '0',
    spotInUseAmt: '',
    spotIsoBal: '0',
    spotUpl: '',
    spotUplRatio: '',
    stgyEq: '0',
    totalPnl: '',
    totalPnlRatio: '',
    twap: '0',
    uTime: String(account.uTime),
    upl: text(equity.crossUpl.plus(equity.isolatedUpl)),
    uplLiab: '',
  };
}

const NO_EQUITY: Equity = {
  ...{ total: ZERO, crossEquity: ZERO, crossUpl: ZERO, crossImr: ZERO, crossMmr: ZERO, crossNotional: ZERO },
  ...{ isolatedEquity: ZERO, isolatedUpl: ZERO, ordFrozen: ZERO, available: ZERO },
};

function coinRow(account: Account, { ccy, amount, price, worth, discounted }: CoinValue): Record<string, unknown> {
  const held = text(amount);
  return {
    ...currencyRow(account, NO_EQUITY, ''),
    ...{ ccy, eq: held, cashBal: held, availBal: held, availEq: held },
    ...{ coinUsdPrice: text(price), eqUsd: text(worth), disEq: text(discounted) },
  };
}

/**
 * The one row of account/balance and of the account channel. `wanted`: the currencies asked for. A currency without a balance is left
 * out. The account's own figures, in USD, are told where all currencies are margin.
 */
export function balanceRow(
  market: Market,
  account: Account,
  wanted?: readonly string[],
): Record<string, unknown> & { details: readonly Record<string, unknown>[] } {
  const equity = valueAccount(market, account);
  const coins = coinsOf(market, account);
  const uTime = String(account.uTime);
  const empty = equity.total.isZero() && (equity.available.isZero() || coins.length > 0);
  const rows = [
    ...(empty ? [] : [currencyRow(account, equity, crossRatio(market, account))]),
    ...coins.map((coin) => coinRow(account, coin)),
  ];
  const pools = poolsCurrencies(account);
  const total = coins.reduce((sum, { worth }) => sum.plus(worth), equity.total);
  return {
    adjEq: pools ? text(equity.crossEquity) : '',
    availEq: pools ? text(equity.available) : '',
    borrowFroz: '',
    delta: '',
    deltaLever: '',
    deltaNeutralStatus: '',
    details: wanted ? rows.filter(({ ccy }) => wanted.includes(String(ccy))) : rows,
    imr: pools ? text(equity.crossImr.plus(equity.ordFrozen)) : '',
    isoEq: text(equity.isolatedEquity),
    mgnRatio: '',
    mmr: pools ? text(equity.crossMmr) : '',
    notionalUsd: '',
    notionalUsdForBorrow: '',
    notionalUsdForFutures: '',
    notionalUsdForOption: '',
    notionalUsdForSwap: '',
    ordFroz: '',
    totalEq: text(total),
    uTime,
    upl: '',
  };
}

export function closedPositionRow(closed: ClosedPosition, ctVal: Dec): Record<string, unknown> {
  const realized = closed.pnl.plus(closed.fee).plus(closed.fundingFee).plus(closed.liqPenalty);
  const base = quantity(closed.closeTotalPos, ctVal);
  return {
    cTime: String(closed.cTime),
    ccy: 'USDT',
    closeAvgPx: text(closed.closeAvgPx),
    closeTotalPos: text(closed.closeTotalPos),
    direction: closed.direction,
    fee: text(closed.fee),
    fundingFee: text(closed.fundingFee),
    instId: closed.instId,
    instType: 'SWAP',
    lever: text(closed.lever),
    liqPenalty: text(closed.liqPenalty),
    mgnMode: closed.mgnMode,
    nonSettleAvgPx: '',
    openAvgPx: text(closed.openAvgPx),
    openMaxPos: text(closed.openMaxPos),
    pnl: text(closed.pnl),
    pnlRatio: text(realized.div(closed.openAvgPx.times(base).div(closed.lever)).toDecimalPlaces(10)),
    posId: closed.posId,
    posSide: closed.posSide,
    realizedPnl: text(realized),
    settledPnl: '',
    triggerPx: '',
    type: CLOSING_TYPE[closed.ending],
    uTime: String(closed.uTime),
    uly: closed.instId.replace('-SWAP', ''),
  };
}

export function algoRow(algo: AlgoOrder, quote: Quote): Record<string, unknown> {
  return {
    activePx: algo.activePx,
    actualPx: algo.actualPx,
    actualSide: algo.actualSide,
    actualSz: algo.actualSz,
    algoClOrdId: algo.algoClOrdId,
    algoId: algo.algoId,
    amendPxOnTriggerType: '0',
    attachAlgoOrds: [],
    cTime: String(algo.cTime),
    callbackRatio: algo.callbackRatio,
    callbackSpread: algo.callbackSpread,
    ccy: '',
    chaseType: '',
    chaseVal: '',
    clOrdId: '',
    closeFraction: algo.closeFraction,
    failCode: refusalCode(algo.refusal),
    instId: algo.instId,
    instType: 'SWAP',
    isTradeBorrowMode: '',
    last: text(quote.last),
    lever: algo.lever,
    linkedOrd: { ordId: algo.parentOrdId },
    maxChaseType: '',
    maxChaseVal: '',
    moveTriggerPx: algo.moveTriggerPx,
    ordId: algo.ordId,
    ordIdList: algo.ordId ? [algo.ordId] : [],
    ordPx: algo.ordPx,
    ordType: algo.ordType,
    posSide: algo.posSide,
    pxLimit: '',
    pxSpread: '',
    pxVar: '',
    quickMgnType: '',
    reduceOnly: String(algo.reduceOnly),
    side: algo.side,
    slOrdPx: algo.slOrdPx,
    slTriggerPx: algo.slTriggerPx,
    slTriggerPxType: algo.slTriggerPxType,
    state: algo.state,
    sz: algo.sz,
    szLimit: '',
    tag: algo.tag,
    tdMode: algo.tdMode,
    tgtCcy: '',
    timeInterval: '',
    tpOrdPx: algo.tpOrdPx,
    tpTriggerPx: algo.tpTriggerPx,
    tpTriggerPxType: algo.tpTriggerPxType,
    tradeQuoteCcy: '',
    triggerPx: algo.triggerPx,
    triggerPxType: algo.triggerPxType,
    triggerTime: algo.triggerTime === null ? '' : String(algo.triggerTime),
    uTime: String(algo.uTime),
  };
}
