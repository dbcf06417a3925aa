import { dec, toText } from '@/domain/decimal';
import { isSameOrder, type ProtectiveOrder } from '@/domain/protection';
import { type AccountClient, type StopLevels, type StopState, type Venue, VenueError } from '@/exchanges/port';
import { currentTime } from '@/platform/clock';
import { timeOfId } from '@/platform/ids';
import type { Logger } from '@/platform/log';
import type { TradingAccount } from '../execution/accounts';
import { askStop, endedUnfilled, WITHDRAWN } from '../execution/ask-stop';
import type { ExecutionTimings } from '../execution/timings';
import type { TradeBook } from '../execution/trade-book';
import { venueSymbol } from '../execution/trade-record';
import { NO_ORDER, type ProtectionChange } from './protection-change';
import type { ProtectionRow } from './protection-row';
import { pauseAfter, refused, retry, TRY_CROSSED } from './refusals';
import { closingSide } from './stop-trades';

/** What the requests of one look share. */
export type Request = {
  readonly venue: (key: string) => Venue;
  readonly book: TradeBook;
  readonly logger: Logger;
  readonly timings: ExecutionTimings;
  readonly account: (row: ProtectionRow) => TradingAccount | null;
  /** The database's time, epoch ms: that of the rows, of which another worker may have written some. */
  readonly now: () => number;
  /** Whether nothing may be sent for it now. */
  readonly withheld: (row: ProtectionRow) => boolean;
};

/** @property startBy nothing leaves after this moment, by the process's own clock: another worker may do otherwise */
export type SendRequest = Request & { readonly startBy: number };

/** An order that stands is asked for again after this long, ms: somebody may have taken it back at the venue. */
export const ASK_STANDING = 300_000;
export async function placeStop(
  request: SendRequest,
  row: ProtectionRow,
  wanted: ProtectiveOrder,
): Promise<ProtectionChange> {
  const account = request.account(row);
  if (account === null || row.tradeId === null) return retry(row);
  const sentAt = currentTime();
  const attempt = row.attempts + 1;
  const outcome = await request.venue(account.venue).placer.placeStop(account.access, {
    ...levelsOf(request, row, wanted),
    side: closingSide(row),
    positionSide: row.side,
    positionMode: account.positionMode,
    marginMode: account.marginMode,
  });
  const tell = (): void =>
    request.book.report(row.tenantId, { kind: 'placement', tradeId: row.tradeId ?? '', outcome, attempt, sentAt });
  switch (outcome.kind) {
    case 'accepted':
      tell();
      return stands(row, wanted);
    case 'refused': {
      tell();
      request.logger.warn({ trade: row.tradeId, code: outcome.code }, 'a stop order was refused');
      // It keeps its id: should the venue have taken it for all that, the next attempt finds it there.
      return { ...refused(row, outcome), request: 'none', confirmed: true, asked: NO_ORDER };
    }
    case 'throttled':
      return { row, sentAt: null, wait: outcome.retryAfterMs };
    case 'unknown':
      tell();
      return { row, wait: request.timings.stopAskAgain };
  }
}

export async function changeStop(
  request: SendRequest,
  row: ProtectionRow,
  wanted: ProtectiveOrder,
): Promise<ProtectionChange> {
  const account = request.account(row);
  if (account === null) return retry(row);
  const { placer } = request.venue(account.venue);
  const outcome = await placer.changeStop(account.access, levelsOf(request, row, wanted));
  if (outcome.kind === 'done') return stands(row, wanted);
  // Refused: it may have been triggered. The answer to the question tells; a change that fails again and again waits longer.
  const wait = request.timings.stopAskAgain;
  if (outcome.kind === 'refused') return { ...refused(row, outcome), sentAt: null, wait };
  return outcome.kind === 'throttled' ? { row, sentAt: null, wait } : { row, wait };
}

export async function cancelStop(request: SendRequest, row: ProtectionRow): Promise<ProtectionChange> {
  const client = clientOf(request, row);
  if (client === null || row.tradeId === null) return retry(row);
  const symbol = venueSymbol(row.instrumentId);
  try {
    const { accepted } = await client.cancelStop(symbol, row.tradeId, request.startBy);
    if (!accepted) return { row, wait: 0 };
    const update = endedUnfilled(row.accountId, symbol, row.tradeId, '', WITHDRAWN);
    request.book.report(row.tenantId, { kind: 'venue', tradeId: row.tradeId, update, fills: [] });
    return gone(row);
  } catch (error) {
    return failed(request, row, error);
  }
}

