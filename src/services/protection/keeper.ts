import { nextStep, type ProtectionStep, type ProtectiveOrder } from '@/domain/protection';
import type { PositionSide } from '@/domain/signal';
import type { Venue } from '@/exchanges/port';
import type { Cipher } from '@/platform/cipher';
import { currentTime } from '@/platform/clock';
import type { Database, TenantClient } from '@/platform/database/database';
import { retryTransaction } from '@/platform/database/retry';
import { newId } from '@/platform/ids';
import type { Logger } from '@/platform/log';
import { openAccounts, type TradingAccount } from '../execution/accounts';
import { WITHDRAWN } from '../execution/ask-stop';
import type { ExecutionTimings } from '../execution/timings';
import type { TradeBook } from '../execution/trade-book';
import { readClosedInstruments } from '../market-data/closed-instruments';
import type { KillSwitchBoard } from '../safety/kill-switch-board';
import {
  ASK_STANDING,
  askForStop,
  cancelStop,
  changeStop,
  placeStop,
  type Request,
  type SendRequest,
} from './ask-venue';
import { keyOf, lockHeld, NO_ORDER, type ProtectionChange, writeChanges } from './protection-change';
import { claimProtections, findDue, type ProtectionRow, readTime, standingOf, wantedOf } from './protection-row';
import { changeStopTrades, insertStopTrades, reopenStopTrades, type StopTrade } from './stop-trades';

/** A step often leads to the next one at once; what is still due after so many waits for the next look. */
const MOST_ROUNDS = 6;
/** What may not be sent now (a kill switch, a suspended customer) is looked at again after this long, ms. */
const WITHHELD = 5_000;

export type KeeperDeps = {
  readonly database: Database;
  readonly cipher: Cipher;
  readonly venue: (key: string) => Venue;
  readonly book: TradeBook;
  readonly killSwitches: KillSwitchBoard;
  readonly timings: ExecutionTimings;
  /** Told when the market passed a level before the venue could hold it: the position has to go. */
  readonly crossed?: () => void;
  /** Finds out what the venue holds of a position that it says is not there, and books what is missing. */
  readonly prove: (account: TradingAccount & { readonly customerId: string }, of: HeldSide) => Promise<unknown>;
  /** Told when the venue's refusal speaks of an account's settings: they are to be looked at. */
  readonly suspect?: (accountId: string) => void;
  readonly logger: Logger;
};

type HeldSide = { readonly instrumentId: string; readonly side: PositionSide };

/** `startBy`: nothing of it leaves after this moment, by the process's own clock. */
type WrittenAhead = { readonly written: readonly Task[]; readonly startBy: number };

type Task = { readonly row: ProtectionRow; readonly step: ProtectionStep; readonly wanted: ProtectiveOrder | null };

/**
 * Keeps a stop-loss and take-profit order at the venue for every position that has levels: placed when something is filled,
 * changed with every fill and every new level, taken back with the position. What is asked of the venue is written before, one
 * order at a time, and what is not known is asked for; any worker can go on where another one stopped.
 */
export class ProtectionKeeper {
  #running: Promise<void> | null = null;
  #again = false;
  #used = true;
  /** Positions that the venue is being asked for. */
  readonly #proving = new Set<string>();

  constructor(readonly deps: KeeperDeps) {}

