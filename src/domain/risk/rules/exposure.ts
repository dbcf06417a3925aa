import { type Dec, isAbove, isAboveZero, roundToPlaces, sum, toText, ZERO } from '../../decimal';
import type { DenialCode } from '../codes';
import { exceedsShare, limitText, quotientText } from '../percent';
import type { ProposedOrder, RiskSnapshot, RuleName, SizeRule } from '../types';

function money(amount: Dec): string {
  return toText(roundToPlaces(amount, 2));
}

/** (margin already used + margin of the order) ÷ equity ≤ limit, multiplied out so that equity 0 needs no exception. */
function shareRule(
  name: RuleName,
  code: DenialCode,
  used: (snapshot: RiskSnapshot) => Dec,
  limit: (snapshot: RiskSnapshot) => Dec,
): SizeRule {
  return {
    name,
    phase: 'size',
    appliesTo: 'entries',
    evaluate(_order: ProposedOrder, snapshot: RiskSnapshot, margin: Dec | null) {
      const { equity, instrument } = snapshot;
      if (margin === null || equity === null) return null;
      const after = sum(used(snapshot), margin);
      const most = limit(snapshot);
      const value = isAboveZero(equity) ? quotientText(after, equity) : '∞';
      return {
        value,
        limit: limitText(most),
        denial: exceedsShare(after, most, equity)
          ? {
              code,
              context: {
                margin: money(after),
                orderMargin: money(margin),
                equity: money(equity),
                share: value,
                maximum: limitText(most),
                symbol: instrument.symbol,
                currency: instrument.settleCurrency,
              },
            }
          : null,
      };
    },
  };
}

export const orderCap = shareRule(
  'order_cap',
  'ORDER_CAP',
  () => ZERO,
  (snapshot) => snapshot.limits.maxOrderShare,
);

export const symbolExposure = shareRule(
  'symbol_exposure',
  'SYMBOL_EXPOSURE',
  (snapshot) => snapshot.symbolMargin,
  (snapshot) => snapshot.limits.maxSymbolShare,
);

export const totalExposure = shareRule(
  'total_exposure',
  'TOTAL_EXPOSURE',
  (snapshot) => snapshot.totalMargin,
  (snapshot) => snapshot.limits.maxTotalShare,
);

/** Margin of the order ≤ free margin, where the venue told it. */
export const balance: SizeRule = {
  name: 'balance',
  phase: 'size',
  appliesTo: 'entries',
  evaluate(_order, snapshot, margin) {
    const { available, instrument } = snapshot;
    if (margin === null || available === null) return null;
    return {
      value: money(margin),
      limit: money(available),
      denial: isAbove(margin, available)
        ? {
            code: 'INSUFFICIENT_BALANCE',
            context: {
              orderMargin: money(margin),
              available: money(available),
              currency: instrument.settleCurrency,
            },
          }
        : null,
    };
  },
};
