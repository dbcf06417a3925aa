import { endAlgo } from './attached';
import { cancel } from './cancel';
import { forceClose } from './forced-close';
import type { Quote, TradingState } from './market';
import type { Venue } from './venue';

/** What of an instrument's listing may be changed. */
export interface ListingChange {
  readonly state?: TradingState;
  /** When it ends, epoch ms; null: not planned. */
  readonly endsAt?: number | null;
}

/** Changes how an instrument stands. Whoever asks for it to be delisted has everything of it ended first. */
export function changeListing(venue: Venue, instId: string, { state, endsAt }: ListingChange): void {
  const quote = venue.market.quote(instId);
  if (endsAt !== undefined) quote.endsAt = endsAt;
  if (state === undefined || state === quote.state) return;
  quote.state = state;
  if (state === 'delisted') deliver(venue, quote);
}

/** Delists instruments whose time has come. Answers them. */
export function delistEnded(venue: Venue): string[] {
  const now = venue.clock.now();
  const ended = [...venue.market.quotes.values()].filter(
    ({ state, endsAt }) => state !== 'delisted' && endsAt !== null && endsAt <= now,
  );
  for (const { instrument } of ended) changeListing(venue, instrument.instId, { state: 'delisted' });
  return ended.map(({ instrument }) => instrument.instId);
}

/** Orders go, and what is open is settled at the mark price. */
function deliver(venue: Venue, { instrument: { instId }, mark }: Quote): void {
  for (const account of venue.accounts.byUid.values()) {
    for (const order of [...account.pending.values()]) {
      if (order.instId === instId) cancel(venue, account, order, 'delivery');
    }
    for (const algo of [...account.liveAlgos.values()]) {
      if (algo.instId === instId) endAlgo(venue, account, algo, 'canceled');
    }
    for (const position of account.positions.values()) {
      if (position.instId === instId) forceClose(venue, account, position, position.pos.abs(), mark, 'delivery');
    }
  }
}
