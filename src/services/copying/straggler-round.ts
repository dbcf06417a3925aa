import type { Straggler } from '../execution/trade-record';

/** Stragglers of one tenant in one look. */
const AT_ONCE = 200;
/** Resting orders that no stream tells of are asked for this often, ms. */
const RESTING_EVERY = 10_000;
/** Trades that lack fills are looked for this often, ms: each look goes through all that was traded since the last one. */
const FILLS_EVERY = 15_000;
/** Fills are looked for this long after the last news of their trade, ms; what is older is found when its stream opens. */
export const FILLS_WITHIN = 15 * 60_000;
/** A transaction may become visible so much later than the moment that it wrote, ms: as long as it may take. */
const OVERLAP = 30_000;

type LackingFills = { readonly tenantId: string; readonly accountId: string };

/**
 * Whose turn it is among what is asked for again and again. Each look takes the next ones, so that orders that cannot be asked
 * for (a key that does not open, a venue that is gone for one account) keep nobody else waiting; and what was looked through for
 * missing fills is not looked through again.
 */
export class StragglerRound {
  /** By tenant: the last trade that was taken. */
  readonly #last = new Map<string, string>();
  #restingAt = 0;
  #resting = false;
  #fillsTo: number | null = null;
  #fillsAt = 0;
  #fillsDue = false;
  /** By account. */
  readonly #lacking = new Map<string, LackingFills & { readonly foundAt: number }>();

  /** @param isWatched whether a live stream tells what happens to an account's orders */
  constructor(readonly isWatched: (accountId: string) => boolean = () => true) {}

  /** Begins a look at `now`, epoch ms. */
  begin(now: number): void {
    this.#resting = now - this.#restingAt >= RESTING_EVERY;
    if (this.#resting) this.#restingAt = now;
    this.#fillsDue = now - this.#fillsAt >= FILLS_EVERY;
    if (this.#fillsDue) this.#fillsAt = now;
  }

  /** The trades whose turn it is, of one tenant's stragglers in any order. */
  turn(tenantId: string, stragglers: readonly Straggler[]): readonly string[] {
    const ids = stragglers
      .filter((straggler) => this.#concerns(straggler))
      .map(({ id }) => id)
      .sort();
    const last = this.#last.get(tenantId) ?? '';
    const start = Math.max(
      0,
      ids.findIndex((id) => id > last),
    );
    const taken = [...ids.slice(start), ...ids.slice(0, start)].slice(0, AT_ONCE);
    const end = taken.at(-1);
    if (end === undefined) this.#last.delete(tenantId);
    else this.#last.set(tenantId, end);
    return taken;
  }

  /** An order that rests by intention is its stream's business, unless there is none. */
  #concerns({ accountId, status, orderType }: Straggler): boolean {
    const rests = orderType === 'limit' && (status === 'live' || status === 'partially_filled');
    return !rests || (this.#resting && !this.isWatched(accountId));
  }

  /** From where on trades have to be looked through for missing fills; null: not in this look. */
  fillsSince(now: number): Date | null {
    if (!this.#fillsDue) return null;
    const earliest = now - FILLS_WITHIN;
    return new Date(this.#fillsTo === null ? earliest : Math.max(earliest, this.#fillsTo - OVERLAP));
  }

  /** Takes down what was found up to `to`, epoch ms, if that was all; answers the accounts that still lack fills. */
  lackingFills(found: readonly LackingFills[], to: number, all: boolean): readonly LackingFills[] {
    if (all) this.#fillsTo = to;
    for (const account of found) this.#lacking.set(account.accountId, { ...account, foundAt: to });
    for (const [accountId, { foundAt }] of this.#lacking) {
      if (to - foundAt > FILLS_WITHIN) this.#lacking.delete(accountId);
    }
    return [...this.#lacking.values()];
  }

  fillsComplete(accountId: string): void {
    this.#lacking.delete(accountId);
  }
}
