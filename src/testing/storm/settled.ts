import { setTimeout as delay } from 'node:timers/promises';
import { CREDENTIALS_UNREADABLE } from '@/domain/order-note-text';
import { Prisma } from '@/platform/database/database';
import type { Cast } from './cast';
import type { World } from './world';

/** Everything must be settled this long after the last fault, ms. */
const SETTLE_WITHIN = 180_000;

type Unfinished = Readonly<
  Record<'signals' | 'trades' | 'exits' | 'stop orders' | 'trades without fills' | 'orders at the venue', number>
>;

/** Waits until nothing of a tenant is unfinished any more, at ours and at the venue; false: it is not in time. */
export async function waitSettled(world: World, cast: Cast, log: (line: string) => void): Promise<boolean> {
  const deadline = Date.now() + SETTLE_WITHIN;
  let quiet = 0;
  for (;;) {
    const what = await findUnfinished(world, cast).catch((error: Error) => error);
    if (what instanceof Error) log(`looking failed: ${what.message}`);
    const counts = what instanceof Error ? [] : Object.entries(what).filter(([, count]) => count > 0);
    // Twice in a row: the last reports are written together a moment later.
    quiet = what instanceof Error || counts.length > 0 ? 0 : quiet + 1;
    if (quiet >= 3) return true;
    if (Date.now() > deadline) {
      log(`not settled: ${counts.map(([name, count]) => `${count} ${name}`).join(', ')}`);
      return false;
    }
    await delay(300);
  }
}

async function findUnfinished(world: World, { tenantId, owner }: Cast): Promise<Unfinished> {
  const db = world.database.forTenant(tenantId);
  const count = async (sql: Prisma.Sql): Promise<number> => {
    const [row] = await db.$queryRaw<{ count: bigint }[]>(sql);
    return Number(row?.count ?? 0);
  };
  const { accounts } = await world.ask<{ accounts: { pendingOrders: number }[] }>(`accounts?owner=${owner}`);
  return {
    signals: await db.signal.count({ where: { status: { in: ['received', 'planning', 'dispatching'] } } }),
    trades: await db.trade.count({
      where: {
        status: { in: ['planned', 'unknown', 'live', 'partially_filled'] },
        NOT: [
          { leg: 'stop', status: 'live' },
          // It waits for its key.
          { status: 'unknown', code: CREDENTIALS_UNREADABLE },
        ],
      },
    }),
    exits: await db.positionExit.count({ where: { doneAt: null } }),
    'stop orders': await count(
      Prisma.sql`SELECT COUNT(*) AS count FROM Protection r
        LEFT JOIN Position p ON p.subscriptionId = r.subscriptionId AND p.instrumentId = r.instrumentId AND p.side = r.side
        WHERE r.tenantId = ${tenantId} AND r.open = 1
          AND (r.confirmed = 0 OR r.askedQuantity <> COALESCE(p.quantity, 0))`,
    ),
    'trades without fills': await count(
      Prisma.sql`SELECT COUNT(*) AS count FROM Trade t WHERE tenantId = ${tenantId} AND leg <> 'outside' AND filledQuantity >
        (SELECT COALESCE(SUM(f.quantity), 0) FROM Fill f WHERE f.tradeId = t.id)`,
    ),
    'orders at the venue': accounts.reduce((sum, account) => sum + account.pendingOrders, 0),
  };
}
