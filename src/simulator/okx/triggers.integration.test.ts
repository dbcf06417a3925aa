import { RestClient } from 'okx-api';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Simulator, startSimulator } from '../simulator';
import { control, type Keys, quiet, signed } from '../testing';

const BTC = 'BTC-USDT-SWAP';
let simulator: Simulator;
let net: Keys;

type Row = Record<string, string>;

beforeAll(async () => {
  simulator = await startSimulator({ walk: false, rateLimits: false, log: quiet });
});

afterAll(async () => {
  await simulator.stop();
});

async function price(value: string): Promise<void> {
  await control(simulator, 'price', { instId: BTC, price: value, hold: true });
}

beforeEach(async () => {
  await price('100000');
  net = await control<Keys>(simulator, 'accounts', { balance: '10000', posMode: 'net_mode' });
});

async function place(order: Record<string, unknown>): Promise<Row> {
  const full = { instId: BTC, tdMode: 'cross', ordType: 'market', ...order };
  return (await signed(simulator, net, 'POST', 'trade/order', full)).data[0] ?? {};
}

async function stop(algo: Record<string, unknown>): Promise<Row> {
  const full = { instId: BTC, tdMode: 'cross', ordType: 'conditional', sz: '0.1', reduceOnly: true, ...algo };
  return (await signed(simulator, net, 'POST', 'trade/order-algo', full)).data[0] ?? {};
}

async function live(): Promise<Row[]> {
  const path = 'trade/orders-algo-pending?ordType=conditional,oco,trigger,move_order_stop';
  return (await signed(simulator, net, 'GET', path)).data;
}

const take = (px: string, type = 'last'): Row => ({ tpTriggerPx: px, tpOrdPx: '-1', tpTriggerPxType: type });
const guard = (px: string, type = 'last'): Row => ({ slTriggerPx: px, slOrdPx: '-1', slTriggerPxType: type });

describe('a take-profit or stop-loss that the market has passed', () => {
  it.each([
    ['a buy taking profit above', { side: 'buy' }, take, '100100', { last: '51277', mark: '51300', index: '51305' }],
    ['a buy stopping below', { side: 'buy' }, guard, '99900', { last: '51278', mark: '51302', index: '51306' }],
    ['a sell taking profit below', { side: 'sell' }, take, '99900', { last: '51279', mark: '51303', index: '51307' }],
    ['a sell stopping above', { side: 'sell' }, guard, '100100', { last: '51280', mark: '51304', index: '51308' }],
  ] as const)('is refused: %s', async (_, side, half, px, codes) => {
    await place({ side: side.side === 'buy' ? 'sell' : 'buy', sz: '0.1' });
    for (const [type, code] of Object.entries(codes)) {
      expect(await stop({ ...side, ...half(px, type) })).toMatchObject({ sCode: code, algoId: '' });
    }
    expect(await stop({ ...side, ...half('100000') })).toMatchObject({ sCode: codes.last });
    expect(await live()).toEqual([]);
    expect((await signed(simulator, net, 'GET', 'account/positions')).data).toHaveLength(1);
  });

  it('is refused as half of a pair, and when it is moved there', async () => {
    await place({ side: 'buy', sz: '0.1' });
    expect(await stop({ side: 'sell', ordType: 'oco', ...take('101000'), ...guard('100500') })).toMatchObject({
      sCode: '51280',
    });
    const { algoId = '' } = await stop({ side: 'sell', ordType: 'oco', ...take('101000'), ...guard('99000') });
    const amend = async (change: Row): Promise<Row> =>
      (await signed(simulator, net, 'POST', 'trade/amend-algos', { instId: BTC, algoId, ...change })).data[0] ?? {};
    expect(await amend({ newSlTriggerPx: '100500' })).toMatchObject({ sCode: '51280' });
    expect(await amend({ newTpTriggerPx: '0' })).toMatchObject({ sCode: '51530' });
    expect(await live()).toMatchObject([{ slTriggerPx: '99000', tpTriggerPx: '101000' }]);
    expect(await amend({ newSlTriggerPx: '99500' })).toMatchObject({ sCode: '0' });
    await price('99500');
    expect(await live()).toEqual([]);
    expect((await signed(simulator, net, 'GET', 'account/positions')).data).toEqual([]);
  });

  it('is refused with its parent order, by the order’s price or by the best one', async () => {
    const limit = { side: 'buy', ordType: 'limit', px: '99000', sz: '0.1' };
    const attach = (half: Row) => ({ attachAlgoOrds: [half] });
    expect(await place({ ...limit, ...attach(take('98000')) })).toMatchObject({ sCode: '51046' });
    expect(await place({ ...limit, ...attach(guard('99500')) })).toMatchObject({ sCode: '51047' });
    expect(await place({ side: 'buy', sz: '0.1', ...attach(take('99000')) })).toMatchObject({ sCode: '51050' });
    expect(await place({ side: 'buy', sz: '0.1', ...attach(guard('100500')) })).toMatchObject({ sCode: '51051' });
    const short = { side: 'sell', ordType: 'limit', px: '101000', sz: '0.1' };
    expect(await place({ ...short, ...attach(take('101500')) })).toMatchObject({ sCode: '51048' });
    expect(await place({ ...short, ...attach(guard('100500')) })).toMatchObject({ sCode: '51049' });
    expect(await place({ side: 'sell', sz: '0.1', ...attach(take('100500')) })).toMatchObject({ sCode: '51052' });
    expect(await place({ side: 'sell', sz: '0.1', ...attach(guard('99000')) })).toMatchObject({ sCode: '51053' });
  });
});

