import type { LevelKind } from '@/domain/protection';

/** Trigger prices on the wrong side of the last, mark and index price; of a parent's price and the best ask and bid where attached. */
const CROSSED: Readonly<Record<LevelKind, readonly string[]>> = {
  stop: ['51278', '51280', '51302', '51304', '51306', '51308', '51047', '51049', '51051', '51053'],
  take: ['51277', '51279', '51300', '51303', '51305', '51307', '51046', '51048', '51050', '51052'],
};

/** The level of a stop order that the market has passed, by the code of its refusal; null: it was refused for another reason. */
export function crossedLevel(code: string): LevelKind | null {
  if (CROSSED.stop.includes(code)) return 'stop';
  return CROSSED.take.includes(code) ? 'take' : null;
}
