import { currentTime } from '@/platform/clock';
import type { Logger } from '@/platform/log';

/** An account is checked at most this often, ms: a dead key fails every order and every log-in. */
const CHECK_EVERY = 60_000;

/** Checks accounts whose key the venue refused, each at most once a minute. */
export class Suspects {
  readonly #checkedAt = new Map<string, number>();

  constructor(
    readonly runCheck: (accountId: string) => Promise<unknown>,
    readonly logger: Logger,
  ) {}

  check(accountId: string): void {
    const now = currentTime();
    if (now - (this.#checkedAt.get(accountId) ?? 0) < CHECK_EVERY) return;
    this.#checkedAt.set(accountId, now);
    this.runCheck(accountId).catch((error: Error) => {
      this.#checkedAt.delete(accountId);
      this.logger.warn({ account: accountId, reason: error.message }, 'an account could not be checked');
    });
  }
}
