import { RestClient } from 'okx-api';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Simulator, startSimulator } from '../simulator';
import { control, type Keys, quiet, signed } from '../testing';

let simulator: Simulator;
let keys: Keys;

beforeAll(async () => {
  simulator = await startSimulator({ walk: false, log: quiet });
});

afterAll(async () => {
  await simulator.stop();
});

beforeEach(async () => {
  keys = await control<Keys>(simulator, 'accounts', {});
});

const arm = (timeOut: string, tag?: string) =>
  signed(simulator, keys, 'POST', 'trade/cancel-all-after', { timeOut, ...(tag ? { tag } : {}) });

describe('cancel-all-after', () => {
  it('tells when it would cancel, and is turned off by 0', async () => {
    const client = new RestClient({
      apiKey: keys.apiKey,
      apiSecret: keys.secret,
      apiPass: keys.passphrase,
      baseUrl: simulator.rest,
    });
    const [armed] = await client.cancelAllAfter({ timeOut: '60' });
    expect(Number(armed?.triggerTime) - Number(armed?.ts)).toBe(60_000);
    expect((await arm('0', 'x')).data).toMatchObject([{ triggerTime: '0', tag: 'x' }]);
  });

  it('takes 0 and 10 to 120 seconds, once a second for each tag, for twenty tags', async () => {
    for (const bad of ['9', '121', '-1', 'soon', '']) expect((await arm(bad)).code).toBe('51000');
    expect((await arm('10')).code).toBe('0');
    expect(await arm('10')).toMatchObject({ code: '50011', status: 429 });
    for (let tag = 0; tag < 20; tag++) expect((await arm('120', `tag${tag}`)).code).toBe('0');
    expect((await arm('120', 'another')).code).toBe('51071');
  });

  it('cancels what rests of its tag when its time is over', async () => {
    const rest = { instId: 'BTC-USDT-SWAP', tdMode: 'cross', side: 'buy', ordType: 'limit', px: '99000', sz: '0.1' };
    await signed(simulator, keys, 'POST', 'trade/order', { ...rest, tag: 'mine', clOrdId: 'mine1' });
    await signed(simulator, keys, 'POST', 'trade/order', { ...rest, tag: 'other', clOrdId: 'other1' });
    await arm('10', 'mine');
    const order = async (id: string) =>
      (await signed(simulator, keys, 'GET', `trade/order?instId=BTC-USDT-SWAP&clOrdId=${id}`)).data[0];
    await expect
      .poll(() => order('mine1'), { timeout: 20_000, interval: 250 })
      .toMatchObject({
        state: 'canceled',
        cancelSource: '20',
      });
    expect(await order('other1')).toMatchObject({ state: 'live' });
  }, 40_000);
});
