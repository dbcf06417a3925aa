import type { Instrument } from './instrument';

/**
 * How an instrument stands at its venue. Whatever the state, what is held of it can be left as soon as the venue allows it.
 *
 * live        orders of all kinds are taken
 * suspended   no orders are taken for now
 * preopen     it is listed, and trading has not begun
 * post_only   only orders that rest are taken
 * rebase      its contract is being changed
 * settling    what is open is being settled
 * test        it is there for tests of the venue's own
 * unreadable  the venue tells numbers of it that no instrument can have; it is kept as it was known
 * gone        the venue names it no more
 */
export const INSTRUMENT_STATES = [
  'live',
  'suspended',
  'preopen',
  'post_only',
  'rebase',
  'settling',
  'test',
  'unreadable',
  'gone',
] as const;
export type InstrumentState = (typeof INSTRUMENT_STATES)[number];

export type Listing = {
  readonly state: InstrumentState;
  /** When its venue ends it, epoch ms; null: nobody has said so. */
  readonly endsAt: number | null;
};

/** An instrument as its venue lists it. */
export type ListedInstrument = Instrument & Listing;

/** Whether the venue has ended the instrument by now (epoch ms). */
function hasEnded({ state, endsAt }: Listing, now: number): boolean {
  return state === 'gone' || (endsAt !== null && endsAt <= now);
}

/** The code of the denial of whatever would open something in it now (epoch ms); null: it takes entries. */
export function entryDenial(listing: Listing, now: number): 'INSTRUMENT_SUSPENDED' | 'INSTRUMENT_DELISTED' | null {
  if (hasEnded(listing, now)) return 'INSTRUMENT_DELISTED';
  return listing.state === 'live' ? null : 'INSTRUMENT_SUSPENDED';
}

/** Whether something new may be opened in it. */
export function takesEntries(listing: Listing, now: number): boolean {
  return entryDenial(listing, now) === null;
}

/**
 * Whether the venue itself says that it takes no order now that would close something at market, and will do so later. Of what has
 * ended it says nothing any more: that is asked for.
 */
export function isClosedForNow({ state, endsAt }: Listing, now: number): boolean {
  return state !== 'live' && state !== 'unreadable' && !hasEnded({ state, endsAt }, now);
}
