import { type Dec, toText, ZERO } from '@/domain/decimal';
import type { LeaderBook } from '@/domain/signal';
import { type BulkColumns, type BulkRow, bulkInsert } from '@/platform/database/bulk';
import type { TenantClient } from '@/platform/database/database';
import { retryTransaction } from '@/platform/database/retry';
import { newId } from '@/platform/ids';
import { writeLevels } from '../protection/write-levels';
import type { Claim } from './claim';
import { orderOf, type Plan, type PlannedTrade, storedDecision } from './plan';

const COLUMNS = {
  id: 'CHAR(32)',
  signalId: 'CHAR(32)',
  strategyId: 'CHAR(32)',
  subscriptionId: 'CHAR(32)',
  customerId: 'CHAR(32)',
  accountId: 'CHAR(32)',
  instrumentId: 'VARCHAR(64)',
  leg: 'VARCHAR(64)',
  side: 'VARCHAR(64)',
  positionSide: 'VARCHAR(64)',
  reduceOnly: 'INT',
  orderType: 'VARCHAR(64)',
  limitPrice: 'DECIMAL(36,18)',
  leverage: 'DECIMAL(36,18)',
  quantity: 'DECIMAL(36,18)',
  decisionPrice: 'DECIMAL(36,18)',
  status: 'VARCHAR(64)',
  code: 'VARCHAR(64)',
  detail: 'LONGTEXT',
  decision: 'LONGTEXT',
  sendBy: 'DATETIME(3)',
  createdAt: 'DATETIME(3)',
  updatedAt: 'DATETIME(3)',
} as const satisfies BulkColumns;

/** Thrown when another worker took the signal over: this one must stop without sending anything. */
export class ClaimLostError extends Error {
  readonly code = 'CLAIM_LOST';
}

export type WrittenTrade = PlannedTrade & { readonly id: string; readonly sendBy: number };

/**
 * Writes all decisions of a signal before the first order leaves: what a crash cannot make us forget. One transaction:
 * the claim is checked, the signal becomes "dispatching", the leader's book moves, and every trade is inserted at once.
 */
export async function writeAhead(
  db: TenantClient,
  claim: Claim,
  lane: { readonly sourceId: string; readonly instrumentId: string; readonly before: LeaderBook },
  plan: Plan,
  now: number,
  sendBy: number,
): Promise<readonly WrittenTrade[]> {
  const trades = plan.trades.map((trade) => ({ ...trade, id: newId(now), sendBy }));
  const summary = {
    before: lane.before,
    after: plan.bookAfter,
    legs: plan.legs.map((leg) =>
      leg.kind === 'close'
        ? { kind: leg.kind, side: leg.side, share: toText(leg.share) }
        : { kind: leg.kind, side: leg.side, quantity: toText(leg.quantity) },
    ),
    price: plan.leaderPrice === null ? null : toText(plan.leaderPrice),
    leverage: toText(plan.leaderLeverage),
  };
  const at = new Date(now);
  const rows = trades.map((trade) => tradeRow(claim.signalId, lane.instrumentId, trade, at));
  // The renewal of the claim and this one write the same row and its indexes: MySQL may roll one of them back.
  await retryTransaction(() =>
    db.$transaction(async (tx) => {
      const { count } = await tx.signal.updateMany({
        where: { id: claim.signalId, claimToken: claim.token, status: 'planning' },
        data: { status: 'dispatching', plan: summary, plannedAt: at },
      });
      if (count === 0) throw new ClaimLostError('The signal was taken over by another worker');
      await bulkInsert(tx as unknown as TenantClient, 'Trade', claim.tenantId, COLUMNS, rows);
      await writeLevels(tx as unknown as TenantClient, claim, lane.instrumentId, plan.protections, at);
      await tx.signalLane.updateMany({
        where: { sourceId: lane.sourceId, instrumentId: lane.instrumentId },
        data: { leaderSide: plan.bookAfter.side, leaderSize: plan.bookAfter.quantity },
      });
    }),
  );
  return trades;
}

/** The entry of a reversal starts with nothing owed: what is held on the other side is closed before it. */
function owedBefore({ follower, decision }: PlannedTrade): Dec {
  const { heldSide, heldQuantity, roundingDebt } = follower.snapshot;
  const order = orderOf(decision);
  const turns = order.leg === 'open' && heldQuantity.gt(0) && heldSide !== order.positionSide;
  return turns ? ZERO : roundingDebt;
}

function tradeRow(signalId: string, instrumentId: string, trade: WrittenTrade, at: Date): BulkRow<typeof COLUMNS> {
  const { follower, decision } = trade;
  const order = orderOf(decision);
  const denied = decision.outcome === 'denied';
  return {
    id: trade.id,
    signalId,
    strategyId: follower.strategyId,
    subscriptionId: follower.snapshot.subscriptionId,
    customerId: follower.snapshot.customerId,
    accountId: follower.snapshot.accountId,
    instrumentId,
    leg: order.leg,
    side: order.side,
    positionSide: order.positionSide,
    reduceOnly: order.reduceOnly,
    orderType: order.orderType,
    limitPrice: order.limitPrice === null ? null : toText(order.limitPrice),
    leverage: toText(order.leverage),
    quantity: toText(order.quantity.toDecimalPlaces(18)),
    decisionPrice: trade.decisionPrice === null ? null : toText(trade.decisionPrice),
    status: denied ? 'denied' : 'planned',
    code: denied ? decision.code : null,
    detail: denied ? JSON.stringify(decision.context) : null,
    decision: JSON.stringify(storedDecision(decision, follower.snapshot.heldSide, owedBefore(trade))),
    sendBy: denied ? null : new Date(trade.sendBy),
    createdAt: at,
    updatedAt: at,
  };
}
