import { Prisma } from '@/platform/database/database';
import type { TenantTransaction } from '../audit/audit-trail';
import type { BookedPosition } from './account-book';

type Row = { readonly id: string; readonly isPlanned: unknown; readonly isLeft: unknown };

/**
 * Keeps signals from being planned for these positions until the transaction ends. Answers false where one is being planned now: what it
 * has read of the followers must not change before its orders are written, or it would close more than a strategy holds, and with that
 * another one's part. Whoever has lost the right to plan, and does not know it yet, cannot write any more.
 */
export async function holdPlans(
  tx: TenantTransaction,
  tenantId: string,
  positions: readonly Pick<BookedPosition, 'sourceId' | 'instrumentId'>[],
): Promise<boolean> {
  if (positions.length === 0) return true;
  const lanes = Prisma.join(positions.map(({ sourceId, instrumentId }) => Prisma.sql`(${sourceId}, ${instrumentId})`));
  const undecided = Prisma.sql`tenantId = ${tenantId} AND (sourceId, instrumentId) IN (${lanes})
    AND status IN ('received', 'planning')`;
  const rows = await tx.$queryRaw<Row[]>(
    Prisma.sql`SELECT id, status = 'planning' AND claimedUntil >= UTC_TIMESTAMP(3) AS isPlanned, status = 'planning' AS isLeft
      FROM \`Signal\` WHERE ${undecided} FOR UPDATE`,
  );
  if (rows.some(({ isPlanned }) => Number(isPlanned) === 1)) return false;
  // Signals come into a lane under its lock.
  await tx.$queryRaw(
    Prisma.sql`SELECT sourceId FROM SignalLane
      WHERE tenantId = ${tenantId} AND (sourceId, instrumentId) IN (${lanes}) FOR UPDATE`,
  );
  const now = await tx.$queryRaw<{ id: string }[]>(Prisma.sql`SELECT id FROM \`Signal\` WHERE ${undecided}`);
  if (now.some(({ id }) => !rows.some((row) => row.id === id))) return false;
  const left = rows.flatMap(({ id, isLeft }) => (Number(isLeft) === 1 ? id : []));
  if (left.length === 0) return true;
  await tx.$executeRaw(
    Prisma.sql`UPDATE \`Signal\` SET claimToken = claimToken + 1 WHERE tenantId = ${tenantId} AND id IN (${Prisma.join(left)})`,
  );
  return true;
}
