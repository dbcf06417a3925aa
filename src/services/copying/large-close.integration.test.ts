import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Stage, type StageWorker } from '@/testing/copying/stage';
import { addLateFillSignals } from '../safety/stranded-entries';

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

/** Copies what workers asked the queue for, until they ask for nothing more. */
async function copyWoken(): Promise<number> {
  let copied = 0;
  for (let id = stage.woken.shift(); id !== undefined; id = stage.woken.shift()) {
    await worker.copy(id);
    copied += 1;
  }
  return copied;
}

describe('a close that is larger than one market order may be', () => {
  it('goes on in further orders, each with a receipt, until nothing is held', async () => {
    await largestOrder('4');
    const signalId = await stage.send({ action: 'close', side: 'long' });
    await worker.copy(signalId);
    expect((await stage.trades(signalId)).map(({ quantity }) => quantity.toFixed()).sort()).toEqual(['3', '4']);
    expect(await held()).toEqual(['6', '0']);
    expect(await copyWoken()).toBe(2);
    expect(await held()).toEqual(['0', '0']);
    const sold = (await stage.venueOrders()).filter((order) => order.side === 'sell').map((order) => order.sz);
    expect(sold.sort()).toEqual(['2', '3', '4', '4']);
    const receipts = await stage.db.trade.findMany({
      where: { subscriptionId: stage.followers[0]?.subscriptionId ?? '', leg: 'close' },
    });
    expect(receipts.map(({ status }) => status)).toEqual(['filled', 'filled', 'filled']);
    expect(await addLateFillSignals(stage.database, Date.now())).toEqual([]);
  });

  it('is gone on with by the sweep when its worker went', async () => {
    await largestOrder('6');
    const signalId = await stage.send({ action: 'close', side: 'long' });
    await worker.copy(signalId);
    stage.woken.length = 0;
    await stage.db.signal.deleteMany({ where: { format: 'late-fill' } });
    for (const id of await addLateFillSignals(stage.database, Date.now())) await worker.copy(id);
    expect(await held()).toEqual(['0', '0']);
  });

  it('leaves alone what the leader still holds', async () => {
    await largestOrder('4');
    await worker.copy(
      await stage.send({ action: 'close', side: 'long', quantity: { unit: 'percent_position', value: '50' } }),
    );
    expect(await held()).toEqual(['6', '1.5']);
    expect(await copyWoken()).toBe(0);
    expect(await addLateFillSignals(stage.database, Date.now())).toEqual([]);
  });
});

it('goes on with a close of which the venue cancelled the rest', async () => {
  await stage.control('faults', { kind: 'partial-fill', fraction: 0.5, rest: 'cancel', count: 1 });
  await worker.copy(await stage.send({ action: 'close', side: 'long' }));
  expect((await held()).filter((quantity) => quantity !== '0')).toHaveLength(1);
  for (const id of await addLateFillSignals(stage.database, Date.now())) await worker.copy(id);
  expect(await held()).toEqual(['0', '0']);
  expect(await addLateFillSignals(stage.database, Date.now())).toEqual([]);
});
