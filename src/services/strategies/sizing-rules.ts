import { AppError } from '@/contracts/envelope';
import { outOfBounds } from '@/domain/bounds';
import { dec } from '@/domain/decimal';
import { SIZING_VALUE_BOUNDS, type SizingMode } from '@/domain/sizing';

/** A mode and its number belong together. Throws VALIDATION_ERROR at the field `sizingValue`. */
export function requireSizingValue(mode: SizingMode, value: string | null): void {
  const bound = SIZING_VALUE_BOUNDS[mode];
  if (bound === undefined) return;
  const problem = value === null ? `the mode ${mode} needs a number` : outOfBounds(bound, dec(value));
  if (problem !== null) throw new AppError('VALIDATION_ERROR', `sizingValue: ${problem}`, { field: 'sizingValue' });
}
