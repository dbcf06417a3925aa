import type { RealtimeMessage } from '@/contracts/realtime';
import { isForced, type OutsidePiece } from '@/domain/closed-outside';
import { toText } from '@/domain/decimal';
import { type AccountClient, type Venue, VenueError } from '@/exchanges/port';
import type { Cipher } from '@/platform/cipher';
import type { Clock } from '@/platform/clock';
import { type Database, Prisma, type TenantClient } from '@/platform/database/database';
import type { Logger } from '@/platform/log';
import { KEY_WORKS } from '../accounts/health';
import { openAccounts, type TradingAccount } from '../execution/accounts';
import { forgetOtherLeverages } from '../execution/leverage-notes';
import { MakingWay } from '../execution/making-way';
import type { InstrumentCatalogue } from '../pricing/instrument-catalogue';
import { doubtProtections } from '../protection/doubt';
import { isQuiet, readAccountBook } from './account-book';
import { type AccountDrift, compareAccount, fingerprint, missingOf } from './compare-account';
import type { ComparisonNote } from './comparisons';
import { ConfirmedLeverages } from './confirmed-leverages';
import { howClosed, isWithoutTrace } from './how-closed';
import { recordDrift } from './record-drift';
import { tellRecorded } from './tell-recorded';

/** How often one account is looked at, ms. Venues allow ten such questions in two seconds. */
const EVERY = 60_000;
/** What is gone without a trace comes off the books when it has been told for so long, ms. */
const WITHOUT_TRACE_FOR = 10 * 60_000;
/** The next look when something is on its way, or when a first look saw a difference, ms. */
const AGAIN = 5_000;
/** The next look while a difference stands, ms: a repair by the customer is seen soon. */
const WHILE_DRIFTING = 20_000;
/** After the stream of an account came back, ms: the gap is filled in first. */
const AFTER_GAP = 3_000;
/** Looks in one round, a second apart. */
const IN_ROUND = 16;
/** Looks at a time: they must not fill the way to the database just when a signal comes. */
const AT_ONCE = 4;
/** Orders that our books had ended are asked for again if they were made this long ago at most, ms. */
const ENDED_SINCE = 24 * 60 * 60_000;
/** How often the list of accounts is read, ms. */
const LIST_EVERY = 15_000;

export type WatchDeps = {
  readonly database: Database;
  readonly cipher: Cipher;
  readonly venue: (key: string) => Venue;
  readonly instruments: Pick<InstrumentCatalogue, 'get'>;
  readonly publish: (messages: readonly RealtimeMessage[]) => Promise<void>;
  /** Asks the venue for orders of these instruments that our books ended after `since`, epoch ms, and books what it has of them. */
  readonly askForEnded: (account: TradingAccount, since: number, instrumentIds: readonly string[]) => Promise<void>;
  /** Tells pages what came of a look. Never rejects. */
  readonly noteComparison?: (
    account: { readonly tenantId: string; readonly accountId: string },
    note: ComparisonNote,
  ) => Promise<void>;
  readonly clock: Clock;
  readonly logger: Logger;
};

type Watched = { readonly id: string; readonly tenantId: string; readonly customerId: string };
/** unreadable: its key does not open · busy: nothing can be said now · agrees: or nobody wants to hear of it · suspected: seen once · drift: seen twice and written down */
export type LookResult = 'unreadable' | 'busy' | 'agrees' | 'suspected' | 'drift';

const OBSTACLES: Readonly<Record<LookResult, ComparisonNote['obstacle']>> = {
  unreadable: 'CREDENTIALS_UNREADABLE',
  busy: 'UNSETTLED',
  agrees: null,
  suspected: null,
  drift: null,
};

/**
 * Looks at every account's positions at its venue in turn and compares them with our books. A difference counts once two
 * looks in a row agree on it and nothing of the account is unsettled: fills on their way are no drift.
 */
export class PositionWatch {
  #accounts: readonly Watched[] = [];
  #listedAt = Number.NEGATIVE_INFINITY;
  readonly #way: MakingWay;
  readonly #leverages: ConfirmedLeverages;
  readonly #nextAt = new Map<string, number>();
  readonly #comparedAt = new Map<string, number>();
  readonly #suspicions = new Map<string, string>();
  /** The differences of which is known how they came about, by account. */
  readonly #explained = new Map<string, string>();

