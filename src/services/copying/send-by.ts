import { Prisma, type TenantClient } from '@/platform/database/database';
import { retryTransaction } from '@/platform/database/retry';
import type { Claim } from './claim';

/** Most trades in one statement: bounds the locks and the statement's size. */
const AT_ONCE = 500;

type Waiting = {
  readonly tradeId: string;
  readonly sendBy: number;
  readonly resolve: (ours: boolean) => void;
  readonly reject: (error: Error) => void;
};

/**
 * Moves the moments until which the venue may accept trades, in their rows, before requests that rely on them are made. Only
 * while a trade is still to be placed and the claim is ours. When a thousand orders have waited too long, they ask together:
 * what is asked for while a statement runs goes into the next one.
 */
export class SendByRows {
  #waiting: Waiting[] = [];
  #running = false;

  constructor(
    readonly db: Pick<TenantClient, '$executeRaw' | '$queryRaw'>,
    readonly claim: Claim,
  ) {}

  /** Answers false when the trade is no longer ours to send. Rejects when the row could not be written. */
  extend(tradeId: string, sendBy: number): Promise<boolean> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ tradeId, sendBy, resolve, reject });
      if (this.#running) return;
      this.#running = true;
      setImmediate(() => void this.#run());
    });
  }

  async #run(): Promise<void> {
    while (this.#waiting.length > 0) {
      const batch = this.#waiting.splice(0, AT_ONCE);
      try {
        const ours = await this.#write(batch);
        for (const { tradeId, resolve } of batch) resolve(ours.has(tradeId));
      } catch (error) {
        for (const { reject } of batch) reject(error as Error);
      }
    }
    this.#running = false;
  }

  async #write(batch: readonly Waiting[]): Promise<ReadonlySet<string>> {
    const { tenantId, token } = this.claim;
    const ids = batch.map(({ tradeId }) => tradeId).sort();
    // A later moment than a request's own is as true: the venue cannot have it after that either.
    const sendBy = new Date(Math.max(...batch.map((one) => one.sendBy)));
    const ours = Prisma.sql`t.tenantId = ${tenantId} AND t.id IN (${Prisma.join(ids)})
      AND t.status IN ('planned', 'unknown') AND s.claimToken = ${token} AND s.status IN ('planning', 'dispatching')`;
    const changed = await retryTransaction(() =>
      this.db.$executeRaw(
        Prisma.sql`UPDATE Trade t JOIN \`Signal\` s ON s.id = t.signalId
          SET t.sendBy = ${sendBy}, t.updatedAt = ${new Date()} WHERE ${ours}`,
      ),
    );
    if (changed === ids.length) return new Set(ids);
    const rows = await this.db.$queryRaw<{ id: string }[]>(
      Prisma.sql`SELECT t.id FROM Trade t JOIN \`Signal\` s ON s.id = t.signalId WHERE ${ours} AND t.sendBy >= ${sendBy}`,
    );
    return new Set(rows.map(({ id }) => id));
  }
}
