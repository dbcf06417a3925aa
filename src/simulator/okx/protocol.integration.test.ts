import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Simulator, startSimulator } from '../simulator';
import { type Answer, control, type Keys, quiet, signed } from '../testing';

const BTC = 'BTC-USDT-SWAP';
const ORDER = { instId: BTC, tdMode: 'cross', side: 'buy', ordType: 'market', sz: '0.01' };
let simulator: Simulator;
let keys: Keys;
let limitTime = 1_000_000;

beforeEach(() => {
  // Every test has windows of its own, which do not end while it runs.
  limitTime += 10_000;
});

beforeAll(async () => {
  simulator = await startSimulator({ walk: false, rateLimits: true, limitClock: () => limitTime, log: quiet });
  keys = await control<Keys>(simulator, 'accounts', { balance: '10000' });
});

afterAll(async () => {
  await simulator.stop();
});

function make(body: Record<string, unknown>): Promise<Keys> {
  return control<Keys>(simulator, 'accounts', body);
}

describe('authentication', () => {
  const read = (of: Keys, options: Parameters<typeof signed>[5]): Promise<Answer> =>
    signed(simulator, of, 'GET', 'account/config', undefined, options);

  it.each([
    ['no key', { 'OK-ACCESS-KEY': '' }, '50103'],
    ['no passphrase', { 'OK-ACCESS-PASSPHRASE': '' }, '50104'],
    ['a wrong passphrase', { 'OK-ACCESS-PASSPHRASE': 'other' }, '50105'],
    ['no signature', { 'OK-ACCESS-SIGN': '' }, '50106'],
    ['no timestamp', { 'OK-ACCESS-TIMESTAMP': '' }, '50107'],
    ['an unknown key', { 'OK-ACCESS-KEY': 'nobody' }, '50111'],
    ['a timestamp that is none', { 'OK-ACCESS-TIMESTAMP': '1700000000' }, '50112'],
    ['a wrong signature', { 'OK-ACCESS-SIGN': 'AAAA' }, '50113'],
  ])('refuses %s with 401', async (_, headers, code) => {
    const answer = await read(keys, { headers });
    expect(answer).toMatchObject({ status: 401, code });
    expect(answer).not.toHaveProperty('data');
  });

  it('refuses a timestamp more than thirty seconds away', async () => {
    const off = (ms: number): string => new Date(Date.now() + ms).toISOString();
    expect(await read(keys, { timestamp: off(-31_000) })).toMatchObject({ status: 401, code: '50102' });
    expect(await read(keys, { timestamp: off(31_000) })).toMatchObject({ status: 401, code: '50102' });
    expect((await read(keys, { timestamp: off(-28_000) })).code).toBe('0');
  });

  it('takes the demo header or leaves it', async () => {
    expect((await read(keys, { headers: { 'x-simulated-trading': '1' } })).code).toBe('0');
  });

  it('keeps bound keys to their addresses and reading keys from trading', async () => {
    const bound = await make({ ip: '203.0.113.7' });
    expect(await read(bound, {})).toMatchObject({ status: 401, code: '50110' });
    const here = await make({ ip: '203.0.113.7,127.0.0.1' });
    expect((await read(here, {})).data[0]).toMatchObject({ ip: '203.0.113.7,127.0.0.1' });
    const reader = await make({ perm: 'read_only' });
    expect((await read(reader, {})).data[0]?.perm).toBe('read_only');
    expect((await signed(simulator, reader, 'POST', 'trade/order', ORDER)).code).toBe('50120');
  });
});

