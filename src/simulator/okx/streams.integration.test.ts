import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import WebSocket from 'ws';
import { type Simulator, startSimulator } from '../simulator';
import { control, type Keys, Listener, type Message, quiet, signed, waitFor } from '../testing';

const BTC = 'BTC-USDT-SWAP';

let simulator: Simulator;
let keys: Keys;

beforeAll(async () => {
  simulator = await startSimulator({ walk: false, rateLimits: false, log: quiet });
  keys = await control<Keys>(simulator, 'accounts', { balance: '10000' });
});

afterEach(async () => {
  Listener.closeAll();
  await control(simulator, 'faults', { clear: true });
});

afterAll(async () => {
  await simulator.stop();
});

async function place(clOrdId: string, sz = '0.01'): Promise<void> {
  const body = { instId: BTC, tdMode: 'cross', side: 'buy', ordType: 'market', sz, clOrdId };
  await signed(simulator, keys, 'POST', 'trade/order', body);
}

async function listening(): Promise<Listener> {
  const listener = await Listener.open(simulator, 'private');
  listener.login(keys);
  await listener.until((message) => message.event === 'login');
  listener.say({ op: 'subscribe', args: [{ channel: 'orders', instType: 'ANY' }] });
  await listener.until((message) => message.event === 'subscribe');
  return listener;
}

function heardStates(listener: Listener): unknown[] {
  return listener.pushes('orders').map((push) => `${push.data?.[0]?.clOrdId}:${push.data?.[0]?.state}`);
}

describe('connections', () => {
  it('answer ping with pong, nonsense with 60012, unknown operations with 60019', async () => {
    const listener = await Listener.open(simulator, 'public');
    listener.say('ping');
    await waitFor(() => listener.texts.includes('pong'));
    listener.say('{nonsense');
    await listener.until((message) => message.code === '60012');
    listener.say({ op: 'dance' });
    expect(await listener.until((message) => message.code === '60019')).toMatchObject({ event: 'error' });
  });

  it('let nobody in with a wrong secret, and tell who is not logged in', async () => {
    const listener = await Listener.open(simulator, 'private');
    listener.say({ id: '7', op: 'subscribe', args: [{ channel: 'account' }] });
    expect(await listener.until((message) => message.code === '60011')).toMatchObject({ event: 'error', id: '7' });
    listener.login(keys, { sign: 'AAAA' });
    await listener.until((message) => message.code === '60009');
    listener.login(keys, { timestamp: '1700000000' });
    await listener.until((message) => message.code === '60006');
    listener.login(keys);
    const welcome = await listener.until((message) => message.event === 'login');
    expect(welcome).toMatchObject({ code: '0', msg: '', connId: expect.stringMatching(/^[0-9a-f]{8}$/) });
  });

  it('are closed when nothing is said for too long, and repeat positions meanwhile', async () => {
    const impatient = await startSimulator({ walk: false, log: quiet, streamIdleMs: 300, streamRepeatMs: 50 });
    try {
      const own = await control<Keys>(impatient, 'accounts', {});
      const body = { instId: BTC, tdMode: 'cross', side: 'buy', ordType: 'market', sz: '0.01' };
      await signed(impatient, own, 'POST', 'trade/order', body);
      const silent = await Listener.open(impatient, 'public');
      const talking = await Listener.open(impatient, 'private');
      talking.login(own);
      await talking.until((message) => message.event === 'login');
      talking.say({ op: 'subscribe', args: [{ channel: 'positions', instType: 'SWAP' }] });
      await waitFor(() => silent.closed === 4004);
      await waitFor(() => talking.pushes('positions').length > 2);
      expect(talking.closed).toBeUndefined();
    } finally {
      await impatient.stop();
    }
  });

  it('repeat the balance until the account is empty, and to nobody who asked for events alone', async () => {
    const brisk = await startSimulator({ walk: false, log: quiet, streamRepeatMs: 40 });
    try {
      const own = await control<Keys>(brisk, 'accounts', { balance: '700' });
      const other = await control<Keys>(brisk, 'accounts', {});
      const listen = async (of: Keys, arg: Record<string, string> = {}): Promise<Listener> => {
        const listener = await Listener.open(brisk, 'private');
        listener.login(of);
        await listener.until((message) => message.event === 'login');
        listener.say({ op: 'subscribe', args: [{ channel: 'account', ...arg }] });
        await listener.until((message) => message.arg?.channel === 'account' && message.data !== undefined);
        return listener;
      };
      const extraParams = '\n  {\n "updateInterval": "0"\n }\n';
      const [repeated, events, beat] = [await listen(own), await listen(own, { extraParams }), await listen(other)];
      await waitFor(() => repeated.pushes('account').length > 3);
      for (const push of repeated.pushes('account')) {
        expect(push).toMatchObject({ eventType: 'snapshot', curPage: 1, lastPage: true });
        expect(push.data?.[0]?.details).toMatchObject([{ ccy: 'USDT', eq: '700' }]);
      }
      expect(events.pushes('account')).toHaveLength(1);

      await control(brisk, 'balance', { account: own.account, balance: '0' });
      repeated.heard.splice(0);
      beat.heard.splice(0);
      await waitFor(() => beat.pushes('account').length > 3);
      expect(repeated.pushes('account')).toEqual([]);
      expect(events.pushes('account')).toHaveLength(1);

      await control(brisk, 'balance', { account: own.account, balance: '50' });
      const update = await events.until((message) => message.eventType === 'event_update');
      expect(update).not.toHaveProperty('curPage');
      await waitFor(() => repeated.pushes('account').some((push) => push.eventType === 'snapshot'));
    } finally {
      await brisk.stop();
    }
  });

  it('offer each channel on its own path', async () => {
    const publicOne = await Listener.open(simulator, 'public');
    publicOne.say({ op: 'subscribe', args: [{ channel: 'candle1m', instId: BTC }] });
    await publicOne.until((message) => message.code === '60018');
    publicOne.say({ op: 'subscribe', args: [{ channel: 'tickers', instId: 'NO-SUCH' }] });
    await waitFor(() => publicOne.heard.filter((message) => message.code === '60018').length === 2);
    const business = await Listener.open(simulator, 'business');
    business.say({ op: 'subscribe', args: [{ channel: 'candle1m', instId: BTC }] });
    await waitFor(() => business.pushes('candle1m').length > 0);
    expect(business.pushes('candle1m')[0]?.data?.[0]).toHaveLength(9);
  });
});

