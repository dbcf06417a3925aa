import { isSettled } from '@/domain/trade-progress';
import { VENUE_UNREACHABLE, type Venue } from '@/exchanges/port';
import type { Database } from '@/platform/database/database';
import type { Logger } from '@/platform/log';
import type { Turns } from '@/platform/turns';
import { entriesToLever, type LeverageFailure, rememberLeverages, setLeverage } from './leverage';
import type { ExecutionLimits, OrderExecutor, Placeable } from './order-executor';
import type { Patience } from './patience';
import type { ExecutionTimings } from './timings';
import type { TradeBook } from './trade-book';
import { readUnsettledOfSignal, type Standing } from './trade-record';

/** Orders that are started before the loop yields, so that the first leave and acks are read while others are signed. */
export const YIELD_EVERY = 32;
/** A leverage that cannot be set is given up this long before the signal is, so that the receipt says why, ms. */
const LEVERAGE_MARGIN = 2000;
/** Queries of one look at once. */
const QUERIES_AT_ONCE = 32;
/** While news of other orders come in, a silent one is given so many times its usual time before it is asked for. */
const NEWS_WORTH = 10;

export type PhaseDeps = {
  readonly database: Database;
  readonly executor: OrderExecutor;
  readonly book: TradeBook;
  readonly venue: (key: string) => Venue;
  readonly timings: ExecutionTimings;
  readonly turns: Turns;
  readonly logger: Logger;
};

export type PhaseOrders = {
  readonly tenantId: string;
  readonly signalId: string;
  /** Resolves when the orders are rows of Trade; not before all parts are known. */
  readonly rows: Promise<void>;
  /** Told, perhaps more than once, when all orders that were started have their answers. */
  readonly answered: () => void;
  /** Trades that may have been sent by a worker that is gone. */
  readonly mayExist: ReadonlySet<string>;
  readonly limits: ExecutionLimits;
  /** How long the orders are waited for; reconciliation goes on with what is unsettled then. */
  readonly patience: Patience;
};

/** Orders of one signal that need not wait for each other: started as they come, then waited for. */
export class Phase {
  readonly #open = new Map<string, Placeable>();
  readonly #running: Promise<void>[] = [];
  readonly #unsubscribe: () => void;
  #wake = (): void => undefined;

