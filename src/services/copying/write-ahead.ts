import { type Dec, isAboveZero, quantize, sharedText, toText, ZERO } from '@/domain/decimal';
import { DecisionTexts } from '@/domain/decision-text';
import type { LeaderBook } from '@/domain/signal';
import { Prisma, type Statements } from '@/platform/database/database';
import { newId } from '@/platform/ids';
import { insertPlanned, type PlannedTradeRow, packPlan, planAhead } from '../execution/written-plan';
import { levelsOf } from '../protection/write-levels';
import { type Claim, partOf } from './claim';
import type { FollowerCursor } from './follower-order';
import { holdLane, type LaneFront } from './lane-front';
import { keptDecision, orderOf, type Plan, type PlannedTrade } from './plan';
import type { SendByOf } from './send-by';
import { toStoredMove } from './stored-move';

/** Thrown when another worker took the signal over: this one must stop without sending anything. */
export class ClaimLostError extends Error {
  readonly code = 'CLAIM_LOST';
}

/** Thrown when a lane has decided something about its followers since they were read. Nothing was written. */
export class LaneMovedError extends Error {
  readonly code = 'LANE_MOVED';
}

export type WrittenTrade = PlannedTrade & { readonly id: string; readonly sendBy: number };

export type PartToWrite = {
  readonly sourceId: string;
  readonly instrumentId: string;
  readonly before: LeaderBook;
  /** Which of the claim's written parts it is; who goes on with a signal that was begun starts with 1. */
  readonly index: number;
  /** After whom the next part begins; null: this is the last one. */
  readonly next: FollowerCursor | null;
};

/**
 * Writes all decisions about some followers before the first of their orders leaves: what a crash cannot make us forget. One
 * transaction: the claim is checked, and the trades are written as one plan, which `BecomingRows` makes rows of with the answers
 * to their orders. With the first part the leader's move is settled for all of them; with the last one the signal becomes
 * "dispatching" and the leader's book moves.
 */
export async function writeAhead(
  statements: Statements,
  claim: Claim,
  part: PartToWrite,
  plan: Plan,
  now: number,
  sendBy: SendByOf,
): Promise<readonly WrittenTrade[]> {
  const at = new Date(now);
  const { instrumentId, index, next } = part;
  const { trades, rows } = decided(claim.signalId, instrumentId, plan, at, sendBy);
  const begins = index === 0 ? Prisma.sql`, plannedAt = ${at}` : Prisma.empty;
  const ends = next === null ? Prisma.sql`, status = 'dispatching'` : Prisma.empty;
  const queries = [
    Prisma.sql`UPDATE \`Signal\` SET plan = ${JSON.stringify(toStoredMove(part.before, plan, next))}${begins}${ends}
      WHERE tenantId = ${claim.tenantId} AND id = ${claim.signalId} AND claimToken = ${claim.token} AND status = 'planning'`,
    ...planAhead(claim, partOf(claim, index), rows, at),
    ...levelsOf(claim, instrumentId, plan.protections, at),
  ];
  if (next === null) {
    const { side, quantity } = plan.bookAfter;
    const times = plan.times === null ? Prisma.empty : Prisma.sql`, leaderTimes = ${JSON.stringify(plan.times)}`;
    queries.push(
      Prisma.sql`UPDATE SignalLane SET leaderSide = ${side}, leaderSize = ${quantity}${times}, updatedAt = ${at}
        WHERE tenantId = ${claim.tenantId} AND sourceId = ${part.sourceId} AND instrumentId = ${instrumentId}`,
    );
  }
  // The renewal of the claim and this one write the same row and its indexes: MySQL may roll one of them back.
  const isOurs = await statements.together(queries, ([claimed]) => claimed === 1);
  if (!isOurs) throw new ClaimLostError('The signal was taken over by another worker');
  return trades;
}

/**
 * Writes the decisions of a signal of our own before the first of its orders leaves, in one transaction that holds its lane still: none
 * of the lane's own decisions comes between reading the followers and this. They are rows at once, so that the lane reckons with them.
 * Throws LaneMovedError.
 */