describe('the order book', () => {
  it('follows from its snapshot by sequence numbers', async () => {
    const listener = await Listener.open(simulator, 'public');
    listener.say({ op: 'subscribe', args: [{ channel: 'books', instId: BTC }] });
    await waitFor(() => listener.pushes('books').length === 1);
    await control(simulator, 'price', { instId: BTC, price: '100001' });
    await control(simulator, 'price', { instId: BTC, price: '100000' });
    await waitFor(() => listener.pushes('books').length === 3);
    const [snapshot, ...updates] = listener.pushes('books');
    expect(snapshot).toMatchObject({ action: 'snapshot', data: [{ prevSeqId: -1, checksum: 0 }] });
    const levels = new Map<string, string>();
    const apply = (message: Message | undefined): void => {
      const row = message?.data?.[0] as { asks: string[][]; bids: string[][] };
      for (const side of ['asks', 'bids'] as const) {
        for (const [px = '', sz = ''] of row[side]) {
          if (sz === '0') levels.delete(`${side} ${px}`);
          else levels.set(`${side} ${px}`, sz);
        }
      }
    };
    apply(snapshot);
    const before = new Map(levels);
    let sequence = snapshot?.data?.[0]?.seqId;
    for (const update of updates) {
      expect(update).toMatchObject({ action: 'update', data: [{ prevSeqId: sequence }] });
      sequence = update.data?.[0]?.seqId;
      apply(update);
    }
    expect(Object.fromEntries(levels)).toEqual(Object.fromEntries(before));
  });
});

