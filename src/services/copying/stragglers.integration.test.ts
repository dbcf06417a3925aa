import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { newId } from '@/platform/ids';
import { Stage, type StageWorker } from '@/testing/copying/stage';
import { EXECUTION_TIMINGS } from '../execution/timings';
import { StragglerRound } from './straggler-round';
import { settleStragglers } from './sweep';

const OPEN = { action: 'open', side: 'long', quantity: { unit: 'base', value: '1' } };
const ENTRY = { ...OPEN, orderType: 'limit', limitPrice: '59000' };
const ORDER = { method: 'POST', path: '/api/v5/trade/order' };

let stage: Stage;
let worker: StageWorker;
beforeEach(async () => {
  stage = await Stage.open();
  await stage.addFollowers([{}, {}]);
  await stage.control('price', { instId: 'BTC-USDT-SWAP', price: '60000', hold: true });
  worker = await stage.worker({ streams: false, timings: { ...EXECUTION_TIMINGS, settleWithin: 700 } });
});
afterEach(() => stage.close());

const settle = (round?: StragglerRound, owns: (accountId: string) => boolean = () => true) =>
  settleStragglers(worker.deps, owns, AbortSignal.timeout(10_000), 0, round);

describe('stragglers', () => {
  it('are settled although hundreds before them belong to accounts whose key does not open', async () => {
    const [broken, mute] = stage.followers;
    if (broken === undefined || mute === undefined) throw new Error('no followers');
    const account = mute.venueAccount;
    await stage.control('faults', { kind: 'drop', when: 'after', match: { ...ORDER, account }, count: 1 });
    await stage.control('faults', { kind: 'status', status: 500, match: { method: 'GET', account } });
    const signalId = await stage.send(OPEN);
    await worker.copy(signalId);
    await stage.control('faults', { clear: true });
    const trades = await stage.trades(signalId);
    const [done, lost] = [broken, mute].map(({ accountId }) => trades.find((trade) => trade.accountId === accountId));
    if (done === undefined || lost === undefined) throw new Error('no trades');
    expect(lost.status).toBe('unknown');

    await stage.db.exchangeAccount.updateMany({ where: { id: broken.accountId }, data: { credentials: 'no key' } });
    await stage.db.trade.createMany({
      data: Array.from({ length: 250 }, () => ({
        ...done,
        id: newId(Date.now() - 3_600_000),
        subscriptionId: newId(),
        status: 'unknown' as const,
        detail: undefined,
        decision: {},
        updatedAt: new Date(Date.now() - 3_600_000),
      })),
    });
    const round = new StragglerRound();
    await settle(round);
    await settle(round);
    expect((await stage.trades(signalId)).find(({ id }) => id === lost.id)?.status).toBe('filled');
    expect(await stage.held(mute)).toBe('10');
  });

  it('of one tenant do not wait for another one whose keys cannot be opened at all', async () => {
    const host = await stage.beside();
    try {
      await host.addFollowers([{}]);
      const sick = await host.send(OPEN);
      const well = await stage.send(OPEN);
      await stage.control('faults', { kind: 'drop', when: 'after', match: ORDER });
      await stage.control('faults', { kind: 'status', status: 500, match: { method: 'GET', path: '/api/v5/trade/*' } });
      await Promise.all([worker.copy(sick), worker.copy(well)]);
      await stage.control('faults', { clear: true });
      expect((await stage.trades(well)).map(({ status }) => status)).toEqual(['unknown', 'unknown']);
      await stage.database.system.tenant.update({ where: { id: host.tenantId }, data: { wrappedKey: 'no key' } });
      await settle();
      expect((await stage.trades(well)).map(({ status }) => status)).toEqual(['filled', 'filled']);
    } finally {
      await host.close();
    }
  });
});

describe('a close that comes before it is known what an entry filled', () => {
  it('is done once that is known, and not before', async () => {
    const [, mute] = stage.followers;
    if (mute === undefined) throw new Error('no followers');
    const account = mute.venueAccount;
    await stage.control('faults', { kind: 'drop', when: 'after', match: { ...ORDER, account }, count: 1 });
    await stage.control('faults', { kind: 'status', status: 500, match: { method: 'GET', account } });
    await worker.copy(await stage.send(OPEN));
    const closing = await stage.send({
      action: 'close',
      side: 'long',
      quantity: { unit: 'percent_position', value: '25' },
    });
    await worker.copy(closing);
    const receipt = (await stage.trades(closing)).find(({ accountId }) => accountId === mute.accountId);
    expect([receipt?.status, receipt?.code]).toEqual(['denied', 'ENTRY_ON_ITS_WAY']);
    expect(await worker.leave()).toEqual([]);
    await stage.control('faults', { clear: true });
    await settle();
    expect(await stage.held(mute)).toBe('10');
    await worker.leave();
    expect(await stage.held(mute)).toBe('7.5');
    expect(await worker.leave()).toEqual([]);
  });
});

describe('a resting entry', () => {
  it('is asked for while no stream tells of it', async () => {
    const [watched, silent] = stage.followers;
    await worker.copy(await stage.send(ENTRY));
    await stage.control('price', { instId: 'BTC-USDT-SWAP', price: '58900', hold: true });
    await settle(new StragglerRound((accountId) => accountId === watched?.accountId));
    expect(silent && (await stage.held(silent))).toBe('10');
    expect(watched && (await stage.held(watched))).toBe('0');
  });
});
