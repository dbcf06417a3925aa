import { createHmac } from 'node:crypto';
import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { type Simulator, startSimulator } from '../simulator';
import { control, type Keys, quiet, signed } from '../testing';

const BTC = 'BTC-USDT-SWAP';
const running: Simulator[] = [];
const folders: string[] = [];

async function start(dataDir?: string): Promise<Simulator> {
  const simulator = await startSimulator({ walk: false, rateLimits: false, log: quiet, dataDir });
  running.push(simulator);
  return simulator;
}

afterEach(async () => {
  for (const simulator of running.splice(0)) await simulator.stop();
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true });
});

function market(clOrdId: string, side: string, sz: string): Record<string, string> {
  return { instId: BTC, tdMode: 'cross', ordType: 'market', side, sz, clOrdId, tag: 'probe' };
}

describe('the control API', () => {
  it('makes accounts, one or many, and shows no secrets afterwards', async () => {
    const simulator = await start();
    const one = await control<Keys>(simulator, 'accounts', { balance: 500, posMode: 'long_short_mode', owner: 'desk' });
    const { accounts } = await control<{ accounts: Keys[] }>(simulator, 'accounts', { count: 3 });
    expect(new Set([one, ...accounts].map((made) => made.apiKey)).size).toBe(4);
    const listed = await control<{ accounts: unknown[] }>(simulator, 'accounts');
    expect(listed.accounts).toHaveLength(4);
    expect(listed.accounts[0]).toMatchObject({
      account: one.account,
      owner: 'desk',
      posMode: 'long_short_mode',
      cash: '500',
    });
    const text = JSON.stringify(listed);
    for (const secret of [one.apiKey, one.secret, one.passphrase]) expect(text).not.toContain(secret);
    await expect(control(simulator, 'accounts', { posMode: 'sideways' })).rejects.toThrow('400');
  });

  it('shows every order with its times, and positions', async () => {
    const simulator = await start();
    const keys = await control<Keys>(simulator, 'accounts', {});
    await signed(simulator, keys, 'POST', 'trade/order', market('seen1', 'sell', '0.2'));
    const { orders } = await control<{ orders: Record<string, number>[] }>(simulator, `orders?account=${keys.account}`);
    expect(orders).toMatchObject([
      {
        account: keys.account,
        instId: BTC,
        clOrdId: 'seen1',
        state: 'filled',
        side: 'sell',
        posSide: 'net',
        reduceOnly: false,
        sz: '0.2',
        fillSz: '0.2',
        avgPx: '99999.9',
        tag: 'probe',
        lever: '3',
        tdMode: 'cross',
      },
    ]);
    const [order] = orders;
    expect(order?.acceptedAt).toBeGreaterThanOrEqual(order?.createdAt ?? 0);
    expect(order?.filledAt).toBeGreaterThanOrEqual(order?.acceptedAt ?? 0);
    const { positions } = await control<{ positions: unknown[] }>(simulator, 'positions');
    expect(positions).toMatchObject([{ account: keys.account, signedPos: '-0.2', avgPx: '99999.9' }]);
    expect(await control(simulator, 'health')).toMatchObject({ status: 'ok', accounts: 1 });
  });

  it('moves prices and holds them', async () => {
    const simulator = await start();
    const moved = await control(simulator, 'price', { instId: BTC, price: 101234.56, hold: true });
    expect(moved).toMatchObject({ last: '101234.6', bid: '101234.5', ask: '101234.7', hold: true });
    await expect(control(simulator, 'price', { instId: 'NO-SUCH', price: '1' })).rejects.toThrow('404');
    await expect(control(simulator, 'price', { instId: BTC, price: '0' })).rejects.toThrow('400');
  });
});

