import { type FollowerDecision, failedDecision } from '@/domain/decide';
import type { LeaderLeg } from '@/domain/leader';
import type { Follower } from './follower';

/** A follower about whom nothing could be decided, or written, and why; he gets denials with DECISION_FAILED. */
export type Undecided = { readonly follower: Follower; readonly reason: string };

type Denial = {
  readonly follower: Follower;
  readonly leg: LeaderLeg['kind'];
  readonly round: 0;
  readonly goesOn: false;
  readonly decision: FollowerDecision;
  readonly decisionPrice: null;
};

/** The trades that he gets instead. */
export function undecidedTrades(follower: Follower, legs: readonly LeaderLeg[]): readonly Denial[] {
  return legs.map((leg) => {
    const decision = failedDecision(follower.snapshot, leg);
    return { follower, leg: leg.kind, round: 0, goesOn: false, decision, decisionPrice: null };
  });
}
