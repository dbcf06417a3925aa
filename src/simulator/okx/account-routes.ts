import { dec } from '@/domain/decimal';
import { MAKER_RATE, TAKER_RATE } from '../engine/arithmetic';
import { findInstrument } from '../engine/instruments';
import { valueAccount } from '../engine/margin';
import { type Account, leverageOf, type Position } from '../engine/model';
import { success } from './envelope';
import { VenueError } from './errors';
import { instrumentRows } from './public-routes';
import { objectBody, type PrivateCall, pageById, type Router } from './router';
import { balanceRow, billRow, closedPositionRow, fillBillRow, positionRow } from './rows';
import { ACCOUNT_LEVEL, changeAccountLevel, changeLeverage, changePositionMode, leverageInfo } from './settings';

/** account/config: what a pre-flight of a key reads (permissions, bound addresses, position mode). */
export function configRow(account: Account): Record<string, unknown> {
  return {
    acctLv: ACCOUNT_LEVEL[account.level],
    acctStpMode: 'cancel_maker',
    autoLoan: false,
    ctIsoMode: 'automatic',
    enableSpotBorrow: false,
    feeType: '0',
    greeksType: 'PA',
    ip: account.ip,
    kycLv: '3',
    label: account.label,
    level: 'Lv1',
    levelTmp: '',
    liquidationGear: '-1',
    mainUid: account.mainUid || account.uid,
    mgnIsoMode: 'automatic',
    opAuth: '0',
    perm: account.perm,
    posMode: account.posMode,
    roleType: '0',
    settleCcy: 'USDT',
    settleCcyList: ['USD', 'USDC', 'USDT'],
    spotBorrowAutoRepay: false,
    spotOffsetType: '',
    spotRoleType: '0',
    spotTraderInsts: [],
    stgyType: '0',
    traderInsts: [],
    type: '0',
    uid: account.uid,
  };
}

function openPositions(call: PrivateCall): Position[] {
  const instType = call.query.get('instType');
  const ids = call.query.get('instId')?.split(',');
  const posIds = call.query.get('posId')?.split(',');
  if (instType && instType !== 'SWAP') return [];
  return [...call.account.positions.values()].filter(
    (position) =>
      !position.pos.isZero() && (!ids || ids.includes(position.instId)) && (!posIds || posIds.includes(position.posId)),
  );
}

function positionsHistory(call: PrivateCall): ReturnType<typeof success> {
  const instId = call.query.get('instId');
  const rows = call.account.closed.filter((closed) => !instId || closed.instId === instId).reverse();
  const page = pageById(call, rows, (closed) => String(closed.uTime));
  return success(
    page.map((closed) => closedPositionRow(closed, call.venue.market.quote(closed.instId).instrument.ctVal)),
  );
}

function bills(call: PrivateCall): ReturnType<typeof success> {
  const { account } = call;
  const rows = [
    ...account.fills.map((fill) => ({ id: fill.billId, row: () => fillBillRow(fill) })),
    ...account.bills.map((bill) => ({ id: bill.billId, row: () => billRow(bill) })),
  ].sort((a, b) => (a.id < b.id ? 1 : -1));
  const type = call.query.get('type');
  const built = pageById(call, rows, (entry) => entry.id).map((entry) => entry.row());
  return success(type ? built.filter((row) => row.type === type) : built);
}

function maxSize(call: PrivateCall): ReturnType<typeof success> {
  const ids = (call.query.get('instId') ?? '').split(',');
  const tdMode = call.query.get('tdMode') === 'isolated' ? 'isolated' : 'cross';
  const { available } = valueAccount(call.venue.market, call.account);
  return success(
    ids.map((instId) => {
      const instrument = findInstrument(instId);
      if (!instrument) throw new VenueError('51001');
      const quote = call.venue.market.quote(instId);
      const lever = dec(leverageOf(call.account, instId, tdMode, 'net'));
      const perContract = quote.last.times(instrument.ctVal);
      const cost = perContract.div(lever).plus(perContract.times(TAKER_RATE));
      const most = available.div(cost).div(instrument.lotSz).floor().times(instrument.lotSz).toFixed();
      return { ccy: 'USDT', instId, maxBuy: most, maxSell: most };
    }),
  );
}

