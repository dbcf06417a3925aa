import type { EndedUnplaced } from '../execution/trade-record';

/** Orders of one tenant that are asked for in one look. */
const AT_ONCE = 200;
/** What could not be asked for in this time is given up, ms: the position watch and a reconnect of its stream ask as well. */
export const ASKED_WITHIN = 180_000;
/** A transaction may become visible so much later than the moment that it wrote, ms. */
const OVERLAP = 30_000;

/**
 * Which orders that ended without the venue's having them are still to be asked for once more. Each is asked for once by each worker
 * that has its account, some of every tenant in turn.
 */
export class OnceMore {
  #lookedTo: number | null = null;
  readonly #waiting = new Map<string, EndedUnplaced & { readonly foundAt: number }>();
  /** By id: when it was asked for. */
  readonly #asked = new Map<string, number>();

  /** From where on ended orders have to be looked for; `now` is epoch ms. */
  since(now: number): Date {
    const earliest = now - ASKED_WITHIN;
    return new Date(this.#lookedTo === null ? earliest : Math.max(earliest, this.#lookedTo - OVERLAP));
  }

  /** Takes down what was found up to `to`, epoch ms, if that was all. */
  found(orders: readonly EndedUnplaced[], to: number, all: boolean): void {
    for (const order of orders) {
      if (this.#asked.has(order.id) || this.#waiting.has(order.id)) continue;
      this.#waiting.set(order.id, { ...order, foundAt: to });
    }
    if (all) this.#lookedTo = to;
    for (const [id, { foundAt }] of this.#waiting) if (to - foundAt > ASKED_WITHIN) this.#waiting.delete(id);
    for (const [id, at] of this.#asked) if (to - at > ASKED_WITHIN + OVERLAP) this.#asked.delete(id);
  }

  /** Whose turn it is: some of each tenant, as far as the account is this worker's. */
  turn(owns: (accountId: string) => boolean): ReadonlyMap<string, readonly string[]> {
    const turns = new Map<string, string[]>();
    for (const { id, tenantId, accountId } of this.#waiting.values()) {
      if (!owns(accountId)) continue;
      const ofTenant = turns.get(tenantId);
      if (ofTenant === undefined) turns.set(tenantId, [id]);
      else if (ofTenant.length < AT_ONCE) ofTenant.push(id);
    }
    return turns;
  }

  /** It was asked for at `now`, epoch ms, and the venue answered. */
  answered(id: string, now: number): void {
    this.#waiting.delete(id);
    this.#asked.set(id, now);
  }
}
