import { Chance } from './chance';
import type { Habit } from './habits';
import type { StormFollower, StormSignal } from './scenario';

/** One act of one customer. Which position it meets is decided at its moment. */
export type HandEvent = {
  readonly at: number;
  readonly follower: number;
  readonly habit: Habit;
  /** Picks among the positions or instruments there are, in [0, 1). */
  readonly pick: number;
  /** Of what is held; 1: all. */
  readonly share: number;
  /** Picks between two ways to do it. */
  readonly other: boolean;
};

/** What the customers with habits do during one seed, around its signals. */
export function makeHands(
  seed: number,
  followers: readonly StormFollower[],
  signals: readonly StormSignal[],
): readonly HandEvent[] {
  const chance = new Chance(seed, 'hands');
  return followers
    .flatMap(({ index, habit }): HandEvent[] => {
      if (habit === null) return [];
      return Array.from({ length: chance.integer(1, 4) }, () => {
        const near = signals[chance.integer(0, Math.max(0, signals.length - 1))]?.at ?? 0;
        return {
          // Most come while the signal's orders are on their way, some between two signals.
          at: Math.max(0, near + (chance.oneIn(3) ? chance.integer(1500, 4000) : chance.integer(-300, 1200))),
          follower: index,
          habit,
          pick: chance.fraction(),
          share: chance.oneIn(3) ? 1 : chance.integer(10, 90) / 100,
          other: chance.oneIn(2),
        };
      });
    })
    .sort((a, b) => a.at - b.at);
}
