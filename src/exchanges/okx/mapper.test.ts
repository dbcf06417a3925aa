import { describe, expect, it } from 'vitest';
import {
  toAccountConfig,
  toCandle,
  toEndedPosition,
  toExecution,
  toFill,
  toInstrument,
  toOrderUpdate,
  toPendingOrder,
  toPosition,
} from './mapper';
import {
  candleSchema,
  configSchema,
  endedPositionSchema,
  executionSchema,
  fillSchema,
  instrumentSchema,
  orderSchema,
  pendingOrderSchema,
  positionSchema,
} from './schema';

const ORDER = {
  accFillSz: '0.03',
  avgPx: '103698.9',
  cancelSource: '',
  clOrdId: 'c1',
  fee: '-0.0217767690',
  feeCcy: 'USDT',
  fillFee: '-0.021776769',
  fillFeeCcy: 'USDT',
  fillPx: '103698.9',
  fillSz: '0.03',
  fillTime: '1746947317402',
  instId: 'BTC-USDT-SWAP',
  lever: '10.0',
  ordId: '2497956918703120384',
  ordType: 'market',
  posSide: 'long',
  state: 'filled',
  sz: '0.03',
  tradeId: '1518905529',
  uTime: '1746947317403',
};

function order(fields: Record<string, unknown>) {
  return toOrderUpdate(orderSchema.parse({ ...ORDER, ...fields }), 'account-1');
}

describe('toOrderUpdate', () => {
  it('reads a pushed fill with the cumulative figures beside it', () => {
    expect(order({})).toEqual({
      accountId: 'account-1',
      clientOrderId: 'c1',
      venueOrderId: '2497956918703120384',
      symbol: 'BTC-USDT-SWAP',
      state: 'filled',
      filledQuantity: '0.03',
      averagePrice: '103698.9',
      fee: '-0.021776769',
      cancelCode: null,
      cause: 'order',
      leverage: '10',
      updatedAt: 1746947317403,
      fill: {
        venueFillId: '1518905529',
        clientOrderId: 'c1',
        symbol: 'BTC-USDT-SWAP',
        quantity: '0.03',
        price: '103698.9',
        fee: '-0.021776769',
        feeCurrency: 'USDT',
        filledAt: 1746947317402,
      },
    });
  });

  it.each(['', '0'])('has no average price while the venue says "%s"', (avgPx) => {
    const update = order({ state: 'live', avgPx, accFillSz: '0', fee: '', tradeId: '', fillSz: '0', fillFee: '0' });
    expect(update).toMatchObject({ state: 'live', averagePrice: null, filledQuantity: '0', fee: '0', fill: null });
  });

  it("does not take a query's last fill for a push", () => {
    const { fillFee: _fee, fillFeeCcy: _currency, ...queried } = ORDER;
    expect(toOrderUpdate(orderSchema.parse(queried), 'a').fill).toBeNull();
  });

  it('cuts digits that no boundary of the product carries', () => {
    expect(order({ avgPx: '100000.1234567890123456789' })).toMatchObject({ averagePrice: '100000.123456789012345678' });
  });

  it('says why an order was cancelled', () => {
    expect(order({ state: 'canceled', cancelSource: '14' })).toMatchObject({ state: 'canceled', cancelCode: '14' });
    expect(order({ state: 'canceled' })).toMatchObject({ cancelCode: 'canceled' });
    expect(order({ state: 'mmp_canceled' })).toMatchObject({ state: 'canceled', cancelCode: 'mmp_canceled' });
  });

  it.each([
    ['normal', 'order'],
    ['twap', 'order'],
    ['full_liquidation', 'liquidation'],
    ['partial_liquidation', 'liquidation'],
    ['adl', 'adl'],
    ['delivery', 'delivery'],
  ])('says of category %s that it is by %s', (category, cause) => {
    expect(order({ category })).toMatchObject({ cause });
  });

  it('keeps a rebate positive', () => {
    expect(order({ fee: '0.5', fillFee: '0.5' })).toMatchObject({ fee: '0.5', fill: { fee: '0.5' } });
  });

  it.each([
    ['a state it does not know', { state: 'melted' }],
    ['a number where text belongs', { accFillSz: 0.03 }],
    ['an exponent', { accFillSz: '3e-2' }],
    ['no order id', { ordId: '' }],
  ])('refuses %s', (_what, fields) => {
    expect(orderSchema.safeParse({ ...ORDER, ...fields }).success).toBe(false);
  });
});

