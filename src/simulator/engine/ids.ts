/**
 * Numbers the venue gives out: increasing decimal text that grows with time, so that ids stay unique and ordered
 * across restarts without anything being stored.
 */
export class VenueIds {
  private lastMs = 0;
  private sequence = 0;
  private lastTrade = 0;

  constructor(private readonly now: () => number) {}

  /** 18 to 19 digits: orders, triggers, bills and positions. */
  next(): string {
    const current = Math.max(this.now() - EPOCH, this.lastMs);
    if (current > this.lastMs) {
      this.lastMs = current;
      this.sequence = 0;
    } else if (++this.sequence > 999_999) {
      this.lastMs += 1;
      this.sequence = 0;
    }
    return `${FIRST_DIGITS}${String(this.lastMs).padStart(12, '0')}${String(this.sequence).padStart(6, '0')}`;
  }

  /** An integer that fits a double: trades. */
  nextTrade(): string {
    this.lastTrade = Math.max(this.lastTrade + 1, (this.now() - EPOCH) * 100);
    return String(this.lastTrade);
  }
}

const EPOCH = Date.UTC(2024, 0, 1);
const FIRST_DIGITS = '2';