  constructor(
    readonly deps: PhaseDeps,
    readonly orders: PhaseOrders,
  ) {
    this.#unsubscribe = deps.book.subscribe((trades) => {
      for (const trade of trades) if (isSettled(trade.status, trade.orderType)) this.#open.delete(trade.id);
      if (this.#open.size === 0) this.#wake();
    });
  }

  /** Starts orders; resolves when each of them is on its way, waits for its leverage, or must not be sent any more. */
  async start(items: readonly Placeable[]): Promise<void> {
    const { limits, mayExist, tenantId } = this.orders;
    if (items.length === 0 || limits.signal.aborted) return;
    for (const item of items) this.#open.set(item.trade.id, item);
    const { database, executor } = this.deps;
    // What is not to be sent any more needs no leverage, only the question whether it was.
    const sendable = Date.now() < limits.freshUntil;
    const levered = sendable ? await entriesToLever(database.forTenant(tenantId), tenantId, items) : [];
    const waiting = new Set(levered);
    let started = 0;
    for (const item of items) {
      if (waiting.has(item)) continue;
      this.#running.push(executor.execute(item, limits, mayExist.has(item.trade.id)));
      started += 1;
      if (started % YIELD_EVERY === 0) await this.deps.turns.next(tenantId);
    }
    const levering = this.#leverAndSend(levered);
    // A failure is heard when the phase is settled.
    levering.catch(() => undefined);
    this.#running.push(levering);
  }

  /** Waits until the rows say that every order is settled, asking the venue for those that stay silent. */
  async settle(): Promise<void> {
    const { timings } = this.deps;
    const { limits, patience } = this.orders;
    let look = timings.queryAfter;
    const sending = Promise.all(this.#running);
    void sending.then(
      () => {
        this.orders.answered();
        look = timings.firstLook;
        this.#wake();
      },
      () => undefined,
    );
    let newsAt = Date.now();
    let left = this.#open.size;
    while (this.#open.size > 0 && Date.now() < patience.until && !limits.signal.aborted && limits.maySend()) {
      const waited = look;
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, waited);
        this.#wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
      if (this.#open.size === 0) break;
      // All were answered just now: give the pushes their moment.
      if (look < waited) continue;
      if (this.#anyUnreachable()) patience.lengthen(Date.now());
      look = Math.min(look * 1.5, timings.longestLook);
      const unsettled = await this.#look();
      if (this.#open.size < left) {
        newsAt = Date.now();
        patience.lengthen(newsAt);
      }
      left = this.#open.size;
      await this.#ask(unsettled, newsAt);
    }
  }

  /** Hears no more of trades. */
  close(): void {
    this.#unsubscribe();
  }

  /** Sends each entry as soon as its own leverage is set: one slow account holds up no other. */
  async #leverAndSend(items: readonly Placeable[]): Promise<void> {
    if (items.length === 0) return;
    const { database, executor, venue, logger } = this.deps;
    const { limits, mayExist: perhaps, patience, tenantId } = this.orders;
    const until = () => Math.min(limits.freshUntil, patience.until - LEVERAGE_MARGIN);
    const done: Placeable[] = [];
    const sending: Promise<void>[] = [];
    await Promise.all(
      items.map(async (item) => {
        const mayExist = perhaps.has(item.trade.id);
        if (mayExist) {
          const found = await executor.resolve(item.trade, item.account, item.trade.sendBy, limits.signal);
          if (found !== 'absent') return;
        }
        const failure = await setLeverage(item, venue(item.account.venue), until, limits);
        if (failure === null) {
          done.push(item);
          sending.push(executor.execute(item, limits, false));
          return;
        }
        logger.warn({ trade: item.trade.id, code: (failure.withheld ?? failure).code }, 'leverage was not set');
        this.#giveUp(item, failure, mayExist);
      }),
    );
    // Should it not be noted, it is set once more with the next entry.
    await rememberLeverages(database.forTenant(tenantId), tenantId, done).catch((error: Error) =>
      logger.warn({ reason: error.message }, 'leverages were not noted'),
    );
    await Promise.all(sending);
  }

  #giveUp(item: Placeable, failure: LeverageFailure, wasSent: boolean): void {
    const { limits, tenantId } = this.orders;
    if (limits.signal.aborted || !limits.maySend()) return;
    const tradeId = item.trade.id;
    const at = Date.now();
    if (failure.withheld !== undefined) {
      const told = { kind: 'expired', tradeId, at, mayHaveLeft: wasSent, ...failure.withheld } as const;
      this.deps.book.report(tenantId, told);
      return;
    }
    const { code, message } = failure;
    if (code === VENUE_UNREACHABLE) {
      const context = limits.lateness?.(item.trade) ?? {};
      this.deps.book.report(tenantId, { kind: 'expired', tradeId, code, at, context, mayHaveLeft: wasSent });
      return;
    }
    if (wasSent) {
      this.deps.book.report(tenantId, { kind: 'expired', tradeId, code: `LEVERAGE_${code}`, at, mayHaveLeft: true });
      return;
    }
    const outcome = { kind: 'refused', code: `LEVERAGE_${code}`, message, at } as const;
    this.deps.book.report(tenantId, { kind: 'placement', tradeId, outcome, attempt: 0, sentAt: at });
  }

  #anyUnreachable(): boolean {
    const accounts = new Map(
      [...this.#open.values()].map(({ account }) => [`${account.venue}:${account.mode}`, account]),
    );
    return [...accounts.values()].some(({ venue, mode }) => !this.deps.venue(venue).breaker(mode).reachable);
  }

  /** What the rows say: pushes of an account reach the worker that has its stream, which may be another one. */
  async #look(): Promise<readonly Standing[]> {
    const { rows: areRows, signalId, tenantId } = this.orders;
    await areRows;
    const rows = await readUnsettledOfSignal(this.deps.database.statements, tenantId, signalId);
    const unsettled = new Map(rows.map((row) => [row.id, row]));
    for (const id of [...this.#open.keys()]) {
      const row = unsettled.get(id);
      if (row === undefined || isSettled(row.status, row.orderType)) this.#open.delete(id);
    }
    return rows.filter((row) => this.#open.has(row.id));
  }

  /**
   * Asks the venue for orders that it acknowledged and then said nothing about; what it said may be waiting to be written. While news of
   * others come in, theirs is most likely on its way too, and a thousand questions would only delay it; nobody waits for ever because of
   * others' news.
   */
  async #ask(unsettled: readonly Standing[], newsAt: number): Promise<void> {
    const { book, timings } = this.deps;
    const { tenantId } = this.orders;
    const { queryAfter } = timings;
    const now = Date.now();
    const after = now - newsAt >= queryAfter ? queryAfter : NEWS_WORTH * queryAfter;
    const silent = unsettled.filter(
      (row) => row.ackedAt !== null && now - row.ackedAt >= after && !book.hasNewsOf(tenantId, row.id),
    );
    for (let start = 0; start < silent.length; start += QUERIES_AT_ONCE) {
      const part = silent.slice(start, start + QUERIES_AT_ONCE);
      await Promise.all(
        part.map(async (row) => {
          const item = this.#open.get(row.id);
          if (item === undefined || book.hasNewsOf(tenantId, row.id)) return;
          await this.deps.executor.query(item.trade, item.account);
        }),
      );
    }
    if (silent.length > 0) await this.deps.book.drain();
  }
}
