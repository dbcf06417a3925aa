import { RestClient } from 'okx-api';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Simulator, startSimulator } from '../simulator';
import { control, type Keys, quiet, signed } from '../testing';

const BTC = 'BTC-USDT-SWAP';
let simulator: Simulator;
let keys: Keys;

type Row = Record<string, string>;

beforeAll(async () => {
  simulator = await startSimulator({ walk: false, rateLimits: false, log: quiet });
});

afterAll(async () => {
  await simulator.stop();
});

async function book(thin: { levels: number; sz: number } | null): Promise<void> {
  await control(simulator, 'book', { instId: BTC, thin });
}

/** Three levels of one contract: 100000.1, 100000.2 and 100000.3. */
beforeEach(async () => {
  await control(simulator, 'price', { instId: BTC, price: '100000', hold: true });
  await book({ levels: 3, sz: 1 });
  keys = await control<Keys>(simulator, 'accounts', { balance: '1000000' });
});

async function place(clOrdId: string, order: Record<string, unknown>): Promise<string> {
  const full = { instId: BTC, tdMode: 'cross', side: 'buy', ordType: 'market', clOrdId, ...order };
  return (await signed(simulator, keys, 'POST', 'trade/order', full)).data[0]?.sCode ?? '';
}

async function order(clOrdId: string): Promise<Row> {
  return (await signed(simulator, keys, 'GET', `trade/order?instId=${BTC}&clOrdId=${clOrdId}`)).data[0] ?? {};
}

describe('a book with little in it', () => {
  it('fills level by level, at each one’s price', async () => {
    await place('two', { sz: '2' });
    expect(await order('two')).toMatchObject({ state: 'filled', accFillSz: '2', avgPx: '100000.15' });
    const fills = (await signed(simulator, keys, 'GET', 'trade/fills')).data;
    expect(fills.map((fill) => fill.fillPx).reverse()).toEqual(['100000.1', '100000.2']);
    const client = new RestClient({ baseUrl: simulator.rest });
    const [left] = await client.getOrderBook({ instId: BTC, sz: '5' });
    expect(left?.asks.map(([px, sz]) => [px, sz])).toEqual([['100000.3', '1.00']]);
  });

  it('leaves the rest of a market order open, which takes what comes', async () => {
    await place('large', { sz: '5' });
    expect(await order('large')).toMatchObject({ state: 'partially_filled', accFillSz: '3', sz: '5', px: '' });
    await control(simulator, 'price', { instId: BTC, price: '100001', hold: true });
    expect(await order('large')).toMatchObject({ state: 'filled', accFillSz: '5' });
  });

  it('cancels what ioc and optimal_limit_ioc do not get at once', async () => {
    await place('ioc', { ordType: 'ioc', px: '100000.2', sz: '5' });
    expect(await order('ioc')).toMatchObject({ state: 'canceled', accFillSz: '2', cancelSource: '14' });
    await book({ levels: 3, sz: 1 });
    await place('best', { ordType: 'optimal_limit_ioc', sz: '5' });
    expect(await order('best')).toMatchObject({ state: 'canceled', accFillSz: '3', cancelSource: '14' });
  });

  it('fills fok whole or not at all', async () => {
    await place('fok1', { ordType: 'fok', px: '100000.2', sz: '3' });
    expect(await order('fok1')).toMatchObject({ state: 'canceled', accFillSz: '0', cancelSource: '13' });
    await place('fok2', { ordType: 'fok', px: '100000.3', sz: '3' });
    expect(await order('fok2')).toMatchObject({ state: 'filled', accFillSz: '3' });
  });

  it('lets the rest of a crossing limit order stand', async () => {
    await place('limit', { ordType: 'limit', px: '100000.1', sz: '3' });
    expect(await order('limit')).toMatchObject({ state: 'partially_filled', accFillSz: '1' });
  });

  it('holds nothing when it is empty, and a market order waits whole', async () => {
    await book({ levels: 0, sz: 1 });
    await place('waits', { sz: '1' });
    expect(await order('waits')).toMatchObject({ state: 'live', accFillSz: '0' });
    await book(null);
    expect(await order('waits')).toMatchObject({ state: 'filled', accFillSz: '1' });
  });

  it('closes no more than is held, however the exit is filled', async () => {
    await place('open', { sz: '3' });
    await place('exit', { side: 'sell', sz: '9', reduceOnly: true });
    expect(await order('exit')).toMatchObject({ state: 'filled', sz: '3', accFillSz: '3' });
  });
});

describe('the price limit', () => {
  it('bounds what a market order takes', async () => {
    await book({ levels: 400, sz: 0.01 });
    await control(simulator, 'price', { instId: 'XRP-USDT-SWAP', price: '0.0100', hold: true });
    await control(simulator, 'book', { instId: 'XRP-USDT-SWAP', thin: { levels: 50, sz: 1 } });
    // 5 % of 0.01: the touch at 0.0101 up to 0.0105.
    await place('xrp', { instId: 'XRP-USDT-SWAP', sz: '10' });
    const [row] = (await signed(simulator, keys, 'GET', 'trade/orders-pending?instId=XRP-USDT-SWAP')).data;
    expect(row).toMatchObject({ state: 'partially_filled', accFillSz: '5' });
  });

  it('refuses a price beyond it, or pulls it in where that is asked for', async () => {
    await book(null);
    const beyond = { ordType: 'limit', px: '110000', sz: '0.1' };
    expect(await place('beyond', beyond)).toBe('51006');
    expect(await place('pulled', { ...beyond, pxAmendType: '1' })).toBe('0');
    expect(await order('pulled')).toMatchObject({ px: '102000', state: 'filled', avgPx: '100000.1' });
  });
});
