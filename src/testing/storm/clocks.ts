import { Chance } from './chance';

/** What is wrong with the machine's clock of a worker from a moment on. */
export type ClockStep = { readonly at: number; readonly worker: 'worker-1' | 'worker-2'; readonly offsetMs: number };

/** How far a clock is off at most, ms. */
export const MOST_OFF = 30_000;

/** Both workers' clocks are off from the beginning; one of them is set forward or back during the storm, the other one back. */
export function makeClocks(seed: number, length: number): readonly ClockStep[] {
  const chance = new Chance(seed, 'clocks');
  const offsets = [chance.integer(-MOST_OFF, MOST_OFF), chance.integer(-MOST_OFF, MOST_OFF)] as const;
  const workers = chance.oneIn(2) ? (['worker-1', 'worker-2'] as const) : (['worker-2', 'worker-1'] as const);
  const back = Math.max(-MOST_OFF, offsets[1] - chance.integer(1000, 20_000));
  return [
    { at: 0, worker: workers[0], offsetMs: offsets[0] },
    { at: 0, worker: workers[1], offsetMs: offsets[1] },
    { at: chance.integer(500, length), worker: workers[0], offsetMs: chance.integer(-MOST_OFF, MOST_OFF) },
    { at: chance.integer(500, length), worker: workers[1], offsetMs: back },
  ];
}
