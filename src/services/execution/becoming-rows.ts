import type { Statements } from '@/platform/database/database';
import type { Logger } from '@/platform/log';
import type { Precedence } from '@/platform/precedence';
import { type Placeable, pause } from './order-executor';
import type { ExecutionTimings } from './timings';
import type { HeldAcceptance, TradeBook } from './trade-book';
import { type Acceptance, unfoldPlan, writeAcceptances } from './written-plan';

export type BecomingRowsDeps = {
  readonly database: { readonly statements: Statements };
  readonly book: TradeBook;
  readonly timings: ExecutionTimings;
  readonly precedence: Precedence;
  readonly logger: Logger;
};

export type BecomingRowsOptions = {
  readonly tenantId: string;
  readonly signalId: string;
  /** Answers false when the plan is another worker's to unfold. */
  readonly isOurs: () => boolean;
  readonly stop: AbortSignal;
};

/** Answers that keep coming are waited for so many times as long as a silent venue. */
const MOST_WAITS = 4;

/**
 * How the trades of one signal become rows: once all of them are written ahead and the venue has answered their orders, or has not for
 * a while. Made earlier, they would take the database's time from reading and writing what comes next, and be written twice. Until
 * then nothing else that is learnt about them is written.
 */
export class BecomingRows {
  /** Resolves when they are rows, or when that is another worker's to do; never rejects. A worker that is stopping tries it once. */
  readonly rows: Promise<void>;
  readonly #deps: BecomingRowsDeps;
  readonly #options: BecomingRowsOptions;
  /** The part of the plan that each trade was written with. */
  readonly #partOf = new Map<string, number>();
  /** Aborted when there is nothing to wait for any more. */
  readonly #answered = new AbortController();
  /** When the last answer came, by the process's clock. */
  #heardAt = 0;
  #allWritten = (): void => undefined;

  constructor(deps: BecomingRowsDeps, options: BecomingRowsOptions) {
    this.#deps = deps;
    this.#options = options;
    this.rows = new Promise<void>((resolve) => {
      this.#allWritten = resolve;
    }).then(() => this.#become());
  }

  /** Takes a part that is written. What a worker that is gone left behind consists of rows, and is not held. */
  hold(items: readonly Placeable[]): void {
    const written: string[] = [];
    for (const { part, trade } of items) {
      if (part === undefined) continue;
      this.#partOf.set(trade.id, part);
      written.push(trade.id);
    }
    this.#deps.book.hold(written, this.rows);
  }

  /** Resolves when this trade is a row. */
  async isRow(tradeId: string): Promise<void> {
    if (this.#partOf.has(tradeId)) await this.rows;
  }

  /** There will be no more parts, for whatever reason. */
  allWritten(): void {
    this.#allWritten();
  }

  /** The venue has answered one of the orders. */
  heard(): void {
    this.#heardAt = performance.now();
  }

  /** The venue has answered all orders that were started. */
  allAnswered(): void {
    this.#answered.abort();
  }

  async #become(): Promise<void> {
    const { book, precedence } = this.#deps;
    const { signalId, tenantId } = this.#options;
    await this.#awaitAnswers();
    await precedence.giveWay(tenantId, signalId);
    const accepted = await this.#writeAcceptances();
    const withAnswers = await this.#unfold();
    book.becameRows(
      tenantId,
      [...withAnswers].flatMap((part) => accepted.get(part) ?? []),
    );
  }

  async #awaitAnswers(): Promise<void> {
    if (this.#partOf.size === 0) return;
    const { stop } = this.#options;
    const end = (): void => this.#answered.abort();
    stop.addEventListener('abort', end, { once: true });
    if (!stop.aborted) await this.#untilSilent(this.#answered.signal);
    stop.removeEventListener('abort', end);
  }

  /** Thousands of orders are sent and answered for longer than one of them may take. */
  async #untilSilent(answered: AbortSignal): Promise<void> {
    const { answersWithin } = this.#deps.timings;
    const began = performance.now();
    let until = began + answersWithin;
    for (let now = began; now < until && !answered.aborted; now = performance.now()) {
      await pause(until - now, answered);
      until = Math.min(this.#heardAt + answersWithin, began + MOST_WAITS * answersWithin);
    }
  }

  /** Answers what is written beside the plan, by part; whether it becomes part of the rows is for `unfoldPlan` to say. */
  async #writeAcceptances(): Promise<ReadonlyMap<number, readonly HeldAcceptance[]>> {
    const { book, database, logger } = this.#deps;
    const { isOurs, signalId, tenantId } = this.#options;
    const accepted = new Map<number, HeldAcceptance[]>();
    if (!isOurs()) return accepted;
    for (const acceptance of book.heldAcceptances(tenantId, [...this.#partOf.keys()])) {
      const { attempts, id } = acceptance.trade;
      const part = this.#partOf.get(id);
      // That an order took more than one attempt is for its row to tell.
      if (part === undefined || attempts !== 1) continue;
      const ofPart = accepted.get(part);
      if (ofPart === undefined) accepted.set(part, [acceptance]);
      else ofPart.push(acceptance);
    }
    const parts = new Map<number, readonly Acceptance[]>();
    for (const [part, ofPart] of accepted) {
      parts.set(
        part,
        ofPart.map(({ trade }) => trade),
      );
    }
    try {
      await writeAcceptances(database.statements, tenantId, signalId, parts);
    } catch (error) {
      logger.warn({ signal: signalId, reason: (error as Error).message }, 'acceptances are written later');
    }
    return accepted;
  }

  /** Answers the parts that became rows together with their acceptances. */
  async #unfold(): Promise<ReadonlySet<number>> {
    const { database, logger, timings } = this.#deps;
    const { isOurs, signalId, stop, tenantId } = this.#options;
    do {
      try {
        return await unfoldPlan(database.statements, tenantId, signalId);
      } catch (error) {
        logger.warn({ signal: signalId, reason: (error as Error).message }, 'trades are not rows yet');
        await pause(timings.firstQuery, stop);
      }
    } while (!stop.aborted && isOurs());
    return new Set();
  }
}
