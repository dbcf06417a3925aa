import {
  adminRoom,
  customerRoom,
  type PositionChange,
  type RealtimeMessage,
  type TradeChange,
} from '@/contracts/realtime';
import { averagePrice } from '@/domain/average-price';
import { type Dec, toText } from '@/domain/decimal';
import type { Instrument } from '@/domain/instrument';
import type { TradeLeg, TradeStatus } from '@/domain/order-state';
import type { BookedPosition } from './follower-book';
import { venueSymbol } from './trade-record';

/** What is told of a trade. */
export type ToldTrade = {
  readonly id: string;
  readonly signalId: string;
  readonly subscriptionId: string;
  readonly customerId: string;
  readonly strategyId: string;
  readonly instrumentId: string;
  readonly leg: TradeLeg;
  readonly side: 'buy' | 'sell';
  readonly status: TradeStatus;
  readonly code: string | null;
  readonly quantity: Dec;
  readonly filledQuantity: Dec;
  readonly filledValue: Dec;
};

type TradeEvent = 'order_submitted' | 'order_filled' | 'order_failed';

function eventOf(status: TradeStatus): TradeEvent {
  if (status === 'filled' || status === 'partially_filled') return 'order_filled';
  if (status === 'planned' || status === 'live') return 'order_submitted';
  return 'order_failed';
}

function toChange(trade: ToldTrade, instruments: (id: string) => Instrument): TradeChange {
  const price = averagePrice(instruments(trade.instrumentId), trade.filledQuantity, trade.filledValue);
  return {
    id: trade.id,
    signalId: trade.signalId,
    subscriptionId: trade.subscriptionId,
    customerId: trade.customerId,
    strategyId: trade.strategyId,
    symbol: venueSymbol(trade.instrumentId),
    leg: trade.leg,
    side: trade.side,
    status: trade.status,
    code: trade.code,
    quantity: toText(trade.quantity),
    filledQuantity: toText(trade.filledQuantity),
    averagePrice: price === null ? null : toText(price),
  };
}

function toPositionChange(booked: BookedPosition): PositionChange {
  return {
    subscriptionId: booked.subscriptionId,
    customerId: booked.customerId,
    strategyId: booked.strategyId,
    symbol: venueSymbol(booked.instrumentId),
    side: booked.side,
    quantity: toText(booked.position.quantity),
    averagePrice: booked.averagePrice === null ? '0' : toText(booked.averagePrice),
    realizedPnl: toText(booked.position.realizedPnl),
  };
}

function grouped<T>(items: readonly T[], key: (item: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const group = groups.get(key(item));
    if (group === undefined) groups.set(key(item), [item]);
    else group.push(item);
  }
  return groups;
}

/** What one write tells: everything to the tenant's operators, and to each customer his own. */
export function tradeMessages(
  tenantId: string,
  trades: readonly ToldTrade[],
  positions: readonly BookedPosition[],
  instruments: (id: string) => Instrument,
): RealtimeMessage[] {
  const messages: RealtimeMessage[] = [];
  for (const [event, group] of grouped(trades, (trade) => eventOf(trade.status))) {
    const changes = group.map((trade) => toChange(trade, instruments));
    messages.push({ room: adminRoom(tenantId), event: event as TradeEvent, payload: changes });
    for (const [customerId, own] of grouped(changes, (change) => change.customerId)) {
      messages.push({ room: customerRoom(customerId), event: event as TradeEvent, payload: own });
    }
  }
  if (positions.length > 0) {
    const changes = positions.map(toPositionChange);
    messages.push({ room: adminRoom(tenantId), event: 'position_update', payload: changes });
    for (const [customerId, own] of grouped(changes, (change) => change.customerId)) {
      messages.push({ room: customerRoom(customerId), event: 'position_update', payload: own });
    }
  }
  return messages;
}
