import type { ExitObstacle } from '@/domain/exit';
import { NAKED_AFTER } from '@/domain/naked';
import { isCovered } from '@/domain/protection';
import { type BulkColumns, bulkUpdate } from '@/platform/database/bulk';
import { databaseNow } from '@/platform/database/now';
import type { Logger } from '@/platform/log';
import { exitKey, readOpenExits } from '../exits/exit-row';
import { findObstacles, type HeldBy, type ObstacleDeps } from '../exits/obstacles';
import { byTenant } from '../exits/sync-exits';
import type { InstrumentCatalogue } from '../pricing/instrument-catalogue';
import { type DoubtfulProtection, readDoubtful, standingOf, wantedOf } from '../protection/protection-row';
import { tellMissingStop } from './tell-missing-stop';

export type NakedWatchDeps = ObstacleDeps & {
  readonly instruments: Pick<InstrumentCatalogue, 'get'>;
  readonly logger: Logger;
};

/** Whose worker does nothing about a position for so long is another worker's, ms. */
const ORPHANED = 10_000;

/** Each is told in a transaction of its own: the others are told with the next looks. */
const TOLD_AT_ONCE = 50;

const KEY_COLUMNS = { subscriptionId: 'CHAR(32)', instrumentId: 'VARCHAR(64)', side: 'VARCHAR(64)' } as const;
const KEY = ['subscriptionId', 'instrumentId', 'side'] as const;

type Key = HeldBy & Pick<DoubtfulProtection, 'subscriptionId' | 'side'>;
type Column = 'uncoveredSince' | 'hinderedAt' | 'toldAt' | 'nextAt';

/**
 * Notes since when positions have lacked their stop orders, and what keeps them and overdue exits from being mended; what is free to be
 * mended again is tried at once. Tells of missing stop orders; `ExitKeeper` tells of exits.
 */
export class NakedWatch {
  constructor(readonly deps: NakedWatchDeps) {}

  /** One look at the positions of this worker's accounts, and at those that nobody looks after. */
  async look(owns: (accountId: string) => boolean): Promise<void> {
    const { database } = this.deps;
    const doubtful = await readDoubtful(database.system);
    const open = await readOpenExits(database.system);
    const stops = doubtful.filter((row) => owns(row.accountId) || row.overdue > ORPHANED);
    const exits = open.filter((exit) => owns(exit.accountId) || exit.wait < -ORPHANED);
    if (stops.length === 0 && exits.length === 0) return;
    const { of: obstacle } = await findObstacles(this.deps, [...stops, ...exits]);
    const leaving = new Set(open.map(exitKey));
    const lacking = stops.filter((row) => lacksOrder(row));
    const covered = stops.filter((row) => row.marked && !lacksOrder(row));
    await this.#note('Protection', covered, { uncoveredSince: null, hinderedAt: null, toldAt: null });
    const now = await databaseNow(database.system);
    const fresh = lacking.filter(({ marked }) => !marked);
    await this.#note(
      'Protection',
      fresh,
      { uncoveredSince: now, hinderedAt: null, toldAt: null },
      't.uncoveredSince IS NULL',
    );
    const isHindered = (row: HeldBy): boolean => obstacle(row) !== null;
    await this.#note('Protection', lacking.filter(isHindered), { hinderedAt: now });
    await this.#note('PositionExit', exits.filter(isHindered), { hinderedAt: now }, 't.doneAt IS NULL');
    await this.#hurry(lacking, exits, isHindered, now);
    const untold = lacking.filter((row) => !row.told && row.uncoveredFor > NAKED_AFTER && !leaving.has(exitKey(row)));
    // A switch says by itself that nothing leaves; of a suspended customer nobody would think that something is still held.
    const telling = untold.filter((row) => obstacle(row) !== 'KILL_SWITCH');
    for (const row of telling.slice(0, TOLD_AT_ONCE)) await this.#tell(row, obstacle(row));
  }

  /** What was hindered a moment ago and is not any more does not wait for the end of its pause. */
  async #hurry(
    stops: readonly DoubtfulProtection[],
    exits: readonly Key[],
    isHindered: (row: HeldBy) => boolean,
    now: Date,
  ): Promise<void> {
    const free = <T extends HeldBy>(rows: readonly T[]): readonly T[] => rows.filter((row) => !isHindered(row));
    const paused = 't.hinderedAt > UTC_TIMESTAMP(3) - INTERVAL 60 SECOND AND t.nextAt > UTC_TIMESTAMP(3) AND';
    const unclaimed = '(t.claimedUntil IS NULL OR t.claimedUntil < UTC_TIMESTAMP(3))';
    const untried = `${paused} (t.sentAt IS NULL OR t.sentAt < t.hinderedAt) AND ${unclaimed}`;
    const refused = free(stops).filter(({ failures }) => failures > 0);
    await this.#note('Protection', refused, { nextAt: now }, untried);
    await this.#note(
      'PositionExit',
      free(exits),
      { nextAt: now },
      `${paused} t.updatedAt < t.hinderedAt AND t.doneAt IS NULL`,
    );
  }

  async #tell(row: DoubtfulProtection, obstacle: ExitObstacle | null): Promise<void> {
    const { accountId, instrumentId, side } = row;
    const code = obstacle ?? row.code;
    this.deps.logger.error(
      { account: accountId, instrument: instrumentId, side, code },
      'a position lacks its stop order',
    );
    await tellMissingStop(this.deps.database, this.deps.instruments, row, code);
  }

  async #note(
    table: 'Protection' | 'PositionExit',
    rows: readonly Key[],
    values: { readonly [name in Column]?: Date | null },
    condition = '',
  ): Promise<void> {
    if (rows.length === 0) return;
    const names = Object.keys(values) as Column[];
    const columns: BulkColumns = { ...KEY_COLUMNS, ...Object.fromEntries(names.map((name) => [name, 'DATETIME(3)'])) };
    for (const [tenantId, own] of byTenant(rows)) {
      const noted = own.map(({ subscriptionId, instrumentId, side }) => ({
        subscriptionId,
        instrumentId,
        side,
        ...values,
      }));
      await bulkUpdate(this.deps.database.forTenant(tenantId), table, tenantId, KEY, columns, noted, condition);
    }
  }
}

/** Where the market has passed a level the position has to go: that is an exit. */
function lacksOrder(row: DoubtfulProtection): boolean {
  return row.open && row.crossed === null && !isCovered(wantedOf(row), standingOf(row));
}
