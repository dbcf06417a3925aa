import { isSettled } from '@/domain/trade-progress';
import { VENUE_UNREACHABLE, type Venue } from '@/exchanges/port';
import type { Database } from '@/platform/database/database';
import type { Logger } from '@/platform/log';
import { entriesToLever, type LeverageFailure, rememberLeverages, setLeverage } from './leverage';
import type { ExecutionLimits, OrderExecutor, Placeable } from './order-executor';
import type { Patience } from './patience';
import type { ExecutionTimings } from './timings';
import type { TradeBook } from './trade-book';
import { readSignalTrades, readUnsettledOfSignal, type Standing } from './trade-record';

/** Orders that are started before the loop yields, so that the first leave and acks are read while others are signed. */
const YIELD_EVERY = 32;
/** A leverage that cannot be set is given up this long before the signal is, so that the receipt says why, ms. */
const LEVERAGE_MARGIN = 2000;
/** Queries of one look at once. */
const QUERIES_AT_ONCE = 32;
/** While news of other orders come in, a silent one is given so many times its usual time before it is asked for. */
const NEWS_WORTH = 10;

export type DispatcherDeps = {
  readonly database: Database;
  readonly executor: OrderExecutor;
  readonly book: TradeBook;
  readonly venue: (key: string) => Venue;
  readonly timings: ExecutionTimings;
  readonly logger: Logger;
};

export type DispatchPlan = {
  readonly tenantId: string;
  readonly signalId: string;
  readonly items: readonly Placeable[];
  /** Resolves when the items are rows of Trade. */
  readonly rows: Promise<void>;
  /** Trades that may have been sent by a worker that is gone. */
  readonly mayExist: ReadonlySet<string>;
  readonly limits: ExecutionLimits;
  /** How long the orders are waited for; reconciliation goes on with what is unsettled then. */
  readonly patience: Patience;
};

/** Sends the orders of one signal: first the closes, then, where they filled, the opens. Resolves when all are settled. */
export class Dispatcher {
  constructor(readonly deps: DispatcherDeps) {}

  async dispatch(plan: DispatchPlan): Promise<void> {
    const closes = plan.items.filter((item) => item.trade.leg === 'close');
    const opens = plan.items.filter((item) => item.trade.leg === 'open');
    await this.#phase(plan, closes);
    if (opens.length === 0) return;
    // After a take-over a close may have ended before: that it is not among the items does not say that it filled.
    if (closes.length === 0 && plan.mayExist.size === 0) return this.#phase(plan, opens);
    const { allowed, blocked } = await this.#afterCloses(plan, opens);
    await this.#phase(plan, allowed);
    // What a worker that is gone may have sent must be asked for, but is not sent by us.
    await this.#phase({ ...plan, limits: { ...plan.limits, freshUntil: 0, expiredAs: 'CLOSE_NOT_FILLED' } }, blocked);
  }

  async #phase(plan: DispatchPlan, items: readonly Placeable[]): Promise<void> {
    if (items.length === 0 || plan.limits.signal.aborted) return;
    const { database, executor } = this.deps;
    // What is not to be sent any more needs no leverage, only the question whether it was.
    const sendable = Date.now() < plan.limits.freshUntil;
    const levered = sendable ? await entriesToLever(database.forTenant(plan.tenantId), plan.tenantId, items) : [];
    const waiting = new Set(levered);
    const running: Promise<void>[] = [];
    for (const item of items) {
      if (waiting.has(item)) continue;
      running.push(executor.execute(item, plan.limits, plan.mayExist.has(item.trade.id)));
      if (running.length % YIELD_EVERY === 0) await new Promise(setImmediate);
    }
    running.push(this.#leverAndSend(plan, levered));
    await this.#settle(plan, items, Promise.all(running));
  }

