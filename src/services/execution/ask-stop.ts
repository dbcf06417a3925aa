import type { AccountClient, OrderUpdate, StopState } from '@/exchanges/port';
import { currentTime } from '@/platform/clock';

/** What the venue knows of a stop order, and what became of it where that changes its trade. */
export type StopAnswer = { readonly stop: StopState; readonly update: OrderUpdate | null };

/** Why a stop order that we took back ourselves is cancelled. */
export const WITHDRAWN = 'STOP_WITHDRAWN';

/**
 * Asks for a stop order by our id, and for the order that it became. Null: the venue does not know it. Throws VenueError.
 * @param accountId of whose order the update is to be
 */
export async function askStop(
  client: Pick<AccountClient, 'getStop' | 'getOrderById'>,
  accountId: string,
  symbol: string,
  clientOrderId: string,
): Promise<StopAnswer | null> {
  const stop = await client.getStop(symbol, clientOrderId);
  if (stop === null) return null;
  if (stop.state === 'live') return { stop, update: null };
  if (stop.state === 'triggered') {
    const order = stop.venueOrderId === null ? null : await client.getOrderById(symbol, stop.venueOrderId);
    return { stop, update: order === null ? null : { ...order, accountId, clientOrderId } };
  }
  const code = stop.code ?? (stop.state === 'failed' ? 'STOP_FAILED' : 'CANCELED_AT_VENUE');
  return { stop, update: endedUnfilled(accountId, symbol, clientOrderId, stop.venueStopId, code) };
}

/** News of a stop order that ended without a fill. */
export function endedUnfilled(
  accountId: string,
  symbol: string,
  clientOrderId: string,
  venueOrderId: string,
  cancelCode: string,
): OrderUpdate {
  return {
    accountId,
    clientOrderId,
    venueOrderId,
    symbol,
    state: 'canceled',
    filledQuantity: '0',
    averagePrice: null,
    fee: '0',
    cancelCode,
    cause: 'order',
    leverage: null,
    updatedAt: currentTime(),
    fill: null,
  };
}
