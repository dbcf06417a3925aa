import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Stage, type StageWorker, until } from '@/testing/copying/stage';
import { EXECUTION_TIMINGS } from '../execution/timings';
import { settleStragglers } from './sweep';

const OPEN = { action: 'open', side: 'long', quantity: { unit: 'base', value: '1' } };
const ORDER = { method: 'POST', path: '/api/v5/trade/order' };

describe('copying when the venue misbehaves', () => {
  let stage: Stage;
  let worker: StageWorker;

  beforeEach(async () => {
    stage = await Stage.open();
    await stage.addFollowers([{ followRatio: '0.1' }, { followRatio: '0.2' }, { followRatio: '0.3' }]);
    worker = await stage.worker();
  });
  afterEach(() => stage.close());

  async function expectEachOnce(signalId: string): Promise<void> {
    const orders = await stage.venueOrders();
    const trades = await stage.trades(signalId);
    expect(trades.map((trade) => trade.status)).toEqual(['filled', 'filled', 'filled']);
    expect(orders.filter((order) => Number(order.fillSz) > 0)).toHaveLength(3);
    expect(new Set(orders.map((order) => order.clOrdId))).toEqual(new Set(trades.map((trade) => trade.id)));
    expect(await Promise.all(stage.followers.map((follower) => stage.held(follower)))).toEqual(['10', '20', '30']);
  }

  it('asks instead of sending again when the connection drops after the order was accepted', async () => {
    await stage.control('faults', { kind: 'drop', when: 'after', match: ORDER, count: 2 });
    const signalId = await stage.send(OPEN);
    await worker.copy(signalId);
    await expectEachOnce(signalId);
  });

  it('asks when the answer is empty, cut or an error page', async () => {
    await stage.control('faults', { kind: 'empty', when: 'after', match: ORDER, count: 1 });
    await stage.control('faults', { kind: 'truncate', match: ORDER, count: 1 });
    await stage.control('faults', {
      kind: 'status',
      status: 502,
      body: '<html>',
      when: 'after',
      match: ORDER,
      count: 1,
    });
    const signalId = await stage.send(OPEN);
    await worker.copy(signalId);
    await expectEachOnce(signalId);
  });

  it('asks when the answer comes after the time-out', async () => {
    await stage.control('faults', { kind: 'hold-answer', ms: 4000, match: ORDER, count: 1 });
    const signalId = await stage.send(OPEN);
    await worker.copy(signalId);
    await expectEachOnce(signalId);
  });

  it('sends again, once, what the venue never had', async () => {
    await stage.control('faults', { kind: 'drop', when: 'before', match: ORDER, count: 1 });
    const signalId = await stage.send(OPEN);
    await worker.copy(signalId);
    await expectEachOnce(signalId);
  });

  it.each(['50013', '50001'])('asks after %s, which does not say whether the order was taken', async (code) => {
    const [first, second] = stage.followers;
    const rule = { kind: 'refuse', code, count: 1 };
    await stage.control('faults', { ...rule, when: 'after', match: { ...ORDER, account: first?.venueAccount } });
    await stage.control('faults', { ...rule, when: 'before', match: { ...ORDER, account: second?.venueAccount } });
    const signalId = await stage.send(OPEN);
    await worker.copy(signalId);
    await expectEachOnce(signalId);
  });

  it('waits and tries again when it is throttled', async () => {
    await stage.control('faults', { kind: 'refuse', code: '50011', status: 429, match: ORDER, count: 4 });
    const signalId = await stage.send(OPEN);
    await worker.copy(signalId);
    await expectEachOnce(signalId);
  });

  it('learns of fills by asking when the pushes are lost', async () => {
    await stage.control('faults', { kind: 'push-drop', match: { channel: 'orders' } });
    const signalId = await stage.send(OPEN);
    await worker.copy(signalId);
    await expectEachOnce(signalId);
    expect(await stage.db.fill.count()).toBe(3);
  });

  it('books repeated and reordered pushes once', async () => {
    await stage.control('faults', { kind: 'push-duplicate', copies: 3, match: { channel: 'orders' } });
    await stage.control('faults', { kind: 'push-reorder', ms: 50, match: { channel: 'orders' } });
    const signalId = await stage.send(OPEN);
    await worker.copy(signalId);
    await expectEachOnce(signalId);
    expect(await stage.db.fill.count()).toBe(3);
  });

  it('follows a partial fill to its end', async () => {
    await stage.control('faults', { kind: 'partial-fill', fraction: 0.5, rest: 'later', ms: 300, match: {}, count: 3 });
    const signalId = await stage.send(OPEN);
    await worker.copy(signalId);
    await expectEachOnce(signalId);
    expect(await stage.db.fill.count()).toBe(6);
  });

  it('keeps a refusal with the words of the venue and leaves the others alone', async () => {
    const [first] = stage.followers;
    await stage.control('faults', { kind: 'refuse', code: '51008', match: { ...ORDER, account: first?.venueAccount } });
    const signalId = await stage.send(OPEN);
    await worker.copy(signalId);
    const trades = await stage.trades(signalId);
    const refused = trades.find((trade) => trade.accountId === first?.accountId);
    expect(refused).toMatchObject({ status: 'rejected', code: '51008' });
    expect(trades.filter((trade) => trade.status === 'filled')).toHaveLength(2);
  });

  it.each([-45_000, -5000, 5000, 45_000])('copies while the clock of the venue is %i ms off', async (ms) => {
    await stage.control('faults', { kind: 'clock-skew', ms });
    const apart = await stage.worker({ name: 'apart' });
    const signalId = await stage.send(OPEN);
    await apart.copy(signalId);
    await expectEachOnce(signalId);
    expect((await stage.trades(signalId)).map(({ attempts }) => attempts)).toEqual([1, 1, 1]);
  });

  it.each([-45_000, -5000, 5000, 45_000])('copies when the clock of the venue was just set by %i ms', async (ms) => {
    await stage.control('faults', { kind: 'clock-skew', ms });
    const signalId = await stage.send(OPEN);
    await worker.copy(signalId);
    await expectEachOnce(signalId);
  });

  it('leaves nothing unsent when a lease ran out for a moment', async () => {
    const timings = { ...EXECUTION_TIMINGS, claimLease: 150, claimRenewal: 60, settleWithin: 3000 };
    const slow = await stage.worker({ name: 'slow', streams: false, timings });
    const signalId = await stage.send(OPEN);
    // The process stands still for longer than its lease, before its orders leave.
    const copying = slow.copy(signalId);
    await until(async () => (await stage.trades(signalId)).length === 3, 'the plan is written');
    const standstill = Date.now() + 400;
    while (Date.now() < standstill);
    await copying;
    await until(async () => {
      if ((await stage.signal(signalId)).status === 'done') return true;
      await worker.copy(signalId);
      return false;
    }, 'the signal is done');
    await expectEachOnce(signalId);
  });

  it('closes what turns out to be filled when its leader has left already', async () => {
    const [slow] = stage.followers;
    const account = slow?.venueAccount;
    await stage.control('faults', { id: 'lost', kind: 'drop', when: 'after', match: { ...ORDER, account }, count: 1 });
    await stage.control('faults', { id: 'mute', kind: 'status', status: 500, match: { method: 'GET', account } });
    await stage.control('faults', { kind: 'push-drop', match: { channel: 'orders', account } });
    const hasty = await stage.worker({
      name: 'hasty',
      streams: false,
      timings: { ...EXECUTION_TIMINGS, settleWithin: 1500 },
    });
    const opened = await stage.send(OPEN);
    await hasty.copy(opened);
    expect((await stage.trades(opened)).map((trade) => trade.status).sort()).toEqual(['filled', 'filled', 'unknown']);
    await hasty.copy(await stage.send({ action: 'close', side: 'long' }));

    await fetch(`${stage.simulator.control}/faults`, { method: 'DELETE' });
    await settleStragglers(hasty.deps, () => true, AbortSignal.timeout(10_000), 0);
    expect(slow && (await stage.held(slow))).toBe('10');
    await hasty.leave();
    expect(await Promise.all(stage.followers.map((follower) => stage.held(follower)))).toEqual(['0', '0', '0']);
    expect(await hasty.leave()).toEqual([]);
  });

  it('lets one of two workers copy a signal', async () => {
    const other = await stage.worker({ name: 'other', streams: false });
    const signalId = await stage.send(OPEN);
    await Promise.all([worker.copy(signalId), other.copy(signalId)]);
    await expectEachOnce(signalId);
  });

  it('finishes what a worker that died left behind, whether sent or not', async () => {
    // Its answers never come back: all orders are accepted, none is recorded.
    await stage.control('faults', { kind: 'hold-answer', ms: 60_000, match: ORDER, count: 2 });
    await stage.control('faults', { kind: 'drop', when: 'before', match: ORDER, count: 1 });
    const dying = new AbortController();
    const lost = await stage.worker({ name: 'lost', streams: false });
    const signalId = await stage.send(OPEN);
    const work = lost.copy(signalId, dying.signal);
    await until(async () => (await stage.venueOrders()).length === 2, 'two orders are at the venue');
    dying.abort();
    await work;
    expect((await stage.signal(signalId)).status).toBe('dispatching');
    await worker.copy(signalId);
    await expectEachOnce(signalId);
    expect((await stage.signal(signalId)).status).toBe('done');
  });

  it('does not start a signal before the earlier one of its lane is done', async () => {
    const first = await stage.send(OPEN);
    const second = await stage.send({ action: 'close', side: 'long' });
    await worker.copy(second);
    expect((await stage.signal(second)).status).toBe('received');
    await worker.copy(first);
    await worker.copy(second);
    expect(await Promise.all(stage.followers.map((follower) => stage.held(follower)))).toEqual(['0', '0', '0']);
  });
});
