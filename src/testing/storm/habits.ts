import type { Chance } from './chance';

/**
 * What a customer does with his account beside us. Each has one habit at most, so that it is known what of a position is ours.
 *
 * seller    sells at market what we hold, in parts or altogether
 * limit     rests closing limits of his own on what we hold
 * forced    is liquidated or auto-deleveraged by the venue, in parts or altogether
 * trader    opens positions of his own, which must survive
 * setter    changes the leverage by hand
 * switcher  changes the position mode by hand, while nothing is held
 */
export const HABITS = ['seller', 'limit', 'forced', 'trader', 'setter', 'switcher'] as const;
export type Habit = (typeof HABITS)[number];

/** Whether it takes away what we hold: then only what always holds can be expected of his book, not each size. */
export function takesAway({ habit }: { readonly habit: Habit | null }): boolean {
  return habit === 'seller' || habit === 'limit' || habit === 'forced';
}

/**
 * Draws a habit: two of five customers have one. Two strategies that stand against each other cannot be followed in net mode, so whoever
 * follows two does not change it.
 */
export function drawHabit(chance: Chance, strategies: number): Habit | null {
  const has = chance.fraction() < 0.4;
  const drawn = chance.pick(HABITS);
  const habit = drawn === 'switcher' && strategies > 1 ? 'setter' : drawn;
  return has ? habit : null;
}
