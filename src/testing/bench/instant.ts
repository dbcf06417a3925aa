/** Milliseconds of the machine's monotonic clock, which all its processes share. */
export function instant(): number {
  return Number(process.hrtime.bigint()) / 1e6;
}

/** What turns epoch milliseconds, as rows have them, into instants. */
export function instantOf(epochMs: number): number {
  return epochMs + OFFSET;
}

const OFFSET = measureOffset();

function measureOffset(): number {
  // The moment at which the wall clock ticks is known to a fraction of a millisecond.
  const before = Date.now();
  let now = before;
  while (now === before) now = Date.now();
  return instant() - now;
}
