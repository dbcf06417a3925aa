import { isSettled } from '@/domain/trade-progress';
import type { Venue } from '@/exchanges/port';
import type { Database } from '@/platform/database/database';
import type { Logger } from '@/platform/log';
import { ensureLeverage } from './leverage';
import { type ExecutionLimits, type OrderExecutor, type Placeable, pause } from './order-executor';
import type { ExecutionTimings } from './timings';
import type { TradeBook } from './trade-book';
import { readSignalTrades, type TradeRecord } from './trade-record';

/** Orders that are started before the loop yields, so that the first leave and acks are read while others are signed. */
const YIELD_EVERY = 32;
/** Queries of one look at once. */
const QUERIES_AT_ONCE = 32;

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
  /** Trades that may have been sent by a worker that is gone. */
  readonly mayExist: ReadonlySet<string>;
  readonly limits: ExecutionLimits;
  /** The signal is given up as unsettled after this moment, epoch ms; reconciliation goes on with it. */
  readonly settleBy: number;
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
    const { database, book, executor, venue, logger } = this.deps;
    const fresh = items.filter((item) => !plan.mayExist.has(item.trade.id));
    const failures = await ensureLeverage(database.forTenant(plan.tenantId), plan.tenantId, items, venue, logger);
    const failed = new Map(failures.map((failure) => [failure.tradeId, failure]));
    for (const item of fresh) {
      const failure = failed.get(item.trade.id);
      if (failure === undefined) continue;
      const { code, message } = failure;
      const outcome = { kind: 'refused', code: `LEVERAGE_${code}`, message, at: Date.now() } as const;
      book.report(plan.tenantId, {
        kind: 'placement',
        tradeId: item.trade.id,
        outcome,
        attempt: 0,
        sentAt: Date.now(),
      });
    }

    const running: Promise<void>[] = [];
    for (const item of items) {
      const mayExist = plan.mayExist.has(item.trade.id);
      const failure = failed.get(item.trade.id);
      if (failure !== undefined && !mayExist) continue;
      // What a worker that is gone may have sent is asked for, but never sent with another leverage than decided.
      const limits =
        failure === undefined ? plan.limits : { ...plan.limits, freshUntil: 0, expiredAs: `LEVERAGE_${failure.code}` };
      running.push(executor.execute(item, limits, mayExist));
      if (running.length % YIELD_EVERY === 0) await new Promise(setImmediate);
    }
    await this.#settle(plan, items, Promise.all(running));
  }

  /** Waits until the rows say that every item is settled, asking the venue for those that stay silent. */
  async #settle(plan: DispatchPlan, items: readonly Placeable[], sending: Promise<unknown>): Promise<void> {
    const open = new Map(items.map((item) => [item.trade.id, item]));
    let wake = (): void => undefined;
    const unsubscribe = this.deps.book.subscribe((trades) => {
      for (const trade of trades) if (isSettled(trade.status, trade.orderType)) open.delete(trade.id);
      if (open.size === 0) wake();
    });
    let sent = false;
    void sending.then(() => {
      sent = true;
      wake();
    });
    try {
      let look = this.deps.timings.queryAfter;
      while (open.size > 0 && Date.now() < plan.settleBy && !plan.limits.signal.aborted && plan.limits.maySend()) {
        await new Promise<void>((resolve) => {
          const timer = setTimeout(resolve, look);
          wake = () => {
            clearTimeout(timer);
            resolve();
          };
        });
        if (open.size === 0) break;
        // All were answered, some are not reported as filled yet: give the pushes their time before asking.
        await this.#look(plan, open, sent);
        look = Math.min(look * 1.5, this.deps.timings.longestLook);
      }
    } finally {
      unsubscribe();
    }
  }

  async #look(plan: DispatchPlan, open: Map<string, Placeable>, sent: boolean): Promise<void> {
    const rows = await readSignalTrades(this.deps.database.forTenant(plan.tenantId), plan.tenantId, plan.signalId);
    const silent: { item: Placeable; row: TradeRecord }[] = [];
    for (const row of rows) {
      const item = open.get(row.id);
      if (item === undefined) continue;
      if (isSettled(row.status, row.orderType)) open.delete(row.id);
      else if (row.ackedAt !== null && Date.now() - row.ackedAt >= this.deps.timings.queryAfter)
        silent.push({ item, row });
    }
    for (let start = 0; start < silent.length; start += QUERIES_AT_ONCE) {
      const part = silent.slice(start, start + QUERIES_AT_ONCE);
      await Promise.all(part.map(({ item, row }) => this.deps.executor.query(row, item.account)));
    }
    if (silent.length > 0) await this.deps.book.drain();
    else if (sent) await pause(20, plan.limits.signal);
  }

  /** An open that follows a close is sent only where the close was carried out in full. */
  async #afterCloses(
    plan: DispatchPlan,
    opens: readonly Placeable[],
  ): Promise<{ readonly allowed: readonly Placeable[]; readonly blocked: readonly Placeable[] }> {
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
