import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { type Simulator, startSimulator } from '../simulator';
import { control, type Keys, Listener, quiet, signed, waitFor } from '../testing';

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

beforeEach(async () => {
  await control(simulator, 'price', { instId: BTC, price: '100000', hold: true });
  keys = await control<Keys>(simulator, 'accounts', { balance: '10000' });
});

afterEach(() => Listener.closeAll());

const byHand = (order: Record<string, unknown>) =>
  control<Row>(simulator, 'order', { account: keys.account, instId: BTC, side: 'buy', sz: '0.1', ...order });

async function positions(): Promise<Row[]> {
  return (await signed(simulator, keys, 'GET', 'account/positions')).data;
}

describe('the owner’s own hand', () => {
  it('trades, rests and cancels, and hears the venue’s code where it refuses', async () => {
    expect(await byHand({})).toMatchObject({ state: 'filled', clOrdId: '', tag: '' });
    expect(await byHand({ ordType: 'limit', px: '99000' })).toMatchObject({ state: 'live' });
    await expect(byHand({ sz: '0.001' })).rejects.toThrow('51020');
    const { orders } = await control<{ orders: Row[] }>(simulator, 'cancel', { account: keys.account });
    expect(orders).toMatchObject([{ state: 'canceled', cancelSource: '1' }]);
    expect(await positions()).toMatchObject([{ pos: '0.1' }]);
  });

  it('changes leverage and position mode as the venue allows it', async () => {
    const set = (change: unknown) =>
      control<{ posMode: string; leverage: Row }>(simulator, 'setting', {
        account: keys.account,
        ...(change as object),
      });
    expect(await set({ leverage: { instId: BTC, lever: '100' } })).toMatchObject({
      leverage: { [`${BTC}|cross`]: '100' },
    });
    expect(await set({ posMode: 'long_short_mode' })).toMatchObject({ posMode: 'long_short_mode' });
    await byHand({ posSide: 'long' });
    await expect(set({ posMode: 'net_mode' })).rejects.toThrow('59000');
  });

  it('moves money in and out, and no more than is free', async () => {
    const move = (amount: string) => control<Row>(simulator, 'transfer', { account: keys.account, amount });
    expect(await move('-9000')).toMatchObject({ cash: '1000' });
    await byHand({ sz: '2' });
    await expect(move('-999')).rejects.toThrow('58350');
    expect(Number((await move('500')).cash)).toBeGreaterThan(1400);
    const bills = (await signed(simulator, keys, 'GET', 'account/bills?type=1')).data;
    expect(bills.map((bill) => bill.subType)).toEqual(['11', '12']);
  });
});

describe('a suspended instrument', () => {
  afterEach(async () => {
    await control(simulator, 'instrument', { instId: BTC, state: 'live' });
  });

  it('takes no orders, executes nothing, lets cancel, and goes on where it stopped', async () => {
    await byHand({});
    await byHand({ ordType: 'limit', px: '99000' });
    const second = await byHand({ ordType: 'limit', px: '98500' });
    const stop = { side: 'sell', sz: '0.1', ordType: 'conditional', slTriggerPx: '98000', slOrdPx: '-1' };
    await signed(simulator, keys, 'POST', 'trade/order-algo', { instId: BTC, tdMode: 'cross', ...stop });
    const listener = await Listener.open(simulator, 'public');
    listener.say({ op: 'subscribe', args: [{ channel: 'instruments', instType: 'SWAP' }] });
    await listener.until((message) => message.data !== undefined);

    await control(simulator, 'instrument', { instId: BTC, state: 'suspend' });
    await waitFor(() => listener.pushes('instruments').length === 2);
    expect(listener.pushes('instruments')[1]?.data).toMatchObject([{ instId: BTC, state: 'suspend' }]);
    const state = async (): Promise<unknown> => {
      const rows = await signed(simulator, keys, 'GET', `public/instruments?instType=SWAP&instId=${BTC}`);
      return rows.data[0]?.state;
    };
    expect(await state()).toBe('suspend');
    await expect(byHand({ side: 'sell' })).rejects.toThrow('51022');
    const close = { instId: BTC, mgnMode: 'cross', autoCxl: true };
    expect((await signed(simulator, keys, 'POST', 'trade/close-position', close)).code).toBe('51022');
    await control(simulator, 'price', { instId: BTC, price: '97000', hold: true });
    expect(await positions()).toMatchObject([{ pos: '0.1' }]);
    await control(simulator, 'cancel', { account: keys.account, ordId: second.ordId });

    await control(simulator, 'instrument', { instId: BTC, state: 'live' });
    expect(await state()).toBe('live');
    // The entry at 99000 executed, and the stop of 0.1 fired.
    expect(await positions()).toMatchObject([{ pos: '0.1' }]);
    const fills = (await signed(simulator, keys, 'GET', 'trade/fills')).data;
    expect(fills.map((fill) => fill.side)).toEqual(['sell', 'buy', 'buy']);
  });
});

describe('a delisted instrument', () => {
  const SOL = 'SOL-USDT-SWAP';
  afterEach(async () => {
    await control(simulator, 'instrument', { instId: SOL, state: 'live', expTime: null });
  });

  const listed = async (): Promise<Row | undefined> => {
    const rows = await signed(simulator, keys, 'GET', 'public/instruments?instType=SWAP');
    return (rows.data as Row[]).find((row) => row.instId === SOL);
  };

  it('settles what is open at the mark price, ends orders, leaves the list, and is known to nobody', async () => {
    const order = { account: keys.account, instId: SOL, sz: '1' };
    await control(simulator, 'order', { ...order, side: 'buy' });
    const resting = await control<Row>(simulator, 'order', { ...order, side: 'buy', ordType: 'limit', px: '197' });
    const stop = { side: 'sell', sz: '1', ordType: 'conditional', slTriggerPx: '150', slOrdPx: '-1' };
    await signed(simulator, keys, 'POST', 'trade/order-algo', { instId: SOL, tdMode: 'cross', ...stop });
    await control(simulator, 'instrument', { instId: SOL, state: 'delisted' });

    expect(await listed()).toBeUndefined();
    expect(await positions()).toEqual([]);
    const orders = (await signed(simulator, keys, 'GET', 'trade/orders-history?instType=SWAP')).data;
    expect(orders).toContainEqual(
      expect.objectContaining({ ordId: resting.ordId, state: 'canceled', cancelSource: '7' }),
    );
    expect(orders).toContainEqual(expect.objectContaining({ category: 'delivery', side: 'sell', state: 'filled' }));
    expect((await signed(simulator, keys, 'GET', 'account/bills?type=3')).data).toMatchObject([{ subType: '112' }]);
    expect((await signed(simulator, keys, 'GET', 'trade/orders-algo-pending?ordType=conditional')).data).toEqual([]);
    await expect(control(simulator, 'order', { ...order, side: 'buy' })).rejects.toThrow('51001');
    expect((await signed(simulator, keys, 'GET', `market/ticker?instId=${SOL}`)).code).toBe('51001');
  });

  it('is announced by its expTime', async () => {
    const soon = Date.now() + 3_600_000;
    await control(simulator, 'instrument', { instId: SOL, expTime: soon });
    expect(await listed()).toMatchObject({ state: 'live', expTime: String(soon) });
    await control(simulator, 'instrument', { instId: SOL, expTime: 1 });
    await vi.waitFor(async () => expect(await listed()).toBeUndefined(), { timeout: 8000 });
  });
});
