import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Simulator, startSimulator } from '../simulator';
import { type Answer, control, type Keys, quiet, signed } from '../testing';

const BTC = 'BTC-USDT-SWAP';
let simulator: Simulator;
let net: Keys;
let hedge: Keys;

type Row = Record<string, string>;

async function place(keys: Keys, order: Record<string, unknown>): Promise<Answer> {
  return signed(simulator, keys, 'POST', 'trade/order', { instId: BTC, tdMode: 'cross', ordType: 'market', ...order });
}

/** Places an order and returns the code of its row. */
async function codeOf(keys: Keys, order: Record<string, unknown>): Promise<string> {
  return (await place(keys, order)).data[0]?.sCode ?? '';
}

async function order(keys: Keys, clOrdId: string): Promise<Row> {
  const answer = await signed(simulator, keys, 'GET', `trade/order?instId=${BTC}&clOrdId=${clOrdId}`);
  return answer.data[0] ?? { code: answer.code };
}

async function positions(keys: Keys): Promise<Row[]> {
  return (await signed(simulator, keys, 'GET', 'account/positions')).data;
}

async function price(value: string): Promise<void> {
  await control(simulator, 'price', { instId: BTC, price: value, hold: true });
}

beforeAll(async () => {
  simulator = await startSimulator({ walk: false, rateLimits: false, log: quiet });
});

afterAll(async () => {
  await simulator.stop();
});

beforeEach(async () => {
  await price('100000');
  net = await control<Keys>(simulator, 'accounts', { balance: '10000', posMode: 'net_mode' });
  hedge = await control<Keys>(simulator, 'accounts', { balance: '10000', posMode: 'long_short_mode' });
});

describe('order checks', () => {
  it('answers a good order with code 0 and times in microseconds', async () => {
    const answer = await place(net, { side: 'buy', sz: '0.1', clOrdId: 'ok1', tag: 'demo' });
    expect(answer).toMatchObject({ status: 200, code: '0', data: [{ clOrdId: 'ok1', sCode: '0', tag: 'demo' }] });
    expect(answer.data[0]?.ordId).toMatch(/^\d{19}$/);
    expect(answer.inTime).toMatch(/^\d{16}$/);
    expect(Number(answer.outTime)).toBeGreaterThanOrEqual(Number(answer.inTime));
  });

  it('answers a refused order with code 1, an empty ordId and status 200', async () => {
    const answer = await place(net, { side: 'buy', sz: '0.001', clOrdId: 'small1' });
    expect(answer).toMatchObject({ status: 200, code: '1', msg: 'All operations failed' });
    expect(answer.data[0]).toMatchObject({ clOrdId: 'small1', ordId: '', sCode: '51020' });
    expect((await order(net, 'small1')).code).toBe('51603');
  });

  it.each([
    ['below the minimum', { sz: '0.005' }, '51020'],
    ['off the lot', { sz: '0.015' }, '51121'],
    ['not a number', { sz: 'many' }, '51000'],
    ['nothing', { sz: '0' }, '51000'],
    ['over the market maximum', { sz: '12001' }, '51202'],
    ['an unknown instrument', { instId: 'ABC-USDT-SWAP' }, '51001'],
    ['a hyphen in clOrdId', { clOrdId: 'a-b' }, '51000'],
    ['33 characters of clOrdId', { clOrdId: 'a'.repeat(33) }, '51000'],
    ['17 characters of tag', { tag: 'a'.repeat(17) }, '51000'],
    ['spot mode', { tdMode: 'cash' }, '51000'],
    ['posSide long in net mode', { posSide: 'long' }, '51000'],
    ['too large for the margin', { sz: '100' }, '51008'],
    ['no price', { ordType: 'limit' }, '51000'],
    ['off the tick', { ordType: 'limit', px: '99000.05' }, '51150'],
    ['above the price band', { ordType: 'limit', px: '103000' }, '51006'],
    ['reduce-only without a position', { reduceOnly: true }, '51169'],
  ])('refuses %s', async (_, wrong, code) => {
    expect(await codeOf(net, { side: 'buy', sz: '0.1', ...wrong })).toBe(code);
  });

  it('keeps a client id unique among pending orders alone', async () => {
    const resting = { side: 'buy', ordType: 'limit', px: '99000', sz: '0.1', clOrdId: 'again1' };
    expect(await codeOf(net, resting)).toBe('0');
    expect(await codeOf(net, resting)).toBe('51016');
    await signed(simulator, net, 'POST', 'trade/cancel-order', { instId: BTC, clOrdId: 'again1' });
    expect(await codeOf(net, { side: 'buy', sz: '0.1', clOrdId: 'again1' })).toBe('0');
    expect(await codeOf(net, { side: 'buy', sz: '0.1', clOrdId: 'again1' })).toBe('0');
    expect((await order(net, 'again1')).state).toBe('filled');
  });

  it('answers a batch row by row', async () => {
    const row = { instId: BTC, tdMode: 'cross', side: 'buy', ordType: 'market' };
    const mixed = await signed(simulator, net, 'POST', 'trade/batch-orders', [
      { ...row, sz: '0.1', clOrdId: 'b1' },
      { ...row, sz: '0.1', posSide: 'long', clOrdId: 'b2' },
    ]);
    expect(mixed).toMatchObject({ status: 200, code: '2' });
    expect(mixed.data.map((entry) => entry.sCode)).toEqual(['0', '51000']);
    const failed = await signed(simulator, net, 'POST', 'trade/batch-orders', [{ ...row, sz: '0' }]);
    expect(failed.code).toBe('1');
    const many = await signed(simulator, net, 'POST', 'trade/batch-orders', Array(21).fill({ ...row, sz: '0.01' }));
    expect(many).toMatchObject({ code: '51111', data: [] });
  });
});

