import { type Database, Prisma } from '@/platform/database/database';
import { KEY_WORKS } from '../accounts/health';
import { addClosingSignal } from '../copying/closing-signal';

/** Pauses between the closes of one lane that did not empty it, ms; the last stays. */
const RETRY_AFTER = [0, 5_000, 15_000, 60_000] as const;

type Lane = { tenantId: string; sourceId: string; instrumentId: string; crossedAt: Date };
type Earlier = { id: string; status: string; receivedAt: Date; plannedAt: Date | null };

/**
 * Asks for closes at market wherever the venue would not hold a stop-loss or take-profit because the market had passed it: one signal
 * a lane. Its turn says who closes, so that levels which a leader has moved meanwhile count. Looks at what is: a worker that dies and a
 * close that fails are found by the next look. Several workers may do it at once. Answers the new signals.
 */
export async function addCrossedStopSignals(database: Database, now: number): Promise<readonly string[]> {
  const added: string[] = [];
  for (const lane of await lanesToClose(database)) {
    const earlier = await earlierSignals(database, lane);
    if (now < nextAt(earlier, lane.crossedAt.getTime())) continue;
    const { tenantId, sourceId, instrumentId } = lane;
    // Each names its lane and the one before it: of several workers that see the same, one succeeds.
    const idempotencyKey = `${keyOf(lane)}${earlier[0]?.id ?? 'first'}`;
    const signal = { tenantId, sourceId, instrumentId, format: 'crossed-stop', idempotencyKey } as const;
    const id = await addClosingSignal(database, signal, now);
    if (id !== null) added.push(id);
  }
  return added;
}

/** @param earlier newest first */
function nextAt(earlier: readonly Earlier[], crossedAt: number): number {
  const [last] = earlier;
  if (last === undefined) return 0;
  // Who is crossed when its turn comes is closed by it.
  if (last.plannedAt === null && !isFinished(last)) return Number.POSITIVE_INFINITY;
  if (last.plannedAt !== null && last.plannedAt.getTime() <= crossedAt) return 0;
  if (!isFinished(last)) return Number.POSITIVE_INFINITY;
  const tries = earlier.filter(({ receivedAt }) => receivedAt.getTime() >= crossedAt).length;
  const wait = RETRY_AFTER[Math.min(tries, RETRY_AFTER.length - 1)] ?? 0;
  return last.receivedAt.getTime() + wait;
}

function isFinished({ status }: Earlier): boolean {
  return status === 'done' || status === 'rejected';
}

/** Lanes with such positions, of followers whose orders can leave: not halted, not suspended, with a working key. */
function lanesToClose({ system }: Database): Promise<Lane[]> {
  return system.$queryRaw<Lane[]>(
    Prisma.sql`SELECT r.tenantId, s.signalSourceId AS sourceId, r.instrumentId, MAX(r.crossedAt) AS crossedAt
      FROM Protection r
      JOIN Position p ON p.subscriptionId = r.subscriptionId AND p.instrumentId = r.instrumentId AND p.side = r.side
      JOIN Tenant t ON t.id = r.tenantId
      JOIN Strategy s ON s.id = r.strategyId
      JOIN Customer c ON c.id = r.customerId
      JOIN ExchangeAccount a ON a.id = r.accountId
      LEFT JOIN Platform f ON 1 = 1
      WHERE r.crossed IN ('stop', 'take') AND r.open = 1 AND p.quantity > 0 AND c.status = 'active' AND ${KEY_WORKS}
        AND NOT COALESCE('halt' IN (f.killSwitch, t.killSwitch, s.killSwitch, c.killSwitch), FALSE)
      GROUP BY r.tenantId, s.signalSourceId, r.instrumentId`,
  );
}

/** How the keys of a lane's signals begin. */
function keyOf({ instrumentId }: Lane): string {
  return `crossed-stop:${instrumentId}:`;
}

/** Newest first; found by their keys, so that a lane's other signals are not gone through. */
function earlierSignals({ system }: Database, lane: Lane): Promise<Earlier[]> {
  return system.signal.findMany({
    where: { sourceId: lane.sourceId, idempotencyKey: { startsWith: keyOf(lane) }, format: 'crossed-stop' },
    orderBy: { sequence: 'desc' },
    take: RETRY_AFTER.length,
    select: { id: true, status: true, receivedAt: true, plannedAt: true },
  });
}
