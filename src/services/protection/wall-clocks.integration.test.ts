import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Stage, type StageWorker, until } from '@/testing/copying/stage';

const OPEN = { action: 'open', side: 'long', quantity: { unit: 'base', value: '1' }, stopLoss: { price: '95000' } };
const PLACE = { method: 'POST', path: '/api/v5/trade/order-algo' };
const AHEAD = 30_000;

describe('a worker whose wall clock is ahead', () => {
  let stage: Stage;
  let worker: StageWorker;

  beforeEach(async () => {
    stage = await Stage.open();
    await stage.addFollowers([{ followRatio: '0.1' }]);
    await stage.control('price', { instId: 'BTC-USDT-SWAP', price: '100000', hold: true });
    worker = await stage.worker();
  });
  afterEach(async () => {
    vi.useRealTimers();
    await stage.close();
  });

  const setAhead = () => vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + AHEAD, shouldAdvanceTime: true });

  async function live(): Promise<readonly string[]> {
    const { algos } = await stage.control<{ algos: { state: string; slTriggerPx: string }[] }>('algos');
    return algos.filter(({ state }) => state === 'live').map(({ slTriggerPx }) => slTriggerPx);
  }

  const stands = (price: string): Promise<void> =>
    until(
      async () => {
        await worker.protect();
        return (await live()).join() === price;
      },
      `a stop order at ${price} stands`,
      10_000,
    );

  it('leaves a stop order that was refused to the others as soon as its pause is over', async () => {
    await stage.control('faults', { kind: 'refuse', code: '51000', count: 1, match: PLACE });
    setAhead();
    await worker.copy(await stage.send(OPEN));
    await worker.protect();
    vi.useRealTimers();
    expect(await stage.db.protection.findFirstOrThrow()).toMatchObject({ failures: 1, code: '51000' });
    await stands('95000');
  });

  it('has the levels that it writes kept at once', async () => {
    await worker.copy(await stage.send(OPEN));
    await stands('95000');
    setAhead();
    await worker.copy(await stage.send({ action: 'protect', side: 'long', stopLoss: { price: '96000' } }));
    vi.useRealTimers();
    await stands('96000');
  });
});
