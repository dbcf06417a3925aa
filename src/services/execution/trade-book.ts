import type { RealtimeMessage } from '@/contracts/realtime';
import { toText } from '@/domain/decimal';
import type { Instrument } from '@/domain/instrument';
import { IllegalTransitionError } from '@/domain/order-state';
import { type BulkColumns, bulkInsert, bulkUpdate } from '@/platform/database/bulk';
import type { Database, TenantClient } from '@/platform/database/database';
import { retryTransaction } from '@/platform/database/retry';
import { newId, timeOfId } from '@/platform/ids';
import type { Logger } from '@/platform/log';
import { applyReport, revisionOf, type TradeRevision } from './apply-report';
import { type BookedPosition, bookFills } from './follower-book';
import { isFoundAtVenue, tellLate } from './late-news';
import { type AcceptedTrade, plainAcceptance, writePlainAcceptances } from './plain-acceptances';
import type { TradeReport } from './report';
import { tradeMessages } from './trade-messages';
import { lockTrades, venueSymbol } from './trade-record';
import { unfoldPlans } from './written-plan';

const TRADE_COLUMNS = {
  id: 'CHAR(32)',
  status: 'VARCHAR(64)',
  code: 'VARCHAR(64)',
  detail: 'LONGTEXT',
  venueOrderId: 'VARCHAR(64)',
  leverage: 'DECIMAL(36,18)',
  attempts: 'INT',
  filledQuantity: 'DECIMAL(36,18)',
  filledValue: 'DECIMAL(36,18)',
  fee: 'DECIMAL(36,18)',
  realizedPnl: 'DECIMAL(36,18)',
  bookedQuantity: 'DECIMAL(36,18)',
  bookedValue: 'DECIMAL(36,18)',
  sentAt: 'DATETIME(3)',
  ackedAt: 'DATETIME(3)',
  filledAt: 'DATETIME(3)',
  updatedAt: 'DATETIME(3)',
} as const satisfies BulkColumns;

const FILL_COLUMNS = {
  id: 'CHAR(32)',
  tradeId: 'CHAR(32)',
  accountId: 'CHAR(32)',
  instrumentId: 'VARCHAR(64)',
  venueFillId: 'VARCHAR(64)',
  quantity: 'DECIMAL(36,18)',
  price: 'DECIMAL(36,18)',
  fee: 'DECIMAL(36,18)',
  feeCurrency: 'VARCHAR(64)',
  filledAt: 'DATETIME(3)',
} as const satisfies BulkColumns;

/** Reports that arrive within this time are written together, ms. */
const FLUSH_DELAY = 5;
/** Most trades in one transaction: bounds the locks and the statement's size. */
const FLUSH_SIZE = 500;
/** A trade of ours that is no row is younger than this, ms. */
const LATELY = 10 * 60_000;
/** Wait before writing again what the database refused, ms. */
const RETRY_DELAY = 1000;

export type TradeBookDeps = {
  readonly database: Database;
  readonly instruments: (id: string) => Instrument;
  readonly publish: (messages: readonly RealtimeMessage[]) => Promise<void>;
  readonly logger: Logger;
};

/** A report that the venue took an order, and the trade as it is then. */
export type HeldAcceptance = { readonly report: TradeReport; readonly trade: AcceptedTrade };

type WrittenNews = TradeRevision | AcceptedTrade;

/** Told after the rows were written. */
export type TradeListener = (trades: readonly WrittenNews[]) => void;

/**
 * The one writer of what happens to trades after they became rows (with the answers that came before: `BecomingRows`). Reports of
 * placements, pushes and queries are gathered for a few milliseconds and written in one transaction: trades, fills and the
 * followers' positions together.
 */
export class TradeBook {
  readonly #deps: TradeBookDeps;
  readonly #pending = new Map<string, Map<string, TradeReport[]>>();
  /** What is being written, by tenant. */
  readonly #writing = new Map<string, ReadonlyMap<string, readonly TradeReport[]>>();
  readonly #listeners = new Set<TradeListener>();
  /** Trades that are becoming rows, and the promise of it. */
  readonly #holds = new Map<string, Promise<void>>();
  #timer: NodeJS.Timeout | null = null;
  #flushing: Promise<void> | null = null;

