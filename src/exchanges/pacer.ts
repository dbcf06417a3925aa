import { currentTime } from '@/platform/clock';
/**
 * Lets callers through one after the other, at most so many a second: venues count new connections per address.
 * In the order of the calls; who gives up makes room.
 */
export class Pacer {
  readonly #intervalMs: number;
  #waiting: (() => void)[] = [];
  #freeAt = 0;
  #timer: NodeJS.Timeout | null = null;

  constructor(perSecond: number) {
    if (!(perSecond > 0)) throw new RangeError('A pace is a positive number of turns a second');
    this.#intervalMs = 1000 / perSecond;
  }

  /** Resolves true when it is the caller's turn, false when `signal` was aborted before. */
  turn(signal: AbortSignal): Promise<boolean> {
    if (signal.aborted) return Promise.resolve(false);
    return new Promise((resolve) => {
      const enter = () => {
        signal.removeEventListener('abort', leave);
        resolve(true);
      };
      const leave = () => {
        this.#waiting = this.#waiting.filter((other) => other !== enter);
        if (this.#waiting.length === 0) this.#stop();
        resolve(false);
      };
      signal.addEventListener('abort', leave, { once: true });
      this.#waiting.push(enter);
      this.#next();
    });
  }

  #next(): void {
    if (this.#timer) return;
    const pause = Math.max(0, this.#freeAt - currentTime());
    this.#timer = setTimeout(() => {
      this.#timer = null;
      this.#freeAt = currentTime() + this.#intervalMs;
      this.#waiting.shift()?.();
      if (this.#waiting.length > 0) this.#next();
    }, pause);
  }

  #stop(): void {
    if (this.#timer) clearTimeout(this.#timer);
    this.#timer = null;
  }
}
