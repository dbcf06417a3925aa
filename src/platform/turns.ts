import { FairQueue } from './fair-queue';

/**
 * The processor of one process, shared by groups in turn: long work stops now and then and asks for the next turn. Between two turns
 * the event loop goes round once, so that whatever was heard meanwhile is read. A group that is alone goes on at once.
 */
export class Turns {
  readonly #waiting = new FairQueue<() => void>();
  #scheduled = false;

  /** Resolves when it is the group's turn. */
  next(group: string): Promise<void> {
    return new Promise((resolve) => {
      this.#waiting.push(group, resolve);
      this.#schedule();
    });
  }

  #schedule(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    setImmediate(() => {
      this.#scheduled = false;
      this.#waiting.shift()?.();
      if (this.#waiting.length > 0) this.#schedule();
    });
  }
}
