/** OKX's codes for an instrument that takes no order now, and will later. */
const CLOSED_FOR_NOW = new Set([
  '51021', // not listed yet
  '51022', // suspended
  '51028', // under delivery
  '51029', // being settled
  '51030', // funding fees are being settled
  '51110', // a call auction has not started
  '51124', // a call auction takes limit orders only
]);
/** And for one that it does not list, or has ended. */
const GONE = new Set(['51001', '51027']);

/** Whether the venue's code says that the instrument takes no order now, and will later. */
export function isClosedForNowRefusal(code: string): boolean {
  return CLOSED_FOR_NOW.has(code);
}

/** Whether the venue's code speaks of the state of the instrument: what we know of that is old. */
export function speaksOfInstrument(code: string): boolean {
  return CLOSED_FOR_NOW.has(code) || GONE.has(code);
}
