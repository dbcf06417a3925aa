/**
 * How far another machine's clock is ahead of our own, as far as questions can tell: somewhere between `low` and `high`. Pure: `own`
 * times come in from a clock of this process that nobody sets, ms; the other's are epoch ms.
 */
export type ClockOffset = {
  readonly low: number;
  readonly high: number;
  /** When it was found out, by our own clock. */
  readonly at: number;
};

/** Two clocks drift apart by less than this share of the time: both may be pulled by as much as time servers allow. */
const DRIFT = 0.0005;
/** Clocks are told in whole milliseconds, rounded down. */
const RESOLUTION = 1;

/**
 * What one answer says.
 * @param asked by our own clock, before the question left
 * @param told by the other clock, at some moment between the two others
 * @param heard by our own clock, once the answer was there
 */
export function offsetOf(asked: number, told: number, heard: number): ClockOffset {
  return { low: told - heard, high: told + RESOLUTION - asked, at: heard };
}

/** What is known after one more answer. Where the two contradict each other, the other clock was set: the newer one holds. */
export function refineOffset(known: ClockOffset | null, found: ClockOffset): ClockOffset {
  if (known === null) return found;
  const drifted = Math.max(0, found.at - known.at) * DRIFT;
  const low = Math.max(known.low - drifted, found.low);
  const high = Math.min(known.high + drifted, found.high);
  return low > high ? found : { low, high, at: found.at };
}

/** The other clock at a moment of our own, as likely too early as too late; a whole number of ms. */
export function timeThere({ low, high }: ClockOffset, own: number): number {
  return Math.round(own + (low + high) / 2);
}
