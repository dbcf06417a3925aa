import type { Redis } from 'ioredis';
import { z } from 'zod';

/** Why an account's positions could not be compared with what its venue holds. */
export const COMPARISON_OBSTACLES = ['UNSETTLED', 'CREDENTIALS_UNREADABLE', 'VENUE_UNREACHABLE', 'OTHER'] as const;

const noteSchema = z.object({
  /** The last time they were compared, epoch ms. */
  comparedAt: z.number().nullable(),
  /** What has put it off since then. */
  obstacle: z.enum(COMPARISON_OBSTACLES).nullable(),
});
/** What is known of the comparisons of one account. */
export type ComparisonNote = z.infer<typeof noteSchema>;

/** Notes of accounts that nobody looks at any more go with the rest of a tenant's, s. */
const KEPT_SECONDS = 24 * 60 * 60;

const keyOf = (prefix: string, tenantId: string): string => `${prefix}:compared:${tenantId}`;

/** For pages only: without Redis nothing is noted, and nothing else depends on it. Never rejects. */
export async function noteComparison(
  redis: Redis,
  prefix: string,
  { tenantId, accountId }: { readonly tenantId: string; readonly accountId: string },
  note: ComparisonNote,
): Promise<void> {
  const key = keyOf(prefix, tenantId);
  await redis
    .pipeline()
    .hset(key, accountId, JSON.stringify(note))
    .expire(key, KEPT_SECONDS)
    .exec()
    .catch(() => undefined);
}

/** By account. Rejects when Redis is away. */
export async function readComparisons(
  redis: Redis,
  prefix: string,
  tenantId: string,
): Promise<ReadonlyMap<string, ComparisonNote>> {
  const notes = await redis.hgetall(keyOf(prefix, tenantId));
  return new Map(
    Object.entries(notes).flatMap(([accountId, text]) => {
      const note = noteSchema.safeParse(JSON.parse(text));
      return note.success ? [[accountId, note.data] as const] : [];
    }),
  );
}
