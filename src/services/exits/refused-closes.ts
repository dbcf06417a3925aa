import type { PositionSide } from '@/domain/signal';
import { openAccounts } from '../execution/accounts';
import type { TradeListener } from '../execution/trade-book';
import { type ProveDeps, proveHeld } from '../reconciliation/prove-held';
import type { DueExit } from './find-due';

type Refused = {
  readonly customerId: string;
  readonly accountId: string;
  readonly instrumentId: string;
  readonly side: PositionSide;
  /** Looks that said nothing, because something was on its way or the venue did not answer. */
  readonly vain: number;
};

/** Asked in one look, all at once: exits wait for it. */
const AT_ONCE = 32;
/** What says nothing so many times is left to the watch over positions. */
const MOST_LOOKS = 20;

/**
 * Closes that the venue refused although their position has not to go any more: their leader has come back to it. What the venue holds
 * is asked all the same, else the books would keep what is not there, and count it in the next order's size.
 */
export class RefusedCloses {
  readonly #waiting = new Map<string, Refused>();

  hear: TradeListener = (trades) => {
    for (const trade of trades) {
      if (trade.leg !== 'close' || trade.status !== 'rejected' || !('positionSide' in trade)) continue;
      const { customerId, accountId, instrumentId, positionSide: side } = trade;
      this.#waiting.set(keyOf({ accountId, instrumentId, side }), {
        customerId,
        accountId,
        instrumentId,
        side,
        vain: 0,
      });
    }
  };

  get any(): boolean {
    return this.#waiting.size > 0;
  }

  /** Asks about those that are not followed as exits. */
  async ask(deps: ProveDeps, due: Iterable<DueExit>, owns: (accountId: string) => boolean): Promise<void> {
    for (const exit of due) this.#waiting.delete(keyOf(exit));
    const some = [...this.#waiting].slice(0, AT_ONCE);
    const settled = await Promise.all(
      some.map(async ([, refused]) => !owns(refused.accountId) || (await this.#isSettled(deps, refused))),
    );
    for (const [index, [key, refused]] of some.entries()) {
      // Behind the others, should it have to be asked about again.
      this.#waiting.delete(key);
      const vain = refused.vain + 1;
      if (settled[index] !== true && vain < MOST_LOOKS) this.#waiting.set(key, { ...refused, vain });
    }
  }

  async #isSettled(deps: ProveDeps, { customerId, accountId, instrumentId, side }: Refused): Promise<boolean> {
    try {
      const row = await deps.database.system.exchangeAccount.findUnique({
        where: { id: accountId },
        select: { tenantId: true },
      });
      if (row === null) return true;
      const db = deps.database.forTenant(row.tenantId);
      const account = (await openAccounts(db, deps.cipher, row.tenantId, [accountId])).get(accountId);
      if (account === undefined) return true;
      return (await proveHeld(deps, { ...account, customerId }, { instrumentId, side })) !== null;
    } catch (error) {
      deps.logger.warn({ account: accountId, reason: (error as Error).message }, 'a position was not asked for');
      return false;
    }
  }
}

function keyOf({ accountId, instrumentId, side }: Pick<Refused, 'accountId' | 'instrumentId' | 'side'>): string {
  return `${accountId}|${instrumentId}|${side}`;
}
