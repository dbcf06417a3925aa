import { afterAll, beforeAll, expect, it } from 'vitest';
import { Stage } from '@/testing/copying/stage';

let stage: Stage;
beforeAll(async () => {
  stage = await Stage.open();
  await stage.addFollowers([{}, {}]);
});
afterAll(() => stage.close());

const OPEN = { action: 'open', side: 'long', quantity: { unit: 'base', value: '1' } };

it('lets an entry wait until the venue tells a price again', async () => {
  const worker = await stage.worker();
  await stage.control('faults', { kind: 'status', status: 502, count: 3, match: { path: '/api/v5/market/*' } });
  const id = await stage.send(OPEN);
  await worker.copy(id);
  expect((await stage.trades(id)).map((trade) => trade.status)).toEqual(['filled', 'filled']);
});

it('denies an entry for want of a price only when the signal has become too old to wait', async () => {
  const worker = await stage.worker();
  await stage.control('faults', { kind: 'status', status: 502, match: { path: '/api/v5/market/*' } });
  try {
    const id = await stage.send({ ...OPEN, maxLag: 1 });
    await worker.copy(id);
    expect((await stage.trades(id)).map((trade) => trade.status)).toEqual(['denied', 'denied']);
  } finally {
    await stage.control('faults', { clear: true });
  }
});
