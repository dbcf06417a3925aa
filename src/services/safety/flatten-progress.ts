import type { FlattenProgress } from '@/contracts/api/safety';
import type { KillSwitchScope } from '@/domain/risk/types';
import { Prisma, type TenantClient } from '@/platform/database/database';
import { PLATFORM_ROW } from './kill-switch-board';

type Count = { id: string; code: string | null; message: string | null; count: bigint };

/** The row `o` that holds the switch over a position or exit `h`. */
const OVER: Readonly<Record<KillSwitchScope, Prisma.Sql>> = {
  platform: Prisma.sql`Platform o ON o.id = ${PLATFORM_ROW}`,
  tenant: Prisma.sql`Tenant o ON o.id = h.tenantId`,
  strategy: Prisma.sql`Strategy o ON o.id = h.strategyId`,
  customer: Prisma.sql`Customer o ON o.id = h.customerId`,
};

/**
 * What the tenant's switches of one scope that stand at "flatten" have closed since they were thrown, and what they could not close and
 * why, by the id of what they stop. Two statements, however many switches.
 *
 * Whatever is held under the switch is open, whether or not a worker has taken it up (`NOT_TAKEN_UP`). An exit that nothing is held of
 * any more and that had not ended before is closed, in whichever way: a signal of the leader, a stop order or a hand may have been faster.
 */
export async function readFlattenProgress(
  db: Pick<TenantClient, '$queryRaw'>,
  tenantId: string,
  scope: KillSwitchScope,
): Promise<ReadonlyMap<string, FlattenProgress>> {
  const [open, closed] = await Promise.all([
    db.$queryRaw<Count[]>(
      Prisma.sql`SELECT CAST(o.id AS CHAR) AS id, COUNT(*) AS count,
          CASE WHEN x.dueAt IS NULL THEN 'NOT_TAKEN_UP' ELSE COALESCE(x.obstacle, x.code) END AS code,
          CASE WHEN MAX(x.obstacle) IS NULL THEN MAX(x.message) END AS message
        FROM \`Position\` h JOIN ${OVER[scope]}
        LEFT JOIN PositionExit x ON x.subscriptionId = h.subscriptionId AND x.instrumentId = h.instrumentId AND x.side = h.side
          AND x.doneAt IS NULL
        WHERE h.tenantId = ${tenantId} AND h.quantity > 0 AND o.killSwitch = 'flatten' GROUP BY 1, 3`,
    ),
    db.$queryRaw<Count[]>(
      Prisma.sql`SELECT CAST(o.id AS CHAR) AS id, COUNT(*) AS count, NULL AS code, NULL AS message
        FROM PositionExit h JOIN ${OVER[scope]}
        LEFT JOIN \`Position\` p ON p.subscriptionId = h.subscriptionId AND p.instrumentId = h.instrumentId AND p.side = h.side
        WHERE h.tenantId = ${tenantId} AND o.killSwitch = 'flatten' AND (h.doneAt IS NULL OR h.doneAt >= COALESCE(o.killSwitchAt, '1970-01-01'))
          AND COALESCE(p.quantity, 0) = 0 GROUP BY 1`,
    ),
  ]);
  const progress = new Map<string, FlattenProgress>();
  const of = (id: string): FlattenProgress => progress.get(id) ?? NOTHING;
  for (const { id, count } of closed) progress.set(id, { ...NOTHING, found: Number(count), closed: Number(count) });
  for (const { id, code, message, count } of open) {
    const { found, closed, open, reasons } = of(id);
    progress.set(id, {
      found: found + Number(count),
      closed,
      open: open + Number(count),
      reasons:
        code === null
          ? reasons
          : [...reasons, { code, message, count: Number(count) }].sort((a, b) => b.count - a.count),
    });
  }
  return progress;
}

export const NOTHING: FlattenProgress = { found: 0, closed: 0, open: 0, reasons: [] };
