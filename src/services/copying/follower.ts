import type { AccountMode } from '@/domain/account-mode';
import type { FollowerSnapshot } from '@/domain/decide';
import type { Dec } from '@/domain/decimal';
import type { ExitCause } from '@/domain/exit';
import type { PositionSide } from '@/domain/signal';
import type { MarginMode } from '@/exchanges/port';

/** A follower of one strategy, as the decision sees him, and what execution needs beside it. */
export type Follower = {
  readonly strategyId: string;
  readonly mode: AccountMode;
  readonly snapshot: FollowerSnapshot;
  readonly marginMode: MarginMode;
  /** Changes with the account's sealed key. */
  readonly keyMark: string;
  /** What his account is known to use in this instrument; null: nothing is known. */
  readonly leverageSet: Dec | null;
  /** Whether it was set or confirmed a short while ago: else it is set again before an entry leaves. */
  readonly leverageTrusted: boolean;
  /** What has to go, for a signal of our own that closes it; null: a leader's signal, or a row that cannot be understood. */
  readonly exit: FollowerExit | null;
  /** Why his row cannot be understood; absent: it can. */
  readonly unreadable?: string;
};

/** @property most contracts that the venue would let go; null: all */
export type FollowerExit = { readonly side: PositionSide; readonly cause: ExitCause; readonly most: Dec | null };
