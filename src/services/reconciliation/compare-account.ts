import { dec } from '@/domain/decimal';
import { canRepair, type Drift, type DriftPolicy, findDrift, jointPolicy } from '@/domain/drift';
import type { VenuePosition } from '@/exchanges/port';
import type { TradingAccount } from '../execution/accounts';
import type { AccountBook, BookedPosition } from './account-book';

/** A drift with its instrument, its holders, and what is to be done about it. */
export type AccountDrift = Drift & {
  readonly instrumentId: string;
  readonly holders: readonly BookedPosition[];
  readonly policy: DriftPolicy;
  readonly repairable: boolean;
};

/**
 * All differences between our books of an account and what its venue holds, also those that nobody wants to hear of (policy `off`).
 * Positions in the other margin mode than ours are the customer's own and left out.
 */
export function compareAccount(
  account: Pick<TradingAccount, 'venue' | 'positionMode' | 'marginMode'>,
  book: AccountBook,
  held: readonly VenuePosition[],
): readonly AccountDrift[] {
  const ofUs = held
    .filter((position) => position.marginMode === account.marginMode)
    .map(({ symbol, side, quantity }) => ({
      instrumentId: `${account.venue}:${symbol}`,
      side,
      quantity: dec(quantity),
    }));
  const instruments = new Set([...book.positions, ...ofUs].map((position) => position.instrumentId));
  return [...instruments].sort().flatMap((instrumentId) => {
    const booked = book.positions.filter((position) => position.instrumentId === instrumentId);
    const atVenue = ofUs.filter((position) => position.instrumentId === instrumentId);
    return findDrift(account.positionMode, booked, atVenue).map((drift) => {
      const holders = booked.filter((position) => position.side === drift.side);
      const policy = jointPolicy(holders.length === 0 ? book.policies : holders.map((holder) => holder.policy));
      return { ...drift, instrumentId, holders, policy, repairable: canRepair(drift, booked) };
    });
  });
}

/** The same text for the same differences: two looks that agree have the same. */
export function fingerprint(drifts: readonly AccountDrift[]): string {
  return drifts
    .map((d) => `${d.instrumentId}|${d.side}|${d.kind}|${d.booked.toFixed()}|${d.held.toFixed()}`)
    .sort()
    .join(';');
}

/** What our books have too much, and since when it is held. */
export function missingOf({ instrumentId, side, booked, held, holders }: AccountDrift) {
  const opened = holders.map(({ openedAt }) => openedAt?.getTime() ?? 0);
  const openedAt = opened.length === 0 ? null : new Date(Math.min(...opened));
  return { instrumentId, side, quantity: booked.minus(held), openedAt };
}
