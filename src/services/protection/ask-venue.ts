import { dec, toText } from '@/domain/decimal';
import { isSameOrder, type LevelKind, type ProtectiveOrder } from '@/domain/protection';
import { type AccountClient, type StopLevels, type StopState, type Venue, VenueError } from '@/exchanges/port';
import type { Logger } from '@/platform/log';
import type { TradingAccount } from '../execution/accounts';
import { askStop, endedUnfilled, WITHDRAWN } from '../execution/ask-stop';
import type { ExecutionTimings } from '../execution/timings';
import type { TradeBook } from '../execution/trade-book';
import { venueSymbol } from '../execution/trade-record';
import { NO_ORDER, type ProtectionChange } from './protection-change';
import type { ProtectionRow } from './protection-row';
import { closingSide } from './stop-trades';

/** What the requests of one look share. */
export type Request = {
  readonly venue: (key: string) => Venue;
  readonly book: TradeBook;
  readonly logger: Logger;
  readonly timings: ExecutionTimings;
  readonly account: (row: ProtectionRow) => TradingAccount | null;
  /** Whether nothing may be sent for it now. */
  readonly withheld: (row: ProtectionRow) => boolean;
};

/** @property startBy nothing leaves after this moment, by the process's own clock: another worker may do otherwise */
export type SendRequest = Request & { readonly startBy: number };

/** The next attempt after a refusal, ms; doubled with each further one. */
const RETRY = 5_000;
const LONGEST_RETRY = 300_000;
/** An order that stands is asked for again after this long, ms: somebody may have taken it back at the venue. */
export const ASK_STANDING = 300_000;
/** Where the market had passed a level, an order is tried again after this long, ms, should the position not be closed by then. */
const TRY_CROSSED = 60_000;

type Refusal = { readonly crossed?: LevelKind; readonly code: string; readonly message: string };

export async function placeStop(
  request: SendRequest,
  row: ProtectionRow,
  wanted: ProtectiveOrder,
): Promise<ProtectionChange> {
  const account = request.account(row);
  if (account === null || row.tradeId === null) return retry(row);
  const sentAt = Date.now();
  const outcome = await request.venue(account.venue).placer.placeStop(account.access, {
    ...levelsOf(request, row, wanted),
    side: closingSide(row),
    positionSide: row.side,
    positionMode: account.positionMode,
    marginMode: account.marginMode,
  });
  const tell = (): void =>
    request.book.report(row.tenantId, { kind: 'placement', tradeId: row.tradeId ?? '', outcome, attempt: 1, sentAt });
  switch (outcome.kind) {
    case 'accepted':
      tell();
      return stands(row, wanted);
    case 'refused': {
      tell();
      request.logger.warn({ trade: row.tradeId, code: outcome.code }, 'a stop order was refused');
      return {
        ...refused(row, outcome),
        request: 'none',
        confirmed: true,
        tradeId: null,
        round: row.round + 1,
        asked: NO_ORDER,
      };
    }
    case 'throttled':
      return { row, sentAt: null, nextAt: Date.now() + outcome.retryAfterMs };
    case 'unknown':
      tell();
      return { row, nextAt: Date.now() + request.timings.stopAskAgain };
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
  const nextAt = Date.now() + request.timings.stopAskAgain;
  if (outcome.kind === 'refused') return { ...refused(row, outcome), sentAt: null, nextAt };
  return outcome.kind === 'throttled' ? { row, sentAt: null, nextAt } : { row, nextAt };
}

export async function cancelStop(request: SendRequest, row: ProtectionRow): Promise<ProtectionChange> {
  const client = clientOf(request, row);
  if (client === null || row.tradeId === null) return retry(row);
  const symbol = venueSymbol(row.instrumentId);
  try {
    const { accepted } = await client.cancelStop(symbol, row.tradeId, request.startBy);
    if (!accepted) return { row, nextAt: Date.now() };
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
    const asked = Date.now();
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
        if (isOnItsWay(request, row, asked, stop)) return { row, nextAt: Date.now() + request.timings.stopAskAgain };
        // Its trade may not know yet that it stands.
        const outcome = { kind: 'accepted', venueOrderId: stop.venueStopId, at: asked } as const;
        request.book.report(tenantId, { kind: 'placement', tradeId, outcome, attempt: 1, sentAt: row.sentAt ?? asked });
        const standing = orderAt(stop);
        const changed = { ...stands(row, standing), failures: row.failures };
        // The order that stands is not the one whose price had been passed.
        if (row.crossed !== null && !isSameOrder(standing, row.asked)) {
          return { ...changed, crossed: row.crossed, nextAt: Date.now() + TRY_CROSSED };
        }
        return row.failures === 0 ? changed : { ...changed, nextAt: Date.now() + pauseAfter(row.failures) };
      }
      case 'triggered':
        return { row, request: 'spent', confirmed: false, nextAt: Date.now() + request.timings.stopAskAgain };
      case 'canceled':
        if (row.request === 'cancel' || row.held.isZero()) return gone(row);
        // Taken back by the customer, or by the venue because the position is gone there: not ours to place again.
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
  const nextAt = Date.now() + ASK_STANDING;
  return { row, request: 'place', confirmed: true, asked: order, crossed: null, failures: 0, nextAt };
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
    nextAt: Date.now(),
  };
}

/** The venue does not know it: it may still be on its way, or it never got there and the same order is placed once more. */
function absent(request: Request, row: ProtectionRow, asked: number): ProtectionChange {
  if (row.sentAt !== null && asked < row.sentAt + request.timings.stopAbsentAfter)
    return { row, nextAt: Date.now() + request.timings.stopAskAgain };
  return { row, request: 'none', confirmed: true, asked: NO_ORDER, nextAt: Date.now() };
}

function failed(request: Request, row: ProtectionRow, error: unknown): ProtectionChange {
  if (!(error instanceof VenueError)) throw error;
  request.logger.warn({ trade: row.tradeId, code: error.code }, 'a stop order could not be asked for');
  return error.retryable
    ? { row, nextAt: Date.now() + request.timings.stopAskAgain }
    : retry(row, error.code, error.message);
}

/** Refused because the market has passed a level: the position is closed instead. */
function refused(row: ProtectionRow, { crossed, code, message }: Refusal): ProtectionChange {
  const change = retry(row, code, message);
  return crossed === undefined ? change : { ...change, crossed, nextAt: Date.now() + TRY_CROSSED };
}

function retry(row: ProtectionRow, code: string | null = null, message: string | null = null): ProtectionChange {
  const failures = row.failures + 1;
  return { row, failures, code, message, nextAt: Date.now() + pauseAfter(failures) };
}

function pauseAfter(failures: number): number {
  return Math.min(RETRY * 2 ** (failures - 1), LONGEST_RETRY);
}
