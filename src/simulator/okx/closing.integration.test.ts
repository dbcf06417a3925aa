import { RestClient } from 'okx-api';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Simulator, startSimulator } from '../simulator';
import { control, type Keys, Listener, quiet, signed, waitFor } from '../testing';

const BTC = 'BTC-USDT-SWAP';
let simulator: Simulator;
let net: Keys;
let hedge: Keys;

type Row = Record<string, string>;

beforeAll(async () => {
  simulator = await startSimulator({ walk: false, rateLimits: false, log: quiet });
});

afterAll(async () => {
  await simulator.stop();
});

beforeEach(async () => {
  await control(simulator, 'settings', { closing: 'cut' });
  await control(simulator, 'price', { instId: BTC, price: '100000', hold: true });
  net = await control<Keys>(simulator, 'accounts', { balance: '10000', posMode: 'net_mode' });
  hedge = await control<Keys>(simulator, 'accounts', { balance: '10000', posMode: 'long_short_mode' });
});

afterEach(() => Listener.closeAll());

function clientOf(keys: Keys): RestClient {
  return new RestClient({
    apiKey: keys.apiKey,
    apiSecret: keys.secret,
    apiPass: keys.passphrase,
    baseUrl: simulator.rest,
  });
}

async function place(keys: Keys, order: Record<string, unknown>): Promise<Row> {
  const full = { instId: BTC, tdMode: 'cross', ordType: 'market', ...order };
  return (await signed(simulator, keys, 'POST', 'trade/order', full)).data[0] ?? {};
}

async function order(keys: Keys, clOrdId: string): Promise<Row> {
  return (await signed(simulator, keys, 'GET', `trade/order?instId=${BTC}&clOrdId=${clOrdId}`)).data[0] ?? {};
}

async function held(keys: Keys): Promise<string[]> {
  return (await signed(simulator, keys, 'GET', 'account/positions')).data.map((row) => `${row.posSide} ${row.pos}`);
}

/** The pushes of one order: what changed its terms, its state and its size. */
function told(listener: Listener, clOrdId: string): unknown[] {
  return listener
    .pushes('orders')
    .flatMap((push) => push.data ?? [])
    .filter((row) => row.clOrdId === clOrdId)
    .map(({ amendSource, state, sz, accFillSz }) => [amendSource, state, sz, accFillSz]);
}

const CLOSE_LONG = { side: 'sell', posSide: 'long' };
const ORDERS = [{ channel: 'orders', instType: 'ANY' }];

describe('closing orders in long/short mode', () => {
  beforeEach(async () => {
    await place(hedge, { side: 'buy', posSide: 'long', sz: '1' });
  });

  it('are taken with any size, and what is not held is cut', async () => {
    const listener = await Listener.of(simulator, hedge, ORDERS);
    expect(await place(hedge, { ...CLOSE_LONG, sz: '4', clOrdId: 'all' })).toMatchObject({ sCode: '0' });
    expect(await order(hedge, 'all')).toMatchObject({ state: 'filled', sz: '1', accFillSz: '1' });
    expect(await held(hedge)).toEqual([]);
    await waitFor(() => told(listener, 'all').length === 2);
    expect(told(listener, 'all')).toEqual([
      ['3', 'live', '1', '0'],
      ['', 'filled', '1', '1'],
    ]);
  });

  it('make room for one at a better price: the next is cut, the last cancelled', async () => {
    const listener = await Listener.of(simulator, hedge, ORDERS);
    await place(hedge, { ...CLOSE_LONG, ordType: 'limit', px: '101000', sz: '0.8', clOrdId: 'first' });
    await place(hedge, { ...CLOSE_LONG, ordType: 'limit', px: '101500', sz: '0.2', clOrdId: 'second' });
    await place(hedge, { ...CLOSE_LONG, ordType: 'limit', px: '100500', sz: '0.5', clOrdId: 'better' });
    expect(await order(hedge, 'better')).toMatchObject({ state: 'live', sz: '0.5' });
    expect(await order(hedge, 'first')).toMatchObject({ state: 'live', sz: '0.5' });
    const second = await order(hedge, 'second');
    expect(second).toMatchObject({ state: 'canceled', cancelSource: '22', accFillSz: '0' });
    expect(second.cancelSourceReason).toContain('Reduce-only');
    await waitFor(() => told(listener, 'second').length === 2);
    expect(told(listener, 'first').at(-1)).toEqual(['4', 'live', '0.5', '0']);
  });

  it('displace what rests when they are at market, the customer’s own included', async () => {
    await place(hedge, { ...CLOSE_LONG, ordType: 'limit', px: '101000', sz: '0.3', clOrdId: 'byhand' });
    await place(hedge, { ...CLOSE_LONG, sz: '1', clOrdId: 'exit' });
    expect(await order(hedge, 'exit')).toMatchObject({ state: 'filled', sz: '1', accFillSz: '1' });
    expect(await order(hedge, 'byhand')).toMatchObject({ state: 'canceled', cancelSource: '22' });
    expect(await held(hedge)).toEqual([]);
  });

  it('end at once where better ones already close everything', async () => {
    await place(hedge, { ...CLOSE_LONG, ordType: 'limit', px: '100500', sz: '1', clOrdId: 'whole' });
    expect(
      await place(hedge, { ...CLOSE_LONG, ordType: 'limit', px: '101000', sz: '0.2', clOrdId: 'late' }),
    ).toMatchObject({ sCode: '0' });
    expect(await order(hedge, 'late')).toMatchObject({ state: 'canceled', cancelSource: '22', accFillSz: '0' });
    expect(await order(hedge, 'whole')).toMatchObject({ state: 'live', sz: '1' });
  });

  it('are cut when part of the position goes another way, and end with the rest of it', async () => {
    await place(hedge, { ...CLOSE_LONG, ordType: 'limit', px: '101000', sz: '1', clOrdId: 'waits' });
    await control(simulator, 'adl', { account: hedge.account, instId: BTC, sz: '0.6' });
    expect(await order(hedge, 'waits')).toMatchObject({ state: 'live', sz: '0.4' });
    await control(simulator, 'adl', { account: hedge.account, instId: BTC });
    expect(await order(hedge, 'waits')).toMatchObject({ state: 'canceled', cancelSource: '23' });
  });

  it('answer 51169 when nothing is held in their direction', async () => {
    expect(await place(hedge, { side: 'buy', posSide: 'short', sz: '0.1' })).toMatchObject({ sCode: '51169' });
    await place(hedge, { ...CLOSE_LONG, sz: '1' });
    expect(await place(hedge, { ...CLOSE_LONG, sz: '1' })).toMatchObject({ sCode: '51169' });
  });

  it('are refused with 51112 beyond what is available where the venue is told to behave as in earlier times', async () => {
    await control(simulator, 'settings', { closing: 'refused' });
    const resting = { ...CLOSE_LONG, ordType: 'limit', px: '101000', sz: '0.3' };
    expect(await place(hedge, resting)).toMatchObject({ sCode: '0' });
    expect(await place(hedge, { ...CLOSE_LONG, sz: '1' })).toMatchObject({ sCode: '51112' });
    expect(await place(hedge, { ...CLOSE_LONG, sz: '0.7' })).toMatchObject({ sCode: '0' });
    expect(await held(hedge)).toEqual(['long 0.3']);
  });
});

