import { afterAll, beforeAll, expect, it } from 'vitest';
import { Stage } from '@/testing/copying/stage';
import { EXECUTION_TIMINGS } from '../execution/timings';

const ORDER = { method: 'POST', path: '/api/v5/trade/order' };

let stage: Stage;
beforeAll(async () => {
  stage = await Stage.open();
  await stage.addFollowers([{}, {}]);
});
afterAll(() => stage.close());

it('goes on with a signal that is fresh as long as its orders get through, however slowly', async () => {
  const worker = await stage.worker({ timings: { ...EXECUTION_TIMINGS, settleWithin: 4500 } });
  // Who is throttled comes again after half a second to one and a half: each gets through within the patience of the news before.
  const throttle = (account: string | undefined, durationMs: number) =>
    stage.control('faults', { kind: 'refuse', code: '50011', status: 429, match: { ...ORDER, account }, durationMs });
  await throttle(stage.followers[0]?.venueAccount, 2000);
  await throttle(stage.followers[1]?.venueAccount, 5500);
  const id = await stage.send({ action: 'open', side: 'long', quantity: { unit: 'base', value: '1' } });
  await worker.copy(id);
  expect((await stage.trades(id)).map(({ status }) => status)).toEqual(['filled', 'filled']);
});
