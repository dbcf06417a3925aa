import { dec, toText } from '@/domain/decimal';

type DecimalLike = { toString(): string };

/** A DECIMAL column as plain text without trailing zeros. */
export function decimalText(value: DecimalLike): string {
  return toText(dec(value.toString()));
}

export function optionalDecimalText(value: DecimalLike | null): string | null {
  return value === null ? null : decimalText(value);
}

export function timeText(value: Date): string {
  return value.toISOString();
}

export function optionalTimeText(value: Date | null): string | null {
  return value === null ? null : value.toISOString();
}

/** A JSON column: MySQL gives it parsed, MariaDB as text. */
export function parsedJson(value: unknown): unknown {
  if (typeof value !== 'string') return value;
  try {
    return JSON.parse(value);
  } catch {
    return null;
  }
}