describe('positions in net mode', () => {
  it('adds, reduces, turns and closes', async () => {
    await place(net, { side: 'buy', sz: '0.2' });
    await price('100100');
    await place(net, { side: 'buy', sz: '0.2' });
    expect((await positions(net))[0]).toMatchObject({ pos: '0.4', avgPx: '100050.1' });
    await place(net, { side: 'sell', sz: '0.1' });
    expect((await positions(net))[0]).toMatchObject({ pos: '0.3', avgPx: '100050.1' });
    await place(net, { side: 'sell', sz: '0.5', clOrdId: 'turn1' });
    expect((await positions(net))[0]).toMatchObject({ pos: '-0.2', avgPx: '100099.9' });
    await place(net, { side: 'buy', sz: '0.2', reduceOnly: true });
    expect(await positions(net)).toEqual([]);
  });

  it('lets reduce-only orders reduce, and no further', async () => {
    await place(net, { side: 'buy', sz: '0.2' });
    expect(await codeOf(net, { side: 'buy', sz: '0.1', reduceOnly: true })).toBe('51170');
    await place(net, { side: 'sell', sz: '0.5', reduceOnly: true, clOrdId: 'over1' });
    expect(await order(net, 'over1')).toMatchObject({ state: 'filled', sz: '0.2', accFillSz: '0.2' });
    expect(await positions(net)).toEqual([]);
  });

  it('keeps cash, fees and profit to the last digit', async () => {
    await place(net, { side: 'sell', sz: '1' });
    await price('99000');
    await place(net, { side: 'buy', sz: '1' });
    // Sold at 99999.9, bought at 99000.1, 0.01 BTC; both fees at 0.05 %.
    const profit = (99999.9 - 99000.1) * 0.01;
    const fees = (99999.9 + 99000.1) * 0.01 * 0.0005;
    const [balance] = (await signed<{ details: Row[] }>(simulator, net, 'GET', 'account/balance')).data;
    expect(Number(balance?.details[0]?.cashBal)).toBeCloseTo(10000 + profit - fees, 9);
    expect(balance?.details[0]).toMatchObject({ imr: '0', upl: '0', frozenBal: '0' });
    const bills = (await signed(simulator, net, 'GET', 'account/bills?type=2')).data;
    expect(bills[0]?.bal).toBe(balance?.details[0]?.cashBal);
    const [closed] = (await signed(simulator, net, 'GET', 'account/positions-history')).data;
    expect(closed).toMatchObject({ direction: 'short', openAvgPx: '99999.9', closeAvgPx: '99000.1', pnl: '9.998' });
  });
});

