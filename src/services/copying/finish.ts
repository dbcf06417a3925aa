import type { TradeLeg, TradeStatus } from '@/domain/order-state';
import { setsLevels } from '@/domain/protection';
import { areFinal, countReceipts, type ReceiptCounts } from '@/domain/receipt';
import type { SignalIntent } from '@/domain/signal';
import { currentTime } from '@/platform/clock';
import { Prisma, type TenantClient, type Transaction } from '@/platform/database/database';
import { failureKind } from '@/platform/database/failure-kind';
import { retryTransaction } from '@/platform/database/retry';
import { required, textRows, timeOfText } from '@/platform/database/text-rows';
import { repayDebts } from '../execution/close-debts';
import { queueSignalNotifications } from '../notifications/queue';
import type { Claim } from './claim';
import { isClosing } from './closing-signal';
import { type LeftLane, leaveLane } from './left-lane';

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
    const now = new Date(currentTime());
    const { count } = await tx.signal.updateMany({
      where: { id: signalId, claimToken: claim.token, status: 'dispatching' },
      data: { status: 'done', doneAt: now, claimedUntil: null },
    });
    if (count === 0) return null;
    const rows = await readOutcomes(tx as unknown as TenantClient, claim);
    const signal = await tx.signal.findUniqueOrThrow({
      where: { id: signalId },
      select: { sourceId: true, instrumentId: true, format: true, intent: true, plan: true },
    });
    const counts = countReceipts(rows);
    const orders = rows.filter(({ leg }) => leg !== 'stop');
    const times = (of: (outcome: Outcome) => number | null): number[] => orders.flatMap((row) => of(row) ?? []);
    const final = areFinal(rows) && !setsLevels(signal.intent as unknown as SignalIntent);
    const lastFilledAt = latest(times(({ filledAt }) => filledAt));
    const receipts: KeptReceipts = { counts, lastFilledAt: lastFilledAt?.toISOString() ?? null };
    await tx.signal.updateMany({
      where: { id: signalId },
      data: {
        firstSentAt: earliest(times(({ sentAt }) => sentAt)),
        lastAckAt: latest(times(({ ackedAt }) => ackedAt)),
        // Stop orders come later, and are part of their followers' receipts.
        ...(final ? { receipts } : {}),
      },
    });
    await settle(tx as unknown as TenantClient, claim, signal, now);
    await queueSignalNotifications(tx as unknown as Transaction, { tenantId, signalId, counts, now: now.getTime() });
    return counts;
  });
}

const OUTCOME = textRows({
  subscriptionId: 'subscriptionId',
  leg: 'leg',
  status: 'status',
  filled: 'filledQuantity <> 0',
  sentAt: 'sentAt',
  ackedAt: 'ackedAt',
  filledAt: 'filledAt',
});

/** What became of a trade. Times are epoch ms. */
type Outcome = {
  readonly subscriptionId: string;
  readonly leg: TradeLeg;
  readonly status: TradeStatus;
  readonly filled: boolean;
  readonly sentAt: number | null;
  readonly ackedAt: number | null;
  readonly filledAt: number | null;
};

async function readOutcomes(tx: TenantClient, { tenantId, signalId }: Claim): Promise<readonly Outcome[]> {
  const rows = await tx.$queryRaw<{ row: string }[]>(
    Prisma.sql`SELECT ${OUTCOME.columns} FROM Trade WHERE tenantId = ${tenantId} AND signalId = ${signalId}`,
  );
  const time = (text: string | null): number | null => (text === null ? null : timeOfText(text));
  return rows.map((text) => {
    const row = OUTCOME.read(text);
    return {
      subscriptionId: required(row, 'subscriptionId'),
      leg: required(row, 'leg') as TradeLeg,
      status: required(row, 'status') as TradeStatus,
      filled: required(row, 'filled') === '1',
      sentAt: time(row.sentAt),
      ackedAt: time(row.ackedAt),
      filledAt: time(row.filledAt),
    };
  });
}

/** What a signal's row keeps of receipts that cannot change any more, as JSON. */
export type KeptReceipts = { readonly counts: ReceiptCounts; readonly lastFilledAt: string | null };

function earliest(times: readonly number[]): Date | null {
  return times.length === 0 ? null : new Date(times.reduce((least, time) => Math.min(least, time)));
}

function latest(times: readonly number[]): Date | null {
  return times.length === 0 ? null : new Date(times.reduce((most, time) => Math.max(most, time)));
}

/**
 * Ends a signal that is copied to nobody, with the reason.
 *
 * @param left the lane whose leader has left his side with this signal although it is copied to nobody: what followers hold is an exit
 *   that is due
 */
export async function rejectSignal(
  db: TenantClient,
  claim: Claim,
  code: string,
  left: LeftLane | null = null,
  told: 'told' | 'untold' = 'told',
): Promise<boolean> {
  return retryTransaction(() => rejectOnce(db, claim, code, left, told));
}

