import type { Balance } from '@/domain/balance-age';
import { dec } from '@/domain/decimal';
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

/** What was asked for with a signal, by account; null: its venue did not say. */
export type AskedBalances = Map<string, Promise<Balance | null>>;

type Asking = {
  readonly deps: Pick<CopyDeps, 'balances' | 'database' | 'keys'>;
  readonly claim: Pick<Claim, 'tenantId'>;
  readonly signal: Pick<SignalRow, 'expiresAt'>;
  readonly stop: AbortSignal;
};

/**
 * Asks what those accounts are worth that would be denied because nobody knows it: after a worker's or a venue's absence, seldom
 * otherwise. Each account once a signal, and only while it is fresh. Answers the followers with what is known now; null: there is nothing new.
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
  await within(until, stop, () => askAll(deps.balances, [...accounts.values()], askedBalances, known));
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
): Promise<void> {
  const runner = async (): Promise<void> => {
    for (let account = accounts.shift(); account !== undefined; account = accounts.shift()) {
      const asking = asked.get(account.id) ?? asker.ask(account).catch(() => null);
      asked.set(account.id, asking);
      const balance = await asking;
      if (balance !== null) known.set(account.id, balance);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, runner));
}

/** Waits for what is under way until a moment at most; what comes later is of use to the next signal. */
async function within(until: number, stop: AbortSignal, work: () => Promise<void>): Promise<void> {
  const done = new AbortController();
  const waiting = pause(until - currentTime(), AbortSignal.any([stop, done.signal]));
  await Promise.race([work(), waiting]);
  done.abort();
}

function figures({ equity, available }: Balance) {
  return { equity: dec(equity), available: dec(available) };
}