describe('positions in long/short mode', () => {
  it('wants a side, holds both, and closes no more than is there', async () => {
    expect(await codeOf(hedge, { side: 'buy', sz: '0.1' })).toBe('51000');
    expect(await codeOf(hedge, { side: 'buy', sz: '0.1', posSide: 'net' })).toBe('51000');
    expect(await codeOf(hedge, { side: 'sell', sz: '0.1', posSide: 'long' })).toBe('51169');
    await place(hedge, { side: 'buy', sz: '0.3', posSide: 'long' });
    await place(hedge, { side: 'sell', sz: '0.2', posSide: 'short' });
    expect((await positions(hedge)).map((row) => [row.posSide, row.pos])).toEqual([
      ['long', '0.3'],
      ['short', '0.2'],
    ]);
    expect(await codeOf(hedge, { side: 'sell', sz: '0.4', posSide: 'long' })).toBe('0');
    expect(await codeOf(hedge, { side: 'buy', sz: '0.2', posSide: 'short' })).toBe('0');
    expect(await positions(hedge)).toEqual([]);
  });

  it('closes at market through close-position', async () => {
    const close = { instId: BTC, mgnMode: 'cross', posSide: 'long' };
    expect((await signed(simulator, hedge, 'POST', 'trade/close-position', close)).code).toBe('51023');
    await place(hedge, { side: 'buy', sz: '0.3', posSide: 'long' });
    expect(await signed(simulator, hedge, 'POST', 'trade/close-position', close)).toMatchObject({
      code: '0',
      data: [{ instId: BTC, posSide: 'long' }],
    });
    expect(await positions(hedge)).toEqual([]);
  });
});

describe('settings', () => {
  it('keep the position mode while anything is open', async () => {
    const set = (posMode: string) => signed(simulator, net, 'POST', 'account/set-position-mode', { posMode });
    expect((await set('long_short_mode')).data).toEqual([{ posMode: 'long_short_mode' }]);
    expect((await set('net_mode')).code).toBe('0');
    await place(net, { side: 'buy', sz: '0.1' });
    expect((await set('long_short_mode')).code).toBe('59000');
    expect((await set('net_mode')).code).toBe('0');
  });

  it('set leverage within bounds, and per side for isolated long/short', async () => {
    const set = (keys: Keys, body: Row) =>
      signed(simulator, keys, 'POST', 'account/set-leverage', { instId: BTC, ...body });
    expect((await set(net, { lever: '200', mgnMode: 'cross' })).code).toBe('59102');
    expect((await set(net, { lever: '0.5', mgnMode: 'cross' })).code).toBe('59105');
    expect((await set(hedge, { lever: '5', mgnMode: 'isolated' })).code).toBe('51000');
    expect((await set(hedge, { lever: '5', mgnMode: 'isolated', posSide: 'long' })).code).toBe('0');
    const info = await signed(simulator, hedge, 'GET', `account/leverage-info?instId=${BTC}&mgnMode=isolated`);
    expect(info.data.map((row) => [row.posSide, row.lever])).toEqual([
      ['long', '5'],
      ['short', '3'],
    ]);
    await place(net, { side: 'buy', ordType: 'limit', px: '99000', sz: '0.1' });
    expect((await set(net, { lever: '7', mgnMode: 'cross' })).code).toBe('59107');
  });

  it('change the margin of an open position', async () => {
    await place(net, { side: 'buy', sz: '1' });
    const before = (await positions(net))[0];
    expect(Number(before?.imr)).toBeCloseTo(1000 / 3, 6);
    await signed(simulator, net, 'POST', 'account/set-leverage', { instId: BTC, lever: '10', mgnMode: 'cross' });
    expect((await positions(net))[0]).toMatchObject({ lever: '10', imr: '100' });
  });
});

