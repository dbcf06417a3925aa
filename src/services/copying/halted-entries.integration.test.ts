import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Stage, type StageFollower, type StageWorker } from '@/testing/copying/stage';
import { cancelStrandedEntries } from '../safety/stranded-entries';

const OPEN = { action: 'open', side: 'long', quantity: { unit: 'base', value: '1' } };
const RESTING = { ...OPEN, orderType: 'limit', limitPrice: '40000' };

let stage: Stage;
let worker: StageWorker;
let one: StageFollower;
let other: StageFollower;

beforeEach(async () => {
  stage = await Stage.open();
  const [first, second] = await stage.addFollowers([{}, { positionMode: 'long_short' }]);
  if (first === undefined || second === undefined) throw new Error('no followers');
  [one, other] = [first, second];
  await stage.control('price', { instId: 'BTC-USDT-SWAP', price: '60000', hold: true });
  worker = await stage.worker();
  await copy(OPEN);
  await copy(RESTING);
  expect([await resting(one), await resting(other)]).toEqual([1, 1]);
});
afterEach(() => stage.close());

async function copy(fields: object): Promise<void> {
  await worker.copy(await stage.send({ ...fields }));
}

async function setSwitch({ customerId }: StageFollower, killSwitch: 'none' | 'halt' | 'flatten'): Promise<void> {
  await stage.db.customer.updateMany({ where: { id: customerId }, data: { killSwitch } });
  await worker.deps.killSwitches.refresh();
}

const resting = async ({ venueAccount }: StageFollower): Promise<number> =>
  (await stage.venueOrders()).filter(({ account, state }) => account === venueAccount && state === 'live').length;

describe('a resting entry', () => {
  it('under halt stays when its leader closes, and is taken back when the switch is off', async () => {
    await setSwitch(one, 'halt');
    await copy({ action: 'close', side: 'long' });
    expect([await resting(one), await resting(other)]).toEqual([1, 0]);
    expect([await stage.held(one), await stage.held(other)]).toEqual(['10', '0']);
    await cancelStrandedEntries(worker.deps, () => true, new AbortController().signal);
    expect(await resting(one)).toBe(1);
    await setSwitch(one, 'none');
    await cancelStrandedEntries(worker.deps, () => true, new AbortController().signal);
    expect(await resting(one)).toBe(0);
  });

  it('under halt stays when a signal of our own closes for others', async () => {
    await stage.db.tenant.updateMany({ data: { killSwitch: 'flatten' } });
    await setSwitch(one, 'halt');
    await worker.leave();
    expect([await resting(one), await resting(other)]).toEqual([1, 0]);
    expect([await stage.held(one), await stage.held(other)]).toEqual(['10', '0']);
  });

  it('of who is not concerned stays when a signal of our own closes for others', async () => {
    await setSwitch(one, 'flatten');
    await worker.leave();
    expect([await resting(one), await resting(other)]).toEqual([0, 1]);
    expect([await stage.held(one), await stage.held(other)]).toEqual(['0', '10']);
  });
});
