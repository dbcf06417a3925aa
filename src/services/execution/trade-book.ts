import type { RealtimeMessage } from '@/contracts/realtime';
import { toText } from '@/domain/decimal';
import type { Instrument } from '@/domain/instrument';
import { IllegalTransitionError } from '@/domain/order-state';
import { currentTime } from '@/platform/clock';
import { type BulkColumns, bulkInsert, bulkUpdate } from '@/platform/database/bulk';
import type { Database, TenantClient } from '@/platform/database/database';
import { failureKind } from '@/platform/database/failure-kind';
import { retryTransaction } from '@/platform/database/retry';
import { inHalves, type SetAside } from '@/platform/halves';
import { newId, timeOfId } from '@/platform/ids';
import type { Logger } from '@/platform/log';
import { applyReport, revisionOf, type TradeRevision } from './apply-report';
import { type CloseNews, settleLateCloses } from './close-debts';
import { type BookedPosition, bookFills } from './follower-book';
import { isFoundAtVenue, tellLate } from './late-news';
import { settleOtherLeverages } from './other-leverages';
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
/** Wait before writing again what the database did not take, ms. */
const RETRY_DELAY = 1000;
/** What fails for a reason that is not clear is tried in one piece so many times. */
const TRIES_IN_ONE_PIECE = 5;
/** Code of a trade whose news could not be written. */
export const NEWS_UNWRITABLE = 'NEWS_UNWRITABLE';

export type TradeBookDeps = {
  readonly database: Database;
  /** Throws UnknownInstrumentError. */
  readonly instruments: (id: string) => Instrument;
  /** Reads the instruments again: one that a trade names may have been listed since. */
  readonly rereadInstruments: () => Promise<void>;
  readonly publish: (messages: readonly RealtimeMessage[]) => Promise<void>;
  readonly logger: Logger;
};

/** A report that the venue took an order, and the trade as it is then. */
export type HeldAcceptance = { readonly report: TradeReport; readonly trade: AcceptedTrade };

type Entry = readonly [string, TradeReport[]];

