import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Stage, type StageFollower, type StageWorker } from '@/testing/copying/stage';

const OPEN = { action: 'open', side: 'long', quantity: { unit: 'base', value: '1' } };
const CLOSE = { action: 'close', side: 'long' };
const HOUR = 3_600_000;

let stage: Stage;
let worker: StageWorker;
let followers: readonly StageFollower[];

beforeEach(async () => {
  stage = await Stage.open();
  followers = await stage.addFollowers([{ followRatio: '0.1' }, { followRatio: '0.2', positionMode: 'long_short' }]);
  worker = await stage.worker();
  await worker.copy(await stage.send(OPEN));
  expect(await venueHeld()).toEqual(['10', '20']);
});
afterEach(() => stage.close());

const venueHeld = () => Promise.all(followers.map((follower) => stage.venueHeld(follower)));
const held = () => Promise.all(followers.map((follower) => stage.held(follower)));

async function flatten(): Promise<void> {
  await stage.db.tenant.updateMany({ data: { killSwitch: 'flatten', killSwitchAt: new Date() } });
  await worker.deps.killSwitches.refresh();
  await worker.leave();
}

/** What the lane's first signal looks like when nobody gets any further with it. */
const STUCK: readonly [string, (signalId: string) => Promise<unknown>][] = [
  ['that nobody has taken up', async () => undefined],
  [
    'whose worker stands still while it plans',
    (id) =>
      stage.db.signal.updateMany({
        where: { id },
        data: { status: 'planning', claimToken: 7, claimedBy: 'frozen', claimedUntil: new Date(Date.now() + HOUR) },
      }),
  ],
  [
    'whose worker stands still while it sends',
    async (id) => {
      await worker.copy(id);
      await stage.db.signal.updateMany({
        where: { id },
        data: { status: 'dispatching', claimToken: 7, claimedBy: 'frozen', claimedUntil: new Date(Date.now() + HOUR) },
      });
    },
  ],
  [
    'that cannot be planned',
    async (id) => {
      const { intent } = await stage.signal(id);
      await stage.db.signal.updateMany({ where: { id }, data: { intent: { ...(intent as object), leverage: 'x' } } });
      await worker.copy(id).catch(() => undefined);
    },
  ],
];

describe.each(STUCK)('behind a signal %s', (_what, getStuck) => {
  it('flatten closes what is held, once', async () => {
    await getStuck(await stage.send({ ...OPEN, quantity: { unit: 'base', value: '0.5' } }));
    await flatten();
    expect(await venueHeld()).toEqual(['0', '0']);
    expect(await held()).toEqual(['0', '0']);
    const closed = await stage.db.trade.findMany({ where: { leg: 'close', filledQuantity: { gt: 0 } } });
    const entered = await stage.db.trade.findMany({ where: { leg: 'open', filledQuantity: { gt: 0 } } });
    const total = (trades: typeof closed) => trades.reduce((sum, trade) => sum + Number(trade.filledQuantity), 0);
    expect(total(closed)).toBe(total(entered));
  });
});

describe.each(['cut', 'refused'] as const)('where the venue says "%s" to closes of more than is there', (closing) => {
  beforeEach(() => stage.control('settings', { closing }));

  it.each([
    ['flatten', flatten],
    [
      'the close of the leader',
      async () => {
        await worker.copy(await stage.send(CLOSE));
        await worker.leave();
      },
    ],
  ] as const)('%s leaves nothing open of what was sold by hand in part', async (_what, leave) => {
    for (const [index, follower] of followers.entries()) {
      await stage.byHand(follower, { side: 'sell', quantity: String(4 + index), reduceOnly: true });
    }
    await leave();
    await stage.hurry();
    await worker.leave();
    expect(await venueHeld()).toEqual(['0', '0']);
    expect(await held()).toEqual(['0', '0']);
  });
});
