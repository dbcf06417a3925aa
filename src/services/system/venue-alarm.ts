import type { BreakerView } from '@/exchanges/port';
import type { Database, Transaction } from '@/platform/database/database';
import { queueVenueOutage } from '../notifications/queue';

/** An outage is told when it has lasted this long, ms: shorter ones pass without anybody's doing. */
const TOLD_AFTER = 10_000;

/** Tells the tenants that trade at a venue when it is gone for long, and when it is back. */
export class VenueAlarm {
  /** The outages that were told and last, by venue and mode. */
  readonly #told = new Map<string, BreakerView>();

  constructor(readonly database: Pick<Database, 'system' | 'forTenant'>) {}

  /** Call it again and again. Rejects when the database is away, and then tells it next time. */
  async look(breakers: readonly BreakerView[], now: number): Promise<void> {
    for (const breaker of breakers) {
      const { venue, mode, state, lastFailure: failure } = breaker;
      const key = `${venue}:${mode}`;
      const told = this.#told.get(key);
      if (state !== 'closed' && told === undefined && now - breaker.since >= TOLD_AFTER) {
        await this.#tell({ venue, mode, state: 'gone', since: breaker.since, failure, at: now });
        this.#told.set(key, breaker);
      } else if (state === 'closed' && told !== undefined) {
        await this.#tell({ venue, mode, state: 'back', since: told.since, failure, at: breaker.since });
        this.#told.delete(key);
      }
    }
  }

  async #tell(told: Parameters<typeof queueVenueOutage>[2]): Promise<void> {
    const { venue, mode } = told;
    const accounts = await this.database.system.exchangeAccount.findMany({
      where: { venue, mode, subscriptions: { some: { status: { not: 'ended' } } } },
      distinct: ['tenantId'],
      select: { tenantId: true },
    });
    for (const { tenantId } of accounts) {
      await this.database
        .forTenant(tenantId)
        .$transaction((tx) => queueVenueOutage(tx as unknown as Transaction, tenantId, told));
    }
  }
}
