import type { SignalCounts } from '@/contracts/api/copying';
import { averagePrice } from '@/domain/average-price';
import { type Dec, dec, quantize, toText, ZERO } from '@/domain/decimal';
import type { TradeLeg, TradeStatus } from '@/domain/order-state';
import type { ClosingFormat, PositionSide, SignalAction } from '@/domain/signal';
import type { NotificationEvent, SignalDone, TradeLine } from './events';
import type { OutboxEntry } from './outbox';

/** A trade with the names that its message shows. Quantities in contracts, money in quote currency. */
export type TradeSummary = {
  readonly id: string;
  readonly subscriptionId: string;
  readonly customerId: string;
  readonly strategyName: string;
  readonly accountLabel: string;
  readonly leg: TradeLeg;
  readonly side: 'buy' | 'sell';
  readonly positionSide: PositionSide;
  readonly status: TradeStatus;
  readonly code: string | null;
  readonly detail: Readonly<Record<string, string>>;
  readonly quantity: Dec;
  readonly leverage: Dec;
  readonly decisionPrice: Dec | null;
  readonly filledQuantity: Dec;
  /** Σ fill quantity × contract value × fill price. */
  readonly filledValue: Dec;
  readonly fee: Dec;
  readonly realizedPnl: Dec;
};

/** Everything that the messages about one signal say. Times in epoch ms. */
export type SignalSummary = {
  readonly signalId: string;
  readonly sourceName: string;
  readonly symbol: string;
  readonly baseCurrency: string;
  readonly quoteCurrency: string;
  readonly contractValue: Dec;
  readonly action: SignalAction;
  readonly side: PositionSide | null;
  /** Why a signal of our own closes; null: it is a leader's. */
  readonly cause: ClosingFormat | null;
  readonly rejectCode: string | null;
  readonly counts: SignalCounts;
  readonly timings: SignalDone['timings'];
  readonly trades: readonly TradeSummary[];
};

/** How many reasons a message about a signal lists. */
const SHOWN_REASONS = 5;

/** The messages about a finished signal: one for the tenant, and one for every customer to whom something happened. */
export function notificationsFor(signal: SignalSummary): OutboxEntry[] {
  return [
    {
      event: 'signal_done',
      audience: { kind: 'tenant' },
      dedupeKey: `signal:${signal.signalId}:done`,
      payload: signalDone(signal),
    },
    ...byCustomer(signal.trades).flatMap(([customerId, trades]): OutboxEntry[] => {
      const event = customerEvent(trades);
      if (event === null) return [];
      return [
        {
          event,
          audience: { kind: 'customer', customerId },
          dedupeKey: `signal:${signal.signalId}:customer:${customerId}`,
          payload: {
            signalId: signal.signalId,
            symbol: signal.symbol,
            cause: signal.cause,
            baseCurrency: signal.baseCurrency,
            quoteCurrency: signal.quoteCurrency,
            trades: trades.map((trade) => tradeLine(trade, signal.contractValue)),
          },
        },
      ];
    }),
  ];
}

function signalDone(signal: SignalSummary): SignalDone {
  const { signalId, sourceName, symbol, action, side, cause, quoteCurrency, rejectCode, counts, timings, trades } =
    signal;
  return {
    signalId,
    sourceName,
    symbol,
    action,
    side,
    cause,
    quoteCurrency,
    rejectCode,
    counts,
    volume: toText(sum(trades.map((trade) => trade.filledValue))),
    realizedPnl: toText(sum(trades.map((trade) => trade.realizedPnl))),
    slippage: meanSlippage(trades, signal.contractValue),
    reasons: reasons(trades),
    timings,
  };
}

function byCustomer(trades: readonly TradeSummary[]): [customerId: string, trades: TradeSummary[]][] {
  const groups = new Map<string, TradeSummary[]>();
  for (const trade of trades) {
    const group = groups.get(trade.customerId);
    if (group === undefined) groups.set(trade.customerId, [trade]);
    else group.push(trade);
  }
  return [...groups];
}

/** What the customer is told, or null while all his orders are only on their way. */
function customerEvent(
  trades: readonly TradeSummary[],
): Extract<NotificationEvent, 'trade_filled' | 'trade_denied' | 'trade_rejected'> | null {
  if (trades.some((trade) => trade.filledQuantity.gt(0))) return 'trade_filled';
  if (trades.some(isUnfilledEnd)) return 'trade_rejected';
  return trades.some((trade) => trade.status === 'denied') ? 'trade_denied' : null;
}

/** It ended without a fill. */
export function isUnfilledEnd(trade: TradeSummary): boolean {
  return (
    trade.status === 'rejected' ||
    trade.status === 'expired' ||
    (trade.status === 'canceled' && trade.filledQuantity.isZero())
  );
}

function tradeLine(trade: TradeSummary, contractValue: Dec): TradeLine {
  const average = averagePrice({ contractValue }, trade.filledQuantity, trade.filledValue);
  const slippage = slippageOf(trade, contractValue);
  return {
    tradeId: trade.id,
    strategyName: trade.strategyName,
    accountLabel: trade.accountLabel,
    leg: trade.leg,
    positionSide: trade.positionSide,
    status: trade.status,
    code: trade.code,
    detail: trade.detail,
    quantityBase: toText(trade.quantity.times(contractValue)),
    filledBase: toText(trade.filledQuantity.times(contractValue)),
    averagePrice: average === null ? null : toText(average),
    leverage: toText(trade.leverage),
    fee: toText(trade.fee),
    realizedPnl: toText(trade.realizedPnl),
    slippage: slippage === null ? null : toText(slippage),
  };
}

/** (average fill ÷ price at decision − 1), signed so that positive is worse for the customer. */
function slippageOf(trade: TradeSummary, contractValue: Dec): Dec | null {
  const average = averagePrice({ contractValue }, trade.filledQuantity, trade.filledValue);
  if (average === null || trade.decisionPrice === null || trade.decisionPrice.isZero()) return null;
  const move = average.div(trade.decisionPrice).minus(1);
  return quantize(trade.side === 'buy' ? move : move.neg());
}

function meanSlippage(trades: readonly TradeSummary[], contractValue: Dec): string | null {
  let weighted = ZERO;
  let weight = ZERO;
  for (const trade of trades) {
    const slippage = slippageOf(trade, contractValue);
    if (slippage === null) continue;
    weighted = weighted.plus(slippage.times(trade.filledValue));
    weight = weight.plus(trade.filledValue);
  }
  return weight.isZero() ? null : toText(quantize(weighted.div(weight)));
}

function reasons(trades: readonly TradeSummary[]): SignalDone['reasons'] {
  const counts = new Map<string, number>();
  for (const trade of trades) {
    if (trade.status !== 'denied' && !isUnfilledEnd(trade)) continue;
    const code = trade.code ?? trade.status.toUpperCase();
    counts.set(code, (counts.get(code) ?? 0) + 1);
  }
  return [...counts]
    .map(([code, count]) => ({ code, count }))
    .sort((a, b) => b.count - a.count || a.code.localeCompare(b.code))
    .slice(0, SHOWN_REASONS);
}

function sum(values: readonly Dec[]): Dec {
  return values.reduce((total, value) => total.plus(value), dec(0));
}
