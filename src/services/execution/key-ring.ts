import type { AccountMode } from '@/domain/account-mode';
import type { MarginMode, PositionMode } from '@/exchanges/port';
import type { Cipher } from '@/platform/cipher';
import type { TenantClient } from '@/platform/database/database';
import { openAccounts, type TradingAccount } from './accounts';

/** An account as planning read it. */
export type AccountToOpen = {
  readonly id: string;
  readonly venue: string;
  readonly mode: AccountMode;
  readonly marginMode: MarginMode;
  readonly positionMode: PositionMode;
  /** Says when the sealed key has become another one. */
  readonly keyMark: string;
};

type Kept = {
  readonly keyMark: string;
  readonly access: TradingAccount['access'];
  usedAt: number;
  /** As it was given out last: accounts seldom change. */
  ready: TradingAccount | null;
};

/** A key that nobody needed for so long is forgotten, ms. */
const KEPT_FOR = 10 * 60_000;

/**
 * Keys of accounts that trade, opened once and kept for some minutes: opening a thousand of them takes as long as signing
 * a few hundred orders. In a worker's memory only, where the accounts' private streams hold the same keys anyway.
 */
export class KeyRing {
  readonly #kept = new Map<string, Kept>();
  readonly #timer: NodeJS.Timeout;

  constructor(
    readonly cipher: Cipher,
    readonly now: () => number = Date.now,
  ) {
    this.#timer = setInterval(() => this.forgetUnused(), KEPT_FOR / 10);
    this.#timer.unref();
  }

  /** How many keys are held. */
  get size(): number {
    return this.#kept.size;
  }

  /** Accounts ready to sign with, by id. An account whose key does not open is left out. */
  async open(
    db: TenantClient,
    tenantId: string,
    accounts: readonly AccountToOpen[],
  ): Promise<ReadonlyMap<string, TradingAccount>> {
    const now = this.now();
    const missing = accounts.filter(({ id, keyMark }) => this.#kept.get(id)?.keyMark !== keyMark);
    if (missing.length > 0) {
      const ids = [...new Set(missing.map(({ id }) => id))];
      const opened = await openAccounts(db, this.cipher, tenantId, ids);
      for (const { id, keyMark } of missing) {
        const account = opened.get(id);
        if (account === undefined) this.#kept.delete(id);
        else this.#kept.set(id, { keyMark, access: account.access, usedAt: now, ready: null });
      }
    }
    const ready = new Map<string, TradingAccount>();
    for (const account of accounts) {
      const kept = this.#kept.get(account.id);
      if (kept === undefined) continue;
      kept.usedAt = now;
      kept.ready = readyFor(tenantId, account, kept);
      ready.set(account.id, kept.ready);
    }
    return ready;
  }

  forgetUnused(): void {
    const before = this.now() - KEPT_FOR;
    for (const [id, { usedAt }] of this.#kept) if (usedAt < before) this.#kept.delete(id);
  }

  close(): void {
    clearInterval(this.#timer);
    this.#kept.clear();
  }
}

function readyFor(tenantId: string, account: AccountToOpen, { access, ready }: Kept): TradingAccount {
  const { id, venue, mode, marginMode, positionMode } = account;
  const isAsBefore =
    ready !== null &&
    ready.tenantId === tenantId &&
    ready.venue === venue &&
    ready.mode === mode &&
    ready.marginMode === marginMode &&
    ready.positionMode === positionMode;
  if (isAsBefore) return ready;
  return {
    id,
    tenantId,
    venue,
    mode,
    marginMode,
    positionMode,
    access: access.mode === mode ? access : { ...access, mode },
  };
}