  /** One look at everything that is due and belongs to this worker. A call during a look makes it look once more. */
  async runOnce(owns: (accountId: string) => boolean, stop: AbortSignal): Promise<void> {
    if (this.#running !== null) {
      this.#again = true;
      return this.#running;
    }
    this.#running = this.#look(owns, stop).finally(() => {
      this.#running = null;
    });
    return this.#running;
  }

  /** Whether anything was protected when it last looked: then every change of a position is worth a look. */
  get used(): boolean {
    return this.#used;
  }

  async #look(owns: (accountId: string) => boolean, stop: AbortSignal): Promise<void> {
    for (let round = 0; round === 0 || (this.#again && round < MOST_ROUNDS && !stop.aborted); round += 1) {
      this.#again = false;
      const now = await readTime(this.deps.database.system);
      this.#used = now !== null;
      if (now === null) return;
      const due = await findDue(this.deps.database.system, new Date(now()), owns);
      for (const tenantId of new Set(due.map((row) => row.tenantId))) {
        if (stop.aborted) return;
        await this.#keep(
          tenantId,
          due.filter((row) => row.tenantId === tenantId),
          now,
          stop,
        );
      }
    }
  }

  async #keep(
    tenantId: string,
    due: Parameters<typeof claimProtections>[2],
    now: () => number,
    stop: AbortSignal,
  ): Promise<void> {
    const db = this.deps.database.forTenant(tenantId);
    const token = newId();
    const until = new Date(now() + this.deps.timings.stopLease);
    const rows = await claimProtections(db, tenantId, due, token, until);
    if (rows.length === 0) return;
    const accountIds = [...new Set(rows.map((row) => row.accountId))];
    const accounts = await openAccounts(db, this.deps.cipher, tenantId, accountIds);
    const request: Request = {
      ...this.deps,
      now,
      account: (row) => accounts.get(row.accountId) ?? null,
      withheld: (row) => stop.aborted || this.deps.killSwitches.withheld(tenantId, { ...row, leg: 'stop' }) !== null,
    };
    const tasks = rows.map((row): Task => toTask(row));
    const changes = await this.#carryOut(db, tenantId, tasks, request, token);
    // Trades first: what a protection says of its order must never be ahead of what the order's trade says.
    await this.deps.book.drain();
    await writeChanges(db, tenantId, changes, token, null, new Date(now()));
    if (changes.some(({ row, crossed = null }) => crossed !== null && row.crossed === null)) this.deps.crossed?.();
    for (const { row, disputed } of changes) {
      if (disputed === 'position') this.#prove(row, request.account(row));
      if (disputed === 'settings') this.deps.suspect?.(row.accountId);
    }
    if (changes.some(({ wait }) => wait <= 0)) this.#again = true;
  }

  /** Has the venue asked what is there, beside everything else. Where nothing can be said now, the next refusal has it asked again. */
  #prove({ instrumentId, side, customerId }: ProtectionRow, account: TradingAccount | null): void {
    const key = `${account?.id}|${instrumentId}|${side}`;
    if (account === null || this.#proving.has(key)) return;
    this.#proving.add(key);
    this.deps
      .prove({ ...account, customerId }, { instrumentId, side })
      .catch((error: Error) => {
        this.deps.logger.warn({ account: account.id, reason: error.message }, 'a position was not asked for');
      })
      .finally(() => this.#proving.delete(key));
  }

  async #carryOut(
    db: TenantClient,
    tenantId: string,
    tasks: readonly Task[],
    request: Request,
    token: string,
  ): Promise<readonly ProtectionChange[]> {
    const changes: ProtectionChange[] = [];
    const asking: ProtectionRow[] = [];
    const sending: Task[] = [];
    for (const task of tasks) {
      const { row, step } = task;
      if (step === 'rest') changes.push(this.#restOf(task));
      else if (step === 'forget') changes.push(forgotten(row));
      else if (!row.customerActive || request.account(row) === null || request.withheld(row)) {
        changes.push({ row, wait: WITHHELD });
      } else if (step === 'ask') asking.push(row);
      else sending.push(task);
    }
    const { open, closed } = await this.#ofOpenInstruments(sending);
    for (const { row } of closed) changes.push(waiting(row));
    const { written, startBy } = await this.#writeAhead(db, tenantId, open, request.now, token);
    const [asked, sent] = await Promise.all([
      Promise.all(asking.map((row) => askForStop(request, row))),
      Promise.all(written.map((task) => send({ ...request, startBy }, task))),
    ]);
    const changed = sent.flatMap(({ trade }) => (trade === undefined ? [] : [trade]));
    await changeStopTrades(db, tenantId, changed, new Date(currentTime()));
    return [...changes, ...asked, ...sent.map(({ change }) => change)];
  }

  /** Divides what is to be sent by whether its instrument takes it: cancels are always taken. */
  async #ofOpenInstruments(
    tasks: readonly Task[],
  ): Promise<{ readonly open: readonly Task[]; readonly closed: readonly Task[] }> {
    const ids = tasks.flatMap(({ row, step }) => (step === 'cancel' ? [] : [row.instrumentId]));
    const closed = await readClosedInstruments(this.deps.database.system, ids);
    const waits = ({ row, step }: Task): boolean => step !== 'cancel' && closed.has(row.instrumentId);
    return { open: tasks.filter((task) => !waits(task)), closed: tasks.filter(waits) };
  }

  /**
   * Writes what is about to be asked for. What a signal has taken from us meanwhile is left out; the claim on the rest begins
   * anew, so that what came before does not use up the time for sending.
   */
  async #writeAhead(
    db: TenantClient,
    tenantId: string,
    tasks: readonly Task[],
    now: () => number,
    token: string,
  ): Promise<WrittenAhead> {
    if (tasks.length === 0) return { written: [], startBy: 0 };
    const { stopLease, stopSendWindow } = this.deps.timings;
    return retryTransaction(() =>
      db.$transaction(async (transaction) => {
        const tx = transaction as unknown as TenantClient;
        const held = await lockHeld(tx, tenantId, token);
        const since = performance.now();
        const at = new Date(now());
        const until = new Date(at.getTime() + stopLease);
        const placed: StopTrade[] = [];
        const written = tasks
          .filter(({ row }) => held.has(keyOf(row)))
          .map((task): Task => {
            const { row, step, wanted } = task;
            const fresh = step === 'place' && row.tradeId === null;
            const tradeId = fresh ? newId() : row.tradeId;
            if (fresh && tradeId !== null && wanted !== null) placed.push({ id: tradeId, row, order: wanted });
            const request = step === 'place' || step === 'change' || step === 'cancel' ? step : row.request;
            const asked = step === 'cancel' || wanted === null ? row.asked : wanted;
            return { ...task, row: { ...row, tradeId, request, asked, confirmed: false, sentAt: at.getTime() } };
          });
        await insertStopTrades(tx, tenantId, placed, at);
        await reopenStopTrades(tx, tenantId, written.flatMap(refusedTradeOf), at);
        const again = written.filter(
          ({ row, step }) => step === 'place' && !placed.some(({ id }) => id === row.tradeId),
        );
        await changeStopTrades(tx, tenantId, again.flatMap(tradeOf), at);
        const changes = written.map(({ row }) => ({ row, wait: 0 }));
        await writeChanges(tx, tenantId, changes, token, until, at);
        return { written, startBy: since + stopSendWindow };
      }),
    );
  }

  /** As it should be. Over, once nothing stands at the venue and nothing is held or on its way. */
  #restOf({ row, wanted }: Task): ProtectionChange {
    const over = row.request === 'none' && wanted === null && !row.entering;
    // Due by the clock alone: whether its order still stands is asked next.
    if (row.request !== 'none') return { row, confirmed: false, failures: 0, wait: 0 };
    const rested = { row, open: !over, failures: 0, wait: ASK_STANDING };
    if (row.tradeId === null) return rested;
    // It never reached the venue, and its position is gone.
    const { tenantId, tradeId } = row;
    this.deps.book.report(tenantId, { kind: 'expired', tradeId, code: WITHDRAWN, at: currentTime() });
    return { ...rested, tradeId: null, round: row.round + 1 };
  }
}

