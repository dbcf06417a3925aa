import { dec, isBelow, isEqual } from '@/domain/decimal';
import type { PositionSide } from '@/domain/signal';
import type { AccountLevel, Venue } from '@/exchanges/port';
import { currentTime } from '@/platform/clock';
import { type Database, Prisma } from '@/platform/database/database';
import type { Logger } from '@/platform/log';
import { setLeverage } from './leverage';
import {
  type AfterSettings,
  type ExecutionLimits,
  type Placeable,
  pause,
  type SettingsTruth,
  type Withheld,
} from './order-executor';
import { SettingsLooks } from './settings-looks';
import { venueSymbol } from './trade-record';
import { unfoldPlans } from './written-plan';

/** An entry waits so long for a venue that does not tell the settings, ms; closes are exits, and tried again anyway. */
const TOLD_WITHIN = 20_000;

/** What is held in this account mode is closed by orders that would open the other side if nothing were held. */
const WITHOUT_REDUCE_ONLY: AccountLevel = 'portfolio';

export type ChangedSettingsDeps = {
  readonly database: Database;
  readonly venue: (key: string) => Venue;
  /** Asks the venue for an account's settings and writes them to its row, telling whom they concern. Answers whether it told. */
  readonly look: (accountId: string) => Promise<boolean>;
  readonly logger: Logger;
};

/**
 * What becomes of an order that the venue refused because of the account's settings. The venue is asked how they stand, once for all
 * orders of an account that were refused by then. Books are flat where the position mode changed, since the venue changes it for nobody
 * who has a position or an order; what is on its way together with the order decides whether it still fits.
 */
export class ChangedSettings implements SettingsTruth {
  readonly #looks: SettingsLooks;

  constructor(readonly deps: ChangedSettingsDeps) {
    this.#looks = new SettingsLooks(deps.look);
  }

  async afterRefusal(item: Placeable, sentAt: number, limits: ExecutionLimits): Promise<AfterSettings> {
    try {
      if (!(await this.#isTold(item, sentAt, limits)) || limits.signal.aborted) return null;
      return await this.#withTruth(item, limits);
    } catch (error) {
      const reason = (error as Error).message;
      this.deps.logger.warn({ account: item.account.id, reason }, 'settings could not be looked at');
      return null;
    }
  }

  /** Whether the venue tells how the settings stand now; an entry asks again while its signal is fresh. */
  async #isTold({ account, trade }: Placeable, sentAt: number, limits: ExecutionLimits): Promise<boolean> {
    const until = trade.leg === 'close' ? 0 : performance.now() + TOLD_WITHIN;
    for (let since = sentAt; ; since = performance.now()) {
      if (await this.#looks.since(account.id, since, (ms) => pause(ms, limits.signal))) return true;
      const isOver = performance.now() > until || currentTime() > limits.freshUntil;
      if (isOver || limits.signal.aborted || !limits.maySend()) return false;
    }
  }

  async #withTruth({ account, ...rest }: Placeable, limits: ExecutionLimits): Promise<AfterSettings> {
    const { trade } = rest;
    const row = await this.deps.database.forTenant(account.tenantId).exchangeAccount.findFirst({
      where: { id: account.id },
      select: { positionMode: true, health: true, accountLevel: true },
    });
    if (row === null) return null;
    const isPlain = trade.leg === 'close' && row.accountLevel === WITHOUT_REDUCE_ONLY && rest.plainClose !== true;
    if (isPlain && row.positionMode === 'net' && account.positionMode === 'net')
      return this.#closePlainly({ account, ...rest });
    // Also where the mode is the same: it may have been another one for a moment, and is tried a few times at most.
    const item = { ...rest, account: { ...account, positionMode: row.positionMode } };
    if (trade.leg === 'close') return { kind: 'again', item };
    if (row.health !== 'healthy') return null;
    const opposed = row.positionMode === 'net' ? await this.#opposed(item) : null;
    const withheld = opposed ?? (await this.#leverAgain(item, limits));
    return withheld === null ? { kind: 'again', item } : { kind: 'withheld', withheld };
  }

  /** What closes without being reduce-only must not be more than is held: the venue is asked right before. */
  async #closePlainly(item: Placeable): Promise<AfterSettings> {
    const { account, trade } = item;
    const positions = await this.deps.venue(account.venue).account(account.access).getPositions();
    const held = positions.find(
      ({ symbol, side, marginMode }) =>
        symbol === venueSymbol(trade.instrumentId) && side === trade.positionSide && marginMode === account.marginMode,
    );
    if (held === undefined || isBelow(dec(held.quantity), trade.quantity)) return null;
    return { kind: 'again', item: { ...item, plainClose: true } };
  }

  /**
   * In net mode an entry must not meet another strategy's on the other side. Of two that are on their way the one that was written first
   * goes on.
   */
  async #opposed({ account, trade }: Placeable): Promise<Withheld | null> {
    const { statements } = this.deps.database;
    const { tenantId } = account;
    await unfoldPlans(statements, tenantId);
    const heldSide: PositionSide = trade.positionSide === 'long' ? 'short' : 'long';
    const [other] = await statements.$queryRaw<{ quantity: string }[]>(
      Prisma.sql`SELECT CAST(quantity AS CHAR) AS quantity FROM Position
          WHERE tenantId = ${tenantId} AND accountId = ${account.id} AND instrumentId = ${trade.instrumentId}
            AND side = ${heldSide} AND quantity > 0
        UNION ALL SELECT CAST(quantity AS CHAR) FROM Trade
          WHERE tenantId = ${tenantId} AND accountId = ${account.id} AND instrumentId = ${trade.instrumentId}
            AND positionSide = ${heldSide} AND leg = 'open'
            AND (status IN ('unknown', 'live', 'partially_filled') OR (status = 'planned' AND id < ${trade.id}))
        LIMIT 1`,
    );
    if (other === undefined) return null;
    const symbol = venueSymbol(trade.instrumentId);
    const quantity = String(Number(other.quantity));
    return { code: 'OPPOSITE_POSITION', context: { holder: 'other', symbol, heldSide, quantity } };
  }

  /** The other position mode may stand at another leverage. */
  async #leverAgain(item: Placeable, limits: ExecutionLimits): Promise<Withheld | null> {
    const venue = this.deps.venue(item.account.venue);
    const levered = await setLeverage(item, venue, () => limits.freshUntil, limits);
    if (levered.kind === 'set') return null;
    if (levered.kind === 'withheld') return levered.withheld;
    if (levered.kind === 'failed') return { code: `LEVERAGE_${levered.code}`, context: {} };
    if (isEqual(levered.leverage, item.trade.leverage)) return null;
    const { leverage, trade, account } = { ...levered, ...item };
    return {
      code: 'LEVERAGE_FIXED',
      context: { leverage: leverage.toFixed(), wanted: trade.leverage.toFixed(), venue: account.venue },
    };
  }
}
