import { EXIT_TOLD_AFTER, type ExitObstacle } from '@/domain/exit';
import type { Venue } from '@/exchanges/port';
import type { Cipher } from '@/platform/cipher';
import type { Clock } from '@/platform/clock';
import type { Database } from '@/platform/database/database';
import type { Logger } from '@/platform/log';
import type { ExecutionTimings } from '../execution/timings';
import type { TradeBook } from '../execution/trade-book';
import type { InstrumentCatalogue } from '../pricing/instrument-catalogue';
import type { TellDeps } from '../reconciliation/tell-recorded';
import type { KillSwitchBoard } from '../safety/kill-switch-board';
import { stepsAfterAttempts } from './attempts';
import { type CloseUnderWay, findClosesUnderWay, findFailedCloses, findFoldedLanes } from './closes';
import { ExitNews } from './exit-news';
import { ExitQuestions } from './exit-questions';
import { type ExitRow, exitKey, readOpenExits } from './exit-row';
import { addExitSignals } from './exit-signals';
import { type DueExit, findDueExits } from './find-due';
import { findObstacles, noteObstacles } from './obstacles';
import { RefusedCloses } from './refused-closes';
import { changeCauses, endExits, openExits, writeSteps } from './sync-exits';
import { takeBackCloses } from './take-back';
import { tellOverdue } from './tell-exits';

export type ExitKeeperDeps = Pick<TellDeps, 'publish'> & {
  readonly database: Database;
  readonly cipher: Cipher;
  readonly venue: (key: string) => Venue;
  readonly book: TradeBook;
  readonly killSwitches: KillSwitchBoard;
  readonly instruments: InstrumentCatalogue;
  readonly timings: ExecutionTimings;
  readonly wake: (signalId: string, tenantId: string, ours: boolean) => Promise<void>;
  readonly logger: Logger;
};

/** A market order whose rest is open for so long has met a limit of the price: it is taken back and sent anew, ms. */
const STUCK_AFTER = 5_000;
/** A look waits so long for venues, ms: the others go on. */
const PATIENCE = 1000;
/** Each is told in a transaction of its own, and exits wait for that: the others are told with the next looks. */
const TOLD_AT_ONCE = 50;
/** Whose worker does nothing about an exit for so long is another worker's, ms. */
const ORPHANED = 10_000;

/**
 * Follows exits until nothing is held: finds what has to go, asks the venue where it refused or cut a close, and has it closed by
 * signals of our own, at a pace that slows down and never ends. All it knows is in rows, so that any worker goes on where another one
 * stopped. Owners look after the exits of their accounts.
 */
export class ExitKeeper {
  #running: Promise<readonly string[]> | null = null;
  #again = false;
  readonly #news = new ExitNews();
  readonly #refused = new RefusedCloses();
  readonly #questions: ExitQuestions;
  #asking: Promise<void> = Promise.resolve();