  constructor(deps: TradeBookDeps) {
    this.#deps = deps;
  }

  /** Takes a report; never fails. Reports of one trade are applied in the order they come. */
  report(tenantId: string, report: TradeReport): void {
    let trades = this.#pending.get(tenantId);
    if (trades === undefined) {
      trades = new Map();
      this.#pending.set(tenantId, trades);
    }
    const reports = trades.get(report.tradeId);
    if (reports === undefined) trades.set(report.tradeId, [report]);
    else reports.push(report);
    if (!this.#holds.has(report.tradeId)) this.#schedule(FLUSH_DELAY);
  }

  /** Nothing of these trades is written until this promise, which never rejects, resolves: they are becoming rows. */
  hold(tradeIds: readonly string[], until: Promise<void>): void {
    for (const id of tradeIds) this.#holds.set(id, until);
    void until.then(() => {
      for (const id of tradeIds) if (this.#holds.get(id) === until) this.#holds.delete(id);
      if (this.#pending.size > 0) this.#schedule(FLUSH_DELAY);
    });
  }

  /** Those of held trades of whom the first news is that the venue took them at once. It is still to be written. */
  heldAcceptances(tenantId: string, tradeIds: readonly string[]): readonly HeldAcceptance[] {
    const trades = this.#pending.get(tenantId);
    if (trades === undefined) return [];
    return tradeIds.flatMap((id) => {
      const [report] = (this.#holds.has(id) ? trades.get(id) : undefined) ?? [];
      const trade = report === undefined ? null : plainAcceptance([report]);
      return report === undefined || trade === null ? [] : [{ report, trade }];
    });
  }

  /** Trades became rows together with these acceptances: what came after them is all that is left to be written. */
  becameRows(tenantId: string, accepted: readonly HeldAcceptance[]): void {
    if (accepted.length === 0) return;
    const pending = this.#pending.get(tenantId);
    for (const { report } of accepted) {
      const [first, ...later] = pending?.get(report.tradeId) ?? [];
      if (first !== report) continue;
      if (later.length === 0) pending?.delete(report.tradeId);
      else pending?.set(report.tradeId, later);
    }
    if (pending?.size === 0) this.#pending.delete(tenantId);
    this.#tell(tenantId, { trades: accepted.map(({ trade }) => trade), positions: [] }).catch((error: Error) =>
      this.#deps.logger.warn({ reason: error.message }, 'accepted orders were not told of'),
    );
  }

  subscribe(listener: TradeListener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Whether the venue has told something of a trade that is not written yet. */
  hasNewsOf(tenantId: string, tradeId: string): boolean {
    const told = this.#pending.get(tenantId)?.get(tradeId) ?? [];
    const writing = this.#writing.get(tenantId)?.get(tradeId) ?? [];
    return told.some(({ kind }) => kind === 'venue') || writing.some(({ kind }) => kind === 'venue');
  }

  /** Resolves when everything reported so far is written, but for trades that are held: nobody waits for another signal's rows. */
  async drain(): Promise<void> {
    while (this.#flushing !== null || this.#anyReady()) await (this.#flushing ?? this.#flush());
  }

  /** Whether there are reports of trades that are rows. */
  #anyReady(): boolean {
    for (const trades of this.#pending.values()) for (const id of trades.keys()) if (!this.#holds.has(id)) return true;
    return false;
  }

  #schedule(delay: number): void {
    if (this.#timer !== null || this.#flushing !== null) return;
    this.#timer = setTimeout(() => {
      this.#timer = null;
      void this.#flush();
    }, delay);
  }

  #flush(): Promise<void> {
    this.#flushing ??= this.#flushAll().finally(() => {
      this.#flushing = null;
      if (this.#anyReady()) this.#schedule(FLUSH_DELAY);
    });
    return this.#flushing;
  }

  async #flushAll(): Promise<void> {
    await Promise.all([...this.#pending.keys()].map((tenantId) => this.#flushTenant(tenantId)));
  }

  async #flushTenant(tenantId: string): Promise<void> {
    const entries = this.#take(tenantId);
    this.#writing.set(tenantId, new Map(entries));
    try {
      await this.#writeEntries(tenantId, entries);
    } finally {
      this.#writing.delete(tenantId);
    }
  }

  async #writeEntries(tenantId: string, entries: readonly (readonly [string, TradeReport[]])[]): Promise<void> {
    for (let start = 0; start < entries.length; start += FLUSH_SIZE) {
      const batch = new Map(entries.slice(start, start + FLUSH_SIZE));
      try {
        await this.#write(tenantId, batch);
      } catch (error) {
        this.#deps.logger.error(
          { reason: (error as Error).message, trades: batch.size },
          'trades were not written; trying again',
        );
        // Put back before anything newer of the same trades, then wait: the database may be away.
        this.#restore(tenantId, entries.slice(start));
        await new Promise((resolve) => setTimeout(resolve, RETRY_DELAY));
        break;
      }
    }
  }

  /** Takes the pending reports of a tenant whose trades are rows. */
  #take(tenantId: string): readonly (readonly [string, TradeReport[]])[] {
    const trades = this.#pending.get(tenantId) ?? new Map<string, TradeReport[]>();
    const entries = [...trades].filter(([id]) => !this.#holds.has(id));
    for (const [id] of entries) trades.delete(id);
    if (trades.size === 0) this.#pending.delete(tenantId);
    return entries;
  }

  #restore(tenantId: string, entries: readonly (readonly [string, TradeReport[]])[]): void {
    const newer = this.#pending.get(tenantId) ?? new Map<string, TradeReport[]>();
    const merged = new Map<string, TradeReport[]>(
      entries.map(([id, reports]) => [id, [...reports, ...(newer.get(id) ?? [])]]),
    );
    for (const [id, reports] of newer) if (!merged.has(id)) merged.set(id, reports);
    this.#pending.set(tenantId, merged);
  }

  async #write(tenantId: string, reports: ReadonlyMap<string, readonly TradeReport[]>): Promise<void> {
    const db = this.#deps.database.forTenant(tenantId);
    const others = new Map(reports);
    const plain: AcceptedTrade[] = [];
    for (const [id, ofTrade] of reports) {
      const accepted = plainAcceptance(ofTrade);
      if (accepted === null) continue;
      plain.push(accepted);
      others.delete(id);
    }
    if (plain.length > 0) {
      if (await writePlainAcceptances(this.#deps.database.statements, tenantId, plain)) {
        await this.#tell(tenantId, { trades: plain, positions: [] });
      } else for (const { id } of plain) others.set(id, reports.get(id) ?? []);
    }
    if (others.size === 0) return;
    const unknown = await this.#writeAndTell(db, tenantId, others);
    if (unknown.size === 0) return;
    // Another worker sent them so shortly ago that they are no rows yet, or have become rows just now; or they are no trades of ours.
    const unfolded = await unfoldPlans(this.#deps.database.statements, tenantId);
    const since = Date.now() - LATELY;
    const recent = [...unknown].filter(([id]) => unfolded > 0 || timeOfId(id) >= since);
    if (recent.length > 0) await this.#writeAndTell(db, tenantId, new Map(recent));
  }

  /** Answers the reports of trades that are no rows. */
  async #writeAndTell(
    db: TenantClient,
    tenantId: string,
    reports: ReadonlyMap<string, readonly TradeReport[]>,
  ): Promise<ReadonlyMap<string, readonly TradeReport[]>> {
    const written = await retryTransaction(() =>
      db.$transaction((tx) => this.#writeIn(tx as unknown as TenantClient, tenantId, reports)),
    );
    if (written.trades.length > 0) await this.#tell(tenantId, written);
    return new Map([...reports].filter(([id]) => !written.known.has(id)));
  }

  async #tell(
    tenantId: string,
    { trades, positions }: { readonly trades: readonly WrittenNews[]; readonly positions: readonly BookedPosition[] },
  ): Promise<void> {
    // Who waits for the rows goes on while the pushes are put together.
    for (const listener of this.#listeners) listener(trades);
    await this.#deps.publish(tradeMessages(tenantId, trades, positions, this.#deps.instruments));
  }

  async #writeIn(
    tx: TenantClient,
    tenantId: string,
    reports: ReadonlyMap<string, readonly TradeReport[]>,
  ): Promise<{
    trades: readonly TradeRevision[];
    positions: readonly BookedPosition[];
    known: ReadonlySet<string>;
  }> {
    const now = new Date();
    const known = new Set<string>();
    const revised: TradeRevision[] = [];
    const fills = new Map<string, ReturnType<typeof fillRow>>();
    for (const row of await lockTrades(tx, tenantId, [...reports.keys()])) {
      known.add(row.id);
      const instrument = this.#deps.instruments(row.instrumentId);
      const before = revisionOf(row);
      let trade = before;
      for (const report of reports.get(row.id) ?? []) {
        // A customer who gives an order of his own the id of somebody's trade must not be believed.
        if (report.kind === 'venue' && report.update.accountId !== row.accountId) {
          this.#deps.logger.error(
            { trade: row.id, account: report.update.accountId },
            'news of a trade from another account',
          );
          continue;
        }
        if (report.kind === 'venue' && report.update.symbol !== venueSymbol(row.instrumentId)) {
          this.#deps.logger.error(
            { trade: row.id, symbol: report.update.symbol },
            'news of a trade in another instrument',
          );
          continue;
        }
        try {
          trade = applyReport(trade, report, instrument);
        } catch (error) {
          // One report that cannot be applied must not hold up all the others: the order is asked for again.
          const told =
            error instanceof IllegalTransitionError ? 'the venue contradicts our record' : 'news that makes no sense';
          this.#deps.logger.error({ trade: row.id, reason: (error as Error).message }, told);
          continue;
        }
        for (const fill of report.kind === 'venue' ? report.fills : []) {
          fills.set(`${row.accountId}|${row.instrumentId}|${fill.venueFillId}`, fillRow(row, fill));
        }
      }
      if (trade !== before) revised.push(trade);
      if (isFoundAtVenue(trade)) {
        const { id, accountId, found, status } = trade;
        this.#deps.logger.error(
          { trade: id, account: accountId, found, status },
          'the venue has an order that had ended',
        );
      }
    }
    await bulkInsert(tx, 'Fill', tenantId, FILL_COLUMNS, [...fills.values()], 'ignore');
    const booked = await bookFills(tx, tenantId, revised, this.#deps.instruments, now);
    // What a revision does not know (null) must not wipe what the row knows: these columns keep their first value.
    await bulkUpdate(
      tx,
      'Trade',
      tenantId,
      ['id'],
      TRADE_COLUMNS,
      booked.trades.map((trade) => tradeRow(trade, now)),
      '',
      ['detail', 'sentAt', 'ackedAt', 'filledAt'],
    );
    await tellLate(tx, tenantId, booked.trades, now.getTime());
    return { ...booked, known };
  }
}

