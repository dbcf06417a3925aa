import type { SignalIntent, TriggerLevel } from './signal';

type Level = TriggerLevel | null | undefined;

/**
 * Whether two signals ask for the same order: in everything that decides what is ordered, how much of it and at which price. When they
 * were sent and how long they may wait may differ: a sender who tries again says a later time. Their instruments are compared by whoever
 * has resolved them.
 */
export function isSameOrder(first: SignalIntent, second: SignalIntent): boolean {
  return (
    first.action === second.action &&
    first.side === second.side &&
    first.size?.unit === second.size?.unit &&
    first.size?.value === second.size?.value &&
    first.orderType === second.orderType &&
    first.limitPrice === second.limitPrice &&
    first.referencePrice === second.referencePrice &&
    first.leverage === second.leverage &&
    first.stopPrice === second.stopPrice &&
    isSameLevel(first.stopLoss, second.stopLoss) &&
    isSameLevel(first.takeProfit, second.takeProfit)
  );
}

function isSameLevel(first: Level, second: Level): boolean {
  return first?.unit === second?.unit && first?.value === second?.value;
}
