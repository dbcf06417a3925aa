import { type Database, Prisma, type RawReader, type RawWriter, type SystemClient } from '@/platform/database/database';
import type { ExecutionTimings } from '../execution/timings';
import { readSignal, type SignalRow } from './signal-row';

/** The right to copy one signal. `token` grows with each takeover, so that a late writer is recognised. */
export type Claim = {
  readonly signalId: string;
  readonly tenantId: string;
  readonly token: number;
  /** Status when claimed: "received" is new; the others were left behind by a worker that is gone. */
  readonly found: 'received' | 'planning' | 'dispatching';
};

/** A signal that somebody may claim: what claiming it compares, and what can be read meanwhile. */
export type Claimable = SignalRow & { readonly status: Claim['found'] };

/** Null: there is no such signal, or it is ended. */
export async function findClaimable(db: RawReader, signalId: string): Promise<Claimable | null> {
  const signal = await readSignal(db, signalId);
  if (signal === null || signal.status === 'done' || signal.status === 'rejected') return null;
  return { ...signal, status: signal.status };
}

/** The moment at which a lease ends that begins now, by the clock of the database: workers' own may be far apart. */
const leaseEnd = ({ claimLease }: ExecutionTimings): Prisma.Sql =>
  Prisma.sql`UTC_TIMESTAMP(3) + INTERVAL ${claimLease * 1000} MICROSECOND`;

/** A signal of our own waits for no turn. */
function itsTurn({ ours, sourceId, instrumentId }: SignalRow): Prisma.Sql {
  if (ours) return Prisma.empty;
  return Prisma.sql`JOIN (SELECT MIN(sequence) AS first FROM \`Signal\`
    WHERE sourceId = ${sourceId} AND instrumentId = ${instrumentId} AND ours = FALSE
      AND status IN ('received', 'planning', 'dispatching')) lane ON s.sequence = lane.first`;
}

/**
 * Claims a signal for a worker, if it is the first unfinished one of its lane (source, instrument) and nobody holds it:
 * one compare-and-set, so that of many workers one wins. Null: not now; whoever finishes the earlier one wakes the next.
 */
export async function claimSignal(
  db: RawWriter,
  signal: Claimable,
  worker: string,
  timings: ExecutionTimings,
): Promise<Claim | null> {
  const token = signal.claimToken + 1;
  const changed = await db.$executeRaw(
    Prisma.sql`UPDATE \`Signal\` s ${itsTurn(signal)}
      SET s.status = IF(s.status = 'received', 'planning', s.status),
          s.claimedBy = ${worker}, s.claimToken = ${token}, s.claimedUntil = ${leaseEnd(timings)}
      WHERE s.id = ${signal.id} AND s.claimToken = ${signal.claimToken} AND s.status = ${signal.status}
        AND (s.claimedUntil IS NULL OR s.claimedUntil < UTC_TIMESTAMP(3))`,
  );
  const { id: signalId, tenantId, status: found } = signal;
  return changed === 0 ? null : { signalId, tenantId, token, found };
}

/** Parts that one owner of a signal writes at most. */
const PARTS = 10_000;

/** The number of a part of a signal's plan: no two owners of the signal write the same one. */
export function partOf({ token }: Pick<Claim, 'token'>, index: number): number {
  return token * PARTS + index;
}

/** Keeps a claim alive; `held()` turns false as soon as the lease ran out or somebody else took over. */
export interface HeldClaim {
  held(): boolean;
  stop(): void;
}

/**
 * How long a lease holds is counted by the process's own clock, which nobody sets, from before the statement left: it never seems to
 * hold for longer than the database says.
 * @param since when the signal was asked for, by `performance.now()`
 */
