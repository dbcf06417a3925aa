import type { Effect, EffectPlane } from '@/platform/effects';

/**
 * crash-before  the process dies as it is about to do it: it and everything later never happens
 * crash-after   it happens, the process dies before it hears so
 * lost          it happens, the answer is lost: the process is told of an error
 * late          the process gives up waiting and is told of an error; it happens afterwards all the same
 * stall         the process stands still, with this and all it was about to do, for longer than its claim holds, and then
 *               goes on as if nothing had been
 */
export const FAULT_KINDS = ['crash-before', 'crash-after', 'lost', 'late', 'stall'] as const;
export type FaultKind = (typeof FAULT_KINDS)[number];

/** How long after the time-out a late effect happens, ms. */
const LATE = 60;
/** How long a process stands still, ms: it wakes before, while and after another one does its work. */
const STALLS = [550, 800, 1200] as const;

export class LostAnswerError extends Error {
  readonly code = 'ETIMEDOUT';
}

/** Each caller waits for a promise of its own: one for all would keep everything that ever waited for it in memory. */
const never = (): Promise<never> => new Promise<never>(() => undefined);

/** Does what it is told at one effect, and names all of them. */
export class FaultPlane implements EffectPlane {
  /** What passed, in order: kind, name, and how often this one has passed by then ("sql COMMIT #3"). */
  readonly seen: string[] = [];
  readonly #counts = new Map<string, number>();
  readonly #reactions = new Set<() => void>();
  readonly #late: Promise<unknown>[] = [];
  #reached = false;
  #dead = false;
  #stalled = false;
  #standstill: Promise<unknown> | null = null;
  #leave: () => void = () => undefined;
  /** Resolves when the process dies or stands still: others do its work from then on. */
  readonly gone: Promise<void>;

  /**
   * @param target the effect that is hit, as `seen` names it; null: none. A name and not a place in the order, because
   *   the renewals of a claim come by the clock and push all later places on.
   * @param pace how much longer than usual a standstill lasts
   */
  constructor(
    readonly target: string | null,
    readonly kind: FaultKind,
    readonly pace = 1,
  ) {
    this.gone = new Promise((resolve) => {
      this.#leave = resolve;
    });
  }

  get dead(): boolean {
    return this.#dead;
  }

  /** It is dead, or stands or stood still. */
  get left(): boolean {
    return this.#dead || this.#stalled;
  }

  /** The target came, and was hit. */
  get reached(): boolean {
    return this.#reached;
  }

  async perform<T>(effect: Effect, act: () => Promise<T>): Promise<T> {
    if (this.#dead) return never();
    const label = `${effect.kind} ${effect.name}`;
    const count = (this.#counts.get(label) ?? 0) + 1;
    this.#counts.set(label, count);
    const name = `${label} #${count}`;
    this.seen.push(name);
    if (name === this.target) {
      this.#reached = true;
      return this.#hit(effect, act);
    }
    await this.#standstill;
    const answer = await act();
    await this.#standstill;
    // Who died while the answer was on its way does not hear it.
    return this.#dead ? never() : answer;
  }

  /** What opens after the death ends at once. */
  onDeath(react: () => void): () => void {
    if (this.#dead) react();
    else this.#reactions.add(react);
    return () => this.#reactions.delete(react);
  }

  /** Late effects have happened, and nothing stands still. */
  async calm(): Promise<void> {
    await Promise.allSettled(this.#late);
    await this.#standstill;
  }

  async #hit<T>(effect: Effect, act: () => Promise<T>): Promise<T> {
    if (this.kind === 'crash-before') return this.#kill();
    if (this.kind === 'stall') {
      await this.#stall();
      return act();
    }
    if (this.kind === 'late' && effect.insideTransaction !== true) {
      const happens = new Promise((resolve) => setTimeout(resolve, LATE)).then(act);
      // Nobody hears how it went.
      this.#late.push(happens.catch(() => undefined));
      throw new LostAnswerError('The answer did not come in time');
    }
    await act();
    if (this.kind === 'crash-after') return this.#kill();
    throw new LostAnswerError('The answer was lost');
  }

  #kill(): Promise<never> {
    this.#dead = true;
    for (const react of this.#reactions) react();
    this.#reactions.clear();
    this.#leave();
    return never();
  }

  async #stall(): Promise<void> {
    const ms = STALLS[this.seen.length % STALLS.length] ?? STALLS[0];
    this.#stalled = true;
    this.#standstill = new Promise((resolve) => setTimeout(resolve, ms * this.pace));
    this.#leave();
    await this.#standstill;
    this.#standstill = null;
  }
}
