import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Simulator, startSimulator } from '../simulator';
import { control, type Keys, quiet, signed } from '../testing';

const BTC = 'BTC-USDT-SWAP';
let simulator: Simulator;
let keys: Keys;

beforeAll(async () => {
  simulator = await startSimulator({ walk: false, rateLimits: false, log: quiet });
  await control(simulator, 'price', { instId: BTC, price: '100000', hold: true });
});
afterAll(() => simulator.stop());

beforeEach(async () => {
  keys = await control<Keys>(simulator, 'accounts', { balance: '1000' });
});

async function place(order: Record<string, unknown>): Promise<string> {
  const full = { instId: BTC, tdMode: 'cross', side: 'buy', ordType: 'market', sz: '1', ...order };
  return (await signed(simulator, keys, 'POST', 'trade/order', full)).data[0]?.sCode ?? '';
}

const post = async (path: string, body: unknown) =>
  (await signed(simulator, keys, 'POST', `account/${path}`, body)).code;
const setLevel = (acctLv: string) => post('set-account-level', { acctLv });
const setLeverage = (mgnMode: string) => post('set-leverage', { instId: BTC, lever: '10', mgnMode });

async function balance() {
  const [row] = (await signed<Record<string, unknown>>(simulator, keys, 'GET', 'account/balance')).data;
  return row as { adjEq: string; availEq: string; totalEq: string; details: Record<string, string>[] };
}

describe('an account level', () => {
  it('is told, and takes the orders that it knows', async () => {
    const level = async () => (await signed(simulator, keys, 'GET', 'account/config')).data[0]?.acctLv;
    expect(await level()).toBe('2');
    expect(await setLevel('1')).toBe('0');
    expect([await level(), await place({}), await setLeverage('cross')]).toEqual(['1', '51010', '51010']);
    expect(await setLevel('3')).toBe('0');
    expect([await place({ tdMode: 'isolated' }), await setLeverage('isolated')]).toEqual(['50072', '50072']);
    expect([await setLeverage('cross'), await place({ sz: '0.01' })]).toEqual(['0', '0']);
    expect(await setLevel('4')).toBe('0');
    expect(await place({ side: 'sell', sz: '0.01', reduceOnly: true })).toBe('51205');
    expect(await place({ side: 'sell', sz: '0.01' })).toBe('0');
    expect(await post('set-position-mode', { posMode: 'long_short_mode' })).toBe('51010');
    expect(await setLevel('5')).toBe('51000');
  });

  it('stays while orders rest, and while positions do not fit', async () => {
    expect(await place({ ordType: 'limit', px: '99000', sz: '0.01' })).toBe('0');
    expect(await setLevel('3')).toBe('59132');
    await control(simulator, 'cancel', { account: keys.account });
    expect(await place({ tdMode: 'isolated', sz: '0.01' })).toBe('0');
    expect([await setLevel('3'), await setLevel('1')]).toEqual(['59134', '59134']);
    await expect(control(simulator, 'setting', { account: keys.account, acctLv: '3' })).rejects.toThrow('59134');
  });

  it('knows portfolio margin in net mode alone', async () => {
    expect(await post('set-position-mode', { posMode: 'long_short_mode' })).toBe('0');
    expect(await setLevel('4')).toBe('51070');
  });
});

describe('several currencies', () => {
  it('are told one by one, and are margin where all of them are', async () => {
    await control(simulator, 'balance', { account: keys.account, coins: { BTC: '0.5' } });
    expect(await balance()).toMatchObject({
      adjEq: '',
      availEq: '',
      totalEq: '51000',
      details: [
        { ccy: 'USDT', eq: '1000', availEq: '1000' },
        { ccy: 'BTC', eq: '0.5', eqUsd: '50000', coinUsdPrice: '100000' },
      ],
    });
    // At 3x they need 13333.
    expect(await place({ sz: '40' })).toBe('51008');
    await setLevel('3');
    expect(await balance()).toMatchObject({ adjEq: '50000', availEq: '50000' });
    expect(await place({ sz: '40' })).toBe('0');
  });

  it('do not let an account be liquidated that they carry', async () => {
    await control(simulator, 'balance', { account: keys.account, coins: { BTC: '0.5' } });
    await setLevel('3');
    await place({ sz: '2' });
    await control(simulator, 'price', { instId: BTC, price: '60000', hold: true });
    const [position] = (await signed(simulator, keys, 'GET', 'account/positions')).data;
    expect(position?.pos).toBe('2');
    await control(simulator, 'price', { instId: BTC, price: '100000', hold: true });
  });
});
