/**
 * OKX's codes by which an order that may only close is refused because nothing is held on its side. Not 51112, which says that less is
 * held, nor 51170, which says that somebody else has opened the other side.
 */
const NOTHING_HELD = new Set([
  '51023', // no such position
  '51169', // nothing to reduce on this side
]);

/** Whether the venue's code for a refused close says that certainly nothing is there to be closed. */
export function saysNothingHeld(code: string): boolean {
  return NOTHING_HELD.has(code);
}

const LESS_HELD = new Set([
  ...NOTHING_HELD,
  '51112', // more than can be closed
  '51170', // the other side is held
]);

/** Whether it says that less is there than was to be closed. */
export function saysLessIsHeld(code: string): boolean {
  return LESS_HELD.has(code);
}
