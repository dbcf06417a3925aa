/**
 * How long a dispatch waits for its orders to be settled, ms by the wall clock. A venue that is gone while the signal is
 * fresh stops the time: its orders are still to be sent when it comes back. So do news: there may
 * be more to send than could be sent so far.
 */
export class Patience {
  #until: number;

  constructor(
    readonly within: number,
    readonly freshUntil: number,
    now: number,
  ) {
    this.#until = now + within;
  }

  get until(): number {
    return this.#until;
  }

  /** A venue was found gone, or news of the signal's orders came in. */
  lengthen(now: number): void {
    this.#until = Math.max(this.#until, Math.min(now, this.freshUntil) + this.within);
  }
}
