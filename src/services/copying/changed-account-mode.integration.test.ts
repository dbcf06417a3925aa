import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { newId } from '@/platform/ids';
import { findChangeable } from '@/services/accounts/changeable-accounts';
import { Stage, type StageFollower, type StageWorker } from '@/testing/copying/stage';

const OPEN = { action: 'open', side: 'long', quantity: { unit: 'contracts', value: '1' } };

/** An account with isolated margin that its owner puts into multi-currency mode, which knows none, and back. */
describe('an account mode that was changed by hand', () => {
  let stage: Stage;
  let worker: StageWorker;
  let follower: StageFollower;

  beforeAll(async () => {
    stage = await Stage.open();
    const [first] = await stage.addFollowers([{}]);
    if (first === undefined) throw new Error('no follower');
    follower = first;
    await stage.db.exchangeAccount.updateMany({
      where: { id: follower.accountId },
      data: { marginMode: 'isolated', accountLevel: 'futures' },
    });
    const row = { tenantId: stage.tenantId, customerId: null, name: 'Channel', kind: 'dingtalk', configSealed: '' };
    await stage.db.notificationChannel.create({ data: { ...row, id: newId() } });
    worker = await stage.worker();
  });
  afterAll(() => stage.close());

  const setLevel = (acctLv: string) => stage.control('setting', { account: follower.venueAccount, acctLv });
  const account = () => stage.db.exchangeAccount.findUniqueOrThrow({ where: { id: follower.accountId } });

  async function play(fields: Record<string, unknown>) {
    const id = await stage.send(fields);
    await worker.copy(id);
    const [trade] = await stage.trades(id);
    return [trade?.status, trade?.code];
  }

  it('is found out by the first refusal: the account takes no entries, and says why', async () => {
    expect(await play(OPEN)).toEqual(['filled', null]);
    expect(await play({ action: 'close' })).toEqual(['filled', null]);
    await setLevel('3');
    expect(await play(OPEN)).toEqual(['rejected', '50072']);
    expect(await account()).toMatchObject({
      health: 'limited',
      healthCode: 'ISOLATED_UNAVAILABLE',
      accountLevel: 'multi_currency',
    });
    expect(await play(OPEN)).toEqual(['denied', 'ACCOUNT_UNAVAILABLE']);
  });

  it('is told in one message', async () => {
    const told = await stage.db.notification.findMany({ where: { event: 'settings_changed' } });
    expect(told.map(({ payload }) => payload)).toEqual([
      expect.objectContaining({
        changes: [{ setting: 'account_mode', symbol: null, from: 'futures', to: 'multi_currency' }],
      }),
    ]);
  });

  it('is looked at again, without anybody’s pressing anything, until it fits', async () => {
    const due = () => findChangeable(stage.database.statements, () => true);
    expect(await due()).toEqual([]);
    await setLevel('2');
    await stage.db.exchangeAccount.updateMany({ data: { checkedAt: new Date(Date.now() - 6 * 60_000) } });
    expect(await due()).toEqual([follower.accountId]);
    await worker.checkAccount(follower.accountId);
    expect(await due()).toEqual([]);
    expect(await play(OPEN)).toEqual(['filled', null]);
  });
});

describe('an account that was put into multi-currency margin', () => {
  it('is worth what all of its currencies are as margin', async () => {
    const stage = await Stage.open();
    try {
      const [follower] = await stage.addFollowers([{ balance: '1000' }]);
      if (follower === undefined) throw new Error('no follower');
      const worker = await stage.worker({ streams: false });
      await stage.control('price', { instId: 'BTC-USDT-SWAP', price: '100000', hold: true });
      await stage.control('balance', { account: follower.venueAccount, coins: { BTC: '0.5' } });
      const equity = async () => {
        await worker.checkAccount(follower.accountId);
        return (await stage.db.exchangeAccount.findFirstOrThrow()).equity?.toFixed();
      };
      expect(await equity()).toBe('1000');
      await stage.control('setting', { account: follower.venueAccount, acctLv: '3' });
      expect(await equity()).toBe('50000');
    } finally {
      await stage.close();
    }
  });
});

/** Portfolio margin refuses orders that only reduce. */
describe('an account that was put into portfolio margin while it held something', () => {
  it('is closed all the same, by no more than it holds', async () => {
    const stage = await Stage.open();
    try {
      const [whole, less] = await stage.addFollowers([{}, {}]);
      if (whole === undefined || less === undefined) throw new Error('no followers');
      const worker = await stage.worker();
      await worker.copy(await stage.send(OPEN));
      await stage.byHand(less, { side: 'sell', quantity: '0.04' });
      for (const { venueAccount } of [whole, less])
        await stage.control('setting', { account: venueAccount, acctLv: '4' });
      const id = await stage.send({ action: 'close' });
      await worker.copy(id);
      const trades = await stage.trades(id);
      const statusOf = ({ subscriptionId }: StageFollower) =>
        trades.find((trade) => trade.subscriptionId === subscriptionId)?.status;
      expect([statusOf(whole), statusOf(less)]).toEqual(['filled', 'rejected']);
      expect([await stage.venueHeld(whole), await stage.venueHeld(less)]).toEqual(['0', '0.06']);
      await worker.leave();
      await stage.hurry();
      await worker.leave();
      expect([await stage.venueHeld(less), await stage.held(less)]).toEqual(['0', '0']);
    } finally {
      await stage.close();
    }
  });
});

/** Isolated margin in long/short mode sets a leverage for each side, and is refused with that in net mode. */
describe('a position mode of isolated margin that was changed by hand', () => {
  it.each([
    ['net', 'long_short'],
    ['long_short', 'net'],
  ] as const)('from %s to %s sets the leverage as it has to be now, and sends the entry', async (before, after) => {
    const stage = await Stage.open();
    try {
      const [follower] = await stage.addFollowers([{ positionMode: before }]);
      if (follower === undefined) throw new Error('no follower');
      await stage.db.exchangeAccount.updateMany({ data: { marginMode: 'isolated' } });
      const worker = await stage.worker();
      await stage.control('setting', { account: follower.venueAccount, posMode: `${after}_mode` });
      const id = await stage.send(OPEN);
      await worker.copy(id);
      expect(await stage.trades(id)).toMatchObject([{ status: 'filled', code: null }]);
      const [order] = await stage.venueOrders();
      expect(order).toMatchObject({ lever: '10', posSide: after === 'net' ? 'net' : 'long' });
    } finally {
      await stage.close();
    }
  });
});
