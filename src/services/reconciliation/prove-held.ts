import { type Dec, dec, maxDec, minDec, ZERO } from '@/domain/decimal';
import { heldOnSide } from '@/domain/drift';
import type { PositionSide } from '@/domain/signal';
import type { PendingOrder, Venue, VenuePosition } from '@/exchanges/port';
import type { Cipher } from '@/platform/cipher';
import type { Clock } from '@/platform/clock';
import type { Database } from '@/platform/database/database';
import type { Logger } from '@/platform/log';
import type { TradingAccount } from '../execution/accounts';
import { venueSymbol } from '../execution/trade-record';
import { doubtOnce } from '../protection/doubt';
import { type AccountBook, isQuiet, readAccountBook } from './account-book';
import { type AccountDrift, compareAccount, missingOf } from './compare-account';
import { howClosed, isWithoutTrace } from './how-closed';
import { recordDrift } from './record-drift';
import { type TellDeps, tellRecorded } from './tell-recorded';

/** Between the two readings, ms. */
const SECOND_LOOK = 400;

export type ProveDeps = TellDeps & {
  readonly database: Database;
  readonly cipher: Cipher;
  readonly venue: (key: string) => Venue;
  readonly clock: Clock;
  readonly logger: Logger;
};

/** What the venue holds of one side of an instrument, once our books hold no more than that. Contracts. */
export type Proof = {
  /** What can be closed: orders of somebody else that wait to close it hold the rest. */
  readonly free: Dec;
  readonly blocked: Dec;
  /** Something came off our books. */
  readonly changed: boolean;
};

type Side = {
  readonly instrumentId: string;
  readonly side: PositionSide;
  /** The venue has refused or cut an order because less is there: what it lists is not its only word. */
  readonly saidSo: boolean;
};

/**
 * Finds out what the venue holds of a position whose close it refused or cut. Its answer is proof: what our books have more than that,
 * in two readings between which nothing moved, is taken off the books of all who hold it, whatever their drift policy, and booked as
 * what it was. What is missing without a trace is taken for there, unless the venue has said so twice over: a close that reduces only does no
 * harm, and its refusal says it. Null: nothing can be said now, because something is on its way. Throws VenueError.
 */
export async function proveHeld(
  deps: ProveDeps,
  account: TradingAccount & { readonly customerId: string },
  { instrumentId, side, saidSo }: Side,
): Promise<Proof | null> {
  const { tenantId, id: accountId } = account;
  const db = deps.database.forTenant(tenantId);
  const query = { tenantId, accountId, instrumentId };
  const client = deps.venue(account.venue).account(account.access);
  const read = async (): Promise<Reading | null> => {
    const before = await readAccountBook(db, query);
    const positions = await client.getPositions();
    const book = await readAccountBook(db, query);
    return isQuiet(before, book) ? { book, positions, ...measure(account, book, positions, instrumentId, side) } : null;
  };
  const first = await read();
  if (first === null) return null;
  const pending = await client.getPendingOrders(venueSymbol(instrumentId));
  const blocked = minDec(blockedBy(pending, side), first.held);
  const free = first.held.minus(blocked);
  if (first.missing.lte(0)) return { free, blocked, changed: false };
  // A stop order may have closed it without our having heard of it.
  if (await doubtOnce(db, query)) return null;
  await new Promise((resolve) => setTimeout(resolve, SECOND_LOOK));
  const second = await read();
  if (second === null || !second.missing.eq(first.missing) || !isQuiet(first.book, second.book)) return null;
  const drift = driftOf(second, instrumentId, side);
  const others = compareAccount(account, second.book, second.positions).filter(
    (other) => other.instrumentId === instrumentId && other.side !== side,
  );
  const pieces = await howClosed(
    { ...deps, db, client },
    { tenantId, accountId, ...missingOf(drift) },
    deps.clock.now(),
  );
  if (isWithoutTrace(pieces) && !saidSo) return { free: second.booked, blocked: ZERO, changed: false };
  const recorded = await recordDrift({ ...deps, instrument: (id) => deps.instruments.get(id) ?? null }, account, {
    book: second.book,
    instrumentId,
    drifts: [drift, ...others],
    closed: new Map([[drift, pieces]]),
  });
  if (recorded === null) return null;
  await tellRecorded(deps, account, recorded);
  return { free, blocked, changed: recorded.repaired.length > 0 };
}

type Measure = { readonly booked: Dec; readonly held: Dec; readonly missing: Dec };
type Reading = Measure & { readonly book: AccountBook; readonly positions: readonly VenuePosition[] };

function measure(
  account: Pick<TradingAccount, 'positionMode' | 'marginMode'>,
  book: AccountBook,
  positions: readonly VenuePosition[],
  instrumentId: string,
  side: PositionSide,
): Measure {
  const booked = book.positions.reduce((sum, row) => (row.side === side ? sum.plus(row.quantity) : sum), ZERO);
  const ofInstrument = positions
    .filter(({ symbol, marginMode }) => symbol === venueSymbol(instrumentId) && marginMode === account.marginMode)
    .map((position) => ({ side: position.side, quantity: dec(position.quantity) }));
  const held = heldOnSide(account.positionMode, ofInstrument, side);
  return { booked, held, missing: booked.minus(held) };
}

/** What waits at the venue to close a side, of orders that are none of ours: ours were taken back before. */
function blockedBy(pending: readonly PendingOrder[], side: PositionSide): Dec {
  const closing = side === 'long' ? 'sell' : 'buy';
  return pending
    .filter(
      (order) =>
        order.side === closing && (order.positionSide === null ? order.reduceOnly : order.positionSide === side),
    )
    .reduce((sum, order) => sum.plus(maxDec(ZERO, dec(order.quantity).minus(order.filledQuantity))), ZERO);
}

function driftOf({ book, booked, held }: Reading, instrumentId: string, side: PositionSide): AccountDrift {
  const holders = book.positions.filter((row) => row.side === side);
  const kind = held.isZero() ? 'ghost' : 'missing';
  return { instrumentId, side, kind, booked, held, holders, policy: 'repair', repairable: true };
}
