import { type ClockOffset, timeThere } from '@/domain/clock-offset';

/** Time as the product reads it, so that tests can hold it still. Epoch ms. */
export interface Clock {
  now(): number;
}

/** Next bundles the pages apart from the process around them: what both of them share hangs on this. */
const TOLD = Symbol.for('slipstream.database-time');
const shared = globalThis as { [TOLD]?: ClockOffset | null };

/** Corrections below this are waited out, ms; what is more was set. */
const CORRECTION = 1000;
let last = 0;

/**
 * The time that decides between machines, epoch ms: the database's, as far as `followDatabaseTime` has heard it, told on by this
 * process's monotonic clock, so that nobody who sets the machine's time changes it. The machine's own where no database is followed.
 */
export function currentTime(): number {
  const told = shared[TOLD] ?? null;
  if (told === null) return Date.now();
  const time = timeThere(told, performance.now());
  // What is known better by some milliseconds must not put later rows before earlier ones.
  last = time < last && last - time < CORRECTION ? last : time;
  return last;
}

/** @param offset null: the machine's own time again */
export function setDatabaseTime(offset: ClockOffset | null): void {
  shared[TOLD] = offset;
}

/** What is known of the database's time; null: nothing. */
export function databaseTime(): ClockOffset | null {
  return shared[TOLD] ?? null;
}

export const systemClock: Clock = { now: currentTime };
