import type { PositionSide } from '@/domain/signal';
import { saysLessIsHeld } from '../execution/position-refusal';
import type { TradeListener } from '../execution/trade-book';
import { type ProveDeps, proveHeld } from '../reconciliation/prove-held';
import { askByPosition, positionKey } from './ask-venue';
import type { DueExit } from './find-due';

type Refused = {
  readonly customerId: string;
  readonly accountId: string;
  readonly instrumentId: string;
  readonly side: PositionSide;
  readonly saidSo: boolean;
  /** Looks that said nothing, because something was on its way or the venue did not answer. */
  readonly vain: number;
};

/** Asked about in one look. */
const AT_ONCE = 32;
/** What says nothing so many times is left to the watch over positions. */
const MOST_LOOKS = 20;

/**
 * Closes that the venue refused although their position has not to go any more: their leader has come back to it. What the venue holds
 * is asked all the same, else the books would keep what is not there, and count it in the next order's size.
 */
export class RefusedCloses {
  readonly #waiting = new Map<string, Refused>();
  #asking: Promise<void> | null = null;

  hear: TradeListener = (trades) => {
    for (const trade of trades) {
      if (trade.leg !== 'close' || trade.status !== 'rejected' || !('positionSide' in trade)) continue;
      const { customerId, accountId, instrumentId, positionSide: side, code } = trade;
      const saidSo = code !== null && saysLessIsHeld(code);
      const refused = { customerId, accountId, instrumentId, side, saidSo, vain: 0 };
      this.#waiting.set(positionKey(refused), refused);
    }
  };

  /** Begins to ask about those that are not followed as exits, which wait for nobody here. Resolves when it is done; never rejects. */
  ask(deps: ProveDeps, due: Iterable<DueExit>, owns: (accountId: string) => boolean): Promise<void> {
    for (const exit of due) this.#waiting.delete(positionKey(exit));
    if (this.#waiting.size === 0) return this.#asking ?? Promise.resolve();
    this.#asking ??= this.#ask(deps, owns)
      .catch((error: Error) => deps.logger.warn({ reason: error.message }, 'refused closes were not asked about'))
      .finally(() => {
        this.#asking = null;
      });
    return this.#asking;
  }

  async #ask(deps: ProveDeps, owns: (accountId: string) => boolean): Promise<void> {
    const some = [...this.#waiting].slice(0, AT_ONCE);
    // One that is refused again meanwhile is asked about again.
    for (const [key] of some) this.#waiting.delete(key);
    const own = some.flatMap(([, refused]) => (owns(refused.accountId) ? refused : []));
    const accounts = await deps.database.system.exchangeAccount.findMany({
      where: { id: { in: own.map(({ accountId }) => accountId) } },
      select: { id: true, tenantId: true },
    });
    const tenants = new Map(accounts.map(({ id, tenantId }) => [id, tenantId]));
    const known = own.flatMap((refused) => {
      const tenantId = tenants.get(refused.accountId);
      return tenantId === undefined ? [] : { ...refused, tenantId };
    });
    await askByPosition(deps, known, async (account, [refused]) => {
      if (refused === undefined || (await isSettled(deps, account, refused))) return;
      const key = positionKey(refused);
      const vain = refused.vain + 1;
      if (vain < MOST_LOOKS && !this.#waiting.has(key)) this.#waiting.set(key, { ...refused, vain });
    });
  }
}

async function isSettled(
  deps: ProveDeps,
  account: Parameters<typeof proveHeld>[1],
  refused: Refused,
): Promise<boolean> {
  try {
    return (await proveHeld(deps, account, refused)) !== null;
  } catch (error) {
    deps.logger.warn({ account: account.id, reason: (error as Error).message }, 'a position was not asked for');
    return false;
  }
}