describe('order types', () => {
  it('post_only that would take is cancelled by source 31', async () => {
    await place(net, { side: 'buy', ordType: 'post_only', px: '100001', sz: '0.1', clOrdId: 'post1' });
    expect(await order(net, 'post1')).toMatchObject({ state: 'canceled', cancelSource: '31', accFillSz: '0' });
  });

  it('fok and ioc away from the market end by 13 and 14', async () => {
    await place(net, { side: 'buy', ordType: 'fok', px: '99000', sz: '0.1', clOrdId: 'fok1' });
    await place(net, { side: 'buy', ordType: 'ioc', px: '99000', sz: '0.1', clOrdId: 'ioc1' });
    await place(net, { side: 'buy', ordType: 'fok', px: '100100', sz: '0.1', clOrdId: 'fok2' });
    expect(await order(net, 'fok1')).toMatchObject({ state: 'canceled', cancelSource: '13' });
    expect(await order(net, 'ioc1')).toMatchObject({ state: 'canceled', cancelSource: '14' });
    expect(await order(net, 'fok2')).toMatchObject({ state: 'filled', avgPx: '100000.1' });
  });

  it('a resting limit fills as maker when the price gets there, at its own price', async () => {
    await place(net, { side: 'buy', ordType: 'limit', px: '99500', sz: '0.1', clOrdId: 'rest1' });
    await price('99500');
    expect((await order(net, 'rest1')).state).toBe('live');
    await price('99400');
    expect(await order(net, 'rest1')).toMatchObject({ state: 'filled', avgPx: '99500', fee: '-0.0199' });
    const [fill] = (await signed(simulator, net, 'GET', 'trade/fills')).data;
    expect(fill).toMatchObject({ execType: 'M', fillPx: '99500' });
  });

  it('does not trade with itself', async () => {
    const own = { side: 'sell', ordType: 'limit', px: '100000.1', sz: '0.1' };
    await place(net, { ...own, clOrdId: 'own1' });
    await place(net, { side: 'buy', sz: '0.1', clOrdId: 'take1', stpMode: 'cancel_taker' });
    expect(await order(net, 'take1')).toMatchObject({ state: 'canceled', cancelSource: '32' });
    await place(net, { side: 'buy', sz: '0.1', clOrdId: 'take2' });
    expect(await order(net, 'own1')).toMatchObject({ state: 'canceled', cancelSource: '32' });
    expect((await order(net, 'take2')).state).toBe('filled');
  });

  it('amends a resting order into the market', async () => {
    await place(net, { side: 'buy', ordType: 'limit', px: '99000', sz: '0.1', clOrdId: 'up1' });
    const answer = await signed(simulator, net, 'POST', 'trade/amend-order', {
      instId: BTC,
      clOrdId: 'up1',
      newPx: '100500',
      reqId: 'r1',
    });
    expect(answer.data[0]).toMatchObject({ sCode: '0', reqId: 'r1' });
    expect(await order(net, 'up1')).toMatchObject({ state: 'filled', avgPx: '100000.1', px: '100500' });
    const again = await signed(simulator, net, 'POST', 'trade/amend-order', {
      instId: BTC,
      clOrdId: 'up1',
      newPx: '99000',
    });
    expect(again.data[0]?.sCode).toBe('51503');
  });
});

