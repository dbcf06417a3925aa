import type { TradeLeg } from '@/domain/order-state';
import { hardestSwitch, type SwitchInForce, switchBlocks } from '@/domain/risk/kill-switches';
import type { KillSwitches, KillSwitchLevel, KillSwitchScope } from '@/domain/risk/types';
import { type Database, Prisma } from '@/platform/database/database';

/** Whom an order concerns. */
export type SwitchedOrder = {
  readonly tenantId: string;
  readonly strategyId: string;
  readonly customerId: string;
};

/** The row of the whole installation. */
export const PLATFORM_ROW = 1;

type Row = { scope: KillSwitchScope; id: string; level: KillSwitchLevel };

/**
 * A worker's copy of all kill switches that are on, looked at before every single order. Read from MySQL several times a
 * second, and at once when somebody is heard to have thrown one; the rows are the truth, the copy is at most that old.
 */
export class KillSwitchBoard {
  #on: ReadonlyMap<string, KillSwitchLevel> = new Map();
  #reading: Promise<void> | null = null;

  constructor(readonly database: Pick<Database, 'statements'>) {}

  get platform(): KillSwitchLevel {
    return this.#level('platform', String(PLATFORM_ROW));
  }

  /** Whether a switch stands at this level anywhere. */
  anywhere(level: KillSwitchLevel): boolean {
    return [...this.#on.values()].includes(level);
  }

  /** The hardest switch over an order; null: none. */
  over(order: SwitchedOrder): SwitchInForce | null {
    if (this.#on.size === 0) return null;
    const switches: KillSwitches = {
      platform: this.platform,
      tenant: this.#level('tenant', order.tenantId),
      strategy: this.#level('strategy', order.strategyId),
      customer: this.#level('customer', order.customerId),
    };
    return hardestSwitch(switches);
  }

  /** Whether a planned trade must not leave any more, in the words of its receipt. */
  withheld = (tenantId: string, trade: { strategyId: string; customerId: string; leg: TradeLeg }) => {
    const inForce = this.over({ tenantId, strategyId: trade.strategyId, customerId: trade.customerId });
    if (inForce === null || !switchBlocks(inForce.level, trade.leg === 'open' ? 'open' : 'close')) return null;
    return { code: 'KILL_SWITCH', context: { scope: inForce.scope, level: inForce.level } } as const;
  };

  /** Reads all switches. A call during a read waits for one that started after it. Rejects when MySQL is away. */
  async refresh(): Promise<void> {
    await this.#reading?.catch(() => undefined);
    this.#reading ??= this.#read().finally(() => {
      this.#reading = null;
    });
    await this.#reading;
  }

  async #read(): Promise<void> {
    const on = Prisma.sql`killSwitch IN ('halt', 'reduce_only', 'flatten')`;
    const rows = await this.database.statements.$queryRaw<Row[]>(
      Prisma.sql`SELECT 'platform' AS scope, CAST(id AS CHAR) AS id, killSwitch AS level FROM Platform WHERE ${on}
        UNION ALL SELECT 'tenant', id, killSwitch FROM Tenant WHERE ${on}
        UNION ALL SELECT 'strategy', id, killSwitch FROM Strategy WHERE ${on}
        UNION ALL SELECT 'customer', id, killSwitch FROM Customer WHERE ${on}`,
    );
    this.#on = new Map(rows.map((row) => [`${row.scope}:${row.id}`, row.level]));
  }

  #level(scope: KillSwitchScope, id: string): KillSwitchLevel {
    return this.#on.get(`${scope}:${id}`) ?? 'none';
  }
}
