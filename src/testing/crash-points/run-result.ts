import type { VenueOrderRow } from '../copying/stage';

export type RunResult = {
  /** Effects that passed the plane until the end, or until the worker died. */
  readonly effects: readonly string[];
  /** The effect that was to go wrong came. */
  readonly reached: boolean;
  readonly lost: number;
  readonly doubled: number;
  readonly wrongSize: number;
  readonly wrongState: number;
  /** What was found, for people. */
  readonly findings: readonly string[];
};

export type Outline = { readonly side: 'buy' | 'sell'; readonly size: string };
export const outline = (order: VenueOrderRow): Outline => ({ side: order.side, size: order.fillSz });
export const asRow = ({ side, size }: Outline): Pick<VenueOrderRow, 'side' | 'fillSz'> => ({ side, fillSz: size });

/** What of `wanted` has no partner in `given`. */
export function unmatched(
  wanted: readonly Outline[],
  given: readonly Pick<VenueOrderRow, 'side' | 'fillSz'>[],
): Outline[] {
  const left = [...given];
  return wanted.filter(({ side, size }) => {
    const index = left.findIndex((order) => order.side === side && Number(order.fillSz) === Number(size));
    if (index < 0) return true;
    left.splice(index, 1);
    return false;
  });
}
