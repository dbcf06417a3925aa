import { type Dec, dec, toText } from '@/domain/decimal';
import type { TradeLeg, TradeStatus } from '@/domain/order-state';
import type { PositionSide } from '@/domain/signal';
import type { Transaction } from '@/platform/database/database';
import { insertOutbox, type OutboxEntry, openChannels } from './outbox';

/** An order that the venue has although our books had ended it. Quantities in contracts. */
export type FoundOrder = {
  readonly id: string;
  readonly signalId: string;
  readonly accountId: string;
  readonly instrumentId: string;
  readonly leg: TradeLeg;
  readonly positionSide: PositionSide;
  readonly quantity: Dec;
  readonly status: TradeStatus;
  readonly filledQuantity: Dec;
  readonly endedAs: 'rejected' | 'expired';
  readonly endedCode: string | null;
};

/** Tells the tenant and the customers of such orders, each once. Answers how many notifications were added. */
export async function queueFoundOrders(
  tx: Transaction,
  about: { readonly tenantId: string; readonly orders: readonly FoundOrder[]; readonly now: number },
): Promise<number> {
  const { tenantId, orders, now } = about;
  if (orders.length === 0) return 0;
  const channels = await openChannels(tx, tenantId);
  if (channels.length === 0) return 0;
  const accounts = await tx.exchangeAccount.findMany({
    where: { tenantId, id: { in: [...new Set(orders.map((order) => order.accountId))] } },
    select: { id: true, label: true, venue: true, mode: true, customerId: true, customer: { select: { name: true } } },
  });
  const instruments = await tx.instrument.findMany({
    where: { id: { in: [...new Set(orders.map((order) => order.instrumentId))] } },
    select: { id: true, symbol: true, baseCurrency: true, contractValue: true },
  });
  const entries = orders.flatMap((order): OutboxEntry[] => {
    const account = accounts.find(({ id }) => id === order.accountId);
    const instrument = instruments.find(({ id }) => id === order.instrumentId);
    if (account === undefined || instrument === undefined) return [];
    const base = (contracts: Dec): string => toText(contracts.times(dec(instrument.contractValue.toFixed())));
    const { customerId, customer, label, venue, mode } = account;
    const { symbol, baseCurrency } = instrument;
    const { id: tradeId, signalId, leg, positionSide, status, endedAs, endedCode } = order;
    const entry = {
      event: 'order_found' as const,
      dedupeKey: `found:${tradeId}`,
      payload: {
        ...{ tradeId, signalId, customerName: customer.name, label, venue, mode, symbol, baseCurrency },
        ...{ leg, positionSide, status, endedAs, endedCode, at: now },
        quantityBase: base(order.quantity),
        filledBase: base(order.filledQuantity),
      },
    };
    return [
      { ...entry, audience: { kind: 'tenant' } },
      { ...entry, audience: { kind: 'customer', customerId } },
    ];
  });
  return insertOutbox(tx, tenantId, entries, now, channels);
}
