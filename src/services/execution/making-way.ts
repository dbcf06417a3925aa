import type { Clock } from '@/platform/clock';

/** For so long looks at a venue make way for signals that are being copied, ms: a look takes milliseconds of everybody's time. */
const PUT_OFF_FOR = 2000;

/** Lets what is not urgent make way for orders, though not for ever: a worker that copies all the time would never look. */
export class MakingWay {
  /** Since when it makes way; null: it does not. */
  #since: number | null = null;

  constructor(readonly clock: Clock) {}

  /** @param isBusy whether orders are on their way */
  isFree(isBusy: () => boolean): boolean {
    if (!isBusy()) return true;
    const now = this.clock.now();
    this.#since ??= now;
    return now - this.#since >= PUT_OFF_FOR;
  }

  /** A round is done: the next one makes way again. */
  done(): void {
    this.#since = null;
  }
}
