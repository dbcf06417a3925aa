/** How long execution waits for what, ms. Tests that run every crash point scale them down; nothing else changes them. */
export type ExecutionTimings = {
  /** A claim holds this long without renewal: a dead worker's signals are taken over after it. */
  readonly claimLease: number;
  readonly claimRenewal: number;
  /** One request may be accepted this long after it was decided: what the row's sendBy says, by the venue's clock. */
  readonly sendWindow: number;
  /** "The venue does not know it" is definitive this long after sendBy: not all of a venue's machines have quite the same time. */
  readonly absenceMargin: number;
  /** Pauses between two questions about one order: the first and the longest. */
  readonly firstQuery: number;
  readonly longestQuery: number;
  /**
   * A market order that is not reported as filled this long after its acknowledgement is asked for, once news of its signal has
   * stopped for as long.
   */
  readonly queryAfter: number;
  /**
   * Once all decisions of a signal are written, they wait for the venue's answers, to become rows with them, until none has come for
   * this long; four times as long at most. One order that is slow keeps the fills of the others, and with them their stop orders, waiting
   * as long.
   */
  readonly answersWithin: number;
  /** Once all orders of a signal were answered, their rows are first looked at after this long: another worker may write them. */
  readonly firstLook: number;
  readonly longestLook: number;
  /**
   * A worker that dies loses the stop orders it works on this long after it claimed them, or wrote what it is about to ask for.
   */
  readonly stopLease: number;
  /** What is written to be asked about a stop order is not asked any more after this long. */
  readonly stopSendWindow: number;
  /** A stop order that the venue does not know this long after it was written to be placed never reached it; so with a change. */
  readonly stopAbsentAfter: number;
  /** The next question about a stop order whose outcome is not known. */
  readonly stopAskAgain: number;
  /** A lane waits this long for the orders of one signal; reconciliation goes on with what is left. */
  readonly settleWithin: number;
};

export const EXECUTION_TIMINGS: ExecutionTimings = {
  claimLease: 6000,
  claimRenewal: 2000,
  sendWindow: 5000,
  absenceMargin: 1500,
  firstQuery: 150,
  longestQuery: 3000,
  queryAfter: 400,
  answersWithin: 250,
  firstLook: 25,
  longestLook: 1500,
  stopLease: 16_000,
  stopSendWindow: 3500,
  stopAbsentAfter: 5000,
  stopAskAgain: 1000,
  settleWithin: 30_000,
};
