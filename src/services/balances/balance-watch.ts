import { BALANCE_VALID_FOR } from '@/domain/balance-age';
import { type Venue, VenueError } from '@/exchanges/port';
import type { Cipher } from '@/platform/cipher';
import type { Clock } from '@/platform/clock';
import type { Logger } from '@/platform/log';
import { type HealthDeps, limitAccounts, unlimitAccounts } from '../accounts/limit-accounts';
import { openAccounts, type TradingAccount } from '../execution/accounts';
import { MakingWay } from '../execution/making-way';
import type { BalanceAsker } from './balance-asker';
import type { BalanceBook } from './balance-book';
import { type DueAccount, EQUITY_UNKNOWN, readDueAccounts, readKnownAgain } from './due-accounts';

/** How often the accounts that are due are looked up, ms. */
const LIST_EVERY = 10_000;
/** Questions of one round at least and at most, a second apart. */
const IN_ROUND = { least: 16, most: 64 } as const;
/** All that are due have their turn in so many rounds, as far as a round's most allows. */
const ROUNDS = 120;
/** Questions at a time: they must not fill the way to the venue just when a signal comes. */
const AT_ONCE = 4;
/** The pauses after failures in a row, ms; the last stays. */
const RETRY_AFTER = [15_000, 30_000, 60_000] as const;
/** After a rate limit the mode is left alone for this long, ms: the venue counts over two seconds. */
const THROTTLED_FOR = 2_000;
/** Failures in a row after which an account whose figure has expired is limited: one may be an accident. */
const FAILURES = 2;

export type BalanceWatchDeps = HealthDeps & {
  readonly cipher: Cipher;
  readonly venue: (key: string) => Pick<Venue, 'breaker'>;
  readonly asker: BalanceAsker;
  readonly book: Pick<BalanceBook, 'write'>;
  /** Called when the venue refuses the key. */
  readonly suspect: (accountId: string) => void;
  readonly clock: Clock;
  readonly logger: Logger;
};

type Failing = { readonly times: number; readonly retryAt: number };

/**
 * Sees to it that it is known what every account is worth before it is needed: venues tell it with events, and some of them
 * regularly, but not of an account that was emptied. What nobody has told for some minutes is asked for, paced, the oldest first. An
 * account whose venue answers others and not it takes no entries once its figure has expired, until it is known again.
 */
export class BalanceWatch {
  #due: DueAccount[] = [];
  #inRound: number = IN_ROUND.least;
  #listedAt = Number.NEGATIVE_INFINITY;
  readonly #failing = new Map<string, Failing>();
  /** Until when a mode of a venue is not asked: it counted too many questions. */
  readonly #throttled = new Map<string, number>();

  readonly #way: MakingWay;

  constructor(readonly deps: BalanceWatchDeps) {
    this.#way = new MakingWay(deps.clock);
  }

  /**
   * One round: some of this worker's accounts that are due.
   * @param isBusy whether orders are on their way: questions are put off for them, though not for ever
   */
  async runOnce(owns: (accountId: string) => boolean, isBusy: () => boolean = () => false): Promise<void> {
    if (!this.#way.isFree(isBusy)) return;
    await this.#list(owns);
    const round = this.#take();
    if (round.length === 0) return;
    const expired: DueAccount[] = [];
    const opened = await this.#open(round);
    const runner = async (): Promise<void> => {
      while (this.#way.isFree(isBusy)) {
        const due = round.shift();
        if (due === undefined) return;
        const account = opened.get(due.id);
        if (account !== undefined && (await this.#ask(due, account)) === 'expired') expired.push(due);
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, runner));
    if (round.length === 0) this.#way.done();
    this.#due.unshift(...round);
    await this.deps.book.write();
    if (expired.length > 0) await limitAccounts(this.deps, expired, EQUITY_UNKNOWN);
  }

  async #list(owns: (accountId: string) => boolean): Promise<void> {
    const now = this.deps.clock.now();
    if (this.#due.length > 0 || now - this.#listedAt < LIST_EVERY) return;
    const { statements } = this.deps.database;
    const [due, known] = await Promise.all([readDueAccounts(statements), readKnownAgain(statements)]);
    this.#listedAt = now;
    const own = due.filter(({ id }) => owns(id));
    this.#inRound = Math.min(IN_ROUND.most, Math.max(IN_ROUND.least, Math.ceil(own.length / ROUNDS)));
    const ids = new Set(own.map(({ id }) => id));
    for (const id of [...this.#failing.keys()]) if (!ids.has(id)) this.#failing.delete(id);
    this.#due = own.filter(({ id }) => (this.#failing.get(id)?.retryAt ?? 0) <= now);
    const back = known.filter(({ id }) => owns(id));
    if (back.length > 0) await unlimitAccounts(this.deps, back, EQUITY_UNKNOWN);
  }

  /** Those to ask now. The others of a venue that is gone, or counts too many questions, come with the next list. */
  #take(): DueAccount[] {
    const now = this.deps.clock.now();
    const round: DueAccount[] = [];
    while (round.length < this.#inRound) {
      const due = this.#due.shift();
      if (due === undefined) break;
      if (!this.#isAnswering(due) || (this.#throttled.get(placeOf(due)) ?? 0) > now) continue;
      round.push(due);
    }
    return round;
  }

  #isAnswering({ venue, mode }: DueAccount): boolean {
    return this.deps.venue(venue).breaker(mode).reachable;
  }

  async #open(round: readonly DueAccount[]): Promise<ReadonlyMap<string, TradingAccount>> {
    const opened = new Map<string, TradingAccount>();
    for (const tenantId of new Set(round.map((due) => due.tenantId))) {
      const ids = round.filter((due) => due.tenantId === tenantId).map(({ id }) => id);
      const db = this.deps.database.forTenant(tenantId);
      for (const [id, account] of await openAccounts(db, this.deps.cipher, tenantId, ids)) opened.set(id, account);
    }
    return opened;
  }

  /** `expired`: nobody knows what it is worth, and the venue does not say. */
  async #ask(due: DueAccount, account: TradingAccount): Promise<'known' | 'failed' | 'expired'> {
    try {
      await this.deps.asker.ask(account);
      this.#failing.delete(due.id);
      return 'known';
    } catch (error) {
      return this.#failed(due, error);
    }
  }

  #failed(due: DueAccount, error: unknown): 'failed' | 'expired' {
    const now = this.deps.clock.now();
    const kind = error instanceof VenueError ? error.kind : 'unavailable';
    if (kind === 'throttled') {
      this.#throttled.set(placeOf(due), now + THROTTLED_FOR);
      return 'failed';
    }
    // That a venue is gone says nothing about an account, and everybody is told of it.
    if (!this.#isAnswering(due)) return 'failed';
    if (kind === 'auth') this.deps.suspect(due.id);
    const times = (this.#failing.get(due.id)?.times ?? 0) + 1;
    const pause = RETRY_AFTER[Math.min(times, RETRY_AFTER.length) - 1] ?? THROTTLED_FOR;
    this.#failing.set(due.id, { times, retryAt: now + pause });
    const reason = (error as Error).message;
    this.deps.logger.info({ account: due.id, reason }, 'what an account is worth could not be asked');
    const isOver = due.age === null || due.age >= BALANCE_VALID_FOR;
    return isOver && due.healthy && times >= FAILURES ? 'expired' : 'failed';
  }
}

function placeOf({ venue, mode }: DueAccount): string {
  return `${venue}:${mode}`;
}
