import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Stage, type StageFollower, type StageWorker } from '@/testing/copying/stage';

const OPEN = { action: 'open', side: 'long', quantity: { unit: 'contracts', value: '1' } };
const SHORT = { ...OPEN, side: 'short' };

/** A position mode that its owner changed at the venue while nothing was held. */
describe.each([
  ['net', 'long_short'],
  ['long_short', 'net'],
] as const)('a position mode that was changed by hand from %s to %s', (before, after) => {
  let stage: Stage;
  let worker: StageWorker;
  let changed: StageFollower;
  let other: StageFollower;

  beforeAll(async () => {
    stage = await Stage.open();
    const [first, second] = await stage.addFollowers([{ positionMode: before }, { positionMode: before }]);
    if (first === undefined || second === undefined) throw new Error('no followers');
    [changed, other] = [first, second];
    worker = await stage.worker();
    await stage.db.notificationChannel.createMany({
      data: [channel(stage, null), channel(stage, changed.customerId)],
    });
  });
  afterAll(() => stage.close());

  const modeOf = async ({ accountId }: StageFollower) =>
    (await stage.db.exchangeAccount.findUniqueOrThrow({ where: { id: accountId } })).positionMode;

  it('is found out by the first refusal, written to the account, and the entry is sent once more', async () => {
    await stage.control('setting', { account: changed.venueAccount, posMode: `${after}_mode` });
    const id = await stage.send(OPEN);
    await worker.copy(id);
    const trades = await stage.trades(id);
    expect(trades.map(({ status, code }) => [status, code])).toEqual([
      ['filled', null],
      ['filled', null],
    ]);
    expect([await modeOf(changed), await modeOf(other)]).toEqual([after, before]);
    const orders = await stage.venueOrders();
    expect(orders.filter(({ account }) => account === changed.venueAccount)).toMatchObject([
      { state: 'filled', posSide: after === 'net' ? 'net' : 'long' },
    ]);
    expect([await stage.venueHeld(changed), await stage.held(changed)]).toEqual(['0.1', '0.1']);
  });

  it('is told to the operator and the customer in one message each', async () => {
    const told = await stage.db.notification.findMany({ where: { event: 'settings_changed' } });
    expect(told).toHaveLength(2);
    expect(told[0]?.payload).toMatchObject({
      accountId: changed.accountId,
      changes: [{ setting: 'position_mode', from: before, to: after, symbol: null }],
    });
  });

  it('is used for the close, without another question', async () => {
    const id = await stage.send({ action: 'close' });
    await worker.copy(id);
    expect((await stage.trades(id)).map(({ status, attempts }) => [status, attempts])).toEqual([
      ['filled', 1],
      ['filled', 1],
    ]);
    expect(await stage.venueHeld(changed)).toBe('0');
  });

  it('is asked for again while the venue does not tell it', async () => {
    await stage.control('setting', { account: changed.venueAccount, posMode: `${before}_mode` });
    await stage.control('faults', {
      kind: 'status',
      status: 500,
      match: { path: '/api/v5/account/config', method: 'GET' },
      count: 1,
    });
    const id = await stage.send(OPEN);
    await worker.copy(id);
    expect((await stage.trades(id)).map(({ status, code }) => [status, code])).toEqual([
      ['filled', null],
      ['filled', null],
    ]);
    expect(await modeOf(changed)).toBe(before);
  });
});

describe('entries of two strategies on both sides of an account that became a net one', () => {
  it('do not meet at the venue: the one that was written first goes on', async () => {
    const stage = await Stage.open();
    try {
      const [follower] = await stage.addFollowers([{ positionMode: 'long_short' }]);
      if (follower === undefined) throw new Error('no follower');
      const second = await stage.addStrategy([follower]);
      const worker = await stage.worker();
      await stage.control('setting', { account: follower.venueAccount, posMode: 'net_mode' });
      const ids = [await stage.send(OPEN), await stage.send(SHORT, second.token)];
      await Promise.all(ids.map((id) => worker.copy(id)));
      const trades = (await Promise.all(ids.map((id) => stage.trades(id)))).flat();
      expect(trades.map(({ status }) => status).sort()).toEqual(['expired', 'filled']);
      const filled = trades.find(({ status }) => status === 'filled');
      expect(trades.find(({ status }) => status === 'expired')).toMatchObject({ code: 'OPPOSITE_POSITION' });
      expect(Math.abs(Number(await stage.venueHeld(follower)))).toBe(Number(filled?.filledQuantity));
    } finally {
      await stage.close();
    }
  });
});

function channel(stage: Stage, customerId: string | null) {
  const id = `${customerId ?? stage.tenantId}`.slice(0, 31).padEnd(32, '0');
  return { id, tenantId: stage.tenantId, customerId, name: 'Channel', kind: 'dingtalk', configSealed: 'sealed' };
}

describe('an order that is refused for its position mode although that is the one the venue tells', () => {
  const ORDER = { method: 'POST', path: '/api/v5/trade/order' };
  it.each([
    [1, 'filled', 2],
    [9, 'rejected', 3],
  ])('is sent again, and not for ever (%i refusals)', async (count, status, sent) => {
    const stage = await Stage.open();
    try {
      await stage.addFollowers([{}]);
      const worker = await stage.worker();
      // Somebody changed it, and changed it back before anybody could look.
      await stage.control('faults', {
        kind: 'refuse',
        code: '51000',
        msg: 'Parameter posSide error',
        match: ORDER,
        count,
      });
      const id = await stage.send(OPEN);
      await worker.copy(id);
      const [trade] = await stage.trades(id);
      expect([trade?.status, trade?.attempts]).toEqual([status, sent]);
    } finally {
      await stage.close();
    }
  });
});
