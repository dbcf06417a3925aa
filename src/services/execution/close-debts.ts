import { type Dec, toText } from '@/domain/decimal';
import { isTerminal } from '@/domain/order-state';
import { Prisma, type TenantClient } from '@/platform/database/database';
import type { TradeRecord } from './trade-record';

/*
 * What closes leave undone is owed: `RoundingDebt` says what a follower ought to hold less what he holds. A close of a leader's signal
 * owes what it did not fill, from its end on; an exit repays what it fills.
 */

type Writer = Pick<TenantClient, '$executeRaw'>;

/** Closes that have come to their end. */
const ENDED = Prisma.sql`t.leg = 'close' AND t.status IN ('filled', 'canceled', 'rejected', 'expired')`;

/** What the orders of a signal of our own repaid, when it ends. Where nothing is held any more, nothing is owed. */
export async function repayDebts(
  tx: Writer,
  signal: { readonly tenantId: string; readonly signalId: string; readonly format: string },
  now: Date,
): Promise<void> {
  const { tenantId, signalId, format } = signal;
  const repaid = format === 'exit' ? Prisma.sql`LEAST(0, d.quantity + t.filledQuantity)` : Prisma.sql`d.quantity`;
  await tx.$executeRaw(
    Prisma.sql`UPDATE Trade t
      JOIN RoundingDebt d ON d.subscriptionId = t.subscriptionId AND d.instrumentId = t.instrumentId AND d.side = t.positionSide
      LEFT JOIN Position p ON p.subscriptionId = t.subscriptionId AND p.instrumentId = t.instrumentId AND p.side = t.positionSide
      SET d.quantity = IF(COALESCE(p.quantity, 0) = 0, 0, ${repaid}), d.updatedAt = ${now}
      WHERE t.tenantId = ${tenantId} AND t.signalId = ${signalId} AND ${ENDED} AND d.quantity < 0`,
  );
}

/** A close before and after some news. */
export type CloseNews = { readonly before: TradeRecord; readonly after: TradeRecord };

/** What a close adds to its follower's debt as it stands. */
function owedFor(trade: TradeRecord, isExit: boolean): Dec {
  const { quantity, filledQuantity, status } = trade;
  if (!isTerminal(status)) return quantity.times(0);
  return isExit ? filledQuantity : filledQuantity.minus(quantity);
}

/** Closes whose news change what is owed, once their signal has ended. */
export function changesDebt({ before, after }: CloseNews): boolean {
  if (after.leg !== 'close' || !isTerminal(after.status)) return false;
  return before.status !== after.status || !before.filledQuantity.eq(after.filledQuantity);
}

/**
 * Takes into account what closes did after their signal had ended: until then it is the signal's to say what is owed. The signals are
 * held, so that none of them ends meanwhile.
 */
export async function settleLateCloses(
  tx: Pick<TenantClient, '$queryRaw' | '$executeRaw'>,
  tenantId: string,
  news: readonly CloseNews[],
  now: Date,
): Promise<void> {
  const late = news.filter(changesDebt);
  if (late.length === 0) return;
  const signals = await tx.$queryRaw<{ id: string; format: string }[]>(
    Prisma.sql`SELECT id, format FROM \`Signal\` WHERE tenantId = ${tenantId} AND status = 'done'
      AND id IN (${Prisma.join([...new Set(late.map(({ after }) => after.signalId))].sort())}) ORDER BY id LOCK IN SHARE MODE`,
  );
  const formats = new Map(signals.map(({ id, format }) => [id, format]));
  for (const { before, after } of late) {
    const format = formats.get(after.signalId);
    if (format === undefined) continue;
    const isExit = format === 'exit';
    const change = owedFor(after, isExit).minus(owedFor(before, isExit));
    if (change.isZero() || (!isExit && isOurs(format))) continue;
    await addDebt(tx, tenantId, after, change, isExit, now);
  }
}

/** Closes for a kill switch or a passed stop owe nothing. */
function isOurs(format: string): boolean {
  return format === 'flatten' || format === 'crossed-stop' || format === 'late-fill';
}

async function addDebt(
  tx: Writer,
  tenantId: string,
  { subscriptionId, instrumentId, positionSide }: TradeRecord,
  change: Dec,
  isExit: boolean,
  now: Date,
): Promise<void> {
  if (isExit) {
    await tx.$executeRaw(
      Prisma.sql`UPDATE RoundingDebt SET quantity = LEAST(0, quantity + ${toText(change)}), updatedAt = ${now}
        WHERE tenantId = ${tenantId} AND subscriptionId = ${subscriptionId} AND instrumentId = ${instrumentId}
          AND side = ${positionSide} AND quantity < 0`,
    );
    return;
  }
  await tx.$executeRaw(
    Prisma.sql`INSERT INTO RoundingDebt (tenantId, subscriptionId, instrumentId, side, quantity, updatedAt)
      VALUES (${tenantId}, ${subscriptionId}, ${instrumentId}, ${positionSide}, ${toText(change)}, ${now})
      ON DUPLICATE KEY UPDATE quantity = quantity + VALUES(quantity), updatedAt = VALUES(updatedAt)`,
  );
}
