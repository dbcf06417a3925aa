import { resolve } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { World } from '../storm/world';
import { runBurst } from './burst';

let world: World;

beforeAll(async () => {
  const directory = resolve(process.env.SLIPSTREAM_TEST_DIR ?? '.data-test', `burst-${process.pid}`);
  world = await World.open({ directory, pages: false, clocksApart: false });
}, 120_000);
afterAll(() => world?.close(), 60_000);

it('copies a burst of signals to every follower, in the order of receipt', { timeout: 240_000 }, async () => {
  const { result, findings } = await runBurst(world, { seed: 1, followers: 100, signals: 40 }, () => undefined);
  expect(findings).toEqual([]);
  expect(result).toMatchObject({ lost: 0, doubled: 0, reordered: 0, wrong: 0, workers: 2 });
  // Every signal for every follower; a reversal may be two.
  expect(result.receipts).toBeGreaterThanOrEqual(40 * 100 * 0.9);
  expect(result.orders).toBeGreaterThan(1000);
});
