import type { AccountMode } from '@/domain/account-mode';
import { currentTime } from '@/platform/clock';
import { Prisma, type TenantClient } from '@/platform/database/database';
import { Together } from '@/platform/together';
import type { ExecutorDeps } from '../execution/order-executor';
import type { Claim } from './claim';

/** Until when the venue of an account in this mode may take an order that is decided now, epoch ms by its clock. */
export type SendByOf = (mode: AccountMode) => number;

/** From now on as long as one request is good for; long over where a venue has not told its time yet: it is set before the request. */
export function sendByOf({ venue, timings }: Pick<ExecutorDeps, 'venue' | 'timings'>, key: string): SendByOf {
  const known = new Map<AccountMode, number>();
  return (mode) => {
    let sendBy = known.get(mode);
    if (sendBy === undefined) {
      const now = venue(key).clock(mode).now();
      sendBy = now === null ? 0 : now + timings.sendWindow;
      known.set(mode, sendBy);
    }
    return sendBy;
  };
}

/** Most trades in one statement: bounds the locks and the statement's size. */
const AT_ONCE = 500;

/** Moments that are no further apart than this are written as one, ms: venues whose clocks differ more are written apart. */
const ALIKE = 1000;

/** `sendBy`: epoch ms by the venue's clock. */
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
      const ours = new Set<string>();
      for (const group of alike(batch)) for (const tradeId of await this.#write(group)) ours.add(tradeId);
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
        SET t.sendBy = ${sendBy}, t.updatedAt = ${new Date(currentTime())} WHERE ${ours}`,
    );
    if (changed === ids.length) return new Set(ids);
    const rows = await this.db.$queryRaw<{ id: string }[]>(
      Prisma.sql`SELECT t.id FROM Trade t JOIN \`Signal\` s ON s.id = t.signalId WHERE ${ours} AND t.sendBy >= ${sendBy}`,
    );
    return new Set(rows.map(({ id }) => id));
  }
}

/** Extensions by their moments. */
function alike(batch: readonly Extension[]): readonly (readonly Extension[])[] {
  const groups: [Extension, ...Extension[]][] = [];
  for (const one of [...batch].sort((a, b) => a.sendBy - b.sendBy)) {
    const last = groups.at(-1);
    if (last !== undefined && one.sendBy - last[0].sendBy <= ALIKE) last.push(one);
    else groups.push([one]);
  }
  return groups;
}
