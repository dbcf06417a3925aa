import { type Dec, dec, isAbove, isAboveZero, isEqual, toText, ZERO } from '@/domain/decimal';
import { type Instrument, notional } from '@/domain/instrument';
import { FOUND_AT_VENUE, LEVERAGE_CHANGED } from '@/domain/order-note-text';
import { isTerminal, isUnplacedEnd, type TradeStatus, transition } from '@/domain/order-state';
import { advanceTrade } from '@/domain/trade-progress';
import type { OrderUpdate } from '@/exchanges/port';
import type { TradeReport } from './report';
import type { TradeRecord } from './trade-record';

/** What changes in a trade's row beside its progress. */
export type TradeRevision = TradeRecord & {
  readonly detail: string | null;
  readonly sentAt: number | null;
  readonly filledAt: number | null;
  /** The part of `fee` that the follower's position already contains. */
  readonly bookedFee: Dec;
  /** The end that our books had given it before the venue turned out to have it. */
  readonly found: UnplacedEnd | null;
  /** The leverage that was decided, where the venue turned out to use another one. */
  readonly decidedLeverage: Dec | null;
};

/** How a trade ended without the venue's having its order, as far as we knew. */
export type UnplacedEnd = { readonly status: 'rejected' | 'expired'; readonly code: string | null };

/** The venue's words are kept to this length. */
const MESSAGE_LENGTH = 300;

export function revisionOf(trade: TradeRecord): TradeRevision {
  return {
    ...trade,
    detail: null,
    sentAt: null,
    filledAt: null,
    bookedFee: trade.fee,
    found: null,
    decidedLeverage: null,
  };
}

/** Applies one report. Answers the same object when it is no news. Pure; throws IllegalTransitionError on contradiction. */
export function applyReport(trade: TradeRevision, report: TradeReport, instrument: Instrument): TradeRevision {
  if (report.kind === 'expired') {
    if (isTerminal(trade.status) || isAboveZero(trade.filledQuantity)) return trade;
    const detail = report.context === undefined ? trade.detail : JSON.stringify(report.context);
    const attempts = report.mayHaveLeft ? Math.max(trade.attempts, 1) : trade.attempts;
    return { ...trade, status: transition(trade.status, 'expired'), code: report.code, detail, attempts };
  }
  if (report.kind === 'doubted') {
    if (trade.status !== 'planned') return trade;
    const { code } = report;
    return { ...trade, status: transition(trade.status, 'unknown'), code, attempts: Math.max(trade.attempts, 1) };
  }
  if (report.kind === 'levered') return { ...trade, leverage: report.leverage };
  if (report.kind === 'placement') return applyPlacement(trade, report);
  return withLeverageOf(applyUpdate(trade, report.update, instrument), report.update);
}

function applyUpdate(trade: TradeRevision, update: OrderUpdate, instrument: Instrument): TradeRevision {
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
    ...foundAs(trade, next.status),
    code:
      next.status === 'canceled' && update.cancelCode !== null ? update.cancelCode : settledCode(next.status, trade),
    ackedAt: trade.ackedAt ?? update.updatedAt,
    filledAt: done || isAbove(next.filledQuantity, trade.filledQuantity) ? update.updatedAt : trade.filledAt,
  };
}

/** An entry for which the venue uses another leverage than was decided says so, and is counted with the one that it has. */
function withLeverageOf(trade: TradeRevision, { leverage }: OrderUpdate): TradeRevision {
  if (trade.leg !== 'open' || leverage === null || isEqual(dec(leverage), trade.leverage)) return trade;
  const used = dec(leverage);
  const next = { ...trade, leverage: used, decidedLeverage: trade.decidedLeverage ?? trade.leverage };
  // Why it was cancelled, or that it had ended, is the graver news.
  if (trade.code !== null && trade.code !== LEVERAGE_CHANGED) return next;
  const detail = JSON.stringify({ leverage: toText(used), wanted: toText(trade.leverage) });
  return { ...next, code: LEVERAGE_CHANGED, detail };
}

/** The code of an unknown outcome is forgotten once the outcome is known; what our books were wrong about stays on the receipt. */
function settledCode(status: TradeStatus, trade: TradeRevision): string | null {
  if (isUnplacedEnd(trade.status) || trade.code === FOUND_AT_VENUE) return FOUND_AT_VENUE;
  return status === 'canceled' || trade.code === LEVERAGE_CHANGED ? trade.code : null;
}

/** What changes when the venue has an order that our books had ended: nothing else does. */
function foundAs(trade: TradeRevision, status: TradeStatus): Pick<TradeRevision, 'found' | 'detail'> {
  if (!isUnplacedEnd(trade.status) || status === trade.status) return { found: trade.found, detail: trade.detail };
  const detail = { endedAs: trade.status, ...(trade.code === null ? {} : { endedCode: trade.code }) };
  return { found: { status: trade.status, code: trade.code }, detail: JSON.stringify(detail) };
}

/** The part of `applyReport` that a placement's outcome needs. */
export function applyPlacement(
  trade: TradeRevision,
  report: Extract<TradeReport, { kind: 'placement' }>,
): TradeRevision {
  const { outcome, attempt, sentAt } = report;
  const tried = { attempts: Math.max(trade.attempts, attempt), sentAt };
  if (outcome.kind === 'accepted') {
    // A push that was faster may have told how the order already ended.
    const ended = trade.status === 'filled' || trade.status === 'canceled' || trade.status === 'partially_filled';
    const status = ended ? trade.status : transition(trade.status, 'live');
    const code = ended ? trade.code : settledCode(status, trade);
    const { venueOrderId, at: ackedAt } = outcome;
    return { ...trade, ...tried, ...foundAs(trade, status), status, venueOrderId, ackedAt, code };
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