/** The signed account/… routes and the little of asset/… that clients ask for. */
export function addAccountRoutes(router: Router): void {
  router.read('account/config', 5, ({ account }) => success([configRow(account)]));
  router.read('account/balance', 10, ({ account, venue, query }) => {
    return success([balanceRow(venue.market, account, query.get('ccy')?.split(','))]);
  });
  router.read('account/positions', 10, (call) =>
    success(openPositions(call).map((position) => positionRow(call.venue.market, call.account, position))),
  );
  router.read('account/positions-history', 10, positionsHistory);
  router.read('account/instruments', 20, (call) => success(instrumentRows(call)));
  router.read('account/leverage-info', 20, (call) =>
    success(leverageInfo(call.account, (call.query.get('instId') ?? '').split(','), call.query.get('mgnMode') ?? '')),
  );
  router.write('account/set-leverage', 20, (call) =>
    success([changeLeverage(call.venue, call.account, objectBody(call))]),
  );
  router.write('account/set-position-mode', 5, (call) =>
    success([{ posMode: changePositionMode(call.venue, call.account, objectBody(call).posMode) }]),
  );
  router.write('account/set-account-level', 5, (call) =>
    success([changeAccountLevel(call.venue, call.account, objectBody(call).acctLv)]),
  );
  router.read('account/bills', 10, bills);
  router.read('account/bills-archive', 10, bills);
  router.read('account/max-size', 20, maxSize);
  router.read('account/max-avail-size', 20, (call) => {
    const { available } = valueAccount(call.venue.market, call.account);
    const ids = (call.query.get('instId') ?? '').split(',');
    return success(ids.map((instId) => ({ instId, availBuy: available.toFixed(), availSell: available.toFixed() })));
  });
  router.read('account/trade-fee', 5, (call) => {
    const maker = MAKER_RATE.neg().toFixed();
    const taker = TAKER_RATE.neg().toFixed();
    return success([
      {
        category: '1',
        delivery: '',
        exercise: '',
        feeGroup: [{ groupId: '1', maker, taker }],
        fiat: [],
        instType: call.query.get('instType') ?? 'SWAP',
        level: 'Lv1',
        maker,
        makerU: maker,
        makerUSDC: maker,
        ruleType: 'normal',
        taker,
        takerU: taker,
        takerUSDC: taker,
        ts: String(call.venue.clock.now()),
      },
    ]);
  });
  router.read('asset/balances', 6, () => success([]));
  router.read('asset/currencies', 6, (call) => {
    const wanted = call.query.get('ccy')?.split(',');
    return success(
      ['USDT', 'BTC', 'ETH', 'SOL', 'XRP', 'DOGE'].filter((ccy) => !wanted || wanted.includes(ccy)).map(currencyRow),
    );
  });
}

function currencyRow(ccy: string): Record<string, unknown> {
  return {
    burningFeeRate: '',
    canDep: false,
    canInternal: false,
    canWd: false,
    ccy,
    chain: `${ccy}-Simulated`,
    ctAddr: '',
    depEstOpenTime: '',
    depQuotaFixed: '',
    depQuoteDailyLayer2: '',
    fee: '0',
    logoLink: '',
    mainNet: true,
    maxFee: '0',
    maxFeeForCtAddr: '0',
    maxWd: '0',
    minDep: '0',
    minDepArrivalConfirm: '0',
    minFee: '0',
    minFeeForCtAddr: '0',
    minInternal: '0',
    minWd: '0',
    minWdUnlockConfirm: '0',
    name: ccy,
    needTag: false,
    usedDepQuotaFixed: '',
    usedWdQuota: '0',
    wdEstOpenTime: '',
    wdQuota: '0',
    wdTickSz: '8',
  };
}
