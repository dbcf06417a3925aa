import { type Balance, isWorthWriting } from '@/domain/balance-age';
import { BOUNDS } from '@/domain/bounds';
import { dec, isAbove } from '@/domain/decimal';
import type { Clock } from '@/platform/clock';
import { type BulkColumns, bulkUpdate } from '@/platform/database/bulk';
import type { Database } from '@/platform/database/database';
import type { Logger } from '@/platform/log';

/** Balances are gathered for this long, ms: every fill pushes one. */
const GATHERED_FOR = 1000;

const COLUMNS = {
  id: 'CHAR(32)',
  equity: 'DECIMAL(36,18)',
  available: 'DECIMAL(36,18)',
} as const satisfies BulkColumns;

export type BalanceBookDeps = {
  readonly database: Database;
  readonly clock: Clock;
  readonly logger: Logger;
};

type Written = { readonly balance: Balance; readonly at: number };

/** What this worker's accounts are worth, as their venues last told it: gathered, and written where it is news. */
export class BalanceBook {
  readonly #deps: BalanceBookDeps;
  /** By tenant, then account. */
  #told = new Map<string, Map<string, Balance>>();
  readonly #written = new Map<string, Written>();
  #writing: Promise<void> | null = null;
  readonly #timer: NodeJS.Timeout;

  constructor(deps: BalanceBookDeps) {
    this.#deps = deps;
    this.#timer = setInterval(() => void this.write(), GATHERED_FOR);
    this.#timer.unref();
  }

  /** Takes what a venue told; never fails. */
  note(tenantId: string, accountId: string, balance: Balance): void {
    if (!isPlausible(balance)) {
      // A column would not hold it, and the statement would fail for everybody else.
      this.#deps.logger.error({ account: accountId }, 'a venue told a balance that nobody can have');
      return;
    }
    const written = this.#written.get(accountId);
    const elapsed = written === undefined ? 0 : this.#deps.clock.now() - written.at;
    if (!isWorthWriting(written?.balance ?? null, balance, elapsed)) return;
    let ofTenant = this.#told.get(tenantId);
    if (ofTenant === undefined) {
      ofTenant = new Map();
      this.#told.set(tenantId, ofTenant);
    }
    ofTenant.set(accountId, balance);
  }

  /** Writes what was gathered. What a database that is away does not take is told or asked for again. */
  write(): Promise<void> {
    // A slow database gets the newest balances once it has taken the last ones, not both at once.
    this.#writing ??= this.#writeAll().finally(() => {
      this.#writing = null;
    });
    return this.#writing;
  }

  async close(): Promise<void> {
    clearInterval(this.#timer);
    await this.#writing;
    await this.write();
  }

  async #writeAll(): Promise<void> {
    const told = this.#told;
    this.#told = new Map();
    for (const [tenantId, balances] of told) {
      // In one order in all workers: an account may be told of by two while it changes hands.
      const rows = [...balances].map(([id, balance]) => ({ id, ...balance })).sort((a, b) => (a.id < b.id ? -1 : 1));
      try {
        const db = this.#deps.database.forTenant(tenantId);
        await bulkUpdate(db, 'ExchangeAccount', tenantId, ['id'], COLUMNS, rows, '', [], ['equityAt', 'updatedAt']);
        const at = this.#deps.clock.now();
        for (const [id, balance] of balances) this.#written.set(id, { balance, at });
      } catch (error) {
        this.#deps.logger.warn({ reason: (error as Error).message }, 'balances were not written');
      }
    }
  }
}

/** Debts are possible, but none and no fortune beyond what anybody can own. */
export function isPlausible({ equity, available }: Balance): boolean {
  return [equity, available].every((amount) => !isAbove(dec(amount).abs(), BOUNDS.balance.most));
}