describe('reduce-only orders in net mode', () => {
  const REDUCE = { side: 'buy', reduceOnly: true };

  beforeEach(async () => {
    await place(net, { side: 'sell', sz: '1' });
  });

  it('are cut, not refused, and keep the size that was cut when they are amended beyond it', async () => {
    const listener = await Listener.of(simulator, net, ORDERS);
    await place(net, { ...REDUCE, ordType: 'limit', px: '99000', sz: '3', clOrdId: 'rest' });
    expect(await order(net, 'rest')).toMatchObject({ state: 'live', sz: '1', reduceOnly: 'true' });
    await clientOf(net).amendOrder({ instId: BTC, clOrdId: 'rest', newSz: '5' });
    expect(await order(net, 'rest')).toMatchObject({ state: 'live', sz: '1' });
    await waitFor(() => told(listener, 'rest').length === 2);
    expect(told(listener, 'rest').map((row) => (row as string[])[0])).toEqual(['3', '2']);
  });

  it('give way to a better price, and are refused where they would add', async () => {
    await place(net, { ...REDUCE, ordType: 'limit', px: '99000', sz: '1', clOrdId: 'low' });
    await place(net, { ...REDUCE, ordType: 'limit', px: '99500', sz: '0.4', clOrdId: 'high' });
    expect(await order(net, 'low')).toMatchObject({ state: 'live', sz: '0.6' });
    expect(await place(net, { side: 'sell', sz: '0.1', reduceOnly: true })).toMatchObject({ sCode: '51170' });
  });

  it('end when an ordinary order has closed or turned the position', async () => {
    await place(net, { ...REDUCE, ordType: 'limit', px: '99000', sz: '1', clOrdId: 'waits' });
    await place(net, { side: 'buy', sz: '1.5' });
    expect(await held(net)).toEqual(['net 0.5']);
    expect(await order(net, 'waits')).toMatchObject({ state: 'canceled', cancelSource: '23', sz: '1', accFillSz: '0' });
    expect(await place(net, { ...REDUCE, sz: '0.1' })).toMatchObject({ sCode: '51170' });
    await place(net, { side: 'sell', sz: '0.5' });
    expect(await place(net, { ...REDUCE, sz: '0.1' })).toMatchObject({ sCode: '51169' });
  });
});

