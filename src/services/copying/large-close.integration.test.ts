import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Stage, type StageWorker } from '@/testing/copying/stage';

const OPEN = { action: 'open', side: 'long', quantity: { unit: 'base', value: '1' } };

let stage: Stage;
let worker: StageWorker;
beforeEach(async () => {
  stage = await Stage.open();
  await stage.addFollowers([{ followRatio: '0.1' }, { followRatio: '0.03' }]);
  worker = await stage.worker();
  await worker.copy(await stage.send(OPEN));
  expect(await held()).toEqual(['10', '3']);
});
afterEach(() => stage.close());

const held = () => Promise.all(stage.followers.map((follower) => stage.held(follower)));

/** The venue takes this many contracts in one market order from now on. */
async function largestOrder(contracts: string): Promise<void> {
  await stage.database.system.instrument.update({
    where: { id: 'okx:BTC-USDT-SWAP' },
    data: { maxMarketSize: contracts },
  });
  await stage.catalogue.refresh(true);
}

describe('a close that is larger than one market order may be', () => {
  it('goes on in further orders, each with a receipt, until nothing is held', async () => {
    await largestOrder('4');
    const signalId = await stage.send({ action: 'close', side: 'long' });
    await worker.copy(signalId);
    expect((await stage.trades(signalId)).map(({ quantity }) => quantity.toFixed()).sort()).toEqual(['3', '4']);
    expect(await held()).toEqual(['6', '0']);
    expect(await worker.leave()).toHaveLength(2);
    expect(await held()).toEqual(['0', '0']);
    const sold = (await stage.venueOrders()).filter((order) => order.side === 'sell').map((order) => order.sz);
    expect(sold.sort()).toEqual(['2', '3', '4', '4']);
    const receipts = await stage.db.trade.findMany({
      where: { subscriptionId: stage.followers[0]?.subscriptionId ?? '', leg: 'close' },
    });
    expect(receipts.map(({ status }) => status)).toEqual(['filled', 'filled', 'filled']);
    expect(await worker.leave()).toEqual([]);
  });

  it('is gone on with by another worker when its own went', async () => {
    await largestOrder('6');
    const signalId = await stage.send({ action: 'close', side: 'long' });
    await worker.copy(signalId);
    const heir = await stage.worker({ name: 'heir', streams: false });
    await heir.leave();
    expect(await held()).toEqual(['0', '0']);
  });

  it('goes on until the share is closed, and leaves alone what the leader still holds', async () => {
    await largestOrder('4');
    await worker.copy(
      await stage.send({ action: 'close', side: 'long', quantity: { unit: 'percent_position', value: '50' } }),
    );
    expect(await held()).toEqual(['6', '1.5']);
    expect(await worker.leave()).toHaveLength(1);
    expect(await held()).toEqual(['5', '1.5']);
    expect(await worker.leave()).toEqual([]);
    expect((await stage.db.roundingDebt.findMany()).every(({ quantity }) => quantity.isZero())).toBe(true);
  });
});

it('goes on with a close of which the venue cancelled the rest', async () => {
  await stage.control('faults', { kind: 'partial-fill', fraction: 0.5, rest: 'cancel', count: 1 });
  await worker.copy(await stage.send({ action: 'close', side: 'long' }));
  expect((await held()).filter((quantity) => quantity !== '0')).toHaveLength(1);
  await worker.leave();
  expect(await held()).toEqual(['0', '0']);
  expect(await worker.leave()).toEqual([]);
});
