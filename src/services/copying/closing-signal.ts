import { isAbove, ONE, ZERO } from '@/domain/decimal';
import type { LeaderLeg } from '@/domain/leader';
import { hardestSwitch } from '@/domain/risk/kill-switches';
import type { KillSwitchLevel } from '@/domain/risk/types';
import {
  type ClosingFormat,
  closingFormat,
  type LeaderBook,
  type PositionSide,
  type SignalIntent,
} from '@/domain/signal';
import { Prisma, type RawReader, type TenantClient } from '@/platform/database/database';
import type { TradeRecord } from '../execution/trade-record';
import type { KillSwitchBoard } from '../safety/kill-switch-board';
import type { Follower } from './follower';
import { protectionKey } from './plan';

/**
 * A signal of our own. It takes the road of the leader's signals (claim, write-ahead, receipts, recovery), but it waits for no turn, and
 * the leader does not move: some followers close what they hold by our book. See `CLOSING_FORMATS`.
 */
export type ClosingSignal = {
  readonly format: ClosingFormat;
  /** Follower and side of every level that the market has passed now, as `protectionKey` names them. */
  readonly crossed: ReadonlySet<string>;
  /** Follower and side of what is to be left entirely: entries that would add to it are taken back. */
  readonly leaving: ReadonlySet<string>;
};

/** How long a close of our own may wait for its venue, ms; what is left is tried again. */
const VALID_FOR = 60_000;

/** Whether signals of a format are ours. */
export function isClosing(format: string): boolean {
  return closingFormat(format) !== null;
}

/** Null: a leader's signal. */
export async function closingSignal(
  db: RawReader,
  signal: { readonly id: string; readonly format: string },
  crossed: ReadonlySet<string>,
): Promise<ClosingSignal | null> {
  const format = closingFormat(signal.format);
  if (format === null) return null;
  const rows = await db.$queryRaw<{ subscriptionId: string; side: PositionSide }[]>(
    Prisma.sql`SELECT subscriptionId, side FROM PositionExit WHERE signalId = ${signal.id} AND cause <> 'share'`,
  );
  const leaving = new Set(rows.map(({ subscriptionId, side }) => protectionKey(subscriptionId, side)));
  return { format, crossed, leaving };
}

type Switches = { readonly killSwitches: Pick<KillSwitchBoard, 'platform' | 'over'> };

/** What a follower closes, decided when the signal is planned: what was to be closed may have to stay by now. Null: nothing. */
export function closeFor(
  signal: ClosingSignal,
  leader: LeaderBook,
  tenant: KillSwitchLevel,
  strategies: readonly { readonly id: string; readonly killSwitch: KillSwitchLevel }[],
  { killSwitches: { platform } }: Switches,
): (follower: Follower) => LeaderLeg | null {
  const levels = new Map(strategies.map(({ id, killSwitch }) => [id, killSwitch]));
  const applies = ({ snapshot, strategyId, exit }: Follower): boolean => {
    if (exit === null) return false;
    const leaderSide = snapshot.reverse ? opposite(leader.side) : leader.side;
    switch (exit.cause) {
      case 'flatten': {
        const strategy = levels.get(strategyId) ?? 'none';
        return (
          hardestSwitch({ platform, tenant, strategy, customer: snapshot.customerKillSwitch })?.level === 'flatten'
        );
      }
      case 'crossed':
        return signal.crossed.has(protectionKey(snapshot.subscriptionId, exit.side));
      case 'leader_left':
        return exit.side !== leaderSide;
      case 'share':
        return exit.side === leaderSide;
    }
  };
  return (follower) => {
    const { exit, snapshot, unreadable } = follower;
    // He gets a receipt that says so, and is tried again.
    if (unreadable !== undefined) return CLOSE_ALL;
    // Other closes of it are on their way: what they leave is found again.
    const free = isAbove(snapshot.heldQuantity, snapshot.closing);
    return free && applies(follower) ? (exit?.cause === 'share' ? CLOSE_OWED : CLOSE_ALL) : null;
  };
}

const CLOSE_ALL: LeaderLeg = { kind: 'close', side: null, share: ONE };
const CLOSE_OWED: LeaderLeg = { kind: 'close', side: null, share: ZERO };

function opposite(side: LeaderBook['side']): LeaderBook['side'] {
  if (side === null) return null;
  return side === 'long' ? 'short' : 'long';
}

/** Whether a signal that closes takes back this resting entry. Under halt nothing is sent, cancels neither. */
export function mayCancel(
  { killSwitches }: Switches,
  tenantId: string,
  entry: TradeRecord,
  closing: ClosingSignal | null,
): boolean {
  if (killSwitches.over({ tenantId, ...entry })?.level === 'halt') return false;
  return closing === null || closing.leaving.has(protectionKey(entry.subscriptionId, entry.positionSide));
}

export type NewClosingSignal = {
  readonly id: string;
  readonly tenantId: string;
  readonly sourceId: string;
  readonly instrumentId: string;
  readonly format: ClosingFormat;
  /** How often its exits have been tried with it. */
  readonly attempt: number;
};

/** Writes a signal of our own, in the transaction that says what it closes. */
export async function insertClosingSignal(
  tx: Pick<TenantClient, 'signal' | '$executeRaw'>,
  { id, tenantId, sourceId, instrumentId, format, attempt }: NewClosingSignal,
  now: number,
): Promise<void> {
  const idempotencyKey = `${format}:${id}`;
  const intent: SignalIntent = {
    symbol: instrumentId.slice(instrumentId.indexOf(':') + 1),
    action: 'close',
    side: null,
    size: null,
    orderType: 'market',
    limitPrice: null,
    referencePrice: null,
    leverage: null,
    stopPrice: null,
    sentAt: now,
    maxLagMs: VALID_FOR,
    idempotencyKey,
  };
  const at = new Date(now);
  await tx.signal.create({
    data: {
      id,
      tenantId,
      sourceId,
      instrumentId,
      idempotencyKey,
      format,
      ours: true,
      attempt,
      intent,
      rawBody: '',
      sentAt: at,
      expiresAt: new Date(now + VALID_FOR),
      receivedAt: at,
    },
  });
}
