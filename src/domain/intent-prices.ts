import { isWithin } from './bounds';
import { dec } from './decimal';
import type { SignalIntent } from './signal';

/**
 * Whether every price of a signal is one that an instrument can have. Signals that were stored before there were bounds may have others;
 * a close is carried out whatever they are, for it needs none of them but its limit.
 */
export function hasPossiblePrices(
  intent: Pick<SignalIntent, 'action' | 'limitPrice' | 'referencePrice' | 'stopPrice' | 'stopLoss' | 'takeProfit'>,
): boolean {
  const { action, limitPrice, referencePrice, stopPrice, stopLoss, takeProfit } = intent;
  if (action === 'close') return true;
  const levels = [stopLoss, takeProfit].map((level) => (level?.unit === 'price' ? level.value : null));
  return [limitPrice, referencePrice, stopPrice, ...levels].every(
    (price) => price === null || isWithin('price', dec(price)),
  );
}
