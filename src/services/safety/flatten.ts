import { type Database, Prisma } from '@/platform/database/database';
import { KEY_WORKS } from '../accounts/health';
import { addClosingSignal } from '../copying/closing-signal';

/** Pauses between the closes of one lane that did not empty it (a refused order, a venue that is away), ms; the last stays. */
const RETRY_AFTER = [0, 5_000, 15_000, 60_000, 300_000, 3_600_000] as const;

type Lane = {
  tenantId: string;
  sourceId: string;
  instrumentId: string;
  platformAt: Date | null;
  tenantAt: Date | null;
  strategyAt: Date | null;
  customerAt: Date | null;
};
type Earlier = { id: string; status: string; receivedAt: Date };

/**
 * Asks for closes wherever somebody whose kill switch says "flatten" holds something by our book: one signal a lane, behind
 * everything the lane has to do before. Looks at what is, not at who pressed what: fills that come late, workers that
 * die and closes that fail are found by the next look. Several workers may do it at once. Answers the new signals.
 */
export async function addFlattenSignals(database: Database, now: number): Promise<readonly string[]> {
  const added: string[] = [];
  for (const lane of await lanesToFlatten(database)) {
    const earlier = await flattenSignals(database, lane);
    const last = earlier[0];
    if (last !== undefined && !isFinished(last.status)) continue;
    const tries = earlier.filter((signal) => signal.receivedAt.getTime() >= since(lane)).length;
    const wait = RETRY_AFTER[Math.min(tries, RETRY_AFTER.length - 1)] ?? 0;
    if (last !== undefined && now < last.receivedAt.getTime() + wait) continue;
    const { tenantId, sourceId, instrumentId } = lane;
    // Each names its lane and the one before it: of several workers that see the same, one succeeds.
    const idempotencyKey = `flatten:${instrumentId}:${last?.id ?? 'first'}`;
    const signal = { tenantId, sourceId, instrumentId, format: 'flatten', idempotencyKey } as const;
    const id = await addClosingSignal(database, signal, now);
    if (id !== null) added.push(id);
  }
  return added;
}

function isFinished(status: string): boolean {
  return status === 'done' || status === 'rejected';
}

/** Lanes with positions of followers under "flatten" whose orders can leave: not halted, not suspended, with a working key. */
function lanesToFlatten({ system }: Database): Promise<Lane[]> {
  const switches = Prisma.sql`(f.killSwitch, t.killSwitch, s.killSwitch, c.killSwitch)`;
  return system.$queryRaw<Lane[]>(
    Prisma.sql`SELECT p.tenantId, s.signalSourceId AS sourceId, p.instrumentId,
        MAX(IF(f.killSwitch = 'flatten', f.killSwitchAt, NULL)) AS platformAt,
        MAX(IF(t.killSwitch = 'flatten', t.killSwitchAt, NULL)) AS tenantAt,
        MAX(IF(s.killSwitch = 'flatten', s.killSwitchAt, NULL)) AS strategyAt,
        MAX(IF(c.killSwitch = 'flatten', c.killSwitchAt, NULL)) AS customerAt
      FROM Position p
      JOIN Tenant t ON t.id = p.tenantId
      JOIN Strategy s ON s.id = p.strategyId
      JOIN Customer c ON c.id = p.customerId
      JOIN ExchangeAccount a ON a.id = p.accountId
      LEFT JOIN Platform f ON 1 = 1
      WHERE p.quantity > 0 AND c.status = 'active' AND ${KEY_WORKS}
        AND 'flatten' IN ${switches} AND NOT COALESCE('halt' IN ${switches}, FALSE)
      GROUP BY p.tenantId, s.signalSourceId, p.instrumentId`,
  );
}

/** The latest of the switches in force: a switch that is thrown again starts again. */
function since(lane: Lane): number {
  const times = [lane.platformAt, lane.tenantAt, lane.strategyAt, lane.customerAt];
  return times.reduce((latest, at) => Math.max(latest, at?.getTime() ?? 0), 0);
}

/** Newest first. */
function flattenSignals({ system }: Database, lane: Lane): Promise<Earlier[]> {
  return system.signal.findMany({
    where: { sourceId: lane.sourceId, instrumentId: lane.instrumentId, format: 'flatten' },
    orderBy: { sequence: 'desc' },
    take: RETRY_AFTER.length,
    select: { id: true, status: true, receivedAt: true },
  });
}
