import type { TenantClient } from '@/platform/database/database';
import { failureKind } from '@/platform/database/failure-kind';
import { unfoldPlan } from '../execution/written-plan';
import { type Claim, wakeNext } from './claim';
import type { CopyDeps } from './copy-deps';
import { endUnfinished, rejectSignal } from './finish';
import { type LeftLane, leftBy } from './left-lane';
import type { SignalRow } from './signal-row';
import { tell } from './tell';

/** A signal that fails for a reason of its own is tried so many times by one worker. */
const MOST_ATTEMPTS = 5;
/** Signals whose failures a worker remembers. */
const REMEMBERED = 10_000;

/** How often signals failed here for a reason that does not lie in the database. */
export class FailedAttempts {
  readonly #counts = new Map<string, number>();

  /** Notes a failure. Answers whether the signal is to be given up. */
  note(signalId: string, error: unknown): boolean {
    if (failureKind(error) === 'database') return false;
    const count = (this.#counts.get(signalId) ?? 0) + 1;
    this.#counts.delete(signalId);
    if (count >= MOST_ATTEMPTS) return true;
    this.#counts.set(signalId, count);
    const [oldest] = this.#counts.keys();
    if (this.#counts.size > REMEMBERED && oldest !== undefined) this.#counts.delete(oldest);
    return false;
  }
}

/**
 * Ends a signal that can be neither copied nor ended as others are, so that its lane goes on, and tells operators: rejected where nobody
 * was ordered anything for it, else done with a code, and what may be at the venue is asked for like other stragglers. Its leader has left
 * his side where it says no more than that: what followers hold is then an exit that is due. Positions that it should have closed in part
 * stay in the books, as the code on the signal says.
 */
export async function giveUp(deps: CopyDeps, claim: Claim, signal: SignalRow, error: unknown): Promise<void> {
  deps.logger.error(
    { signal: claim.signalId, reason: (error as Error).message },
    'a signal was given up; its lane goes on',
  );
  const db = deps.database.forTenant(claim.tenantId);
  const rejected = await rejectSimply(deps, db, claim, leftBy(signal));
  if (!rejected) {
    await unfoldPlan(deps.database.statements, claim.tenantId, claim.signalId);
    await endUnfinished(db, claim, (reason) =>
      deps.logger.error({ signal: claim.signalId, reason }, 'a signal that was given up was not ended whole'),
    );
  }
  await tell(deps, signal, rejected ? 'rejected' : 'done', null);
  await wakeNext(deps, signal);
}

/** With its notifications where they can be written. */
async function rejectSimply(deps: CopyDeps, db: TenantClient, claim: Claim, left: LeftLane | null): Promise<boolean> {
  try {
    return await rejectSignal(db, claim, 'PLANNING_FAILED', left);
  } catch (failure) {
    if (failureKind(failure) === 'database') throw failure;
    const reason = (failure as Error).message;
    deps.logger.error({ signal: claim.signalId, reason }, 'nobody is told of a signal that was given up');
    return rejectSignal(db, claim, 'PLANNING_FAILED', left, 'untold');
  }
}
