import { afterAll, beforeAll, expect, it } from 'vitest';
import { Stage, until } from '@/testing/copying/stage';

const LEVERAGE = { method: 'POST', path: '/api/v5/account/set-leverage' };
const OPEN = { action: 'open', side: 'long', quantity: { unit: 'base', value: '1' } };

let stage: Stage;
beforeAll(async () => {
  stage = await Stage.open();
  await stage.addFollowers([{}, {}]);
});
afterAll(() => stage.close());

it('keeps trying while the signal is fresh, and holds up no other account meanwhile', async () => {
  const worker = await stage.worker();
  const [slow, quick] = stage.followers;
  await stage.control('faults', {
    id: 'throttled',
    kind: 'refuse',
    code: '50011',
    status: 429,
    match: { ...LEVERAGE, account: slow?.venueAccount },
  });
  const id = await stage.send(OPEN);
  const copying = worker.copy(id);
  const statusOf = async (subscriptionId: string | undefined) =>
    (await stage.trades(id)).find((trade) => trade.subscriptionId === subscriptionId)?.status;
  await until(async () => (await statusOf(quick?.subscriptionId)) === 'filled', 'the quick one is filled');
  expect(await statusOf(slow?.subscriptionId)).toBe('planned');
  await stage.control('faults', { remove: 'throttled' });
  await copying;
  expect(await statusOf(slow?.subscriptionId)).toBe('filled');
  expect((await stage.venueOrders()).map((order) => order.lever)).toEqual(['10', '10']);
});