describe('take-profit and stop-loss', () => {
  const bracket = [
    { tpTriggerPx: '101000', tpOrdPx: '-1', slTriggerPx: '99000', slOrdPx: '-1', attachAlgoClOrdId: 'bracket1' },
  ];

  async function algos(state: 'pending' | 'history'): Promise<Row[]> {
    return (
      await signed(simulator, net, 'GET', `trade/orders-algo-${state}?ordType=conditional,oco,trigger,move_order_stop`)
    ).data;
  }

  it('come alive when the parent is filled, and one ends the other', async () => {
    await place(net, {
      side: 'buy',
      ordType: 'limit',
      px: '99900',
      sz: '0.1',
      attachAlgoOrds: bracket,
      clOrdId: 'parent1',
    });
    expect(await algos('pending')).toEqual([]);
    await price('99800');
    expect(await algos('pending')).toMatchObject([
      { ordType: 'oco', side: 'sell', sz: '0.1', algoClOrdId: 'bracket1' },
    ]);
    await price('101000');
    expect(await positions(net)).toEqual([]);
    const [ended] = await algos('history');
    expect(ended).toMatchObject({ state: 'effective', actualSide: 'tp', actualSz: '0.1' });
    const [closing] = (await signed(simulator, net, 'GET', `trade/orders-history?instType=SWAP`)).data;
    expect(closing).toMatchObject({ ordId: ended?.ordId, algoId: ended?.algoId, side: 'sell', state: 'filled' });
  });

  it('die with the position', async () => {
    await place(net, { side: 'buy', sz: '0.1', attachAlgoOrds: bracket });
    expect(await algos('pending')).toHaveLength(1);
    await place(net, { side: 'sell', sz: '0.1' });
    expect(await algos('pending')).toEqual([]);
    expect(await algos('history')).toMatchObject([{ state: 'canceled' }]);
  });

  it('on the wrong side of the price are refused', async () => {
    const wrong = (change: Row) => [{ ...bracket[0], ...change }];
    const limit = { side: 'buy', ordType: 'limit', px: '99900', sz: '0.1' };
    expect(await codeOf(net, { ...limit, attachAlgoOrds: wrong({ tpTriggerPx: '99000' }) })).toBe('51046');
    expect(await codeOf(net, { ...limit, attachAlgoOrds: wrong({ slTriggerPx: '99950' }) })).toBe('51047');
    expect(await codeOf(net, { side: 'sell', sz: '0.1', attachAlgoOrds: bracket })).toBe('51052');
  });

  it('close a whole position with closeFraction, and trail it', async () => {
    await place(net, { side: 'buy', sz: '0.3' });
    const algo = (body: Row | Record<string, unknown>) =>
      signed(simulator, net, 'POST', 'trade/order-algo', { instId: BTC, tdMode: 'cross', side: 'sell', ...body });
    const whole = { ordType: 'conditional', closeFraction: '1', reduceOnly: true, slTriggerPx: '98500', slOrdPx: '-1' };
    const placed = await algo(whole);
    expect(placed.data[0]).toMatchObject({ sCode: '0' });
    const [row] = await algos('pending');
    await signed(simulator, net, 'POST', 'trade/cancel-algos', [{ instId: BTC, algoId: row?.algoId }]);
    expect(await algos('pending')).toEqual([]);
    await algo({ ordType: 'move_order_stop', sz: '0.3', reduceOnly: true, callbackRatio: '0.01' });
    await price('102000');
    await price('101000');
    expect((await positions(net))[0]?.pos).toBe('0.3');
    await price('100980');
    expect(await positions(net)).toEqual([]);
  });
});

describe('liquidation', () => {
  it('takes an isolated position at its liquidation price and no more than its margin', async () => {
    await signed(simulator, net, 'POST', 'account/set-leverage', { instId: BTC, lever: '50', mgnMode: 'isolated' });
    await place(net, { side: 'buy', sz: '1', tdMode: 'isolated' });
    const [held] = await positions(net);
    expect(Number(held?.margin)).toBeCloseTo(1000.001 / 50, 6);
    await price(String(Math.ceil(Number(held?.liqPx) + 1)));
    expect(await positions(net)).toHaveLength(1);
    await price(String(Math.floor(Number(held?.liqPx) - 1)));
    expect(await positions(net)).toEqual([]);
    const [closing] = (await signed(simulator, net, 'GET', 'trade/orders-history?instType=SWAP')).data;
    expect(closing?.category).toBe('full_liquidation');
    const [account] = (await control<{ accounts: { cash: string }[] }>(simulator, `accounts?account=${net.account}`))
      .accounts;
    expect(Number(account?.cash)).toBeGreaterThan(10000 - 20.1 - 0.51);
  });

  it('takes a cross account when its equity no longer carries it, and never leaves a debt', async () => {
    await signed(simulator, net, 'POST', 'account/set-leverage', { instId: BTC, lever: '100', mgnMode: 'cross' });
    await place(net, { side: 'sell', sz: '500' });
    const [held] = await positions(net);
    expect(held?.pos).toBe('-500');
    await price('103000');
    expect(await positions(net)).toEqual([]);
    const [account] = (await control<{ accounts: { cash: string }[] }>(simulator, `accounts?account=${net.account}`))
      .accounts;
    expect(Number(account?.cash)).toBeGreaterThanOrEqual(0);
  });
});