describe('a restart', () => {
  it('keeps accounts, orders, positions, fills, leverage, prices and robots', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'simulator-'));
    folders.push(folder);
    const first = await start(folder);
    const keys = await control<Keys>(first, 'accounts', { balance: '10000' });
    await control(first, 'price', { instId: BTC, price: '101000', hold: true });
    await signed(first, keys, 'POST', 'account/set-leverage', { instId: BTC, lever: '20', mgnMode: 'cross' });
    await signed(first, keys, 'POST', 'trade/order', market('kept1', 'buy', '0.5'));
    const limit = { ...market('kept2', 'buy', '0.3'), ordType: 'limit', px: '100000' };
    await signed(first, keys, 'POST', 'trade/order', limit);
    const stop = { instId: BTC, tdMode: 'cross', side: 'sell', ordType: 'conditional', sz: '0.5', reduceOnly: true };
    await signed(first, keys, 'POST', 'trade/order-algo', { ...stop, slTriggerPx: '100500', slOrdPx: '-1' });
    const robot = await control<{ url: string }>(first, 'dingtalk', {});
    const read = async (simulator: Simulator): Promise<unknown[]> => {
      const paths = [
        'account/balance',
        'account/positions',
        'trade/orders-pending',
        'trade/orders-history?instType=SWAP',
        'trade/fills',
        'trade/orders-algo-pending?ordType=conditional',
        'account/bills',
      ];
      return Promise.all(paths.map(async (path) => (await signed(simulator, keys, 'GET', path)).data));
    };
    const before = await read(first);
    await first.stop();
    expect(statSync(join(folder, 'venue.jsonl')).mode & 0o777).toBe(0o600);
    expect(readdirSync(folder)).toEqual(['venue.jsonl']);

    const second = await start(folder);
    expect(await read(second)).toEqual(before);
    expect((await control<{ prices: { last: string }[] }>(second, 'prices')).prices[0]).toMatchObject({
      last: '101000',
      hold: true,
    });
    await control(second, 'price', { instId: BTC, price: '99990', hold: true });
    const { positions } = await control<{ positions: { pos: string }[] }>(second, 'positions');
    expect(positions.map((position) => position.pos)).toEqual(['0.3']);
    const sent = await fetch(robot.url.replace(first.rest, second.rest), { method: 'POST', body: '{}' });
    expect(await sent.json()).toMatchObject({ errcode: 310000 });
  });
});

describe('the DingTalk sink', () => {
  interface Robot {
    url: string;
    secret: string;
  }

  async function send(
    robot: Robot,
    message: unknown,
    change: { timestamp?: number; secret?: string } = {},
  ): Promise<unknown> {
    const timestamp = change.timestamp ?? Date.now();
    const secret = change.secret ?? robot.secret;
    const signature = createHmac('sha256', secret).update(`${timestamp}\n${secret}`).digest('base64');
    const url = `${robot.url}&timestamp=${timestamp}&sign=${encodeURIComponent(signature)}`;
    const response = await fetch(url, {
      method: 'POST',
      body: JSON.stringify(message),
      headers: { 'content-type': 'application/json' },
    });
    return response.json();
  }

  const hello = { msgtype: 'markdown', markdown: { title: 'hello', text: '# hello' } };

  it('checks signature, time and form, and keeps what it received', async () => {
    const simulator = await start();
    const robot = await control<Robot>(simulator, 'dingtalk', {});
    expect(await send(robot, hello)).toEqual({ errcode: 0, errmsg: 'ok' });
    expect(await send(robot, hello, { secret: 'SECother' })).toMatchObject({
      errcode: 310000,
      errmsg: expect.stringContaining('sign not match'),
    });
    expect(await send(robot, hello, { timestamp: Date.now() - 3_700_000 })).toMatchObject({ errcode: 310000 });
    expect(
      await send({ ...robot, url: `${simulator.rest}/dingtalk/robot/send?access_token=none` }, hello),
    ).toMatchObject({ errcode: 300001 });
    expect(await send(robot, { msgtype: 'smoke' })).toMatchObject({ errcode: 400105 });
    const { messages } = await control<{ messages: Record<string, unknown>[] }>(simulator, 'dingtalk');
    expect(messages).toMatchObject([{ msgtype: 'markdown', message: hello }]);
    expect(JSON.stringify(messages)).not.toContain(new URL(robot.url).searchParams.get('access_token'));
  });

  it('takes twenty messages a minute', async () => {
    const simulator = await start();
    const robot = await control<Robot>(simulator, 'dingtalk', {});
    for (let index = 0; index < 20; index++) expect(await send(robot, hello)).toMatchObject({ errcode: 0 });
    expect(await send(robot, hello)).toMatchObject({ errcode: 130101 });
    const other = await control<Robot>(simulator, 'dingtalk', {});
    expect(await send(other, hello)).toMatchObject({ errcode: 0 });
  });
});
