import { leavesAll } from '@/domain/leader';
import type { PositionSide, SignalIntent } from '@/domain/signal';
import { timesOfExit } from '@/domain/signal-order';
import { Prisma, type TenantClient } from '@/platform/database/database';
import { isClosing } from './closing-signal';
import { readLaneTimes } from './lane-times';
import type { SignalRow } from './signal-row';

/** `side`: which one he left; null: whichever he held. */
export type LeftLane = {
  readonly sourceId: string;
  readonly instrumentId: string;
  readonly side: PositionSide | null;
  /** When the signal was sent, epoch ms. */
  readonly sentAt: number;
};

/** The lane whose leader a signal takes out of all that he holds; null: it does not, or is none of his. */
export function leftBy({ format, intent, sourceId, instrumentId, ...signal }: SignalRow): LeftLane | null {
  const known = (intent ?? {}) as Partial<SignalIntent>;
  if (isClosing(format) || !leavesAll(known)) return null;
  const side = known.action === 'close' ? (known.side ?? null) : null;
  return { sourceId, instrumentId, side, sentAt: signal.sentAt.getTime() };
}

/** Empties the leader's book. What was sent before does not fill it again. */
export async function leaveLane(
  tx: Pick<TenantClient, '$executeRaw' | '$queryRaw'>,
  tenantId: string,
  { sourceId, instrumentId, side, sentAt }: LeftLane,
  now: Date,
): Promise<void> {
  const lane = Prisma.sql`tenantId = ${tenantId} AND sourceId = ${sourceId} AND instrumentId = ${instrumentId}`;
  const [row] = await tx.$queryRaw<{ leaderTimes: string | null }[]>(
    Prisma.sql`SELECT CAST(leaderTimes AS CHAR) AS leaderTimes FROM SignalLane WHERE ${lane} FOR UPDATE`,
  );
  const times = timesOfExit(readLaneTimes(row?.leaderTimes ?? null), sentAt, side, false);
  const leaves = Prisma.sql`${side} IS NULL OR leaderSide = ${side}`;
  await tx.$executeRaw(
    // The side last: the other columns are set by what it was.
    Prisma.sql`UPDATE SignalLane SET leaderTimes = ${JSON.stringify(times)}, updatedAt = ${now},
        leaderSize = IF(${leaves}, 0, leaderSize), leaderSide = IF(${leaves}, NULL, leaderSide)
      WHERE ${lane}`,
  );
}
