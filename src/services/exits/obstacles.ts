import type { AccountHealth } from '@/domain/account-health';
import type { AccountMode } from '@/domain/account-mode';
import type { ExitObstacle } from '@/domain/exit';
import type { Venue } from '@/exchanges/port';
import { type BulkColumns, bulkUpdate } from '@/platform/database/bulk';
import { type Database, Prisma } from '@/platform/database/database';
import { KEY_IS_OWN, keyWorked } from '../accounts/health';
import { readClosedInstruments } from '../market-data/closed-instruments';
import type { KillSwitchBoard } from '../safety/kill-switch-board';
import type { ExitRow } from './exit-row';
import { byTenant } from './sync-exits';

type Account = {
  readonly id: string;
  readonly venue: string;
  readonly mode: AccountMode;
  readonly health: AccountHealth;
  /** Whether its key is known to be its own. */
  readonly isOwn: unknown;
  readonly customerStatus: string;
};

export type ObstacleDeps = {
  readonly database: Database;
  readonly killSwitches: Pick<KillSwitchBoard, 'over'>;
  readonly venue: (key: string) => Venue;
};

/** Whose position it is. */
export type HeldBy = Pick<ExitRow, 'tenantId' | 'customerId' | 'accountId' | 'strategyId' | 'instrumentId'>;

export type Obstacles = {
  /** What is in the way of an exit or a stop order now; null: nothing. */
  of(exit: HeldBy): ExitObstacle | null;
  /**
   * What keeps an exit from being tried. A key that was refused is no such thing, as long as it is the account's own: a close shows
   * whether it still is.
   */
  against(exit: HeldBy): ExitObstacle | null;
};

/** Reads what is in the way of these exits, or stop orders. */
export async function findObstacles(
  { database, killSwitches, venue }: ObstacleDeps,
  exits: readonly HeldBy[],
): Promise<Obstacles> {
  const accounts = new Map<string, Account>();
  for (const [tenantId, own] of byTenant(exits)) {
    const ids = [...new Set(own.map(({ accountId }) => accountId))];
    const rows = await database.forTenant(tenantId).$queryRaw<Account[]>(
      Prisma.sql`SELECT a.id, a.venue, a.mode, a.health, ${KEY_IS_OWN} AS isOwn, c.status AS customerStatus
        FROM ExchangeAccount a JOIN Customer c ON c.id = a.customerId
        WHERE a.tenantId = ${tenantId} AND a.id IN (${Prisma.join(ids)})`,
    );
    for (const row of rows) accounts.set(row.id, row);
  }
  const closed = await readClosedInstruments(
    database.system,
    exits.map(({ instrumentId }) => instrumentId),
  );
  const against = (exit: HeldBy): ExitObstacle | null => {
    const account = accounts.get(exit.accountId);
    if (account === undefined || Number(account.isOwn) !== 1) return 'ACCOUNT_UNAVAILABLE';
    if (account.customerStatus !== 'active') return 'CUSTOMER_SUSPENDED';
    if (killSwitches.over(exit)?.level === 'halt') return 'KILL_SWITCH';
    if (!venue(account.venue).breaker(account.mode).reachable) return 'VENUE_UNREACHABLE';
    return closed.has(exit.instrumentId) ? 'INSTRUMENT_SUSPENDED' : null;
  };
  const works = ({ accountId }: HeldBy): boolean => keyWorked(accounts.get(accountId)?.health ?? 'unchecked');
  return { against, of: (exit) => (works(exit) ? against(exit) : 'ACCOUNT_UNAVAILABLE') };
}

const NOTED = {
  subscriptionId: 'CHAR(32)',
  instrumentId: 'VARCHAR(64)',
  side: 'VARCHAR(64)',
  obstacle: 'VARCHAR(64)',
} as const satisfies BulkColumns;

/** Writes what keeps these exits from being tried where that has changed, for those who read of them. */
export async function noteObstacles(
  database: Database,
  exits: readonly ExitRow[],
  obstacleOf: (exit: ExitRow) => ExitObstacle | null,
): Promise<void> {
  const changed = exits
    .map((exit) => ({ exit, obstacle: obstacleOf(exit) }))
    .filter(({ exit, obstacle }) => obstacle !== exit.obstacle)
    .map(({ exit: { tenantId, subscriptionId, instrumentId, side }, obstacle }) => ({
      tenantId,
      row: { subscriptionId, instrumentId, side, obstacle },
    }));
  for (const [tenantId, own] of byTenant(changed)) {
    const rows = own.map(({ row }) => row);
    await bulkUpdate(
      database.forTenant(tenantId),
      'PositionExit',
      tenantId,
      ['subscriptionId', 'instrumentId', 'side'],
      NOTED,
      rows,
      't.doneAt IS NULL',
    );
  }
}