describe('toPendingOrder', () => {
  const pending = (fields: Record<string, unknown>) =>
    toPendingOrder(pendingOrderSchema.parse({ ...ORDER, state: 'live', side: 'sell', ...fields }), 'a');

  it('says what the order would close', () => {
    expect(pending({ sz: '3.0' })).toMatchObject({
      side: 'sell',
      positionSide: 'long',
      reduceOnly: false,
      quantity: '3',
    });
    expect(pending({ posSide: 'net', reduceOnly: 'true' })).toMatchObject({ positionSide: null, reduceOnly: true });
  });
});

describe('toExecution', () => {
  const FILL = {
    instId: 'BTC-USDT-SWAP',
    tradeId: '7',
    ordId: '9',
    clOrdId: '',
    billId: '8',
    fillSz: '4',
    fillPx: '100',
    fee: '-0.02',
    feeCcy: 'USDT',
    side: 'sell',
    posSide: 'net',
    ts: '5',
  };

  it.each([
    ['2', 'order'],
    ['6', 'order'],
    ['100', 'liquidation'],
    ['104', 'liquidation'],
    ['107', 'liquidation'],
    ['111', 'liquidation'],
    ['112', 'delivery'],
    ['113', 'delivery'],
    ['125', 'adl'],
    ['128', 'adl'],
    ['131', 'order'],
    ['204', 'order'],
  ])('reads transactions of type %s as %s', (subType, cause) => {
    const execution = toExecution(executionSchema.parse({ ...FILL, subType }));
    expect(execution).toMatchObject({ cause, side: 'sell', positionSide: null, venueOrderId: '9', quantity: '4' });
  });
});

describe('toEndedPosition', () => {
  const ENDED = {
    instId: 'BTC-USDT-SWAP',
    direction: 'short',
    closeTotalPos: '4',
    closeAvgPx: '29786.5',
    type: '3',
    uTime: '5',
  };

  it('says how and at what average price it ended', () => {
    expect(toEndedPosition(endedPositionSchema.parse(ENDED))).toEqual({
      symbol: 'BTC-USDT-SWAP',
      side: 'short',
      quantity: '4',
      averageClosePrice: '29786.5',
      cause: 'liquidation',
      isWhole: true,
      endedAt: 5,
    });
    expect(toEndedPosition(endedPositionSchema.parse({ ...ENDED, type: '6' }))).toMatchObject({ cause: 'adl' });
    expect(toEndedPosition(endedPositionSchema.parse({ ...ENDED, type: '2' }))).toMatchObject({ cause: 'order' });
    const whole = ['1', '2', '3', '4', '5', '6'].map((type) =>
      toEndedPosition(endedPositionSchema.parse({ ...ENDED, type })),
    );
    expect(whole.map((ended) => ended?.isWhole)).toEqual([false, true, true, false, false, true]);
  });

  it('leaves out what nothing was closed of', () => {
    expect(toEndedPosition(endedPositionSchema.parse({ ...ENDED, closeTotalPos: '0', closeAvgPx: '' }))).toBeNull();
  });
});

describe('toFill', () => {
  it('reads a row of the fills', () => {
    const row = {
      instId: 'BTC-USDT-SWAP',
      tradeId: '7',
      ordId: '9',
      clOrdId: 'c1',
      billId: '8',
      fillSz: '0.10',
      fillPx: '100',
      fee: '-0.005',
      feeCcy: 'USDT',
      ts: '5',
    };
    expect(toFill(fillSchema.parse(row))).toEqual({
      venueFillId: '7',
      clientOrderId: 'c1',
      symbol: 'BTC-USDT-SWAP',
      quantity: '0.1',
      price: '100',
      fee: '-0.005',
      feeCurrency: 'USDT',
      filledAt: 5,
    });
  });
});

