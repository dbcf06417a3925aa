import { type Dec, dec, isAbove } from './decimal';

/** What an account is worth is relied on for this long after the venue told it, ms. */
export const BALANCE_VALID_FOR = 15 * 60_000;
/** A worker asks for what nobody has told for this long, ms: long enough before it is needed for many to have their turn. */
export const BALANCE_ASKED_AFTER = 4 * 60_000;
/** An older figure is shown with its age, ms: in a sound installation none is. */
export const BALANCE_OLD_AFTER = 6 * 60_000;

export type Balance = { readonly equity: string; readonly available: string };

/** The same figures are written again after this long, ms, so that their age is known. */
const SAME_AGAIN = 60_000;
/** Small changes are written this often, ms: with a position open every repeat of the venue brings one. */
const SMALL_AGAIN = 10_000;
/** A change of less than this share of the equity is a small one. */
const SMALL = dec('0.001');

/** Whether a balance is to be written now. @param elapsed ms since `written` was; @param written null: nothing was yet */
export function isWorthWriting(written: Balance | null, told: Balance, elapsed: number): boolean {
  if (written === null || elapsed >= SAME_AGAIN) return true;
  if (written.equity === told.equity && written.available === told.available) return false;
  if (elapsed >= SMALL_AGAIN) return true;
  const small = dec(written.equity).abs().times(SMALL);
  return differ(written.equity, told.equity, small) || differ(written.available, told.available, small);
}

function differ(one: string, other: string, atLeast: Dec): boolean {
  return isAbove(dec(one).minus(other).abs(), atLeast);
}