/** Finds out what became of an order. What changes its trade is reported to the trade book. */
export async function askForStop(request: Request, row: ProtectionRow): Promise<ProtectionChange> {
  const client = clientOf(request, row);
  if (client === null || row.tradeId === null) return retry(row);
  const { tradeId, tenantId } = row;
  const symbol = venueSymbol(row.instrumentId);
  try {
    const asked = request.now();
    const answer = await askStop(client, row.accountId, symbol, tradeId);
    if (answer === null) return absent(request, row, asked);
    const { stop, update } = answer;
    if (update !== null) {
      const fills = dec(update.filledQuantity).gt(0) ? await client.getFills(symbol, update.venueOrderId) : [];
      request.book.report(tenantId, { kind: 'venue', tradeId, update, fills });
    }
    switch (stop.state) {
      case 'live': {
        // It stands as if it had not been asked to change or to go: that may still come.
        if (isOnItsWay(request, row, asked, stop)) return { row, wait: request.timings.stopAskAgain };
        // Its trade may not know yet that it stands.
        const outcome = { kind: 'accepted', venueOrderId: stop.venueStopId, at: asked } as const;
        const attempt = Math.max(row.attempts, 1);
        request.book.report(tenantId, { kind: 'placement', tradeId, outcome, attempt, sentAt: row.sentAt ?? asked });
        const standing = orderAt(stop);
        const { failures, crossed, code, message } = row;
        if (failures === 0 || isSameOrder(standing, row.asked)) return stands(row, standing);
        // What was refused is still to be asked for.
        const pause = crossed === null ? pauseAfter(row, failures) : TRY_CROSSED;
        return { ...stands(row, standing), failures, crossed, code, message, wait: pause };
      }
      case 'triggered':
        return { row, request: 'spent', confirmed: false, wait: request.timings.stopAskAgain };
      case 'canceled':
        // It may have gone with an earlier position, which was closed and opened anew before anybody asked: new levels want a new order.
        if (row.request === 'cancel' || row.held.isZero() || row.setAnew) return gone(row);
        // The venue took it back with a position that ended; where there is another one by now, its stop is as wanted as before.
        if (await hasEnded(client, tradeId, row)) return gone(row);
        // Taken back by the customer: not ours to place again.
        request.logger.warn({ trade: tradeId }, 'a stop order was cancelled at the venue');
        return { ...gone(row), open: false, code: 'CANCELED_AT_VENUE' };
      case 'failed':
        return {
          ...gone(row),
          ...retry(row, stop.code ?? 'STOP_FAILED', 'The venue could not place the order of a reached price.'),
        };
    }
  } catch (error) {
    return failed(request, row, error);
  }
}

/** The venue's clock may be so far behind ours, ms. */
const CLOCKS_APART = 60_000;

/** Whether the position was closed entirely since the order was first asked for. */
async function hasEnded(client: AccountClient, tradeId: string, row: ProtectionRow): Promise<boolean> {
  const since = timeOfId(tradeId) - CLOCKS_APART;
  const ended = await client.getEndedPositions(venueSymbol(row.instrumentId));
  return ended.some(({ isWhole, side, endedAt }) => isWhole && side === row.side && endedAt >= since);
}

/** Whether a change or cancel that did not happen may still get to the venue. */
function isOnItsWay({ timings }: Request, row: ProtectionRow, asked: number, stop: StopState): boolean {
  if (row.confirmed || row.sentAt === null || asked >= row.sentAt + timings.stopAbsentAfter) return false;
  return row.request === 'cancel' || (row.request === 'change' && !isSameOrder(orderAt(stop), row.asked));
}

function clientOf(request: Request, row: ProtectionRow): AccountClient | null {
  const account = request.account(row);
  return account === null ? null : request.venue(account.venue).account(account.access);
}

function levelsOf(request: SendRequest, row: ProtectionRow, order: ProtectiveOrder): StopLevels {
  const text = (price: ProtectiveOrder['stopPrice']): string | null => (price === null ? null : toText(price));
  return {
    clientOrderId: row.tradeId ?? '',
    symbol: venueSymbol(row.instrumentId),
    quantity: toText(order.quantity),
    stopPrice: text(order.stopPrice),
    takePrice: text(order.takePrice),
    startBy: request.startBy,
    mayStart: () => !request.withheld(row),
  };
}

function orderAt(stop: StopState): ProtectiveOrder {
  return {
    quantity: dec(stop.quantity),
    stopPrice: stop.stopPrice === null ? null : dec(stop.stopPrice),
    takePrice: stop.takePrice === null ? null : dec(stop.takePrice),
  };
}

function stands(row: ProtectionRow, order: ProtectiveOrder): ProtectionChange {
  return { row, request: 'place', confirmed: true, asked: order, crossed: null, failures: 0, wait: ASK_STANDING };
}

function gone(row: ProtectionRow): ProtectionChange {
  return {
    row,
    request: 'none',
    confirmed: true,
    tradeId: null,
    round: row.round + 1,
    asked: NO_ORDER,
    failures: 0,
    wait: 0,
  };
}

/** The venue does not know it: it may still be on its way, or it never got there and the same order is placed once more. */
function absent(request: Request, row: ProtectionRow, asked: number): ProtectionChange {
  if (row.sentAt !== null && asked < row.sentAt + request.timings.stopAbsentAfter)
    return { row, wait: request.timings.stopAskAgain };
  return { row, request: 'none', confirmed: true, asked: NO_ORDER, wait: 0 };
}

function failed(request: Request, row: ProtectionRow, error: unknown): ProtectionChange {
  if (!(error instanceof VenueError)) throw error;
  request.logger.warn({ trade: row.tradeId, code: error.code }, 'a stop order could not be asked for');
  return error.retryable ? { row, wait: request.timings.stopAskAgain } : retry(row, error.code, error.message);
}