  constructor(readonly deps: WatchDeps) {
    this.#way = new MakingWay(deps.clock);
    this.#leverages = new ConfirmedLeverages(deps.clock);
  }

  /** Looks at an account soon: its stream was away. */
  soon(accountId: string): void {
    const at = this.deps.clock.now() + AFTER_GAP;
    this.#nextAt.set(accountId, Math.min(at, this.#nextAt.get(accountId) ?? at));
    this.#leverages.doubt(accountId);
  }

  /**
   * One round: the accounts of this worker that are due.
   * @param isBusy whether orders are on their way: looks are put off for them, though not for ever
   */
  async runOnce(owns: (accountId: string) => boolean, isBusy: () => boolean = () => false): Promise<void> {
    const now = this.deps.clock.now();
    if (!this.#way.isFree(isBusy)) return;
    await this.#list(now);
    // Who has waited longest comes first: where there are more than rounds can hold, all of them are looked at less often.
    const due = this.#accounts
      .filter(({ id }) => this.#dueAt(id) <= now && owns(id))
      .sort((a, b) => this.#dueAt(a.id) - this.#dueAt(b.id))
      .slice(0, IN_ROUND);
    const runner = async (): Promise<void> => {
      while (this.#way.isFree(isBusy)) {
        const account = due.shift();
        if (account === undefined) return;
        await this.#lookAndPlan(account);
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, runner));
    if (due.length === 0) this.#way.done();
  }

  #dueAt(accountId: string): number {
    return this.#nextAt.get(accountId) ?? 0;
  }

  async #lookAndPlan(account: Watched): Promise<void> {
    let pause = EVERY * (0.8 + 0.4 * Math.random());
    try {
      const result = await this.look(account);
      if (result === 'unreadable' || result === 'busy' || result === 'suspected') pause = AGAIN;
      if (result === 'drift') pause = WHILE_DRIFTING;
      await this.#note(account, OBSTACLES[result]);
    } catch (error) {
      this.#suspicions.delete(account.id);
      this.deps.logger.info(
        { account: account.id, reason: (error as Error).message },
        'positions could not be compared',
      );
      const isAway = error instanceof VenueError && error.retryable;
      await this.#note(account, isAway ? 'VENUE_UNREACHABLE' : 'OTHER');
    }
    this.#nextAt.set(account.id, this.deps.clock.now() + pause);
  }

  #note({ id: accountId, tenantId }: Watched, obstacle: ComparisonNote['obstacle']): Promise<void> | undefined {
    if (obstacle === null) this.#comparedAt.set(accountId, this.deps.clock.now());
    const comparedAt = this.#comparedAt.get(accountId) ?? null;
    return this.deps.noteComparison?.({ tenantId, accountId }, { comparedAt, obstacle });
  }

  /** One look at one account. Rejects when the venue or the database does not answer. */
  async look(watched: Watched): Promise<LookResult> {
    const { tenantId, id } = watched;
    const db = this.deps.database.forTenant(tenantId);
    const account = (await openAccounts(db, this.deps.cipher, tenantId, [id])).get(id);
    if (account === undefined) return 'unreadable';
    const query = { tenantId, accountId: id };
    const before = await readAccountBook(db, query);
    if (before.unsettled > 0) return this.#unsure(id);
    const client = this.deps.venue(account.venue).account(account.access);
    const held = await client.getPositions();
    const book = await readAccountBook(db, query);
    if (!isQuiet(before, book)) return this.#unsure(id);
    await forgetOtherLeverages(db, account, held);
    await this.#leverages.confirm(db, account, client);
    const drifts = compareAccount(account, book, held);
    const seen = fingerprint(drifts);
    if (drifts.length > 0 && this.#suspicions.get(id) !== seen) {
      this.#suspicions.set(id, seen);
      await doubtProtections(db, tenantId, id);
      // What is held beyond our books may be an order of ours that we took for refused or never placed.
      const instrumentIds = [...new Set(drifts.map(({ instrumentId }) => instrumentId))];
      await this.deps.askForEnded(account, this.deps.clock.now() - ENDED_SINCE, instrumentIds);
      return 'suspected';
    }
    const closed = await this.#howClosed(client, account, drifts, seen);
    const recorded = await recordDrift(
      { ...this.deps, instrument: (instrumentId) => this.deps.instruments.get(instrumentId) ?? null },
      { ...account, customerId: watched.customerId },
      { book, instrumentId: null, drifts, closed },
    );
    if (recorded === null) return this.#unsure(id);
    if (drifts.length === 0) {
      this.#suspicions.delete(id);
      this.#explained.delete(id);
    }
    await tellRecorded(this.deps, { ...account, customerId: watched.customerId }, recorded);
    return drifts.every(({ policy }) => policy === 'off') ? 'agrees' : 'drift';
  }

