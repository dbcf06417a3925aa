import { type Dec, toText } from '@/domain/decimal';
import type { ProtectionLevels } from '@/domain/protection';
import type { PositionSide } from '@/domain/signal';
import { type BulkColumns, bulkInserts } from '@/platform/database/bulk';
import type { Prisma } from '@/platform/database/database';

/** Whose levels, and what they are. */
export type FollowerLevels = {
  readonly follower: {
    readonly strategyId: string;
    readonly snapshot: { readonly subscriptionId: string; readonly customerId: string; readonly accountId: string };
  };
  readonly side: PositionSide;
  readonly levels: ProtectionLevels;
};

const COLUMNS = {
  subscriptionId: 'CHAR(32)',
  instrumentId: 'VARCHAR(64)',
  side: 'VARCHAR(64)',
  customerId: 'CHAR(32)',
  accountId: 'CHAR(32)',
  strategyId: 'CHAR(32)',
  signalId: 'CHAR(32)',
  stopPrice: 'DECIMAL(36,18)',
  stopShare: 'DECIMAL(36,18)',
  takePrice: 'DECIMAL(36,18)',
  takeShare: 'DECIMAL(36,18)',
  open: 'INT',
  failures: 'INT',
  crossed: 'VARCHAR(64)',
  crossedAt: 'DATETIME(3)',
  code: 'VARCHAR(64)',
  message: 'VARCHAR(300)',
  nextAt: 'DATETIME(3)',
  claimedBy: 'VARCHAR(64)',
  claimedUntil: 'DATETIME(3)',
  updatedAt: 'DATETIME(3)',
} as const satisfies BulkColumns;

/**
 * What writes a signal's stop-loss and take-profit, in the transaction that writes its orders ahead; nothing where there are none. What
 * stands at the venue is left alone: the keeper brings it there. One that works on it now loses it, so that it cannot write over what is
 * new; what it asked of the venue was written before it asked.
 */
export function levelsOf(
  { tenantId, signalId }: { readonly tenantId: string; readonly signalId: string },
  instrumentId: string,
  protections: readonly FollowerLevels[],
  at: Date,
): readonly Prisma.Sql[] {
  const text = (value: Dec | null): string | null => (value === null ? null : toText(value.toDecimalPlaces(18)));
  const rows = protections.map(({ follower, side, levels }) => ({
    subscriptionId: follower.snapshot.subscriptionId,
    instrumentId,
    side,
    customerId: follower.snapshot.customerId,
    accountId: follower.snapshot.accountId,
    strategyId: follower.strategyId,
    signalId,
    stopPrice: text(levels.stopPrice),
    stopShare: text(levels.stopShare),
    takePrice: text(levels.takePrice),
    takeShare: text(levels.takeShare),
    open: true,
    failures: 0,
    crossed: null,
    crossedAt: null,
    code: null,
    message: null,
    nextAt: at,
    claimedBy: null,
    claimedUntil: null,
    updatedAt: at,
  }));
  const inserts = bulkInserts('Protection', tenantId, COLUMNS, rows, {
    replace: [
      'signalId',
      'stopPrice',
      'stopShare',
      'takePrice',
      'takeShare',
      'open',
      'failures',
      'crossed',
      'crossedAt',
      'code',
      'message',
      'nextAt',
      'claimedBy',
      'claimedUntil',
      'updatedAt',
    ],
  });
  return [...inserts];
}
