import { AppError } from '@/contracts/envelope';
import type { WebContext } from '@/services/web-context';

const MINUTE_MS = 60_000;

/** Calls a minute that one actor may make in all: several open pages, or a script that watches a signal closely. */
const GENERAL_LIMIT = 6_000;

export type Allowance = { readonly name: string; readonly limit: number };

/**
 * Counts a call of `actor` against its general allowance and that of the operation. Throws RATE_LIMITED. When Redis is
 * away calls pass: a limit protects the service, it is not worth an outage.
 */
export async function countCall(
  { redis, environment, clock, logger }: Pick<WebContext, 'redis' | 'environment' | 'clock' | 'logger'>,
  actor: string,
  special: Allowance | null,
): Promise<void> {
  const now = clock.now();
  const minute = Math.floor(now / MINUTE_MS);
  const allowances: Allowance[] = [{ name: 'all', limit: GENERAL_LIMIT }, ...(special === null ? [] : [special])];
  let counts: number[];
  try {
    const calls = redis.multi();
    for (const { name } of allowances) {
      const key = `${environment.REDIS_PREFIX}:calls:${actor}:${name}:${minute}`;
      calls.incr(key).expire(key, 120);
    }
    const answers = (await calls.exec()) ?? [];
    counts = allowances.map((_, at) => Number(answers[at * 2]?.[1] ?? 0));
  } catch (error) {
    logger.debug({ reason: (error as Error).message }, 'calls are not counted');
    return;
  }
  const exceeded = allowances.find(({ limit }, at) => (counts[at] ?? 0) > limit);
  if (exceeded === undefined) return;
  throw new AppError('RATE_LIMITED', `At most ${exceeded.limit} calls a minute are allowed`, {
    retryAfterSeconds: Math.ceil(((minute + 1) * MINUTE_MS - now) / 1000),
  });
}
