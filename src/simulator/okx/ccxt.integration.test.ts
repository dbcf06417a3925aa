import ccxt, { type okx } from 'ccxt';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Simulator, startSimulator } from '../simulator';
import { control, type Keys, quiet, waitFor } from '../testing';

const SYMBOL = 'BTC/USDT:USDT';
let simulator: Simulator;
let exchange: okx;
let keys: Keys;

function connect(of: Keys): okx {
  const made = new ccxt.pro.okx({ apiKey: of.apiKey, secret: of.secret, password: of.passphrase });
  made.urls.api = { rest: simulator.rest, ws: `${simulator.ws}/ws/v5` };
  return made as unknown as okx;
}

beforeAll(async () => {
  simulator = await startSimulator({ walk: false, rateLimits: false, log: quiet });
  keys = await control<Keys>(simulator, 'accounts', { balance: '20000', posMode: 'net_mode' });
  exchange = connect(keys);
});

afterAll(async () => {
  await exchange.close();
  await simulator.stop();
});

describe('the published ccxt client', () => {
  it('loads the markets with their contract sizes and steps', async () => {
    const markets = await exchange.loadMarkets();
    expect(markets[SYMBOL]).toMatchObject({
      contractSize: 0.01,
      linear: true,
      swap: true,
      active: true,
      settle: 'USDT',
    });
    expect(markets[SYMBOL]?.precision).toMatchObject({ amount: 0.01, price: 0.1 });
    expect(Object.keys(markets)).toHaveLength(5);
  });

  it('reads ticker, book, candles, trades and funding', async () => {
    expect((await exchange.fetchTicker(SYMBOL)).last).toBe(100000);
    const book = await exchange.fetchOrderBook(SYMBOL, 5);
    expect(book.asks[0]?.[0]).toBe(100000.1);
    expect(book.bids).toHaveLength(5);
    const candles = await exchange.fetchOHLCV(SYMBOL, '1h', undefined, 10);
    expect(candles).toHaveLength(10);
    expect((await exchange.fetchTrades(SYMBOL))[0]?.price).toBe(100000);
    expect((await exchange.fetchFundingRate(SYMBOL)).fundingRate).toBeTypeOf('number');
  });

  it('sets leverage, opens, reads the position and closes it', async () => {
    await exchange.setLeverage(20, SYMBOL, { mgnMode: 'cross' });
    expect((await exchange.fetchLeverage(SYMBOL)).longLeverage).toBe(20);
    const opened = await exchange.createOrder(SYMBOL, 'market', 'sell', 2, undefined, { tdMode: 'cross' });
    const order = await exchange.fetchOrder(String(opened.id), SYMBOL);
    expect(order).toMatchObject({ status: 'closed', filled: 2, average: 99999.9, side: 'sell' });
    const [position] = await exchange.fetchPositions([SYMBOL]);
    expect(position).toMatchObject({
      contracts: 2,
      side: 'short',
      leverage: 20,
      entryPrice: 99999.9,
      contractSize: 0.01,
    });
    await exchange.createOrder(SYMBOL, 'market', 'buy', 2, undefined, { tdMode: 'cross', reduceOnly: true });
    expect(await exchange.fetchPositions([SYMBOL])).toEqual([]);
    const trades = await exchange.fetchMyTrades(SYMBOL);
    expect(trades.map((trade) => trade.amount)).toEqual([2, 2]);
    // Two taker fees of 0.05 % and a round trip across the spread of 0.2 on 0.02 BTC.
    const balance = await exchange.fetchBalance();
    expect(balance.USDT?.total).toBeCloseTo(20000 - 2000 * 0.0005 * 2 - 0.2 * 0.02, 6);
  });

  it('rests, edits, lists and cancels a limit order', async () => {
    const placed = await exchange.createOrder(SYMBOL, 'limit', 'buy', 1, 98500);
    expect((await exchange.fetchOpenOrders(SYMBOL)).map((order) => order.id)).toEqual([placed.id]);
    await exchange.editOrder(String(placed.id), SYMBOL, 'limit', 'buy', 1.5, 98400);
    expect(await exchange.fetchOrder(String(placed.id), SYMBOL)).toMatchObject({
      amount: 1.5,
      price: 98400,
      status: 'open',
    });
    await exchange.cancelOrder(String(placed.id), SYMBOL);
    expect((await exchange.fetchCanceledOrders(SYMBOL))[0]).toMatchObject({ id: placed.id, status: 'canceled' });
  });

  it('maps refusals to its own errors', async () => {
    await expect(exchange.createOrder(SYMBOL, 'market', 'buy', 10000)).rejects.toBeInstanceOf(ccxt.InsufficientFunds);
    await expect(exchange.fetchOrder('123', SYMBOL)).rejects.toBeInstanceOf(ccxt.OrderNotFound);
    const wrong = connect({ ...keys, passphrase: 'not-it' });
    await expect(wrong.fetchBalance()).rejects.toBeInstanceOf(ccxt.AuthenticationError);
  });

  it('places a stop that fires when the price gets there', async () => {
    await exchange.createOrder(SYMBOL, 'market', 'buy', 1, undefined, { tdMode: 'cross' });
    const stop = await exchange.createOrder(SYMBOL, 'market', 'sell', 1, undefined, {
      stopLossPrice: 99000,
      reduceOnly: true,
      tdMode: 'cross',
    });
    expect(stop.id).toMatch(/^\d{10,}$/);
    await control(simulator, 'price', { instId: 'BTC-USDT-SWAP', price: '98990', hold: true });
    expect(await exchange.fetchPositions([SYMBOL])).toEqual([]);
    await control(simulator, 'price', { instId: 'BTC-USDT-SWAP', price: '100000' });
  });

  it('watches the order book and its own orders', async () => {
    const streaming = exchange as unknown as {
      loadHttpProxyAgent(): Promise<unknown>;
      watchTicker(symbol: string): Promise<{ last: number }>;
      watchOrderBook(symbol: string): Promise<{ asks: number[][] }>;
      watchOrders(symbol: string): Promise<{ id: string; status: string }[]>;
    };
    await streaming.loadHttpProxyAgent();
    expect((await streaming.watchTicker(SYMBOL)).last).toBe(100000);
    expect((await streaming.watchOrderBook(SYMBOL)).asks[0]?.[0]).toBe(100000.1);
    const seen: string[] = [];
    const watching = streaming.watchOrders(SYMBOL).then((orders) => seen.push(...orders.map((order) => order.status)));
    await waitForStream();
    await exchange.createOrder(SYMBOL, 'limit', 'buy', 1, 98500);
    await watching;
    expect(seen).toContain('open');
  });
});

/** Until the subscription to private orders has been greeted, pushes would be missed: it has no snapshot. */
async function waitForStream(): Promise<void> {
  let streams = 0;
  const poll = setInterval(() => {
    void control<{ orderStreams: number }>(simulator, 'health').then((health) => {
      streams = health.orderStreams;
    });
  }, 10);
  try {
    await waitFor(() => streams > 0);
  } finally {
    clearInterval(poll);
  }
}
