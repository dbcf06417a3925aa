import { adminRoom } from '@/contracts/realtime';
import { dec } from '@/domain/decimal';
import type { ReceiptCounts } from '@/domain/receipt';
import { tradeMessages } from '../execution/trade-messages';
import { venueSymbol } from '../execution/trade-record';
import type { Claim } from './claim';
import type { CopyDeps } from './copy-deps';
import type { SignalRow } from './signal-row';
import type { WrittenTrade } from './write-ahead';

const NOTHING = dec(0);

/** Tells the operators how a signal stands. */
export async function tell(
  deps: CopyDeps,
  signal: SignalRow,
  status: string,
  counts: ReceiptCounts | null,
): Promise<void> {
  const payload = {
    id: signal.id,
    sourceId: signal.sourceId,
    symbol: venueSymbol(signal.instrumentId),
    status,
    counts,
  };
  await deps.publish([{ room: adminRoom(signal.tenantId), event: 'signal_update', payload }]);
}

/**
 * Tells who gets no order. Who gets one is told when the venue has it, a moment later: telling it before would hold up the
 * sending.
 */
export async function tellDenied(
  deps: CopyDeps,
  claim: Claim,
  signal: SignalRow,
  written: readonly WrittenTrade[],
): Promise<void> {
  const told = written.flatMap(({ id, follower, decision }) => {
    if (decision.outcome !== 'denied') return [];
    const { outline } = decision;
    return {
      id,
      signalId: claim.signalId,
      subscriptionId: follower.snapshot.subscriptionId,
      customerId: follower.snapshot.customerId,
      strategyId: follower.strategyId,
      instrumentId: signal.instrumentId,
      leg: outline.leg,
      side: outline.side,
      status: 'denied' as const,
      code: decision.code,
      quantity: decision.quantity ?? NOTHING,
      filledQuantity: NOTHING,
      filledValue: NOTHING,
    };
  });
  if (told.length > 0)
    await deps.publish(tradeMessages(claim.tenantId, told, [], (id) => deps.instruments.require(id)));
}