export async function writeExitsAhead(
  statements: Statements,
  claim: Claim,
  part: PartToWrite,
  plan: Plan,
  front: LaneFront,
  now: number,
  sendBy: SendByOf,
): Promise<readonly WrittenTrade[]> {
  const at = new Date(now);
  const { tenantId } = claim;
  const { sourceId, instrumentId, index, next } = part;
  const { trades, rows } = decided(claim.signalId, instrumentId, plan, at, sendBy);
  const begins = index === 0 ? Prisma.sql`, plannedAt = ${at}` : Prisma.empty;
  const ends = next === null ? Prisma.sql`, status = 'dispatching'` : Prisma.empty;
  await statements.transaction(async (tx) => {
    if (!(await holdLane(tx, { tenantId, sourceId, instrumentId }, front))) throw new LaneMovedError('The lane moved');
    const claimed = await tx.$executeRaw(
      Prisma.sql`UPDATE \`Signal\` SET plan = ${JSON.stringify(toStoredMove(part.before, plan, next))}${begins}${ends}
        WHERE tenantId = ${tenantId} AND id = ${claim.signalId} AND claimToken = ${claim.token} AND status = 'planning'`,
    );
    if (claimed !== 1) throw new ClaimLostError('The signal was taken over by another worker');
    await insertPlanned(tx, tenantId, rows);
  });
  return trades;
}

/** Everything that `writeAhead` does before it writes. Answers what would be written. */
export function rehearseWriting(
  signalId: string,
  instrumentId: string,
  plan: Plan,
  now: number,
  sendBy: SendByOf,
): { readonly trades: readonly WrittenTrade[]; readonly json: string } {
  const { trades, rows } = decided(signalId, instrumentId, plan, new Date(now), sendBy);
  return { trades, json: packPlan(rows).json };
}

function decided(signalId: string, instrumentId: string, plan: Plan, at: Date, sendBy: SendByOf) {
  const now = at.getTime();
  const trades: WrittenTrade[] = plan.trades.map((trade) => {
    const { follower, leg, round, goesOn, decision, decisionPrice, withLeverage } = trade;
    return {
      follower,
      leg,
      round,
      goesOn,
      decision,
      decisionPrice,
      withLeverage,
      id: newId(now),
      sendBy: sendBy(follower.mode),
    };
  });
  const texts = new DecisionTexts();
  return { trades, rows: trades.map((trade) => tradeRow(signalId, instrumentId, trade, at, texts)) };
}

/** The entry of a reversal starts with nothing owed: what is held on the other side is closed before it. */
function owedBefore({ follower, decision }: PlannedTrade): Dec {
  const { heldSide, heldQuantity, debts } = follower.snapshot;
  const order = orderOf(decision);
  const turns = order.leg === 'open' && isAboveZero(heldQuantity) && heldSide !== order.positionSide;
  return turns ? ZERO : debts[order.positionSide];
}

function tradeRow(
  signalId: string,
  instrumentId: string,
  trade: WrittenTrade,
  at: Date,
  texts: DecisionTexts,
): PlannedTradeRow {
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
    round: trade.round,
    side: order.side,
    positionSide: order.positionSide,
    reduceOnly: order.reduceOnly,
    orderType: order.orderType,
    limitPrice: order.limitPrice === null ? null : toText(order.limitPrice),
    leverage: sharedText(order.leverage),
    quantity: toText(quantize(order.quantity)),
    decisionPrice: trade.decisionPrice === null ? null : sharedText(trade.decisionPrice),
    status: denied ? 'denied' : 'planned',
    code: denied ? decision.code : null,
    detail: denied ? JSON.stringify(decision.context) : null,
    decision: texts.of(keptDecision(decision, owedBefore(trade), trade.goesOn)),
    sendBy: denied ? null : new Date(trade.sendBy),
    createdAt: at,
    updatedAt: at,
  };
}
