import { pause } from '../execution/order-executor';
import type { ProveDeps } from '../reconciliation/prove-held';
import { askAboutExits } from './ask-venue';
import { type ExitRow, exitKey } from './exit-row';
import { STILL_ASKED, writeSteps } from './sync-exits';

/** Questions to venues about exits: each is asked once at a time, and an account that does not answer keeps no other exit waiting. */
export class ExitQuestions {
  readonly #asked = new Set<string>();
  readonly #running = new Set<Promise<void>>();

  /** @param patience a look at exits waits so long for answers, ms; what is answered later is written then */
  constructor(readonly patience: number) {}

  /** Resolves when what is being asked now has been answered. */
  async answered(): Promise<void> {
    await Promise.all(this.#running);
  }

  /**
   * Asks about those that are not being asked about. Answers whether some of them can go on at once; `soon` is called for those whose
   * answer came too late for that.
   */
  async ask(deps: ProveDeps, exits: readonly ExitRow[], soon: () => void): Promise<boolean> {
    const fresh = exits.filter((exit) => !this.#asked.has(exitKey(exit)));
    if (fresh.length === 0) return false;
    for (const exit of fresh) this.#asked.add(exitKey(exit));
    const answered = new AbortController();
    let late = false;
    let goOn = false;
    const asking = askAboutExits(deps, fresh, async (steps) => {
      await writeSteps(deps.database, steps, STILL_ASKED);
      for (const step of steps) this.#asked.delete(exitKey(step));
      if (!steps.some(({ wait }) => wait <= 0)) return;
      if (late) soon();
      else goOn = true;
    })
      .catch((error: Error) => deps.logger.warn({ reason: error.message }, 'exits were not asked about'))
      .finally(() => {
        answered.abort();
        this.#running.delete(asking);
        for (const exit of fresh) this.#asked.delete(exitKey(exit));
      });
    this.#running.add(asking);
    await Promise.race([asking, pause(this.patience, answered.signal)]);
    late = true;
    return goOn;
  }
}
