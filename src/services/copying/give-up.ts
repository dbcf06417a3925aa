import { Prisma } from '@/platform/database/database';
import { failureKind } from '@/platform/database/failure-kind';
import { unfoldPlan } from '../execution/written-plan';
import { type Claim, wakeNext } from './claim';
import type { CopyDeps } from './copy-deps';
import { rejectSignal } from './finish';
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
 * Ends a signal that can be neither copied nor ended as others are, so that its lane goes on: rejected where nobody was ordered
 * anything for it, else done with a code, and what may be at the venue is asked for like other stragglers. Positions that it should have
 * closed stay in the books, as the code on the signal says.
 */
export async function giveUp(deps: CopyDeps, claim: Claim, signal: SignalRow, error: unknown): Promise<void> {
  const { signalId, tenantId } = claim;
  deps.logger.error({ signal: signalId, reason: (error as Error).message }, 'a signal was given up; its lane goes on');
  const db = deps.database.forTenant(tenantId);
  const ours = { id: signalId, claimToken: claim.token };
  const ended = { doneAt: new Date(), claimedUntil: null };
  // With its notifications where they can be written.
  let rejected = await rejectSignal(db, claim, 'PLANNING_FAILED').catch((failure: unknown) => {
    if (failureKind(failure) === 'database') throw failure;
    return false;
  });
  if (!rejected) {
    const { count } = await db.signal.updateMany({
      where: { ...ours, status: 'planning', plan: { equals: Prisma.DbNull } },
      data: { ...ended, status: 'rejected', rejectCode: 'PLANNING_FAILED' },
    });
    rejected = count > 0;
  }
  if (!rejected) {
    await unfoldPlan(deps.database.statements, tenantId, signalId);
    await db.signal.updateMany({
      where: { ...ours, status: { in: ['planning', 'dispatching'] } },
      data: { ...ended, status: 'done', rejectCode: 'NOT_FINISHED' },
    });
  }
  await tell(deps, signal, rejected ? 'rejected' : 'done', null);
  await wakeNext(deps, signal);
}