  /**
   * How what is missing went, where our books are to follow: under `repair`, and under every policy where the venue itself closed it.
   * The venue is asked once for what does not change.
   */
  async #howClosed(
    client: AccountClient,
    account: TradingAccount,
    drifts: readonly AccountDrift[],
    seen: string,
  ): Promise<ReadonlyMap<AccountDrift, readonly OutsidePiece[]>> {
    const { tenantId, id: accountId } = account;
    const db = this.deps.database.forTenant(tenantId);
    const isNew = this.#explained.get(accountId) !== seen;
    const closed = new Map<AccountDrift, readonly OutsidePiece[]>();
    for (const drift of drifts) {
      const follows = drift.policy === 'repair';
      if (!drift.repairable || !(follows || isNew)) continue;
      const missing = { tenantId, accountId, ...missingOf(drift) };
      const pieces = await howClosed({ ...this.deps, db, client }, missing, this.deps.clock.now());
      if (isWithoutTrace(pieces) && !(await this.#hasStood(db, accountId, drift))) continue;
      if (follows || isForced(pieces)) closed.set(drift, pieces);
    }
    if (drifts.length > 0) this.#explained.set(accountId, seen);
    return closed;
  }

  /** Whether a difference has been told for long: then it is no mistake of the venue's that passes. */
  async #hasStood(
    db: Pick<TenantClient, 'positionDrift'>,
    accountId: string,
    { instrumentId, side, booked, held }: AccountDrift,
  ): Promise<boolean> {
    const before = new Date(this.deps.clock.now() - WITHOUT_TRACE_FOR);
    const of = { accountId, instrumentId, side, booked: toText(booked), held: toText(held) };
    return (await db.positionDrift.count({ where: { ...of, resolvedAt: null, firstSeenAt: { lte: before } } })) > 0;
  }

  #unsure(id: string): LookResult {
    this.#suspicions.delete(id);
    return 'busy';
  }

  async #list(now: number): Promise<void> {
    if (now - this.#listedAt < LIST_EVERY) return;
    this.#accounts = await this.deps.database.system.$queryRaw<Watched[]>(
      Prisma.sql`SELECT a.id, a.tenantId, a.customerId FROM ExchangeAccount a
        WHERE ${KEY_WORKS} AND (
          EXISTS (SELECT 1 FROM Subscription s WHERE s.accountId = a.id AND s.status <> 'ended')
          OR EXISTS (SELECT 1 FROM Position p WHERE p.accountId = a.id AND p.quantity > 0)
          OR EXISTS (SELECT 1 FROM PositionDrift d WHERE d.accountId = a.id AND d.resolvedAt IS NULL))`,
    );
    this.#listedAt = now;
    const known = new Set(this.#accounts.map(({ id }) => id));
    for (const id of [...this.#nextAt.keys()]) {
      if (known.has(id)) continue;
      this.#nextAt.delete(id);
      this.#explained.delete(id);
      this.#comparedAt.delete(id);
    }
    this.#leverages.keep(known);
    for (const { id } of this.#accounts) {
      // Spread over the time of one round, so that a start does not ask for all at once.
      if (!this.#nextAt.has(id)) this.#nextAt.set(id, now + Math.random() * EVERY);
    }
  }
}