export function keepClaim(
  db: SystemClient,
  claim: Claim,
  timings: ExecutionTimings,
  stop: AbortSignal,
  since: number,
): HeldClaim {
  let until = since + timings.claimLease;
  let lost = false;
  const renew = async (): Promise<void> => {
    const next = performance.now() + timings.claimLease;
    try {
      const count = await db.$executeRaw(
        Prisma.sql`UPDATE \`Signal\` SET claimedUntil = ${leaseEnd(timings)}
          WHERE id = ${claim.signalId} AND claimToken = ${claim.token} AND status IN ('planning', 'dispatching')`,
      );
      if (count === 0) lost = true;
      else if (!lost) until = next;
    } catch {
      // The lease simply runs out when the database stays away.
    }
  };
  const timer = setInterval(() => void renew(), timings.claimRenewal);
  const end = (): void => clearInterval(timer);
  stop.addEventListener('abort', end, { once: true });
  return {
    held: () => {
      // A lease that ran out once is lost, even if a late renewal went through: meanwhile orders were held back, and only
      // a new owner asks for each of them.
      if (performance.now() >= until) lost = true;
      return !lost;
    },
    stop: () => {
      end();
      stop.removeEventListener('abort', end);
    },
  };
}

/** Gives the claim back at once, so that another worker can go on (shutdown, or a database that was away). */
export async function releaseClaim(db: SystemClient, claim: Claim): Promise<void> {
  await db.signal.updateMany({
    where: { id: claim.signalId, claimToken: claim.token, status: { in: ['planning', 'dispatching'] } },
    data: { claimedUntil: new Date(0) },
  });
}

export type Unclaimed = { readonly id: string; readonly tenantId: string; readonly ours: boolean };

/**
 * Signals that nobody works on: new ones without a job, and those whose worker is gone. Our own, and firsts of their lanes; those
 * before these, and the tenants' by turns: however many of one tenant's fail again and again, another one's is found.
 * @param grace new ones are left to the queue for this long, ms
 */
export async function findUnclaimed(db: SystemClient, grace: number, limit: number): Promise<readonly Unclaimed[]> {
  const rows = await db.$queryRaw<(Omit<Unclaimed, 'ours'> & { readonly ours: unknown })[]>(
    Prisma.sql`SELECT id, tenantId, ours FROM (
      SELECT s.id, s.tenantId, s.ours, s.sequence, ROW_NUMBER() OVER (PARTITION BY s.tenantId, s.ours ORDER BY s.sequence) AS turn
      FROM \`Signal\` s
      LEFT JOIN (SELECT MIN(sequence) AS first FROM \`Signal\`
            WHERE ours = FALSE AND status IN ('received', 'planning', 'dispatching')
            GROUP BY sourceId, instrumentId) lane ON s.sequence = lane.first
      WHERE s.status IN ('received', 'planning', 'dispatching') AND (s.ours = TRUE OR lane.first IS NOT NULL)
        AND ((s.claimedUntil IS NULL AND s.receivedAt < UTC_TIMESTAMP(3) - INTERVAL ${grace * 1000} MICROSECOND)
          OR s.claimedUntil < UTC_TIMESTAMP(3))
    ) unclaimed ORDER BY turn, ours DESC, sequence LIMIT ${limit}`,
  );
  return rows.map((row) => ({ ...row, ours: Number(row.ours) === 1 }));
}

/** The next waiting signal of a lane, once one is finished. */
async function nextInLane(db: SystemClient, sourceId: string, instrumentId: string): Promise<string | null> {
  const next = await db.signal.findFirst({
    where: { sourceId, instrumentId, ours: false, status: 'received' },
    orderBy: { sequence: 'asc' },
    select: { id: true },
  });
  return next?.id ?? null;
}

/** Hands the next signal of a lane to the workers. Where the wake-up is lost, the sweep finds the signal. */
export async function wakeNext(
  deps: { readonly database: Database; readonly wake: (signalId: string, tenantId: string) => Promise<void> },
  lane: { readonly tenantId: string; readonly sourceId: string; readonly instrumentId: string },
): Promise<void> {
  const next = await nextInLane(deps.database.system, lane.sourceId, lane.instrumentId);
  if (next !== null) await deps.wake(next, lane.tenantId).catch(() => undefined);
}