describe('toPosition', () => {
  const POSITION = {
    instId: 'BTC-USDT-SWAP',
    posSide: 'net',
    pos: '-0.5',
    avgPx: '10000',
    markPx: '9900',
    upl: '0.5',
    lever: '10.0',
    liqPx: '',
    mgnMode: 'cross',
  };

  it('turns the sign of a net position into a side', () => {
    expect(toPosition(positionSchema.parse(POSITION))).toMatchObject({
      side: 'short',
      quantity: '0.5',
      leverage: '10',
      liquidationPrice: null,
    });
    expect(toPosition(positionSchema.parse({ ...POSITION, pos: '0.5' }))).toMatchObject({ side: 'long' });
  });

  it('takes the side of a long/short position as it is', () => {
    const position = { ...POSITION, posSide: 'short', pos: '0.5', liqPx: '11000.5' };
    expect(toPosition(positionSchema.parse(position))).toMatchObject({
      side: 'short',
      quantity: '0.5',
      liquidationPrice: '11000.5',
    });
  });

  it('leaves out what is closed', () => {
    expect(toPosition(positionSchema.parse({ ...POSITION, pos: '0', avgPx: '' }))).toBeNull();
  });
});

describe('toAccountConfig', () => {
  it('reads permissions, bound addresses and modes', () => {
    const row = {
      uid: '44',
      mainUid: '40',
      acctLv: '2',
      posMode: 'long_short_mode',
      perm: 'read_only,withdraw,trade',
      ip: '',
    };
    expect(toAccountConfig(configSchema.parse(row))).toEqual({
      venueUserId: '44',
      venueOwnerId: '40',
      positionMode: 'long_short',
      canRead: true,
      canTrade: true,
      canWithdraw: true,
      boundIps: [],
      level: 'futures',
    });
    const bound = { uid: '44', acctLv: '1', posMode: 'net_mode', perm: 'read_only', ip: '1.2.3.4,5.6.7.8' };
    expect(toAccountConfig(configSchema.parse(bound))).toMatchObject({
      positionMode: 'net',
      canTrade: false,
      canWithdraw: false,
      boundIps: ['1.2.3.4', '5.6.7.8'],
      level: 'spot',
    });
  });
});

describe('the level of an account', () => {
  it.each([
    ['1', 'spot'],
    ['2', 'futures'],
    ['3', 'multi_currency'],
    ['4', 'portfolio'],
    ['9', 'unknown'],
  ])('reads %s as %s', (acctLv, level) => {
    const row = { uid: '44', acctLv, posMode: 'net_mode', perm: 'read_only', ip: '' };
    expect(toAccountConfig(configSchema.parse(row)).level).toBe(level);
  });
});

describe('toInstrument', () => {
  const ROW = {
    instId: 'BTC-USDT-SWAP',
    ctType: 'linear',
    ctVal: '0.01',
    ctMult: '1',
    ctValCcy: 'BTC',
    settleCcy: 'USDT',
    lotSz: '0.01',
    minSz: '0.01',
    tickSz: '0.1',
    maxMktSz: '12000',
    lever: '100',
    state: 'live',
  };

  it('says how many coins a contract holds', () => {
    const instrument = toInstrument(instrumentSchema.parse(ROW));
    expect(instrument).toMatchObject({ id: 'okx:BTC-USDT-SWAP', baseCurrency: 'BTC', quoteCurrency: 'USDT' });
    expect(instrument?.contractValue.toFixed()).toBe('0.01');
    expect(instrument?.maxMarketSize?.toFixed()).toBe('12000');
    expect(toInstrument(instrumentSchema.parse({ ...ROW, ctMult: '10' }))?.contractValue.toFixed()).toBe('0.1');
  });

  it.each([
    ['inverse', { ctType: 'inverse' }],
    ['settled in another currency', { settleCcy: 'USDC' }],
  ])('leaves out what is %s', (_why, fields) => {
    expect(toInstrument(instrumentSchema.parse({ ...ROW, ...fields }))).toBeNull();
  });

  it.each([
    ['live', 'live'],
    ['suspend', 'suspended'],
    ['preopen', 'preopen'],
    ['post_only', 'post_only'],
    ['a state of tomorrow', 'suspended'],
  ])('keeps one whose state is %s', (told, state) => {
    const row = { ...ROW, state: told, expTime: '1800000000000' };
    expect(toInstrument(instrumentSchema.parse(row))).toMatchObject({ state, endsAt: 1_800_000_000_000 });
    expect(toInstrument(instrumentSchema.parse({ ...row, expTime: '' }))?.endsAt).toBeNull();
  });
});

describe('toCandle', () => {
  it('takes the volume in contracts', () => {
    const row = candleSchema.parse(['5', '1', '3', '0.5', '2', '77', '0.77', '77', '1']);
    expect(toCandle(row)).toEqual({ openedAt: 5, open: '1', high: '3', low: '0.5', close: '2', volume: '77' });
  });
});
