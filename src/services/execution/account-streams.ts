import type { AccountChange, RealtimeMessage } from '@/contracts/realtime';
import { adminRoom, customerRoom } from '@/contracts/realtime';
import type { AccountStream, OrderUpdate, StreamState, Venue, VenueBalance } from '@/exchanges/port';
import type { Cipher } from '@/platform/cipher';
import { currentTime } from '@/platform/clock';
import type { Database } from '@/platform/database/database';
import type { Logger } from '@/platform/log';
import { openAccounts, type TradingAccount } from './accounts';
import { askForEndedOrders } from './ended-orders';
import { isKeyRefusal } from './key-refusal';
import type { OrderExecutor } from './order-executor';
import type { TradeBook } from './trade-book';
import { readTradesLackingFills, readUnsettledOfAccount } from './trade-record';
import { readTradingAccounts, type TradingAccountKey } from './trading-accounts';

/** Fills that a gap hid are looked for in orders of this long ago, ms. */
const FILLS_SINCE = 24 * 60 * 60_000;
/** Orders that our books had ended are asked for if they were made this long ago at most, ms: a venue forgets unfilled ones then. */
const ENDED_SINCE = 2 * 60 * 60_000;
/** Our own client order ids; a customer's manual orders have others and are none of our business. */
const OUR_ID = /^[0-9a-f]{32}$/;

export type AccountStreamsDeps = {
  readonly database: Database;
  readonly cipher: Cipher;
  readonly venue: (key: string) => Venue;
  readonly book: TradeBook;
  /** Takes what an account is worth, as it is pushed. */
  readonly balances: { note(tenantId: string, accountId: string, balance: VenueBalance): void };
  readonly executor: Pick<OrderExecutor, 'query'>;
  readonly publish: (messages: readonly RealtimeMessage[]) => Promise<void>;
  /** Called when the venue refuses the key: the account should be checked. */
  readonly suspect: (accountId: string) => void;
  /** Called when a stream is live, for the first time or again: pushes may have been missed before. */
  readonly connected?: (accountId: string) => void;
  /** Called when the venue itself closed something of an account: by liquidation, ADL or a delisting. */
  readonly forced?: (accountId: string) => void;
  readonly logger: Logger;
};

type Open = {
  readonly account: TradingAccount;
  readonly customerId: string;
  readonly keyMark: string;
  stream: AccountStream;
};

/**
 * Private streams of the accounts that trade: orders and fills go to the trade book, balances to the accounts' rows. With
 * several workers each account belongs to one of them. When a stream (re)connects, everything unsettled of its account
 * is queried, and what ended lately without the venue's having it, so that a gap hides nothing.
 */
export class AccountStreams {
  readonly #deps: AccountStreamsDeps;
  readonly #open = new Map<string, Open>();

  constructor(deps: AccountStreamsDeps) {
    this.#deps = deps;
  }

  /** Opens and closes streams so that they fit the accounts that follow something and belong to this worker. */
  async reconcile(owns: (accountId: string) => boolean): Promise<void> {
    const accounts = await readTradingAccounts(this.#deps.database.statements);
    const wanted = new Map<string, TradingAccountKey>();
    for (const account of accounts) if (owns(account.id)) wanted.set(account.id, account);
    for (const [id, open] of [...this.#open]) {
      if (wanted.get(id)?.keyMark === open.keyMark) continue;
      this.#open.delete(id);
      await open.stream.close();
    }
    const missing = [...wanted.values()].filter(({ id }) => !this.#open.has(id));
    const tenants = new Set(missing.map(({ tenantId }) => tenantId));
    for (const tenantId of tenants) {
      const own = missing.filter((row) => row.tenantId === tenantId);
      try {
        const db = this.#deps.database.forTenant(tenantId);
        const ids = own.map(({ id }) => id);
        const opened = await openAccounts(db, this.#deps.cipher, tenantId, ids);
        for (const { id, customerId, keyMark } of own) {
          const account = opened.get(id);
          if (account !== undefined) this.#openStream(account, customerId, keyMark);
        }
      } catch (error) {
        // One tenant whose keys cannot be opened must not hold up the others.
        this.#deps.logger.error({ tenant: tenantId, reason: (error as Error).message }, 'streams were not opened');
      }
    }
  }

  /** How many streams are open, and how many of them are live. */
  figures(): { readonly open: number; readonly live: number } {
    const streams = [...this.#open.values()];
    return { open: streams.length, live: streams.filter(({ stream }) => stream.state === 'live').length };
  }

  /** Whether a live stream tells what happens to an account's orders. */
  watches(accountId: string): boolean {
    return this.#open.get(accountId)?.stream.state === 'live';
  }

  async close(): Promise<void> {
    await Promise.all([...this.#open.values()].map(({ stream }) => stream.close()));
    this.#open.clear();
  }

  #openStream(account: TradingAccount, customerId: string, keyMark: string): void {
    try {
      const stream = this.#deps.venue(account.venue).openAccountStream(account.access, {
        onOrder: (update) => this.#onOrder(account, update),
        onBalance: (accountId, balance) => this.#deps.balances.note(account.tenantId, accountId, balance),
        onState: (_accountId, state, reason) => this.#onState(account, customerId, state, reason),
      });
      this.#open.set(account.id, { account, customerId, keyMark, stream });
    } catch (error) {
      this.#deps.logger.warn({ account: account.id, reason: (error as Error).message }, 'no stream for an account');
    }
  }

  #onOrder(account: TradingAccount, update: OrderUpdate): void {
    if (update.cause !== 'order' && Number(update.filledQuantity) > 0) this.#deps.forced?.(account.id);
    if (!OUR_ID.test(update.clientOrderId)) return;
    const fills = update.fill === null ? [] : [update.fill];
    this.#deps.book.report(account.tenantId, { kind: 'venue', tradeId: update.clientOrderId, update, fills });
  }

  #onState(account: TradingAccount, customerId: string, state: StreamState, reason: string | null): void {
    if (state === 'live') {
      this.#deps.connected?.(account.id);
      void this.#fillGap(account);
    }
    if (state === 'down' && reason !== null && isKeyRefusal(reason)) this.#deps.suspect(account.id);
    if (reason !== null) this.#deps.logger.info({ account: account.id, state, reason }, 'account stream');
    const change: AccountChange = {
      accountId: account.id,
      customerId,
      // It says nothing of either.
      health: null,
      healthCode: null,
      equity: null,
      stream: state,
    };
    void this.#deps.publish([
      { room: adminRoom(account.tenantId), event: 'account_update', payload: [change] },
      { room: customerRoom(customerId), event: 'account_update', payload: [change] },
    ]);
  }

  async #fillGap(account: TradingAccount): Promise<void> {
    try {
      const db = this.#deps.database.forTenant(account.tenantId);
      const since = new Date(currentTime() - FILLS_SINCE);
      const unsettled = await readUnsettledOfAccount(db, account.tenantId, account.id);
      const lacking = await readTradesLackingFills(db, account.tenantId, account.id, since);
      for (const trade of [...unsettled, ...lacking.filter(({ status }) => status !== 'partially_filled')]) {
        await this.#deps.executor.query(trade, account);
      }
      await askForEndedOrders(this.#deps, account, currentTime() - ENDED_SINCE, null);
    } catch (error) {
      this.#deps.logger.warn({ account: account.id, reason: (error as Error).message }, 'a gap was not filled yet');
    }
  }
}
