import type { Rows, TradeRow, VenueBooks } from './books';
import type { HandCounts, LeverageByHand } from './by-hand';
import type { Cast } from './cast';
import type { Scenario } from './scenario';
import type { Sent } from './sender';
import type { Blame } from './weather';

export const ERRORS = ['lost', 'doubled', 'wrongSize', 'wrongState', 'unexplained', 'naked'] as const;
export type ErrorKind = (typeof ERRORS)[number];

export type Finding = {
  readonly kind: ErrorKind;
  readonly text: string;
  readonly tradeId: string | null;
  readonly signalId: string | null;
  readonly subscriptionId: string | null;
};

/** Moments at which something was wrong, by what it can be blamed for. */
export type Evidence = { blames(blame: Blame | 'kill', from: number, to: number): boolean };

/** All that a comparison needs. */
export type Books = {
  readonly scenario: Scenario;
  readonly cast: Cast;
  readonly sent: readonly Sent[];
  readonly rows: Rows;
  readonly venue: VenueBooks;
  readonly evidence: Evidence;
  readonly hands: { readonly counts: HandCounts; readonly leverages: LeverageByHand };
  /** Times in our rows are the workers' own, and far apart. */
  readonly clocksApart: boolean;
};

/** @param of the trade it is about, or else what is known of it */
export function finding(
  kind: ErrorKind,
  text: string,
  of: TradeRow | { readonly signalId?: string | null; readonly subscriptionId?: string | null } = {},
): Finding {
  const tradeId = 'leg' in of ? of.id : null;
  return { kind, text, tradeId, signalId: of.signalId ?? null, subscriptionId: of.subscriptionId ?? null };
}
