import type { Effect, EffectPlane } from '@/platform/effects';

/**
 * crash-before  the process dies as it is about to do it: it and everything later never happens
 * crash-after   it happens, the process dies before it hears so
 * lost          it happens, the answer is lost: the process is told of an error
 * late          the process gives up waiting and is told of an error; it happens afterwards all the same
 */
export const FAULT_KINDS = ['crash-before', 'crash-after', 'lost', 'late'] as const;
export type FaultKind = (typeof FAULT_KINDS)[number];

/** How long after the time-out a late effect happens, ms. */
const LATE = 60;

export class LostAnswerError extends Error {
  readonly code = 'ETIMEDOUT';
}

const never = new Promise<never>(() => undefined);

/** Does what it is told at the k-th effect, and counts and names all of them. */
export class FaultPlane implements EffectPlane {
  readonly seen: Effect[] = [];
  readonly #reactions = new Set<() => void>();
  readonly #late: Promise<unknown>[] = [];
  #dead = false;
  #die: () => void = () => undefined;
  /** Resolves when the process dies. */
  readonly death: Promise<void>;

  /** @param at number of the effect that is hit, from 1; 0: none */
  constructor(
    readonly at: number,
    readonly kind: FaultKind,
  ) {
    this.death = new Promise((resolve) => {
      this.#die = resolve;
    });
  }

  get dead(): boolean {
    return this.#dead;
  }

  async perform<T>(effect: Effect, act: () => Promise<T>): Promise<T> {
    if (this.#dead) return never;
    this.seen.push(effect);
    if (this.seen.length === this.at) return this.#hit(effect, act);
    const answer = await act();
    // Who died while the answer was on its way does not hear it.
    return this.#dead ? never : answer;
  }

  onDeath(react: () => void): () => void {
    this.#reactions.add(react);
    return () => this.#reactions.delete(react);
  }

  /** Late effects have happened. */
  async calm(): Promise<void> {
    await Promise.allSettled(this.#late);
  }

  async #hit<T>(effect: Effect, act: () => Promise<T>): Promise<T> {
    if (this.kind === 'crash-before') return this.#kill();
    if (this.kind === 'late' && effect.insideTransaction !== true) {
      this.#late.push(new Promise((resolve) => setTimeout(resolve, LATE)).then(act));
      throw new LostAnswerError('The answer did not come in time');
    }
    await act();
    if (this.kind === 'crash-after') return this.#kill();
    throw new LostAnswerError('The answer was lost');
  }

  #kill(): Promise<never> {
    this.#dead = true;
    for (const react of this.#reactions) react();
    this.#die();
    return never;
  }
}
