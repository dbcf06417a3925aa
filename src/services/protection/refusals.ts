import { pauseBeforeExit, pauseWhileClosed } from '@/domain/exit';
import type { LevelKind } from '@/domain/protection';
import { isClosedForNowRefusal } from '../execution/instrument-refusal';
import type { ProtectionChange } from './protection-change';
import type { ProtectionRow } from './protection-row';

/** Where the market had passed a level, an order is tried again after this long, ms, should the position not be closed by then. */
export const TRY_CROSSED = 60_000;

type Refusal = {
  readonly crossed?: LevelKind;
  readonly noPosition?: true;
  readonly setting?: true;
  readonly code: string;
  readonly message: string;
};

/**
 * What the venue refused is tried again, for ever and slower and slower: as an exit is. Not where the market has passed a level: the
 * position is closed instead. Where the venue knows no position, or speaks of the account's settings, these are looked at before.
 */
export function refused(row: ProtectionRow, refusal: Refusal): ProtectionChange {
  const { crossed, noPosition, setting, code, message } = refusal;
  const change = retry(row, code, message);
  if (crossed !== undefined) return { ...change, crossed, wait: TRY_CROSSED };
  if (noPosition !== undefined) return { ...change, disputed: 'position' };
  return setting === undefined ? change : { ...change, disputed: 'settings' };
}

export function retry(row: ProtectionRow, code: string | null = null, message: string | null = null): ProtectionChange {
  const failures = row.failures + 1;
  // Nobody says when an instrument trades again.
  const closed = code !== null && isClosedForNowRefusal(code);
  const wait = closed ? pauseWhileClosed(failures, row.uncoveredFor) : pauseAfter(row, failures);
  return { row, failures, code, message, wait };
}

export function pauseAfter({ uncoveredFor }: Pick<ProtectionRow, 'uncoveredFor'>, failures: number): number {
  return pauseBeforeExit(failures, uncoveredFor);
}