describe('order operations', () => {
  it('want the number of the instrument, and answer format errors with 60013', async () => {
    const listener = await listening();
    const wanted = { tdMode: 'cross', side: 'buy', ordType: 'market', sz: '0.01' };
    listener.say({ id: '1', op: 'order', args: [{ ...wanted, instId: BTC }] });
    expect(await listener.until((message) => message.id === '1')).toMatchObject({
      op: 'order',
      code: '1',
      data: [{ sCode: '50014' }],
    });
    listener.say({ id: '2', op: 'order', args: [] });
    expect(await listener.until((message) => message.id === '2')).toMatchObject({ code: '60013', data: [] });
    listener.say({
      id: '3',
      op: 'batch-orders',
      args: [
        { ...wanted, instIdCode: 10459 },
        { ...wanted, instIdCode: 1 },
      ],
    });
    const batch = await listener.until((message) => message.id === '3');
    expect(batch).toMatchObject({ code: '2', data: [{ sCode: '0' }, { sCode: '51001' }] });
    listener.say({ id: '4', op: 'order', expTime: String(Date.now() - 1), args: [{ ...wanted, instIdCode: 10459 }] });
    expect(await listener.until((message) => message.id === '4')).toMatchObject({ code: '50036' });
    const resting = { ...wanted, ordType: 'limit', px: '99000', instIdCode: 10459, clOrdId: 'wsrest1' };
    listener.say({ id: '5', op: 'order', args: [resting] });
    await listener.until((message) => message.id === '5');
    listener.say({ id: '6', op: 'amend-order', args: [{ instIdCode: 10459, clOrdId: 'wsrest1', newPx: '98900' }] });
    expect(await listener.until((message) => message.id === '6')).toMatchObject({ code: '0' });
    listener.say({ id: '7', op: 'cancel-order', args: [{ instIdCode: 10459, clOrdId: 'wsrest1' }] });
    expect(await listener.until((message) => message.id === '7')).toMatchObject({ code: '0' });
    await waitFor(() => heardStates(listener).at(-1) === 'wsrest1:canceled');
    const amended = listener.pushes('orders').find((push) => push.data?.[0]?.px === '98900');
    expect(amended?.data?.[0]).toMatchObject({ amendResult: '0', state: 'live' });
  });
});

describe('faults of streams', () => {
  const match = { channel: 'orders' };

  it('lose pushes', async () => {
    const listener = await listening();
    await control(simulator, 'faults', { kind: 'push-drop', match, count: 2 });
    await place('lost1');
    await place('heard1');
    await waitFor(() => heardStates(listener).includes('heard1:filled'));
    expect(heardStates(listener)).toEqual(['heard1:live', 'heard1:filled']);
  });

  it('repeat pushes', async () => {
    const listener = await listening();
    await control(simulator, 'faults', { kind: 'push-duplicate', match });
    await place('twice1');
    await waitFor(() => heardStates(listener).length === 4);
    expect(heardStates(listener)).toEqual(['twice1:live', 'twice1:live', 'twice1:filled', 'twice1:filled']);
  });

  it('turn pushes round', async () => {
    const listener = await listening();
    await control(simulator, 'faults', { kind: 'push-reorder', match, count: 1 });
    await place('round1');
    await waitFor(() => heardStates(listener).length === 2);
    expect(heardStates(listener)).toEqual(['round1:filled', 'round1:live']);
  });

  it('cut streams at once or at a push, refuse new ones, and announce upgrades', async () => {
    const first = await listening();
    await control(simulator, 'faults', { kind: 'stream-cut', now: true, match: { account: keys.account } });
    await waitFor(() => first.closed !== undefined);
    const second = await listening();
    await control(simulator, 'faults', { kind: 'stream-cut', match, count: 1 });
    await place('cut1');
    await waitFor(() => second.closed !== undefined);
    expect(heardStates(second)).toEqual([]);
    const third = await listening();
    await control(simulator, 'faults', { kind: 'stream-notice', afterMs: 20 });
    await third.until((message) => message.event === 'notice' && message.code === '64008');
    await waitFor(() => third.closed !== undefined);
    await control(simulator, 'faults', { kind: 'stream-refuse', count: 1 });
    const refused = new WebSocket(`${simulator.ws}/ws/v5/private`);
    const status = await new Promise((resolve) => {
      refused.on('unexpected-response', (_, response) => resolve(response.statusCode));
      refused.on('error', () => resolve('error'));
    });
    expect(status).toBe(503);
  });
});
