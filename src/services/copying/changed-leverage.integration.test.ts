import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openAccounts } from '@/services/execution/accounts';
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
  });
  afterAll(() => stage.close());

  async function play(fields: Record<string, unknown>) {
    const id = await stage.send(fields);
    await worker.copy(id);
    const [trade] = await stage.trades(id);
    const order = (await stage.venueOrders()).find(({ clOrdId }) => clOrdId === trade?.id);
    return { trade, lever: order?.lever };
  }

  async function setByHand(leverage: string): Promise<void> {
    const account = (await openAccounts(stage.db, stage.cipher, stage.tenantId, [follower.accountId])).get(
      follower.accountId,
    );
    if (account === undefined) throw new Error('no account');
    const { placer } = worker.deps.venue('okx');
    const outcome = await placer.setLeverage(account.access, 'BTC-USDT-SWAP', 'cross', leverage, 'net');
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
});
