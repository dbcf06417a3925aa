import { Prisma, type TenantClient } from '@/platform/database/database';

/*
 * A signal's end settles what its orders owe by rounding. Some orders turn out later to be something else than they were taken for then.
 */

/** A figure of the decision of trade `t`, contracts. */
const amount = (path: string): Prisma.Sql =>
  Prisma.sql`CAST(JSON_UNQUOTE(JSON_EXTRACT(t.decision, ${path})) AS DECIMAL(36,18))`;

/**
 * Owes again what was owed before entries that turned out never to have been: while their outcome was unknown their signal ended
 * as if they stood. What a later decision has made of the debt is left alone.
 */
export async function giveBackDebts(
  tx: Pick<TenantClient, '$executeRaw'>,
  tenantId: string,
  tradeIds: readonly string[],
  now: Date,
): Promise<void> {
  if (tradeIds.length === 0) return;
  await tx.$executeRaw(
    Prisma.sql`UPDATE RoundingDebt d
      JOIN Trade t ON t.subscriptionId = d.subscriptionId AND t.instrumentId = d.instrumentId AND t.positionSide = d.side
      SET d.quantity = ${amount('$.debtBefore')}, d.updatedAt = ${now}
      WHERE d.tenantId = ${tenantId} AND t.tenantId = ${tenantId} AND t.id IN (${Prisma.join([...tradeIds])})
        AND t.leg = 'open' AND t.status IN ('expired', 'rejected') AND t.filledQuantity = 0
        AND JSON_EXTRACT(t.decision, '$.debtBefore') IS NOT NULL
        AND d.quantity = ${amount('$.debtAfter')}`,
  );
}

/**
 * Owes what the decisions of entries say that stand after all, although their signal ended as if they had never been. What a later
 * decision has made of the debt is left alone.
 */
export async function takeOverDebts(
  tx: Pick<TenantClient, '$executeRaw'>,
  tenantId: string,
  tradeIds: readonly string[],
  now: Date,
): Promise<void> {
  if (tradeIds.length === 0) return;
  await tx.$executeRaw(
    Prisma.sql`INSERT INTO RoundingDebt (tenantId, subscriptionId, instrumentId, side, quantity, updatedAt)
      SELECT t.tenantId, t.subscriptionId, t.instrumentId, t.positionSide, ${amount('$.debtAfter')}, ${now}
      FROM Trade t LEFT JOIN RoundingDebt d ON d.tenantId = t.tenantId AND d.subscriptionId = t.subscriptionId
        AND d.instrumentId = t.instrumentId AND d.side = t.positionSide
      WHERE t.tenantId = ${tenantId} AND t.id IN (${Prisma.join([...tradeIds])}) AND t.leg = 'open'
        AND JSON_EXTRACT(t.decision, '$.debtBefore') IS NOT NULL AND JSON_EXTRACT(t.decision, '$.debtAfter') IS NOT NULL
        AND COALESCE(d.quantity, 0) = ${amount('$.debtBefore')}
        AND NOT EXISTS (SELECT 1 FROM Trade n WHERE n.tenantId = t.tenantId AND n.customerId = t.customerId
          AND n.createdAt > t.createdAt AND n.subscriptionId = t.subscriptionId AND n.instrumentId = t.instrumentId
          AND n.leg <> 'stop')
      ON DUPLICATE KEY UPDATE quantity = VALUES(quantity), updatedAt = VALUES(updatedAt)`,
  );
}