  constructor(
    readonly deps: ExitKeeperDeps,
    readonly clock: Clock,
    patience = PATIENCE,
  ) {
    this.#questions = new ExitQuestions(patience);
    deps.book.subscribe(this.#refused.hear);
  }

  /** One look at all exits. A call during a look makes it look once more. Answers the signals that it added. */
  async runOnce(owns: (accountId: string) => boolean, stop: AbortSignal): Promise<readonly string[]> {
    if (this.#running !== null) {
      this.#again = true;
      return this.#running;
    }
    this.#running = this.#looks(owns, stop).finally(() => {
      this.#running = null;
    });
    return this.#running;
  }

  async #looks(owns: (accountId: string) => boolean, stop: AbortSignal): Promise<readonly string[]> {
    const added: string[] = [];
    do {
      this.#again = false;
      added.push(...(await this.#look(owns, stop)));
    } while (this.#again && !stop.aborted);
    return added;
  }

  async #look(owns: (accountId: string) => boolean, stop: AbortSignal): Promise<readonly string[]> {
    const { database, killSwitches } = this.deps;
    const due = await findDueExits(database.system, killSwitches.anywhere('flatten'));
    const before = await readOpenExits(database.system);
    // Exits wait for none of that.
    this.#asking = this.#refused.ask({ ...this.deps, clock: this.clock }, due.values(), owns);
    if (due.size === 0 && before.length === 0) {
      await this.#publish([]);
      return [];
    }
    await writeSteps(database, await stepsAfterAttempts(database, before));
    const closes = await this.#sync(due, await readOpenExits(database.system));
    const rows = (await readOpenExits(database.system)).filter((exit) => owns(exit.accountId) || exit.wait < -ORPHANED);
    const obstacles = await findObstacles(this.deps, rows);
    const obstacle = (exit: ExitRow): ExitObstacle | null => obstacles.of(exit);
    const own = rows.filter((exit) => owns(exit.accountId));
    // Workers may differ about a venue: the owner's word counts.
    await noteObstacles(database, own, obstacle);
    const added = await this.#goOn(
      rows.filter((exit) => exit.signalId === null && exit.wait <= 0 && obstacles.against(exit) === null),
      closes,
      stop,
      // An answer that comes after this look is a reason for another one.
      () => void this.runOnce(owns, stop).catch(() => undefined),
    );
    await this.#tell(rows, obstacle);
    await this.#publish(own.map((exit) => ({ ...exit, obstacle: obstacle(exit) })));
    return added;
  }

  /** Resolves when what is being asked of venues now has been answered, also about refused closes that are followed as no exit. */
  async asked(): Promise<void> {
    await Promise.all([this.#asking, this.#questions.answered()]);
  }

  /** Tells browsers what has changed since the last look. Pages that miss it look for themselves. */
  async #publish(exits: readonly ExitRow[]): Promise<void> {
    const messages = this.#news.since(exits);
    if (messages.length === 0) return;
    await this.deps.publish(messages).catch((error: Error) => {
      this.deps.logger.warn({ reason: error.message }, 'a change of exits was not told to pages');
    });
  }

  /** Brings the rows up to what is due. Answers the closes of those positions that are under way. */
  async #sync(due: ReadonlyMap<string, DueExit>, open: readonly ExitRow[]): Promise<ClosesUnderWay> {
    const { system } = this.deps.database;
    const known = new Map(open.map((exit) => [exitKey(exit), exit]));
    const folded = await findFoldedLanes(system);
    const closes = await findClosesUnderWay(system, [...due.values()]);
    const fresh = [...due.values()].filter(
      (exit) => !known.has(exitKey(exit)) && !isBeingClosed(exit, closes.get(exitKey(exit)) ?? [], folded),
    );
    const failed = await findFailedCloses(system, fresh);
    await openExits(
      this.deps.database,
      fresh.map((exit) => ({ ...exit, look: failed.has(exitKey(exit)) })),
    );
    const idle = open.filter((exit) => exit.signalId === null);
    await changeCauses(
      this.deps.database,
      idle.flatMap((exit) => {
        const now = due.get(exitKey(exit));
        return now === undefined || now.cause === exit.cause ? [] : [now];
      }),
    );
    await endExits(
      this.deps.database,
      idle.filter((exit) => !due.has(exitKey(exit))),
    );
    return closes;
  }

  /** The next step of exits whose time it is. Answers the signals that it added. */
  async #goOn(
    exits: readonly ExitRow[],
    closes: ClosesUnderWay,
    stop: AbortSignal,
    soon: () => void,
  ): Promise<readonly string[]> {
    const { database, wake } = this.deps;
    const underWay = (exit: ExitRow): readonly CloseUnderWay[] => closes.get(exitKey(exit)) ?? [];
    const stuck = exits.flatMap((exit) => underWay(exit).filter((close) => isStuck(exit, close)));
    if (stuck.length > 0) {
      await takeBackCloses(this.deps, stuck, stop);
      this.#again = true;
    }
    const free = exits.filter((exit) => underWay(exit).length === 0);
    const known = free.filter(({ look }) => !look);
    const added: string[] = [];
    for await (const { id, tenantId } of addExitSignals(database, known)) {
      added.push(id);
      // What the queue does not hear of is found by the sweep.
      void wake(id, tenantId, true).catch(() => undefined);
    }
    const asked = free.filter(({ look }) => look);
    if (await this.#questions.ask({ ...this.deps, clock: this.clock }, asked, soon)) this.#again = true;
    return added;
  }

  async #tell(exits: readonly ExitRow[], obstacle: (exit: ExitRow) => ExitObstacle | null): Promise<void> {
    const overdue = exits
      .filter(({ told, lasted }) => !told && lasted > EXIT_TOLD_AFTER)
      .map((exit) => ({ ...exit, obstacle: obstacle(exit) }))
      // A switch says by itself that nothing leaves; of a suspended customer nobody would think that something is still held.
      .filter((exit) => exit.obstacle !== 'KILL_SWITCH')
      .map((exit) => ({ ...exit, reason: exit.obstacle ?? exit.code }));
    await tellOverdue(this.deps.database, this.deps.instruments, overdue.slice(0, TOLD_AT_ONCE));
  }
}

type ClosesUnderWay = ReadonlyMap<string, readonly CloseUnderWay[]>;

/** Whether what has to go is going: then it is no exit to be followed yet. Under a kill switch it is followed from its beginning. */
function isBeingClosed(exit: DueExit, closes: readonly CloseUnderWay[], folded: ReadonlySet<string>): boolean {
  if (exit.cause === 'flatten') return false;
  if (folded.has(`${exit.sourceId}|${exit.instrumentId}`)) return true;
  return closes.length > 0 && !closes.some((close) => isStuck({ ...exit, look: false }, close));
}

/** Whether a close of ours stands in the way: it waits for a price at which it is not wanted any more, or which does not come. */
function isStuck({ cause, look }: Pick<ExitRow, 'cause' | 'look'>, close: CloseUnderWay): boolean {
  if (!close.rests) return false;
  if (close.orderType === 'market') return close.silentFor > STUCK_AFTER;
  // A leader who closes at a price of his means that price.
  return look || close.overtaken || cause === 'flatten' || cause === 'crossed';
}
