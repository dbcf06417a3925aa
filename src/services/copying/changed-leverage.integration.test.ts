import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { systemClock } from '@/platform/clock';
import { newId } from '@/platform/ids';
import { openAccounts } from '@/services/execution/accounts';
import { ConfirmedLeverages } from '@/services/reconciliation/confirmed-leverages';
import { Stage, type StageFollower, type StageWorker } from '@/testing/copying/stage';

const OPEN = { action: 'open', side: 'long', quantity: { unit: 'contracts', value: '1' } };

describe.each([true, false])('a leverage that was changed by hand while nothing was held (streams: %s)', (streams) => {
  let stage: Stage;
  let worker: StageWorker;
  let follower: StageFollower;

  beforeAll(async () => {
    stage = await Stage.open();
    const [first] = await stage.addFollowers([{}]);
    if (first === undefined) throw new Error('no follower');
    follower = first;
    worker = await stage.worker({ streams });
    const row = { tenantId: stage.tenantId, name: 'Channel', kind: 'dingtalk', configSealed: 'sealed' };
    for (const customerId of [null, follower.customerId]) {
      await stage.db.notificationChannel.create({ data: { ...row, id: newId(), customerId } });
    }
  });
  afterAll(() => stage.close());

  async function play(fields: Record<string, unknown>) {
    const id = await stage.send(fields);
    await worker.copy(id);
    const [trade] = await stage.trades(id);
    const order = (await stage.venueOrders()).find(({ clOrdId }) => clOrdId === trade?.id);
    return { trade, lever: order?.lever };
  }

  async function account() {
    const { accountId } = follower;
    const opened = (await openAccounts(stage.db, stage.cipher, stage.tenantId, [accountId])).get(accountId);
    if (opened === undefined) throw new Error('no account');
    return opened;
  }

  async function setByHand(leverage: string): Promise<void> {
    const { access } = await account();
    const { placer } = worker.deps.venue('okx');
    const outcome = await placer.setLeverage(access, 'BTC-USDT-SWAP', 'cross', leverage, 'net');
    expect(outcome.kind).toBe('done');
  }

  it('is told on the receipt, counted as it is, and set again before the next entry', async () => {
    const first = await play(OPEN);
    expect([first.lever, first.trade?.code]).toEqual(['10', null]);
    await play({ action: 'close' });

    await setByHand('100');
    const second = await play(OPEN);
    expect(second.lever).toBe('100');
    expect(second.trade).toMatchObject({
      status: 'filled',
      code: 'LEVERAGE_CHANGED',
      detail: { leverage: '100', wanted: '10' },
    });
    expect(second.trade?.leverage.toFixed()).toBe('100');
    const position = await stage.db.position.findFirstOrThrow({ where: { subscriptionId: follower.subscriptionId } });
    expect(position.leverage.toFixed()).toBe('100');
    const closed = await play({ action: 'close' });
    expect([closed.trade?.status, closed.trade?.code]).toEqual(['filled', null]);

    const third = await play(OPEN);
    expect([third.lever, third.trade?.code, third.trade?.leverage.toFixed()]).toEqual(['10', null, '10']);
    await play({ action: 'close' });
  });

  it('is told to the operator and the customer once', async () => {
    const told = await stage.db.notification.findMany({ where: { event: 'settings_changed' } });
    const change = { setting: 'leverage', symbol: 'BTC-USDT-SWAP', from: '10', to: '100' };
    expect(told.map(({ payload }) => payload)).toEqual([
      expect.objectContaining({ accountId: follower.accountId, changes: [change] }),
      expect.objectContaining({ changes: [change] }),
    ]);
  });

  it('is set before the next entry where nobody has confirmed what was noted for half an hour', async () => {
    await setByHand('100');
    const updatedAt = new Date(Date.now() - 31 * 60_000);
    await stage.db.accountLeverage.updateMany({ where: {}, data: { updatedAt } });
    const entry = await play(OPEN);
    expect([entry.lever, entry.trade?.code]).toEqual(['10', null]);
    await play({ action: 'close' });
  });

  it('is found by a look at the account, which trusts what is true for longer', async () => {
    const opened = await account();
    const client = worker.deps.venue('okx').account(opened.access);
    const looks = new ConfirmedLeverages(systemClock);
    const notes = () => stage.db.accountLeverage.findMany({ where: { accountId: follower.accountId } });
    const updatedAt = new Date(Date.now() - 20 * 60_000);
    await stage.db.accountLeverage.updateMany({ where: {}, data: { updatedAt } });
    await looks.confirm(stage.db, opened, client);
    const [note] = await notes();
    expect(note?.updatedAt.getTime()).toBeGreaterThan(updatedAt.getTime() + 19 * 60_000);

    await setByHand('100');
    await looks.confirm(stage.db, opened, client);
    expect(await notes()).toHaveLength(1);
    looks.doubt(follower.accountId);
    await looks.confirm(stage.db, opened, client);
    expect(await notes()).toHaveLength(0);
    const entry = await play(OPEN);
    expect([entry.lever, entry.trade?.code]).toEqual(['10', null]);
    await play({ action: 'close' });
  });

  it('is nobody’s fault where another entry of ours had set it', async () => {
    const told = () => stage.db.notification.count({ where: { event: 'settings_changed' } });
    const before = await told();
    const { trade } = await play({ ...OPEN, orderType: 'limit', limitPrice: '50000' });
    if (trade === undefined) throw new Error('no trade');
    await stage.db.accountLeverage.updateMany({ where: {}, data: { leverage: '5' } });
    const client = worker.deps.venue('okx').account((await account()).access);
    const update = await client.getOrder('BTC-USDT-SWAP', trade.id);
    if (update === null) throw new Error('no order');
    const report = { kind: 'venue', tradeId: trade.id, update: { ...update, leverage: '5' }, fills: [] } as const;
    worker.deps.book.report(stage.tenantId, report);
    await worker.deps.book.drain();
    const after = await stage.db.trade.findUniqueOrThrow({ where: { id: trade.id } });
    expect(after).toMatchObject({
      status: 'live',
      code: 'LEVERAGE_CHANGED',
      detail: { leverage: '5', wanted: '10', by: 'ours' },
    });
    expect(await stage.db.accountLeverage.count()).toBe(1);
    expect(await told()).toBe(before);
  });
});
