import { adminRoom } from '@/contracts/realtime';
import { dec } from '@/domain/decimal';
import type { ReceiptCounts } from '@/domain/receipt';
import { tradeMessages } from '../execution/trade-messages';
import { venueSymbol } from '../execution/trade-record';
import type { Claim } from './claim';
import type { CopyDeps, SignalRow } from './copy-deps';
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

/** Tells who gets an order and who does not, as soon as it is decided. */
export async function announce(
  deps: CopyDeps,
  claim: Claim,
  signal: SignalRow,
  written: readonly WrittenTrade[],
): Promise<void> {
  const told = written.map(({ id, follower, decision }) => {
    const denied = decision.outcome === 'denied';
    const order = denied ? { ...decision.outline, quantity: decision.quantity ?? NOTHING } : decision.approved.order;
    return {
      id,
      signalId: claim.signalId,
      subscriptionId: follower.snapshot.subscriptionId,
      customerId: follower.snapshot.customerId,
      strategyId: follower.strategyId,
      instrumentId: signal.instrumentId,
      leg: order.leg,
      side: order.side,
      status: denied ? ('denied' as const) : ('planned' as const),
      code: denied ? decision.code : null,
      quantity: order.quantity,
      filledQuantity: NOTHING,
      filledValue: NOTHING,
    };
  });
  await tell(deps, signal, 'dispatching', null);
  await deps.publish(tradeMessages(claim.tenantId, told, [], (id) => deps.instruments.require(id)));
}
