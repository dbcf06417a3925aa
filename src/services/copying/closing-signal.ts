import { isAboveZero } from '@/domain/decimal';
import { hardestSwitch } from '@/domain/risk/kill-switches';
import type { KillSwitchLevel } from '@/domain/risk/types';
import { type ClosingFormat, closingFormat, type LeaderBook, type SignalIntent } from '@/domain/signal';
import { type Database, Prisma } from '@/platform/database/database';
import { isUniqueViolation, retryTransaction } from '@/platform/database/retry';
import { newId } from '@/platform/ids';
import type { TradeRecord } from '../execution/trade-record';
import type { KillSwitchBoard } from '../safety/kill-switch-board';
import type { Follower } from './follower';
import { protectionKey } from './plan';

/**
 * A signal of our own. It stands in the lane of the leader's signals and takes the same road (claim, write-ahead, receipts, recovery),
 * but the leader does not move: some followers close what they hold by our book. See `CLOSING_FORMATS`.
 */
export type ClosingSignal = {
  readonly format: ClosingFormat;
  /** Of a late fill. */
  readonly subscriptionIds: ReadonlySet<string>;
  /** Follower and side of every level that the market has passed now, as `protectionKey` names them. */
  readonly crossed: ReadonlySet<string>;
};

/** How long a close of our own may wait for its turn and its venue, ms; what is left is asked for again. */
const VALID_FOR = 60_000;

/** Whether signals of a format are ours: those who stopped following may be concerned, too. */
export function isClosing(format: string): boolean {
  return closingFormat(format) !== null;
}

/** Null: a leader's signal. */
export function closingSignal(
  signal: { readonly format: string; readonly intent: unknown },
  crossed: ReadonlySet<string>,
): ClosingSignal | null {
  const format = closingFormat(signal.format);
  if (format === null) return null;
  const { subscriptionIds = [] } = signal.intent as { subscriptionIds?: readonly string[] };
  return { format, subscriptionIds: new Set(subscriptionIds), crossed };
}

type Switches = { readonly killSwitches: Pick<KillSwitchBoard, 'platform' | 'over'> };

/** Who closes all he holds, decided when the signal is planned. */
export function closeFor(
  signal: ClosingSignal,
  leader: LeaderBook,
  tenant: KillSwitchLevel,
  strategies: readonly { readonly id: string; readonly killSwitch: KillSwitchLevel }[],
  { killSwitches: { platform } }: Switches,
): (follower: Follower) => boolean {
  const levels = new Map(strategies.map(({ id, killSwitch }) => [id, killSwitch]));
  return ({ snapshot, strategyId }) => {
    const { subscriptionId, heldSide } = snapshot;
    if (!isAboveZero(snapshot.heldQuantity) || heldSide === null) return false;
    if (signal.format === 'crossed-stop') return signal.crossed.has(protectionKey(subscriptionId, heldSide));
    if (signal.format === 'late-fill') {
      const leaderSide = snapshot.reverse ? opposite(leader.side) : leader.side;
      return signal.subscriptionIds.has(subscriptionId) && heldSide !== leaderSide;
    }
    const strategy = levels.get(strategyId) ?? 'none';
    const inForce = hardestSwitch({ platform, tenant, strategy, customer: snapshot.customerKillSwitch });
    return inForce?.level === 'flatten';
  };
}

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
  const level = killSwitches.over({ tenantId, ...entry })?.level;
  if (level === 'halt') return false;
  if (closing === null) return true;
  const { subscriptionId, positionSide } = entry;
  if (closing.format === 'crossed-stop') return closing.crossed.has(protectionKey(subscriptionId, positionSide));
  return closing.format === 'flatten' ? level === 'flatten' : closing.subscriptionIds.has(subscriptionId);
}

export type NewClosingSignal = {
  readonly tenantId: string;
  readonly sourceId: string;
  readonly instrumentId: string;
  readonly format: ClosingFormat;
  /** Makes a repeated request harmless. */
  readonly idempotencyKey: string;
  readonly subscriptionIds?: readonly string[];
};

/** Puts a signal of our own at the end of its lane. Answers its id, or null when it is there already. */
export async function addClosingSignal(
  database: Pick<Database, 'forTenant'>,
  { tenantId, sourceId, instrumentId, format, idempotencyKey, subscriptionIds = [] }: NewClosingSignal,
  now: number,
): Promise<string | null> {
  const id = newId(now);
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
  try {
    await retryTransaction(() =>
      database.forTenant(tenantId).$transaction(async (tx) => {
        await tx.$executeRaw(
          Prisma.sql`INSERT INTO SignalLane (tenantId, sourceId, instrumentId, leaderSize, updatedAt)
            VALUES (${tenantId}, ${sourceId}, ${instrumentId}, 0, ${at})
            ON DUPLICATE KEY UPDATE updatedAt = VALUES(updatedAt)`,
        );
        await tx.signal.create({
          data: {
            id,
            tenantId,
            sourceId,
            instrumentId,
            idempotencyKey,
            format,
            intent: { ...intent, subscriptionIds: [...subscriptionIds] },
            rawBody: '',
            sentAt: at,
            expiresAt: new Date(now + VALID_FOR),
            receivedAt: at,
          },
        });
      }),
    );
  } catch (error) {
    if (isUniqueViolation(error)) return null;
    throw error;
  }
  return id;
}
