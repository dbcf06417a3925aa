import { z } from 'zod';
import { BOUNDS, type BoundName, outOfBounds } from '@/domain/bounds';
import { DECIMAL_STRING, dec } from '@/domain/decimal';

export const idSchema = z.string().regex(/^[0-9a-f]{32}$/, 'must be an id of 32 hexadecimal characters');
export const nameSchema = z.string().trim().min(1, 'must not be empty').max(100);

/** Money, prices and quantities travel as plain decimal text. */
export const decimalSchema = z
  .string()
  .regex(DECIMAL_STRING, 'must be a plain decimal number in a string, such as "12.5"')
  .meta({ description: 'Plain decimal text, at most 18 digits on each side of the point' });

/** What somebody sets: a number within its bound. Answers are `decimalSchema`, so that what was set before there were bounds is shown. */
export function boundedSchema(bound: BoundName) {
  const { least, most } = BOUNDS[bound];
  return decimalSchema
    .superRefine((text, refinement) => {
      // Of what is no number at all the pattern has said so.
      const problem = DECIMAL_STRING.test(text) ? outOfBounds(bound, dec(text)) : null;
      if (problem !== null) refinement.addIssue({ code: 'custom', message: problem });
    })
    .meta({ description: `Plain decimal text between ${least.toFixed()} and ${most.toFixed()}` });
}
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