describe('requests', () => {
  it('answers unknown paths with 404, wrong methods with 405', async () => {
    const nowhere = await fetch(`${simulator.rest}/api/v5/no/such`);
    expect([nowhere.status, await nowhere.json()]).toMatchObject([404, { code: '404', msg: 'Not Found' }]);
    const wrong = await fetch(`${simulator.rest}/api/v5/public/time`, { method: 'POST', body: '{}' });
    expect([wrong.status, await wrong.json()]).toMatchObject([405, { code: '50115' }]);
  });

  it('names what is missing', async () => {
    const bare = await fetch(`${simulator.rest}/api/v5/market/ticker`);
    expect([bare.status, await bare.json()]).toMatchObject([400, { code: '50014', data: [] }]);
    expect((await signed(simulator, keys, 'GET', `trade/order?instId=${BTC}`)).code).toBe('51003');
    expect(await signed(simulator, keys, 'GET', `trade/order?instId=${BTC}&ordId=1`)).toMatchObject({
      status: 200,
      code: '51603',
      data: [],
    });
  });

  it('honours expTime: refused when late on arrival, expired when late in handling', async () => {
    const at = (ms: number) => ({ headers: { expTime: String(Date.now() + ms) } });
    const late = await signed(simulator, keys, 'POST', 'trade/order', ORDER, at(-10));
    expect(late).toMatchObject({ status: 200, code: '50036', data: [] });
    expect((await signed(simulator, keys, 'POST', 'trade/order', ORDER, at(60_000))).code).toBe('0');
    await control(simulator, 'faults', { kind: 'latency', ms: 900, count: 1, match: { path: '/api/v5/trade/order' } });
    const expired = await signed(simulator, keys, 'POST', 'trade/order', { ...ORDER, clOrdId: 'late1' }, at(600));
    expect(expired).toMatchObject({ code: '1', data: [{ sCode: '50037', clOrdId: 'late1' }] });
    expect((await signed(simulator, keys, 'GET', `trade/order?instId=${BTC}&clOrdId=late1`)).code).toBe('51603');
  });

  it('pages history by id', async () => {
    const own = await make({});
    for (const clOrdId of ['p1', 'p2', 'p3'])
      await signed(simulator, own, 'POST', 'trade/order', { ...ORDER, clOrdId });
    const first = await signed(simulator, own, 'GET', 'trade/orders-history?instType=SWAP&limit=2');
    expect(first.data.map((row) => row.clOrdId)).toEqual(['p3', 'p2']);
    const after = first.data[1]?.ordId ?? '';
    const rest = await signed(simulator, own, 'GET', `trade/orders-history?instType=SWAP&limit=2&after=${after}`);
    expect(rest.data.map((row) => row.clOrdId)).toEqual(['p1']);
    const newer = await signed(simulator, own, 'GET', `trade/fills?before=${after}`);
    expect(newer.data.length).toBeGreaterThanOrEqual(1);
  });
});

describe('rate limits', () => {
  it('allow sixty orders in two seconds per account and instrument', async () => {
    const own = await make({ balance: '100000' });
    const other = await make({ balance: '100000' });
    const answers = await Promise.all(
      Array.from({ length: 61 }, () => signed(simulator, own, 'POST', 'trade/order', ORDER)),
    );
    const codes = answers.map((answer) => answer.code);
    expect(codes.filter((code) => code === '0')).toHaveLength(60);
    expect(answers.find((answer) => answer.code !== '0')).toMatchObject({
      status: 429,
      code: '50011',
      msg: 'Too Many Requests',
    });
    expect((await signed(simulator, other, 'POST', 'trade/order', ORDER)).code).toBe('0');
    limitTime += 2000;
    expect((await signed(simulator, own, 'POST', 'trade/order', ORDER)).code).toBe('0');
    const eth = { ...ORDER, instId: 'ETH-USDT-SWAP' };
    expect((await signed(simulator, own, 'POST', 'trade/order', eth)).code).toBe('0');
  });

  it('allow a thousand new orders per account, row by row', async () => {
    const own = await make({ balance: '1000000' });
    const batch = (instId: string) =>
      signed(simulator, own, 'POST', 'trade/batch-orders', Array(20).fill({ ...ORDER, instId, sz: '0.01' }));
    const instIds = ['BTC', 'ETH', 'SOL', 'XRP'].flatMap((base) => Array<string>(14).fill(`${base}-USDT-SWAP`));
    const answers = await Promise.all(instIds.map(batch));
    const rows = answers.flatMap((answer) => answer.data.map((row) => row.sCode));
    expect(rows.filter((code) => code === '0')).toHaveLength(1000);
    expect(new Set(rows)).toEqual(new Set(['0', '50061']));
  });

  it('can be turned off', async () => {
    await control(simulator, 'settings', { rateLimits: false });
    const answers = await Promise.all(
      Array.from({ length: 80 }, () => signed(simulator, keys, 'GET', 'account/balance')),
    );
    expect(answers.every((answer) => answer.code === '0')).toBe(true);
    await control(simulator, 'settings', { rateLimits: true });
  });
});
