import { setMaxListeners } from 'node:events';
import type { Balance } from '@/domain/balance-age';
import { dec } from '@/domain/decimal';
import { VenueError } from '@/exchanges/port';
import { currentTime } from '@/platform/clock';
import type { TradingAccount } from '../execution/accounts';
import { pause } from '../execution/order-executor';
import type { Claim } from './claim';
import type { CopyDeps } from './copy-deps';
import type { Follower } from './follower';
import { accountsOf } from './followers';
import type { Plan } from './plan';
import type { SignalRow } from './signal-row';

/** Accounts that are asked for at a time. */
const AT_ONCE = 32;
/** So long the other followers of a part wait for those of whom nobody knows what they are worth, ms. */
const WITHIN = 3000;
/** What orders need of a signal's time, ms. */
const SPARE = 2000;

/** A question that failed is asked again after this long, ms … */
const AGAIN_AFTER = 250;
/** … until so long after the signal's first one, ms: every part of it has its own to ask, and none waits for long. */
const AGAIN_WITHIN = 3000;

/** Null: the venue was away; "refused": it said that it does not tell. */
type Answer = Balance | 'refused' | null;

/** What was asked for with a signal, by account. */
export class AskedBalances {
  readonly #answers = new Map<string, Promise<Answer>>();
  #againUntil: number | null = null;

  /** The answer of an account's venue, which is asked once, and again while it is away. Never rejects. */
  async ask(id: string, ask: () => Promise<Balance>, stop: AbortSignal): Promise<Balance | null> {
    this.#againUntil ??= performance.now() + AGAIN_WITHIN;
    for (;;) {
      const asking = this.#answers.get(id) ?? this.#begin(id, ask);
      const answer = await asking;
      if (answer === 'refused') return null;
      if (answer !== null || stop.aborted || performance.now() + AGAIN_AFTER > this.#againUntil) return answer;
      await pause(AGAIN_AFTER, stop);
      // Who waits for the same account shares the new question.
      if (this.#answers.get(id) === asking) this.#answers.delete(id);
    }
  }

  #begin(id: string, ask: () => Promise<Balance>): Promise<Answer> {
    const asking = ask().catch((error: unknown) =>
      error instanceof VenueError && !error.retryable ? ('refused' as const) : null,
    );
    this.#answers.set(id, asking);
    return asking;
  }
}

type Asking = {
  readonly deps: Pick<CopyDeps, 'balances' | 'database' | 'keys'>;
  readonly claim: Pick<Claim, 'tenantId'>;
  readonly signal: Pick<SignalRow, 'expiresAt'>;
  readonly stop: AbortSignal;
};

/**
 * Asks what those accounts are worth that would be denied because nobody knows it: after a worker's or a venue's absence, seldom
 * otherwise. Each account once a signal, again while its venue is away for a moment, and only while the signal is fresh. Answers the followers with what is known now; null: there is nothing new.
 */
export async function askUnknownEquities(
  { deps, claim, signal, stop }: Asking,
  { askedBalances }: { readonly askedBalances: AskedBalances },
  followers: readonly Follower[],
  plan: Plan,
): Promise<readonly Follower[] | null> {
  const unknown = deniedForIt(plan);
  if (unknown.length === 0) return null;
  const until = Math.min(currentTime() + WITHIN, signal.expiresAt.getTime() - SPARE);
  if (currentTime() >= until) return null;
  const accounts = await deps.keys.open(deps.database.forTenant(claim.tenantId), claim.tenantId, accountsOf(unknown));
  const known = new Map<string, Balance>();
  await within(until, stop, (over) => askAll(deps.balances, [...accounts.values()], askedBalances, known, over));
  if (known.size === 0) return null;
  return followers.map((follower) => {
    const balance = known.get(follower.snapshot.accountId);
    return balance === undefined ? follower : { ...follower, snapshot: { ...follower.snapshot, ...figures(balance) } };
  });
}

function deniedForIt({ trades }: Plan): readonly Follower[] {
  const followers = new Map<string, Follower>();
  for (const { decision, follower } of trades) {
    if (decision.outcome !== 'denied' || follower.snapshot.equity !== null) continue;
    // An outage of its venue may be named instead.
    if (decision.code !== 'EQUITY_UNKNOWN' && decision.code !== 'VENUE_UNREACHABLE') continue;
    followers.set(follower.snapshot.accountId, follower);
  }
  return [...followers.values()];
}

async function askAll(
  asker: { ask(account: TradingAccount): Promise<Balance> },
  accounts: TradingAccount[],
  asked: AskedBalances,
  known: Map<string, Balance>,
  over: AbortSignal,
): Promise<void> {
  const runner = async (): Promise<void> => {
    for (let next = accounts.shift(); next !== undefined; next = accounts.shift()) {
      const account = next;
      const { id } = account;
      const balance = await asked.ask(id, () => asker.ask(account), over);
      if (balance !== null) known.set(id, balance);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, runner));
}

/** Waits for what is under way until a moment at most; what comes later is of use to the next signal. */
async function within(until: number, stop: AbortSignal, work: (over: AbortSignal) => Promise<void>): Promise<void> {
  const done = new AbortController();
  const over = AbortSignal.any([stop, done.signal]);
  setMaxListeners(0, over);
  await Promise.race([work(over), pause(until - currentTime(), over)]);
  done.abort();
}

function figures({ equity, available }: Balance) {
  return { equity: dec(equity), available: dec(available) };
}