async function rejectOnce(
  db: TenantClient,
  claim: Claim,
  code: string,
  left: LeftLane | null,
  told: 'told' | 'untold',
): Promise<boolean> {
  const { tenantId, signalId } = claim;
  return db.$transaction(async (tx) => {
    const now = new Date(currentTime());
    const { count } = await tx.signal.updateMany({
      // Of one that is planned for some, orders may be at the venue.
      where: { id: signalId, claimToken: claim.token, status: 'planning', plan: { equals: Prisma.DbNull } },
      data: { status: 'rejected', rejectCode: code, doneAt: now, claimedUntil: null },
    });
    if (count === 0) return false;
    if (left !== null) await leaveLane(tx as unknown as TenantClient, tenantId, left, now);
    if (told === 'untold') return true;
    const counts = countReceipts([]);
    await queueSignalNotifications(tx as unknown as Transaction, { tenantId, signalId, counts, now: now.getTime() });
    return true;
  });
}

/**
 * Ends a signal that cannot be ended as others are: each part of its end by itself, and what cannot be written is left out.
 *
 * @param leftOut told why, for every part that was
 */
export async function endUnfinished(db: TenantClient, claim: Claim, leftOut: (reason: string) => void): Promise<void> {
  const { tenantId, signalId } = claim;
  const inTurn = async (part: (tx: Transaction, now: Date) => Promise<unknown>): Promise<boolean> => {
    try {
      await retryTransaction(() =>
        db.$transaction((tx) => part(tx as unknown as Transaction, new Date(currentTime()))),
      );
      return true;
    } catch (error) {
      if (failureKind(error) === 'database') throw error;
      leftOut((error as Error).message);
      return false;
    }
  };
  const end = async (tx: Transaction, now: Date): Promise<boolean> => {
    const { count } = await tx.signal.updateMany({
      where: { id: signalId, claimToken: claim.token, status: { in: ['planning', 'dispatching'] } },
      data: { status: 'done', rejectCode: 'NOT_FINISHED', doneAt: now, claimedUntil: null },
    });
    return count > 0;
  };
  const settled = await inTurn(async (tx, now) => {
    if (!(await end(tx, now))) return;
    const signal = await tx.signal.findUniqueOrThrow({
      where: { id: signalId },
      select: { sourceId: true, instrumentId: true, format: true, plan: true },
    });
    await settle(tx as unknown as TenantClient, claim, signal, now);
  });
  const told = async (tx: Transaction, now: Date): Promise<void> => {
    const counts = countReceipts(await readOutcomes(tx as unknown as TenantClient, claim));
    await queueSignalNotifications(tx, { tenantId, signalId, counts, now: now.getTime() });
  };
  if (!settled) await inTurn(end);
  await inTurn(told);
}

type EndingSignal = {
  readonly sourceId: string;
  readonly instrumentId: string;
  readonly format: string;
  readonly plan: unknown;
};

function settle(tx: TenantClient, claim: Claim, signal: EndingSignal, now: Date): Promise<void> {
  return isClosing(signal.format) ? repayDebts(tx, { ...claim, ...signal }, now) : settleDebts(tx, claim, signal, now);
}

type StoredPlan = {
  readonly before: { readonly side: string | null };
  readonly after: { readonly side: string | null };
};

/**
 * Keeps what is owed. An entry that the venue refused, or that never left, was not cut by rounding: its follower's debt stays as it was.
 * A close that was not filled whole is owed: what ought to be held is less than what is. When the leader leaves his side, or stands
 * on none, nothing else is owed any more.
 */
async function settleDebts(
  tx: TenantClient,
  { tenantId, signalId }: Claim,
  signal: { readonly sourceId: string; readonly instrumentId: string; readonly plan: unknown },
  now: Date,
): Promise<void> {
  const plan = signal.plan as StoredPlan | null;
  const leaves = plan !== null && plan.before.side !== null && plan.before.side !== plan.after.side;
  if (leaves || plan?.after.side === null) {
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
        CAST(JSON_UNQUOTE(JSON_EXTRACT(decision, '$.debtAfter')) AS DECIMAL(36,18))
          - IF(leg = 'close' AND status IN ('filled', 'canceled', 'rejected', 'expired'), quantity - filledQuantity, 0), ${now}
      FROM Trade
      WHERE tenantId = ${tenantId} AND signalId = ${signalId}
        AND (status IN ('live', 'partially_filled', 'filled', 'canceled', 'unknown')
             OR (leg = 'close' AND status IN ('rejected', 'expired', 'denied'))
             OR (status = 'denied' AND code = 'BELOW_MINIMUM'))
        AND JSON_EXTRACT(decision, '$.debtAfter') IS NOT NULL
      ON DUPLICATE KEY UPDATE quantity = VALUES(quantity), updatedAt = VALUES(updatedAt)`,
  );
}
