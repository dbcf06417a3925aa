import { leavesAll } from '@/domain/leader';
import type { PositionSide, SignalIntent } from '@/domain/signal';
import { Prisma, type TenantClient } from '@/platform/database/database';
import { isClosing } from './closing-signal';
import type { SignalRow } from './signal-row';

/** `side`: which one he left; null: whichever he held. */
export type LeftLane = {
  readonly sourceId: string;
  readonly instrumentId: string;
  readonly side: PositionSide | null;
};

/** The lane whose leader a signal takes out of all that he holds; null: it does not, or is none of his. */
export function leftBy({ format, intent, sourceId, instrumentId }: SignalRow): LeftLane | null {
  const known = (intent ?? {}) as Partial<SignalIntent>;
  if (isClosing(format) || !leavesAll(known)) return null;
  return { sourceId, instrumentId, side: known.action === 'close' ? (known.side ?? null) : null };
}

/** Empties the leader's book. */
export async function leaveLane(
  tx: Pick<TenantClient, '$executeRaw'>,
  tenantId: string,
  { sourceId, instrumentId, side }: LeftLane,
  now: Date,
): Promise<void> {
  await tx.$executeRaw(
    Prisma.sql`UPDATE SignalLane SET leaderSide = NULL, leaderSize = 0, updatedAt = ${now}
      WHERE tenantId = ${tenantId} AND sourceId = ${sourceId} AND instrumentId = ${instrumentId}
        AND (${side} IS NULL OR leaderSide = ${side})`,
  );
}