describe('the ids of trigger orders', () => {
  it('are refused a second time while the first rests or waits on an order', async () => {
    await place({ side: 'buy', sz: '0.2' });
    expect(await stop({ side: 'sell', ...guard('99000'), algoClOrdId: 'guard1' })).toMatchObject({ sCode: '0' });
    const again = await stop({ side: 'sell', ...guard('98000'), algoClOrdId: 'guard1' });
    expect(again).toMatchObject({ sCode: '51068', algoId: '' });
    expect(again.sMsg).toContain('guard1');
    const attached = { ...guard('98000'), attachAlgoClOrdId: 'guard2' };
    await place({ side: 'buy', ordType: 'limit', px: '99500', sz: '0.1', attachAlgoOrds: [attached] });
    expect(await stop({ side: 'sell', ...guard('98000'), algoClOrdId: 'guard2' })).toMatchObject({ sCode: '51068' });
  });
});

describe('trigger orders that rest', () => {
  it('keep the leverage of their margin mode as it is', async () => {
    const client = new RestClient({
      apiKey: net.apiKey,
      apiSecret: net.secret,
      apiPass: net.passphrase,
      baseUrl: simulator.rest,
    });
    await place({ side: 'buy', sz: '0.1' });
    const { algoId = '' } = await stop({ side: 'sell', ...guard('99000') });
    const cross = { instId: BTC, lever: '7', mgnMode: 'cross' } as const;
    await expect(client.setLeverage(cross)).rejects.toMatchObject({ code: '59669' });
    await client.setLeverage({ ...cross, lever: '3' });
    await client.setLeverage({ ...cross, mgnMode: 'isolated' });
    await stop({ side: 'sell', tdMode: 'isolated', ...guard('99000') });
    await expect(client.setLeverage({ ...cross, mgnMode: 'isolated', lever: '9' })).rejects.toMatchObject({
      code: '59668',
    });
    await client.cancelAlgoOrder([{ instId: BTC, algoId }]);
    expect(await client.setLeverage(cross)).toMatchObject([{ lever: '7' }]);
  });

  it('want what OKX wants of them', async () => {
    await place({ side: 'buy', sz: '0.1' });
    const trigger = { side: 'sell', ordType: 'trigger', triggerPx: '99000', orderPx: '-1' };
    expect(await stop(trigger)).toMatchObject({ sCode: '51205' });
    expect(await stop({ side: 'sell', ...guard('99000'), reduceOnly: false, cxlOnClosePos: true })).toMatchObject({
      sCode: '51000',
    });
    expect(await stop({ side: 'sell', ...guard('99000'), sz: '1000000' })).toMatchObject({ sCode: '51202' });
    const whole = { side: 'sell', sz: '', closeFraction: '1', ...guard('99000') };
    expect(await stop({ ...whole, reduceOnly: false })).toMatchObject({ sCode: '51328' });
    expect(await stop(whole)).toMatchObject({ sCode: '0' });
    expect(await stop(whole)).toMatchObject({ sCode: '51088' });
    for (let count = 1; count < 100; count++) {
      expect(await stop({ side: 'sell', ...guard('98000') })).toMatchObject({ sCode: '0' });
    }
    expect(await stop({ side: 'sell', ...guard('98000') })).toMatchObject({ sCode: '51025' });
  });
});
