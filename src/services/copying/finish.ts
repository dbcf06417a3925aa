import { countReceipts, type ReceiptCounts } from '@/domain/receipt';
import { Prisma, type TenantClient, type Transaction } from '@/platform/database/database';
import { retryTransaction } from '@/platform/database/retry';
import { queueSignalNotifications } from '../notifications/queue';
import type { Claim } from './claim';

/**
 * Ends a signal: timings from its trades, rounding debts from the decisions that stand, notifications, and the status,
 * in one transaction. Null: the claim was lost and somebody else ends it. Safe to run twice: debts are set, not added.
 */
export async function finishSignal(db: TenantClient, claim: Claim): Promise<ReceiptCounts | null> {
  return retryTransaction(() => finishOnce(db, claim));
}

async function finishOnce(db: TenantClient, claim: Claim): Promise<ReceiptCounts | null> {
  const { tenantId, signalId } = claim;
  return db.$transaction(async (tx) => {
    const now = new Date();
    const { count } = await tx.signal.updateMany({
      where: { id: signalId, claimToken: claim.token, status: 'dispatching' },
      data: { status: 'done', doneAt: now, claimedUntil: null },
    });
    if (count === 0) return null;
    await tx.$executeRaw(
      Prisma.sql`UPDATE \`Signal\` s
        JOIN (SELECT MIN(sentAt) AS firstSentAt, MAX(ackedAt) AS lastAckAt FROM Trade
              WHERE tenantId = ${tenantId} AND signalId = ${signalId} AND leg <> 'stop') t ON 1 = 1
        SET s.firstSentAt = t.firstSentAt, s.lastAckAt = t.lastAckAt
        WHERE s.tenantId = ${tenantId} AND s.id = ${signalId}`,
    );
    await settleDebts(tx as unknown as TenantClient, claim, now);
    const rows = await tx.trade.findMany({
      where: { signalId },
      select: { subscriptionId: true, leg: true, status: true, filledQuantity: true },
    });
    const counts = countReceipts(
      rows.map(({ subscriptionId, leg, status, filledQuantity }) => ({
        subscriptionId,
        leg,
        status,
        filled: !filledQuantity.isZero(),
      })),
    );
    await queueSignalNotifications(tx as unknown as Transaction, { tenantId, signalId, counts, now: now.getTime() });
    return counts;
  });
}

/** Ends a signal that is copied to nobody, with the reason. */
export async function rejectSignal(db: TenantClient, claim: Claim, code: string): Promise<boolean> {
  return retryTransaction(() => rejectOnce(db, claim, code));
}

async function rejectOnce(db: TenantClient, claim: Claim, code: string): Promise<boolean> {
  const { tenantId, signalId } = claim;
  return db.$transaction(async (tx) => {
    const now = new Date();
    const { count } = await tx.signal.updateMany({
      where: { id: signalId, claimToken: claim.token, status: 'planning' },
      data: { status: 'rejected', rejectCode: code, doneAt: now, claimedUntil: null },
    });
    if (count === 0) return false;
    const counts = countReceipts([]);
    await queueSignalNotifications(tx as unknown as Transaction, { tenantId, signalId, counts, now: now.getTime() });
    return true;
  });
}

type StoredPlan = {
  readonly before: { readonly side: string | null };
  readonly after: { readonly side: string | null };
};

/**
 * Keeps what rounding cut. An order that the venue refused, or that never left, was not cut by rounding: its follower's
 * debt stays as it was. When the leader leaves his side, nothing is owed for it any more.
 */
async function settleDebts(tx: TenantClient, { tenantId, signalId }: Claim, now: Date): Promise<void> {
  const signal = await tx.signal.findUniqueOrThrow({
    where: { id: signalId },
    select: { sourceId: true, instrumentId: true, plan: true },
  });
  const plan = signal.plan as StoredPlan | null;
  if (plan !== null && plan.before.side !== null && plan.before.side !== plan.after.side) {
    await tx.$executeRaw(
      Prisma.sql`UPDATE RoundingDebt SET quantity = 0, updatedAt = ${now}
        WHERE tenantId = ${tenantId} AND instrumentId = ${signal.instrumentId} AND quantity <> 0
          AND subscriptionId IN (SELECT s.id FROM Subscription s JOIN Strategy t ON t.id = s.strategyId
                                 WHERE s.tenantId = ${tenantId} AND t.signalSourceId = ${signal.sourceId})`,
    );
  }
  await tx.$executeRaw(
    Prisma.sql`INSERT INTO RoundingDebt (tenantId, subscriptionId, instrumentId, side, quantity, updatedAt)
      SELECT tenantId, subscriptionId, instrumentId, positionSide,
        CAST(JSON_UNQUOTE(JSON_EXTRACT(decision, '$.debtAfter')) AS DECIMAL(36,18)), ${now}
      FROM Trade
      WHERE tenantId = ${tenantId} AND signalId = ${signalId}
        AND (status IN ('live', 'partially_filled', 'filled', 'canceled', 'unknown')
             OR (status = 'denied' AND code IN ('BELOW_MINIMUM', 'NO_POSITION')))
        AND JSON_EXTRACT(decision, '$.debtAfter') IS NOT NULL
      ON DUPLICATE KEY UPDATE quantity = VALUES(quantity), updatedAt = VALUES(updatedAt)`,
  );
}