function refusedTradeOf({ row: { tradeId, tradeStatus }, step }: Task): readonly string[] {
  return step === 'place' && tradeId !== null && tradeStatus === 'rejected' ? [tradeId] : [];
}

function tradeOf({ row, wanted }: Task): StopTrade[] {
  return row.tradeId === null || wanted === null ? [] : [{ id: row.tradeId, row, order: wanted }];
}

function toTask(read: ProtectionRow): Task {
  const wanted = wantedOf(read);
  const row = foundAtVenue(calmed(read), wanted);
  return { row, wanted, step: nextStep(wanted, standingOf(row)) };
}

/** Of a position that is closed no level is crossed any more, and an order that had its life is over. */
function calmed(row: ProtectionRow): ProtectionRow {
  const uncrossed = row.held.isZero() ? { ...row, crossed: null, crossedAt: null } : row;
  const isOver = row.tradeStatus === 'filled' || row.tradeStatus === 'canceled' || row.tradeStatus === 'expired';
  if (row.request !== 'none' || !isOver) return uncrossed;
  return { ...uncrossed, tradeId: null, tradeStatus: null, round: row.round + 1, attempts: 0 };
}

/** The venue turned out to have an order that it had refused: it is asked for, and kept or taken back like any other. */
function foundAtVenue(row: ProtectionRow, wanted: ProtectiveOrder | null): ProtectionRow {
  const isThere = row.tradeStatus === 'live' || row.tradeStatus === 'partially_filled';
  if (row.request !== 'none' || !isThere) return row;
  return { ...row, request: 'place', confirmed: false, asked: wanted ?? row.asked };
}

/** Its instrument takes no such order now: it is tried again soon, and says why it is not there. */
function waiting(row: ProtectionRow): ProtectionChange {
  return { row, failures: Math.max(1, row.failures), code: 'INSTRUMENT_SUSPENDED', wait: WITHHELD };
}

/** The order ended; the next look decides whether another one is needed. */
function forgotten(row: ProtectionRow): ProtectionChange {
  return { row, request: 'none', confirmed: true, tradeId: null, round: row.round + 1, asked: NO_ORDER, wait: 0 };
}

async function send(
  request: SendRequest,
  { row, step, wanted }: Task,
): Promise<{ readonly change: ProtectionChange; readonly trade?: StopTrade }> {
  if (step === 'cancel' || wanted === null) return { change: await cancelStop(request, row) };
  if (step === 'place') return { change: await placeStop(request, row, wanted) };
  const change = await changeStop(request, row, wanted);
  // The trade's size is what the venue is known to hold.
  const [trade] = change.confirmed ? tradeOf({ row, step, wanted }) : [];
  return trade === undefined ? { change } : { change, trade };
}
