import type { LevelKind } from '@/domain/protection';

/** Trigger prices on the wrong side of the last, mark and index price; of a parent's price and the best ask and bid where attached. */
const CROSSED: Readonly<Record<LevelKind, readonly string[]>> = {
  stop: ['51278', '51280', '51302', '51304', '51306', '51308', '51047', '51049', '51051', '51053'],
  take: ['51277', '51279', '51300', '51303', '51305', '51307', '51046', '51048', '51050', '51052'],
};

const NO_POSITION: readonly string[] = [
  '51023', // no such position
  '51112', // more than can be closed
  '51169', // nothing to reduce on this side
  '51170', // the position is on the other side
];

/** Why a stop order was refused, by its code; neither: for a reason that may pass. */
export type StopRefusal = { readonly crossed?: LevelKind; readonly noPosition?: true };

export function stopRefusal(code: string): StopRefusal {
  if (CROSSED.stop.includes(code)) return { crossed: 'stop' };
  if (CROSSED.take.includes(code)) return { crossed: 'take' };
  return NO_POSITION.includes(code) ? { noPosition: true } : {};
}