describe('close-position', () => {
  it('wants waiting closing orders out of the way, and takes them back itself when told to', async () => {
    await place(net, { side: 'buy', sz: '1' });
    await place(net, { side: 'sell', ordType: 'limit', px: '101000', sz: '0.4', clOrdId: 'byhand' });
    const client = clientOf(net);
    const close = { instId: BTC, mgnMode: 'cross' } as const;
    await expect(client.closePositions(close)).rejects.toMatchObject({ code: '51115' });
    expect(await client.closePositions({ ...close, autoCxl: true, clOrdId: 'whole' })).toMatchObject([
      { instId: BTC, posSide: 'net', clOrdId: 'whole' },
    ]);
    expect(await order(net, 'byhand')).toMatchObject({ state: 'canceled', cancelSource: '17' });
    expect(await order(net, 'whole')).toMatchObject({ state: 'filled', accFillSz: '1' });
    expect(await held(net)).toEqual([]);
    await expect(client.closePositions(close)).rejects.toMatchObject({ code: '51023' });
  });

  it('does not close at market more than one market order takes', async () => {
    const rich = await control<Keys>(simulator, 'accounts', { balance: '90000000000' });
    await place(rich, { side: 'buy', sz: '12000' });
    await place(rich, { side: 'buy', sz: '0.01' });
    await expect(clientOf(rich).closePositions({ instId: BTC, mgnMode: 'cross' })).rejects.toMatchObject({
      code: '51108',
    });
  });
});

describe('positions that the venue closes', () => {
  const CHANNELS = [...ORDERS, { channel: 'balance_and_position' }];

  async function ending(keys: Keys): Promise<Row> {
    return (await signed(simulator, keys, 'GET', 'account/positions-history?instType=SWAP')).data[0] ?? {};
  }

  it.each([
    ['liquidate', 'partial_liquidation', 'full_liquidation', 'liquidation', '5', ['102', '106'], ['4', '3']],
    ['adl', 'adl', 'adl', 'adl', '9', ['127', '127'], ['5', '6']],
  ] as const)('say so after %s', async (command, part, whole, eventType, type, subTypes, endings) => {
    await place(net, { side: 'sell', sz: '1' });
    await place(net, { side: 'buy', ordType: 'limit', px: '99000', sz: '1', reduceOnly: true, clOrdId: 'waits' });
    const listener = await Listener.of(simulator, net, CHANNELS);
    await control(simulator, command, { account: net.account, instId: BTC, sz: '0.4' });
    expect(await ending(net)).toMatchObject({ type: endings[0], closeTotalPos: '0.4' });
    await control(simulator, command, { account: net.account });
    expect(await ending(net)).toMatchObject({ type: endings[1], closeTotalPos: '1', direction: 'short' });
    expect(await held(net)).toEqual([]);

    const forced = (): Row[] =>
      listener
        .pushes('orders')
        .flatMap((push) => (push.data ?? []) as Row[])
        .filter((row) => row.clOrdId === '');
    await waitFor(() => forced().length === 2);
    expect(forced().map((row) => [row.category, row.state, row.side, row.fillSz])).toEqual([
      [part, 'filled', 'buy', '0.4'],
      [whole, 'filled', 'buy', '0.6'],
    ]);
    const events = (): Row[] => listener.pushes('balance_and_position').flatMap((push) => (push.data ?? []) as Row[]);
    await waitFor(() => events().filter((event) => event.eventType === eventType).length >= 2);
    expect(new Set(events().map((event) => event.eventType))).toEqual(new Set(['snapshot', eventType]));
    const bills = (await signed(simulator, net, 'GET', `account/bills?type=${type}`)).data;
    expect(bills.map((bill) => bill.subType).reverse()).toEqual([...subTypes]);
    expect((await order(net, 'waits')).state).toBe('canceled');
  });

  it('name the side in long/short mode', async () => {
    await place(hedge, { side: 'buy', posSide: 'long', sz: '0.2' });
    await place(hedge, { side: 'sell', posSide: 'short', sz: '0.2' });
    await control(simulator, 'liquidate', { account: hedge.account, posSide: 'long' });
    await control(simulator, 'adl', { account: hedge.account, posSide: 'short' });
    const subTypes = async (type: string): Promise<unknown[]> =>
      (await signed(simulator, hedge, 'GET', `account/bills?type=${type}`)).data.map((bill) => bill.subType);
    expect([await subTypes('5'), await subTypes('9')]).toEqual([['104'], ['126']]);
    expect(await held(hedge)).toEqual([]);
  });

  it('are told apart from trades and changes of leverage', async () => {
    await place(net, { side: 'buy', sz: '0.2' });
    const listener = await Listener.of(simulator, net, CHANNELS);
    await clientOf(net).setLeverage({ instId: BTC, lever: '7', mgnMode: 'cross' });
    await place(net, { side: 'sell', sz: '0.1' });
    const kinds = (): unknown[] =>
      listener.pushes('balance_and_position').flatMap((push) => (push.data ?? []).map((row) => row.eventType));
    await waitFor(() => kinds().length === 3);
    expect(kinds()).toEqual(['snapshot', 'set_leverage', 'filled']);
    expect(await ending(net)).toMatchObject({ type: '1', closeTotalPos: '0.1' });
  });
});
