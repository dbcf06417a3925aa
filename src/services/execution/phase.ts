import { isSettled } from '@/domain/trade-progress';
import { currentTime } from '@/platform/clock';
import { leverAndSend } from './lever-and-send';
import { entriesToLever } from './leverage';
import type { Placeable } from './order-executor';
import type { PhaseDeps, PhaseOrders } from './phase-orders';
import { readUnsettledOfSignal, type Standing } from './trade-record';

/** Orders that are started before the loop yields, so that the first leave and acks are read while others are signed. */
export const YIELD_EVERY = 32;
/** Queries of one look at once. */
const QUERIES_AT_ONCE = 32;
/** While news of other orders come in, a silent one is given so many times its usual time before it is asked for. */
const NEWS_WORTH = 10;

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
    const { limits, mayExist, signalId, tenantId } = this.orders;
    if (items.length === 0 || limits.signal.aborted) return;
    for (const item of items) this.#open.set(item.trade.id, item);
    const { database, executor } = this.deps;
    // What is not to be sent any more needs no leverage, only the question whether it was.
    const sendable = currentTime() < limits.freshUntil;
    const levered = sendable ? await entriesToLever(database.forTenant(tenantId), tenantId, items) : [];
    const waiting = new Set(levered);
    const { precedence, turns } = this.deps;
    // What closes keeps nobody waiting for it.
    const mayWait = items.some(({ trade }) => trade.leg === 'open');
    let started = 0;
    for (const item of items) {
      if (waiting.has(item)) continue;
      if (mayWait && started % YIELD_EVERY === 0) await precedence.giveWay(tenantId, signalId);
      this.#running.push(executor.execute(item, limits, mayExist.has(item.trade.id)));
      started += 1;
      if (started % YIELD_EVERY === 0) await turns.next(tenantId);
    }
    const levering = leverAndSend(this.deps, this.orders, levered);
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
    let newsAt = currentTime();
    let left = this.#open.size;
    while (this.#open.size > 0 && currentTime() < patience.until && !limits.signal.aborted && limits.maySend()) {
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
      if (this.#anyUnreachable()) patience.lengthen(currentTime());
      look = Math.min(look * 1.5, timings.longestLook);
      const unsettled = await this.#look();
      if (this.#open.size < left) {
        newsAt = currentTime();
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
    const now = currentTime();
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
