import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { sign } from '../okx/auth';
import { type Simulator, startSimulator } from '../simulator';
import { control, type Keys, quiet, signed, waitFor } from '../testing';

const BTC = 'BTC-USDT-SWAP';
let simulator: Simulator;
let keys: Keys;

beforeAll(async () => {
  simulator = await startSimulator({ walk: false, rateLimits: false, seed: 3, log: quiet });
});

afterAll(async () => {
  await simulator.stop();
});

beforeEach(async () => {
  keys = await control<Keys>(simulator, 'accounts', { balance: '10000' });
});

afterEach(async () => {
  await control(simulator, 'faults', { clear: true });
});

function order(clOrdId: string): Record<string, string> {
  return { instId: BTC, tdMode: 'cross', side: 'buy', ordType: 'market', sz: '0.1', clOrdId };
}

/** Places an order without a net: status and text as they come, or the error of the transport. */
async function raw(clOrdId: string, timeoutMs = 5000): Promise<{ status: number; text: string } | 'broken'> {
  const body = JSON.stringify(order(clOrdId));
  const timestamp = new Date().toISOString();
  try {
    const response = await fetch(`${simulator.rest}/api/v5/trade/order`, {
      method: 'POST',
      body,
      signal: AbortSignal.timeout(timeoutMs),
      headers: {
        'content-type': 'application/json',
        'OK-ACCESS-KEY': keys.apiKey,
        'OK-ACCESS-SIGN': sign(keys.secret, timestamp, 'POST', '/api/v5/trade/order', body),
        'OK-ACCESS-TIMESTAMP': timestamp,
        'OK-ACCESS-PASSPHRASE': keys.passphrase,
      },
    });
    return { status: response.status, text: await response.text() };
  } catch {
    return 'broken';
  }
}

async function stateOf(clOrdId: string): Promise<string> {
  const answer = await signed(simulator, keys, 'GET', `trade/order?instId=${BTC}&clOrdId=${clOrdId}`);
  return answer.data[0]?.state ?? answer.code;
}

function fault(rule: Record<string, unknown>): Promise<unknown> {
  return control(simulator, 'faults', { match: { path: '/api/v5/trade/order', method: 'POST' }, count: 1, ...rule });
}

describe('faults of requests', () => {
  it('drop the connection before or after the order was accepted', async () => {
    await fault({ kind: 'drop' });
    expect(await raw('before1')).toBe('broken');
    expect(await stateOf('before1')).toBe('51603');
    await fault({ kind: 'drop', when: 'after' });
    expect(await raw('after1')).toBe('broken');
    expect(await stateOf('after1')).toBe('filled');
  });

  it('accept an order after its client has given up', async () => {
    await fault({ kind: 'latency', ms: 1000 });
    expect(await raw('slow1', 400)).toBe('broken');
    expect(await stateOf('slow1')).toBe('51603');
    const accepted = async (): Promise<boolean> => (await stateOf('slow1')) === 'filled';
    let done = false;
    const poll = setInterval(() => void accepted().then((now) => (done ||= now)), 20);
    await waitFor(() => done).finally(() => clearInterval(poll));
  });

  it('answer late though the order was accepted at once', async () => {
    await fault({ kind: 'hold-answer', ms: 5000 });
    expect(await raw('held1', 400)).toBe('broken');
    expect(await stateOf('held1')).toBe('filled');
  });

  it('refuse with any code, before or after acceptance', async () => {
    await fault({ kind: 'refuse', code: '50011' });
    expect(await raw('limited1')).toMatchObject({ status: 429, text: expect.stringContaining('"50011"') });
    expect(await stateOf('limited1')).toBe('51603');
    await fault({ kind: 'refuse', code: '51149', when: 'after' });
    expect(await raw('timed1')).toMatchObject({ status: 500, text: expect.stringContaining('Order timed out') });
    expect(await stateOf('timed1')).toBe('filled');
  });

  it('answer with a page, nothing, or half of the truth', async () => {
    await fault({ kind: 'status', status: 502, when: 'after' });
    expect(await raw('page1')).toMatchObject({ status: 502, text: expect.stringContaining('<html>') });
    await fault({ kind: 'empty' });
    expect(await raw('empty1')).toEqual({ status: 200, text: '' });
    await fault({ kind: 'truncate', keep: 0.5 });
    expect(await raw('cut1')).toBe('broken');
    expect([await stateOf('page1'), await stateOf('empty1'), await stateOf('cut1')]).toEqual([
      'filled',
      'filled',
      'filled',
    ]);
  });

  it('put the venue on another clock', async () => {
    await control(simulator, 'faults', { id: 'skew', kind: 'clock-skew', ms: 60_000 });
    expect((await signed(simulator, keys, 'GET', 'account/config')).code).toBe('50102');
    await control(simulator, 'faults', { remove: 'skew' });
    expect((await signed(simulator, keys, 'GET', 'account/config')).code).toBe('0');
  });

  it('are listed with what they have done, and bad ones are refused with the field named', async () => {
    await control(simulator, 'faults', { faults: [{ id: 'idle', kind: 'drop', match: { account: 'nobody' } }] });
    const { faults } = await control<{ faults: { id: string; fired: number }[] }>(simulator, 'faults');
    expect(faults).toMatchObject([{ id: 'idle', kind: 'drop', fired: 0, seen: 0 }]);
    await expect(control(simulator, 'faults', { kind: 'drop', probability: 7 })).rejects.toThrow('probability');
  });
});

describe('faults of executions', () => {
  it('fill in parts, later or never', async () => {
    await control(simulator, 'faults', { kind: 'partial-fill', fraction: 0.3, rest: 'cancel', count: 1 });
    await raw('part1');
    const read = () => signed(simulator, keys, 'GET', `trade/order?instId=${BTC}&clOrdId=part1`);
    expect((await read()).data[0]).toMatchObject({ state: 'canceled', accFillSz: '0.03', cancelSource: '14' });
    await control(simulator, 'faults', { kind: 'partial-fill', fraction: 0.5, rest: 'later', ms: 500, count: 1 });
    await raw('part2');
    expect(await stateOf('part2')).toBe('partially_filled');
    let state = '';
    const poll = setInterval(() => void stateOf('part2').then((now) => (state = now)), 10);
    await waitFor(() => state === 'filled').finally(() => clearInterval(poll));
    const fills = await signed(simulator, keys, 'GET', 'trade/fills');
    expect(fills.data.filter((fill) => fill.clOrdId === 'part2').map((fill) => fill.fillSz)).toEqual(['0.05', '0.05']);
  });

  it('hold a fill back, during which the order can be cancelled', async () => {
    await control(simulator, 'faults', { kind: 'fill-delay', ms: 60_000, count: 1 });
    await raw('wait1');
    expect(await stateOf('wait1')).toBe('live');
    await signed(simulator, keys, 'POST', 'trade/cancel-order', { instId: BTC, clOrdId: 'wait1' });
    expect(await stateOf('wait1')).toBe('canceled');
  });

  it('give takers a worse price', async () => {
    await control(simulator, 'faults', { kind: 'slippage', ticks: 50, count: 1 });
    await raw('slip1');
    const answer = await signed(simulator, keys, 'GET', `trade/order?instId=${BTC}&clOrdId=slip1`);
    expect(answer.data[0]?.avgPx).toBe('100005.1');
  });
});
