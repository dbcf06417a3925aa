import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type EffectPlane, OPEN_PLANE } from '@/platform/effects';
import { Stage, type StageWorker } from '@/testing/copying/stage';

const FOLLOWERS = 40;
/** Fills come in by and by, so what writes them may run several times; nothing may run once a follower. */
const MOST_OF_ONE = FOLLOWERS / 2;

let stage: Stage;
let worker: StageWorker;
let counts = new Map<string, number>();
const counting: EffectPlane = {
  ...OPEN_PLANE,
  perform(effect, act) {
    if (effect.kind !== 'venue') counts.set(effect.name, (counts.get(effect.name) ?? 0) + 1);
    return act();
  },
};

beforeAll(async () => {
  stage = await Stage.open();
  await stage.addFollowers(Array.from({ length: FOLLOWERS }, () => ({})));
  worker = await stage.worker({ effects: counting });
});
afterAll(() => stage.close());

async function countOf(fields: Record<string, unknown>): Promise<ReadonlyMap<string, number>> {
  const signalId = await stage.send(fields);
  counts = new Map();
  await worker.copy(signalId);
  expect((await stage.signal(signalId)).status).toBe('done');
  expect((await stage.trades(signalId)).filter(({ status }) => status === 'filled')).toHaveLength(FOLLOWERS);
  return counts;
}

function expectFew(count: ReadonlyMap<string, number>): void {
  for (const [name, times] of count) expect(times, name).toBeLessThan(MOST_OF_ONE);
  const once = [...count].filter(([name]) =>
    /SignalLane|WrittenPlan|AS slice|CONCAT_WS.*s\.id|UPDATE `Signal` s/.test(name),
  );
  expect(once.length).toBeGreaterThan(3);
  for (const [name, times] of once) expect(times, name).toBeLessThanOrEqual(2);
}

describe('the statements, jobs and pushes of a signal', () => {
  it('are as many for an entry as its steps, whatever the number of followers', async () => {
    const entry = { action: 'open', side: 'long', quantity: { unit: 'base', value: '1' } };
    // The first one sets each account's leverage, too.
    expectFew(await countOf(entry));
    expectFew(await countOf(entry));
  });

  it('are as few for a reversal with stop orders', async () => {
    const reversal = {
      action: 'open',
      side: 'short',
      quantity: { unit: 'base', value: '1' },
      stopLoss: { percent: '5' },
    };
    const signalId = await stage.send(reversal);
    counts = new Map();
    await worker.copy(signalId);
    expect((await stage.signal(signalId)).status).toBe('done');
    expectFew(counts);
  });
});
