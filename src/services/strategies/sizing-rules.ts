import { AppError } from '@/contracts/envelope';
import { dec } from '@/domain/decimal';
import type { SizingMode } from '@/domain/sizing';

const WITHOUT_VALUE: readonly SizingMode[] = ['ratio', 'equity_proportional'];
const IN_PERCENT: readonly SizingMode[] = ['percent_balance', 'risk_percent'];

/** A mode and its number belong together. Throws VALIDATION_ERROR at the field `sizingValue`. */
export function requireSizingValue(mode: SizingMode, value: string | null): void {
  if (WITHOUT_VALUE.includes(mode)) return;
  if (value === null) {
    throw new AppError('VALIDATION_ERROR', `sizingValue: the mode ${mode} needs a number`, { field: 'sizingValue' });
  }
  if (IN_PERCENT.includes(mode) && dec(value).gt(100)) {
    throw new AppError('VALIDATION_ERROR', 'sizingValue: must be at most 100 percent', { field: 'sizingValue' });
  }
}
