import { adminRoom, customerRoom, type PositionChange, type RealtimeMessage } from '@/contracts/realtime';
import { averagePrice } from '@/domain/average-price';
import { toText } from '@/domain/decimal';
import { tradeMessages } from '../execution/trade-messages';
import { venueSymbol } from '../execution/trade-record';
import type { InstrumentCatalogue } from '../pricing/instrument-catalogue';
import type { BookAfter } from './book-outside';
import type { Recorded } from './record-drift';

export type TellDeps = {
  readonly instruments: Pick<InstrumentCatalogue, 'get'>;
  readonly publish: (messages: readonly RealtimeMessage[]) => Promise<void>;
};

/** Tells browsers what was written down about an account's positions. */
export async function tellRecorded(
  deps: TellDeps,
  { tenantId, customerId }: { readonly tenantId: string; readonly customerId: string },
  { changes, repaired }: Recorded,
): Promise<void> {
  const messages: RealtimeMessage[] = [];
  const positions = repaired.flatMap((book) => toChange(deps, customerId, book));
  for (const room of [adminRoom(tenantId), customerRoom(customerId)]) {
    if (changes.length > 0) messages.push({ room, event: 'drift_update', payload: [...changes] });
    if (positions.length > 0) messages.push({ room, event: 'position_update', payload: positions });
  }
  const trades = repaired.flatMap((book) => book.trades);
  if (trades.length > 0) {
    const known = trades.filter(({ instrumentId }) => deps.instruments.get(instrumentId) !== undefined);
    messages.push(...tradeMessages(tenantId, known, [], (id) => required(deps, id)));
  }
  if (messages.length > 0) await deps.publish(messages);
}

function required({ instruments }: TellDeps, id: string) {
  const instrument = instruments.get(id);
  if (instrument === undefined) throw new Error(`Unknown instrument ${id}`);
  return instrument;
}

function toChange({ instruments }: TellDeps, customerId: string, book: BookAfter): PositionChange[] {
  const { subscriptionId, strategyId, instrumentId, side } = book.position;
  const instrument = instruments.get(instrumentId);
  if (instrument === undefined) return [];
  const average = averagePrice(instrument, book.quantity, book.cost);
  return [
    {
      subscriptionId,
      customerId,
      strategyId,
      symbol: venueSymbol(instrumentId),
      side,
      quantity: toText(book.quantity),
      averagePrice: average === null ? '0' : toText(average),
      realizedPnl: toText(book.realizedPnl),
    },
  ];
}
