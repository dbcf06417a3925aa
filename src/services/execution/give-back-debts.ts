import { Prisma, type TenantClient } from '@/platform/database/database';

/**
 * Owes again what was owed before orders that turned out never to have been: while their outcome was unknown their signal ended
 * as if they stood. What a later decision has made of the debt is left alone.
 */
export async function giveBackDebts(
  tx: Pick<TenantClient, '$executeRaw'>,
  tenantId: string,
  tradeIds: readonly string[],
  now: Date,
): Promise<void> {
  if (tradeIds.length === 0) return;
  const amount = (path: string): Prisma.Sql =>
    Prisma.sql`CAST(JSON_UNQUOTE(JSON_EXTRACT(t.decision, ${path})) AS DECIMAL(36,18))`;
  await tx.$executeRaw(
    Prisma.sql`UPDATE RoundingDebt d
      JOIN Trade t ON t.subscriptionId = d.subscriptionId AND t.instrumentId = d.instrumentId AND t.positionSide = d.side
      SET d.quantity = ${amount('$.debtBefore')}, d.updatedAt = ${now}
      WHERE d.tenantId = ${tenantId} AND t.tenantId = ${tenantId} AND t.id IN (${Prisma.join([...tradeIds])})
        AND t.status IN ('expired', 'rejected') AND t.filledQuantity = 0
        AND JSON_EXTRACT(t.decision, '$.debtBefore') IS NOT NULL
        AND d.quantity = ${amount('$.debtAfter')}`,
  );
}
