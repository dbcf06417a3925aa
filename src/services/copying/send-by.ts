import { Prisma, type TenantClient } from '@/platform/database/database';
import { Together } from '@/platform/together';
import type { Claim } from './claim';

/** Most trades in one statement: bounds the locks and the statement's size. */
const AT_ONCE = 500;

type Extension = { readonly tradeId: string; readonly sendBy: number };

/**
 * Moves the moments until which the venue may accept trades, in their rows, before requests that rely on them are made. Only
 * while a trade is still to be placed and the claim is ours. When a thousand orders have waited too long, they ask together.
 */
export class SendByRows {
  readonly #together: Together<Extension, boolean>;

  constructor(
    readonly db: Pick<TenantClient, '$executeRaw' | '$queryRaw'>,
    readonly claim: Claim,
  ) {
    this.#together = new Together(async (batch) => {
      const ours = await this.#write(batch);
      return batch.map(({ tradeId }) => ours.has(tradeId));
    }, AT_ONCE);
  }

  /** Answers false when the trade is no longer ours to send. Rejects when the row could not be written. */
  extend(tradeId: string, sendBy: number): Promise<boolean> {
    return this.#together.add({ tradeId, sendBy });
  }

  async #write(batch: readonly Extension[]): Promise<ReadonlySet<string>> {
    const { tenantId, token } = this.claim;
    const ids = batch.map(({ tradeId }) => tradeId).sort();
    // A later moment than a request's own is as true: the venue cannot have it after that either.
    const sendBy = new Date(Math.max(...batch.map((one) => one.sendBy)));
    const ours = Prisma.sql`t.tenantId = ${tenantId} AND t.id IN (${Prisma.join(ids)})
      AND t.status IN ('planned', 'unknown') AND s.claimToken = ${token} AND s.status IN ('planning', 'dispatching')`;
    const changed = await this.db.$executeRaw(
      Prisma.sql`UPDATE Trade t JOIN \`Signal\` s ON s.id = t.signalId
        SET t.sendBy = ${sendBy}, t.updatedAt = ${new Date()} WHERE ${ours}`,
    );
    if (changed === ids.length) return new Set(ids);
    const rows = await this.db.$queryRaw<{ id: string }[]>(
      Prisma.sql`SELECT t.id FROM Trade t JOIN \`Signal\` s ON s.id = t.signalId WHERE ${ours} AND t.sendBy >= ${sendBy}`,
    );
    return new Set(rows.map(({ id }) => id));
  }
}
