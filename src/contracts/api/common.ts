import { z } from 'zod';
import { DECIMAL_STRING } from '@/domain/decimal';

export const idSchema = z.string().regex(/^[0-9a-f]{32}$/, 'must be an id of 32 hexadecimal characters');
export const nameSchema = z.string().trim().min(1, 'must not be empty').max(100);

/** Money, prices and quantities travel as plain decimal text. */
export const decimalSchema = z
  .string()
  .regex(DECIMAL_STRING, 'must be a plain decimal number in a string, such as "12.5"')
  .meta({ description: 'Plain decimal text, at most 18 digits on each side of the point' });
export const positiveDecimalSchema = decimalSchema.refine(
  (v) => !v.startsWith('-') && /[1-9]/.test(v),
  'must be above 0',
);
export const nonNegativeDecimalSchema = decimalSchema.refine((v) => !v.startsWith('-'), 'must not be negative');
/** A fraction (0, 1]. */
export const shareSchema = positiveDecimalSchema.refine(
  (v) => /^(?:0\.\d+|1(?:\.0+)?)$/.test(v),
  'must be above 0 and at most 1',
);

/** ISO 8601 in UTC with milliseconds. */
export const timeSchema = z.iso.datetime();

/** Cursor paging: newest first unless said otherwise; `nextCursor` null means the end. */
export const pageQuerySchema = z.object({
  cursor: z.string().max(200).optional(),
  limit: z.coerce.number().int().min(1).max(200).default(50),
});
export const pageOf = <T extends z.ZodType>(item: T) =>
  z.object({ items: z.array(item), nextCursor: z.string().nullable() });
export type Page<T> = { items: T[]; nextCursor: string | null };