  /** Sends each entry as soon as its own leverage is set: one slow account holds up no other. */
  async #leverAndSend(plan: DispatchPlan, items: readonly Placeable[]): Promise<void> {
    if (items.length === 0) return;
    const { database, executor, venue, logger } = this.deps;
    const { limits } = plan;
    const until = () => Math.min(limits.freshUntil, plan.patience.until - LEVERAGE_MARGIN);
    const done: Placeable[] = [];
    const sending: Promise<void>[] = [];
    await Promise.all(
      items.map(async (item) => {
        const mayExist = plan.mayExist.has(item.trade.id);
        if (mayExist) {
          const found = await executor.resolve(item.trade, item.account, item.trade.sendBy, limits.signal);
          if (found !== 'absent') return;
        }
        const failure = await setLeverage(item, venue(item.account.venue), until, limits.signal);
        if (failure === null) {
          done.push(item);
          sending.push(executor.execute(item, limits, false));
          return;
        }
        logger.warn({ trade: item.trade.id, code: failure.code }, 'leverage was not set');
        this.#giveUp(plan, item, failure, mayExist);
      }),
    );
    // Should it not be noted, it is set once more with the next entry.
    await rememberLeverages(database.forTenant(plan.tenantId), plan.tenantId, done).catch((error: Error) =>
      logger.warn({ reason: error.message }, 'leverages were not noted'),
    );
    await Promise.all(sending);
  }

  #giveUp(plan: DispatchPlan, item: Placeable, { code, message }: LeverageFailure, wasSent: boolean): void {
    if (plan.limits.signal.aborted || !plan.limits.maySend()) return;
    const tradeId = item.trade.id;
    const at = Date.now();
    if (code === VENUE_UNREACHABLE) {
      const context = plan.limits.lateness?.(item.trade) ?? {};
      this.deps.book.report(plan.tenantId, { kind: 'expired', tradeId, code, at, context });
      return;
    }
    if (wasSent) {
      this.deps.book.report(plan.tenantId, { kind: 'expired', tradeId, code: `LEVERAGE_${code}`, at });
      return;
    }
    const outcome = { kind: 'refused', code: `LEVERAGE_${code}`, message, at } as const;
    this.deps.book.report(plan.tenantId, { kind: 'placement', tradeId, outcome, attempt: 0, sentAt: at });
  }

  /** Waits until the rows say that every item is settled, asking the venue for those that stay silent. */
  async #settle(plan: DispatchPlan, items: readonly Placeable[], sending: Promise<unknown>): Promise<void> {
    const { timings } = this.deps;
    const open = new Map(items.map((item) => [item.trade.id, item]));
    let wake = (): void => undefined;
    const unsubscribe = this.deps.book.subscribe((trades) => {
      for (const trade of trades) if (isSettled(trade.status, trade.orderType)) open.delete(trade.id);
      if (open.size === 0) wake();
    });
    let look = timings.queryAfter;
    void sending.then(() => {
      look = timings.firstLook;
      wake();
    });
    let newsAt = Date.now();
    let left = open.size;
    try {
      while (
        open.size > 0 &&
        Date.now() < plan.patience.until &&
        !plan.limits.signal.aborted &&
        plan.limits.maySend()
      ) {
        const waited = look;
        await new Promise<void>((resolve) => {
          const timer = setTimeout(resolve, waited);
          wake = () => {
            clearTimeout(timer);
            resolve();
          };
        });
        if (open.size === 0) break;
        // All were answered just now: give the pushes their moment.
        if (look < waited) continue;
        if (this.#anyUnreachable(open)) plan.patience.lengthen(Date.now());
        look = Math.min(look * 1.5, timings.longestLook);
        const unsettled = await this.#look(plan, open);
        if (open.size < left) {
          newsAt = Date.now();
          plan.patience.lengthen(newsAt);
        }
        left = open.size;
        await this.#ask(open, unsettled, newsAt);
      }
    } finally {
      unsubscribe();
    }
  }

  #anyUnreachable(open: ReadonlyMap<string, Placeable>): boolean {
    const accounts = new Map([...open.values()].map(({ account }) => [`${account.venue}:${account.mode}`, account]));
    return [...accounts.values()].some(({ venue, mode }) => !this.deps.venue(venue).breaker(mode).reachable);
  }

  /** What the rows say: pushes of an account reach the worker that has its stream, which may be another one. */
  async #look(plan: DispatchPlan, open: Map<string, Placeable>): Promise<readonly Standing[]> {
    await plan.rows;
    const db = this.deps.database.forTenant(plan.tenantId);
    const rows = await readUnsettledOfSignal(db, plan.tenantId, plan.signalId);
    const unsettled = new Map(rows.map((row) => [row.id, row]));
    for (const id of [...open.keys()]) {
      const row = unsettled.get(id);
      if (row === undefined || isSettled(row.status, row.orderType)) open.delete(id);
    }
    return rows.filter((row) => open.has(row.id));
  }

  /**
   * Asks the venue for orders that it acknowledged and then said nothing about. While news of others come in, theirs is most
   * likely on its way too, and a thousand questions would only delay it; nobody waits for ever because of others' news.
   */
  async #ask(open: ReadonlyMap<string, Placeable>, unsettled: readonly Standing[], newsAt: number): Promise<void> {
    const { queryAfter } = this.deps.timings;
    const now = Date.now();
    const after = now - newsAt >= queryAfter ? queryAfter : NEWS_WORTH * queryAfter;
    const silent = unsettled.filter((row) => row.ackedAt !== null && now - row.ackedAt >= after);
    for (let start = 0; start < silent.length; start += QUERIES_AT_ONCE) {
      const part = silent.slice(start, start + QUERIES_AT_ONCE);
      await Promise.all(
        part.map(async (row) => {
          const item = open.get(row.id);
          if (item !== undefined) await this.deps.executor.query(item.trade, item.account);
        }),
      );
    }
    if (silent.length > 0) await this.deps.book.drain();
  }

  /** An open that follows a close is sent only where the close was carried out in full. */
  async #afterCloses(
    plan: DispatchPlan,
    opens: readonly Placeable[],
  ): Promise<{ readonly allowed: readonly Placeable[]; readonly blocked: readonly Placeable[] }> {
    await plan.rows;
    const rows = await readSignalTrades(this.deps.database.forTenant(plan.tenantId), plan.tenantId, plan.signalId);
    const unfilled = new Set(
      rows
        .filter((row) => row.leg === 'close' && row.status !== 'filled' && row.status !== 'denied')
        .map((row) => row.subscriptionId),
    );
    return {
      allowed: opens.filter((item) => !unfilled.has(item.trade.subscriptionId)),
      blocked: opens.filter((item) => unfilled.has(item.trade.subscriptionId)),
    };
  }
}