const liesInATrade = (error: unknown): boolean => failureKind(error) !== 'database';

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
  /** By tenant: none waits for what another one's rows cannot take. */
  readonly #flushing = new Map<string, Promise<void>>();
  /** How often a tenant's writing failed for no clear reason since it last succeeded. */
  readonly #failures = new Map<string, number>();

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

  /**
   * Resolves when everything reported so far is written, but for trades that are held: nobody waits for another signal's rows.
   * @param of these trades alone, of one tenant; absent: all
   */
  async drain(of?: { readonly tenantId: string; readonly tradeIds: readonly string[] }): Promise<void> {
    if (of === undefined) {
      for (;;) {
        const tenants = [...new Set([...this.#flushing.keys(), ...this.#readyTenants()])];
        if (tenants.length === 0) return;
        await Promise.all(tenants.map((tenantId) => this.#flush(tenantId)));
      }
    }
    const { tenantId, tradeIds } = of;
    while (tradeIds.some((id) => this.#isUnwritten(tenantId, id))) await this.#flush(tenantId);
  }

  #isUnwritten(tenantId: string, id: string): boolean {
    if (this.#writing.get(tenantId)?.has(id)) return true;
    return !this.#holds.has(id) && this.#pending.get(tenantId)?.has(id) === true;
  }

  /** Those that have reports of trades that are rows. */
  #readyTenants(): readonly string[] {
    return [...this.#pending.keys()].filter((tenantId) => this.#isReady(tenantId));
  }

  #isReady(tenantId: string): boolean {
    for (const id of this.#pending.get(tenantId)?.keys() ?? []) if (!this.#holds.has(id)) return true;
    return false;
  }

  #schedule(delay: number): void {
    if (this.#timer !== null) return;
    this.#timer = setTimeout(() => {
      this.#timer = null;
      for (const tenantId of this.#readyTenants()) void this.#flush(tenantId);
    }, delay);
  }

  /** Writes what is ready, or waits for what is being written. */
  #flush(tenantId: string): Promise<void> {
    const running = this.#flushing.get(tenantId);
    if (running !== undefined) return running;
    const flush = this.#flushTenant(tenantId).finally(() => {
      this.#flushing.delete(tenantId);
      if (this.#isReady(tenantId)) this.#schedule(FLUSH_DELAY);
    });
    this.#flushing.set(tenantId, flush);
    return flush;
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

  async #writeEntries(tenantId: string, entries: readonly Entry[]): Promise<void> {
    for (let start = 0; start < entries.length; start += FLUSH_SIZE) {
      const batch = entries.slice(start, start + FLUSH_SIZE);
      try {
        await this.#writeBatch(tenantId, batch);
        this.#failures.delete(tenantId);
      } catch (error) {
        this.#deps.logger.error(
          { reason: (error as Error).message, trades: batch.length },
          'trades were not written; trying again',
        );
        // Put back before anything newer of the same trades, then wait: the database may be away.
        this.#restore(tenantId, entries.slice(start));
        await new Promise((resolve) => setTimeout(resolve, RETRY_DELAY));
        break;
      }
    }
  }

  /** Writes trades together; what one of them cannot be written for keeps none of the others. Rejects where the database is away. */
  async #writeBatch(tenantId: string, batch: readonly Entry[]): Promise<void> {
    const write = (some: readonly Entry[]): Promise<void> => this.#write(tenantId, new Map(some));
    try {
      await write(batch);
    } catch (error) {
      const kind = failureKind(error);
      if (kind === 'database') throw error;
      const failures = (this.#failures.get(tenantId) ?? 0) + 1;
      this.#failures.set(tenantId, failures);
      if (kind === 'unclear' && failures < TRIES_IN_ONE_PIECE) throw error;
      await this.#deps.rereadInstruments();
      for (const aside of await inHalves(batch, write, liesInATrade)) await this.#setAside(tenantId, aside);
    }
  }

  /** The trade says that its news could not be written; what was learnt about it is asked for again while it is unsettled. */
  async #setAside(tenantId: string, { item: [tradeId], error }: SetAside<Entry>): Promise<void> {
    const reason = (error as Error).message;
    this.#deps.logger.error(
      { tenant: tenantId, trade: tradeId, reason },
      'news of a trade cannot be written; set aside',
    );
    await this.#deps.database.forTenant(tenantId).trade.updateMany({
      where: { id: tradeId },
      data: { code: NEWS_UNWRITABLE, updatedAt: new Date(currentTime()) },
    });
  }

  /** Takes the pending reports of a tenant whose trades are rows. */
  #take(tenantId: string): readonly Entry[] {
    const trades = this.#pending.get(tenantId) ?? new Map<string, TradeReport[]>();
    const entries = [...trades].filter(([id]) => !this.#holds.has(id));
    for (const [id] of entries) trades.delete(id);
    if (trades.size === 0) this.#pending.delete(tenantId);
    return entries;
  }

  #restore(tenantId: string, entries: readonly Entry[]): void {
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
    const since = currentTime() - LATELY;
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
    // They are written, whoever cannot hear it.
    try {
      // Who waits for the rows goes on while the pushes are put together.
      for (const listener of this.#listeners) listener(trades);
      await this.#deps.publish(tradeMessages(tenantId, trades, positions, this.#deps.instruments));
    } catch (error) {
      this.#deps.logger.error(
        { tenant: tenantId, reason: (error as Error).message },
        'written trades were not told of',
      );
    }
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
    const now = new Date(currentTime());
    const known = new Set<string>();
    const revised: TradeRevision[] = [];
    const closes: CloseNews[] = [];
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
      if (trade !== before && trade.leg === 'close') closes.push({ before: row, after: trade });
    }
    await bulkInsert(tx, 'Fill', tenantId, FILL_COLUMNS, [...fills.values()], 'ignore');
    const explained = await settleOtherLeverages(tx, tenantId, revised, now.getTime());
    const booked = await bookFills(tx, tenantId, explained, this.#deps.instruments, now);
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
    await settleLateCloses(tx, tenantId, closes, now);
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
