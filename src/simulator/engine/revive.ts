import { dec } from '@/domain/decimal';

/** Turns the named fields of a record read from the journal back into decimals; null stays null. */
export function reviveDecimals(value: unknown, fields: readonly string[]): Record<string, unknown> {
  const record = { ...(value as Record<string, unknown>) };
  for (const field of fields) {
    const text = record[field];
    if (typeof text === 'string') record[field] = dec(text);
  }
  return record;
}
