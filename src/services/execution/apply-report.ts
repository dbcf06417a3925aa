import { type Dec, dec, isAbove, isAboveZero, ZERO } from '@/domain/decimal';
import { type Instrument, notional } from '@/domain/instrument';
import { isTerminal, type TradeStatus, transition } from '@/domain/order-state';
import { advanceTrade } from '@/domain/trade-progress';
import type { TradeReport } from './report';
import type { TradeRecord } from './trade-record';

/** What changes in a trade's row beside its progress. */
export type TradeRevision = TradeRecord & {
  readonly detail: string | null;
  readonly sentAt: number | null;
  readonly filledAt: number | null;
  /** The part of `fee` that the follower's position already contains. */
  readonly bookedFee: Dec;
};

/** The venue's words are kept to this length. */
const MESSAGE_LENGTH = 300;

export function revisionOf(trade: TradeRecord): TradeRevision {
  return { ...trade, detail: null, sentAt: null, filledAt: null, bookedFee: trade.fee };
}

/** Applies one report. Answers the same object when it is no news. Pure; throws IllegalTransitionError on contradiction. */
export function applyReport(trade: TradeRevision, report: TradeReport, instrument: Instrument): TradeRevision {
  if (report.kind === 'expired') {
    if (isTerminal(trade.status) || isAboveZero(trade.filledQuantity)) return trade;
    const detail = report.context === undefined ? trade.detail : JSON.stringify(report.context);
    return { ...trade, status: transition(trade.status, 'expired'), code: report.code, detail };
  }
  if (report.kind === 'placement') return applyPlacement(trade, report);
  const { update } = report;
  const filledQuantity = dec(update.filledQuantity);
  const filledValue =
    update.averagePrice === null ? ZERO : notional(instrument, filledQuantity, dec(update.averagePrice));
  const next = advanceTrade(trade.quantity, trade, {
    state: update.state,
    filledQuantity,
    filledValue,
    fee: dec(update.fee),
    venueOrderId: update.venueOrderId,
  });
  if (next === trade) return trade;
  const done = next.status === 'filled' && trade.status !== 'filled';
  return {
    ...trade,
    ...next,
    code:
      next.status === 'canceled' && update.cancelCode !== null ? update.cancelCode : settledCode(next.status, trade),
    ackedAt: trade.ackedAt ?? update.updatedAt,
    filledAt: done || isAbove(next.filledQuantity, trade.filledQuantity) ? update.updatedAt : trade.filledAt,
  };
}

/** The code of an unknown outcome is forgotten once the outcome is known. */
function settledCode(status: TradeStatus, trade: TradeRevision): string | null {
  return status === 'canceled' ? trade.code : null;
}

/** The part of `applyReport` that a placement's outcome needs. */
export function applyPlacement(
  trade: TradeRevision,
  report: Extract<TradeReport, { kind: 'placement' }>,
): TradeRevision {
  const { outcome, attempt, sentAt } = report;
  const tried = { attempts: Math.max(trade.attempts, attempt), sentAt };
  if (outcome.kind === 'accepted') {
    const known = trade.status === 'planned' || trade.status === 'unknown' ? 'live' : trade.status;
    // A push that was faster may have told why the order already ended.
    const code = isTerminal(trade.status) ? trade.code : null;
    return { ...trade, ...tried, status: known, venueOrderId: outcome.venueOrderId, ackedAt: outcome.at, code };
  }
  // A push or a query was faster and knows better than a failed answer.
  if (trade.status !== 'planned' && trade.status !== 'unknown') return trade;
  const detail = JSON.stringify({ message: outcome.message.slice(0, MESSAGE_LENGTH) });
  if (outcome.kind === 'refused') {
    return { ...trade, ...tried, status: 'rejected', code: outcome.code, detail, ackedAt: outcome.at };
  }
  if (outcome.kind === 'unknown') return { ...trade, ...tried, status: 'unknown', code: outcome.code, detail };
  // Throttled: it does not exist at the venue. It stays as it is until the next attempt.
  return { ...trade, ...tried, code: outcome.code, detail };
}
