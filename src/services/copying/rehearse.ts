import { dec } from '@/domain/decimal';
import { Prisma } from '@/platform/database/database';
import { newId } from '@/platform/ids';
import type { CopyDeps } from './copy-deps';
import { endOfSlice } from './follower-order';
import { accountsOf, readFollowers } from './followers';
import { planSignal, toPlannedStrategy } from './plan';
import { rehearseWriting } from './write-ahead';

/** Rounds, and the time for them, ms: the compiler has seen everything often enough by then to have made it fast. */
const ROUNDS = 40;
const WITHIN = 1000;

/**
 * Reads, decides and opens keys as for a signal, and throws the plan away. Run once at a worker's start, so that the first real
 * signal does not pay for cold code, cold connections and cold caches. Writes nothing and sends nothing.
 */
export async function rehearse(
  deps: Pick<CopyDeps, 'database' | 'keys' | 'instruments' | 'slices' | 'logger'>,
): Promise<void> {
  const strategy = await deps.database.system.strategy.findFirst({
    where: { status: 'active', subscriptions: { some: { status: 'active' } } },
    include: { signalSource: true },
  });
  const [instrument] = strategy === null ? [] : deps.instruments.tradable(strategy.signalSource.venue);
  if (strategy === null || instrument === undefined) return;
  const { tenantId, signalSource } = strategy;
  const db = deps.database.forTenant(tenantId);
  const { statements } = deps.database;
  const crowd = { tenantId, strategyIds: [strategy.id], ended: false };
  const range = { after: null, upTo: await endOfSlice(statements, crowd, null, deps.slices.most) };
  const started = Date.now();
  for (let round = 0; round < ROUNDS && Date.now() - started < WITHIN; round += 1) {
    const now = Date.now();
    const followers = await readFollowers(statements, { ...crowd, range, instrument, now });
    const plan = planSignal({
      now,
      intent: {
        symbol: instrument.symbol,
        action: 'open',
        side: 'long',
        size: { unit: 'contracts', value: '1' },
        orderType: 'market',
        limitPrice: null,
        referencePrice: null,
        leverage: null,
        stopPrice: null,
        sentAt: now,
        maxLagMs: null,
        idempotencyKey: null,
      },
      maxLagMs: 60_000,
      instrument,
      book: { side: null, quantity: '0' },
      leaderEquity: dec(signalSource.leaderEquity.toString()),
      strategies: [toPlannedStrategy(strategy)],
      followers,
      tenantKillSwitch: 'none',
      platformKillSwitch: 'none',
      protected: new Set(),
      resting: new Set(),
      prices: new Map([
        ['simulated', dec(100)],
        ['demo', dec(100)],
        ['live', dec(100)],
      ]),
    });
    const written = plan.ok ? rehearseWriting(newId(now), instrument.id, plan, now) : '';
    // It travels as it would to be written.
    await statements.$queryRaw(Prisma.sql`SELECT LENGTH(${written}) AS length`);
    await deps.keys.open(db, tenantId, accountsOf(followers));
  }
  deps.logger.info({ ms: Date.now() - started }, 'rehearsed');
}
