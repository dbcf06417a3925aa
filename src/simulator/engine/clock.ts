/**
 * The venue's own clock: the machine's time plus an offset, so that a fault can make the venue disagree with its
 * clients about the time.
 */
export class VenueClock {
  private offsetMs = 0;

  /** Epoch milliseconds as the venue sees them. */
  now(): number {
    return Date.now() + this.offsetMs;
  }

  /** Epoch microseconds as text: `inTime` and `outTime` of order answers. */
  micros(): string {
    return String(Math.round((performance.timeOrigin + performance.now() + this.offsetMs) * 1000));
  }

  setOffset(offsetMs: number): void {
    this.offsetMs = offsetMs;
  }

  offset(): number {
    return this.offsetMs;
  }
}
