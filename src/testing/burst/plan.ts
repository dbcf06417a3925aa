import { Chance } from '../storm/chance';
import { makeScenario, type Scenario, SOURCES, type StormFollower, type StormSignal } from '../storm/scenario';

/** Long enough for the last signal of the largest backlog, s: here nothing may end as stale. */
export const PATIENCE_SECONDS = 3000;

export type BurstPlan = {
  readonly scenario: Scenario;
  /** Signals of one source and instrument, in the order in which they are sent. */
  readonly lanes: readonly (readonly StormSignal[])[];
};

/**
 * Signals of two sources on two instruments, all due at once, and followers who all follow both: every signal is for
 * everybody. Pure; the same seed gives the same plan.
 */
export function planBurst(seed: number, followers: number, signals: number): BurstPlan {
  const stormy = makeScenario(seed, 0, signals);
  const all = stormy.signals.slice(0, signals).map((signal) => ({
    ...signal,
    stops: null,
    id: `burst-${seed}-${signal.index}`,
    at: 0,
    ageMs: 0,
    maxLagSeconds: PATIENCE_SECONDS,
    repeatAfter: null,
  }));
  const lanes = new Map<string, StormSignal[]>();
  for (const signal of all) {
    const key = `${signal.source}|${signal.instrument}`;
    lanes.set(key, [...(lanes.get(key) ?? []), signal]);
  }
  const chance = new Chance(seed, 'burst');
  const people = Array.from({ length: followers }, (_, index): StormFollower => {
    const ratio = (): string => `0.${String(chance.integer(5, 300)).padStart(3, '0')}${chance.integer(1, 9)}`;
    return {
      index,
      // Only long/short mode can hold two strategies against each other.
      positionMode: 'long_short',
      maxLeverage: '10',
      subscriptions: SOURCES.map((source) => ({
        source,
        ratio: ratio(),
        reverse: chance.oneIn(10),
        forceMinimum: chance.oneIn(10),
      })),
      habit: null,
      driftPolicy: 'alert',
    };
  });
  return {
    scenario: { seed, followers: people, signals: all, length: 0, leaves: false, flattensAt: null },
    lanes: [...lanes.values()],
  };
}
