import { AppError } from '@/contracts/envelope';
import { sha256 } from '@/platform/ids';
import type { WebContext } from '../web-context';

/** Messages that one address of a source may send in one second: far more than any strategy, far less than a flood. */
const MESSAGES_PER_SECOND = 1000;

/** Counts a message to one webhook address. Throws RATE_LIMITED; lets everything pass while Redis is away. */
export async function limitWebhooks({ redis, environment, clock }: WebContext, token: string): Promise<void> {
  const second = Math.floor(clock.now() / 1000);
  const key = `${environment.REDIS_PREFIX}:webhooks:${sha256(token).slice(0, 16)}:${second}`;
  let count = 0;
  try {
    const answers = await redis.pipeline().incr(key).expire(key, 5).exec();
    count = Number(answers?.[0]?.[1] ?? 0);
  } catch {
    return;
  }
  if (count > MESSAGES_PER_SECOND) {
    throw new AppError('RATE_LIMITED', `At most ${MESSAGES_PER_SECOND} signals a second are accepted here.`, {
      retryAfterSeconds: 1,
    });
  }
}