function time(at: number | null): Date | null {
  return at === null ? null : new Date(at);
}

function tradeRow(trade: TradeRevision, now: Date) {
  return {
    id: trade.id,
    status: trade.status,
    code: trade.code,
    detail: trade.detail,
    venueOrderId: trade.venueOrderId,
    leverage: toText(trade.leverage),
    attempts: trade.attempts,
    filledQuantity: toText(trade.filledQuantity),
    filledValue: toText(trade.filledValue),
    fee: toText(trade.fee),
    realizedPnl: toText(trade.realizedPnl),
    bookedQuantity: toText(trade.bookedQuantity),
    bookedValue: toText(trade.bookedValue),
    sentAt: time(trade.sentAt),
    ackedAt: time(trade.ackedAt),
    filledAt: time(trade.filledAt),
    updatedAt: now,
  };
}

function fillRow(
  trade: { id: string; accountId: string; instrumentId: string },
  fill: Extract<TradeReport, { kind: 'venue' }>['fills'][number],
) {
  return {
    id: newId(),
    tradeId: trade.id,
    accountId: trade.accountId,
    instrumentId: trade.instrumentId,
    venueFillId: fill.venueFillId,
    quantity: fill.quantity,
    price: fill.price,
    fee: fill.fee,
    feeCurrency: fill.feeCurrency,
    filledAt: new Date(fill.filledAt),
  };
}
