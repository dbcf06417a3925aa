import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Stage, type StageWorker } from '@/testing/copying/stage';
import { cancelStrandedEntries } from '../safety/stranded-entries';

let stage: Stage;
let worker: StageWorker;
beforeEach(async () => {
  stage = await Stage.open();
  await stage.control('price', { instId: 'BTC-USDT-SWAP', price: '60000', hold: true });
});
afterEach(() => stage.close());

const CANCEL = { method: 'POST', path: '/api/v5/trade/cancel-order' };
const ENTRY = {
  action: 'open',
  side: 'long',
  quantity: { unit: 'base', value: '1' },
  orderType: 'limit',
  limitPrice: '59000',
};
const price = (value: string) => stage.control('price', { instId: 'BTC-USDT-SWAP', price: value, hold: true });
const held = () => Promise.all(stage.followers.map((follower) => stage.held(follower)));
const states = async () =>
  (await stage.venueOrders()).map((order) => `${order.side} ${order.state} ${order.fillSz}`).sort();

async function play(fields: Record<string, unknown>): Promise<string> {
  const signalId = await stage.send(fields);
  await worker.copy(signalId);
  expect((await stage.signal(signalId)).status).toBe('done');
  return signalId;
}

describe.each(['net', 'long_short'] as const)('a resting entry in %s mode', (positionMode) => {
  beforeEach(async () => {
    await stage.addFollowers([{ positionMode }, { positionMode, reverse: true }]);
    worker = await stage.worker();
  });

  it('is taken back when the leader closes', async () => {
    await play({ ...ENTRY, quantity: { unit: 'base', value: '1' } });
    await play({ action: 'close', side: 'long' });
    // The reverse copy's sell at 59000 was filled at once, and is closed.
    expect((await states()).filter((state) => state.startsWith('buy canceled'))).toEqual(['buy canceled 0']);
    expect(await held()).toEqual(['0', '0']);
  });

  it('is taken back when the leader reverses, before the other side is opened', async () => {
    await play(ENTRY);
    await play({ action: 'open', side: 'short', quantity: { unit: 'base', value: '0.5' } });
    expect(await held()).toEqual(['-5', '5']);
    await price('58000');
    expect(await held()).toEqual(['-5', '5']);
  });

  it('is closed as far as it was filled', async () => {
    await stage.control('faults', { kind: 'partial-fill', fraction: 0.4, rest: 'rest', match: { method: 'limit' } });
    await play(ENTRY);
    await price('58900');
    await play({ action: 'close', side: 'long' });
    expect(await held()).toEqual(['0', '0']);
    const bought = (await stage.venueOrders()).filter((order) => order.account === stage.followers[0]?.venueAccount);
    const sum = bought.reduce((total, order) => total + (order.side === 'buy' ? 1 : -1) * Number(order.fillSz), 0);
    expect(sum).toBe(0);
    expect(bought.length).toBe(2);
  });

  it('stays while the leader only adds', async () => {
    await play(ENTRY);
    await play({ action: 'open', side: 'long', quantity: { unit: 'base', value: '0.5' } });
    expect((await states()).filter((state) => state === 'buy live 0')).toHaveLength(1);
  });

  it('is taken back even when the answer to the cancel is lost', async () => {
    await play(ENTRY);
    await stage.control('faults', { kind: 'drop', when: 'after', count: 1, match: CANCEL });
    await play({ action: 'close', side: 'long' });
    expect((await states()).filter((state) => state.startsWith('buy canceled'))).toHaveLength(1);
    expect(await held()).toEqual(['0', '0']);
  });
});

describe('a resting entry that cannot be taken back in time', () => {
  beforeEach(async () => {
    await stage.addFollowers([{}, {}]);
    worker = await stage.worker();
  });

  it('does not hold up the close of the others, is taken back later, and what it filled meanwhile is closed', async () => {
    const [slow] = stage.followers;
    await play({ action: 'open', side: 'long', quantity: { unit: 'base', value: '1' } });
    await play(ENTRY);
    await stage.control('faults', {
      kind: 'refuse',
      code: '50026',
      status: 500,
      when: 'before',
      match: { ...CANCEL, account: slow?.venueAccount },
    });
    await play({ action: 'close', side: 'long' });
    expect(await held()).toEqual(['0', '0']);
    // The entry of the one whose venue did not answer is filled after his leader has left.
    await price('58900');
    await expect.poll(held).toEqual(['10', '0']);
    await stage.control('faults', { clear: true });
    await cancelStrandedEntries(worker.deps, () => true, new AbortController().signal);
    expect(await worker.leave()).toHaveLength(1);
    expect(await held()).toEqual(['0', '0']);
    expect(await worker.leave()).toEqual([]);
  });

  it('is taken back by the next look when nothing filled it', async () => {
    await play(ENTRY);
    await stage.control('faults', { kind: 'refuse', code: '50026', status: 500, when: 'before', match: CANCEL });
    await play({ action: 'close', side: 'long' });
    expect(await states()).toEqual(['buy live 0', 'buy live 0']);
    await stage.control('faults', { clear: true });
    expect(await cancelStrandedEntries(worker.deps, () => true, new AbortController().signal)).toBe(2);
    expect(await states()).toEqual(['buy canceled 0', 'buy canceled 0']);
    expect(await worker.leave()).toEqual([]);
  });
});
