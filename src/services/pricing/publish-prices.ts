import type { Redis } from 'ioredis';
import { adminRoom, type RealtimeMessage } from '@/contracts/realtime';
import { toText } from '@/domain/decimal';
import type { SystemClient } from '@/platform/database/database';
import type { PriceBoard } from './price-board';

/** Redis hash of the last prices: instrument id → { price, at }. The web process shows positions with it. */
export const pricesKey = (prefix: string): string => `${prefix}:prices`;

/** Real prices stand before simulated ones where both are known. */
const RANK = { live: 0, demo: 1, simulated: 2 } as const;

/** Hands on what changed since the last call: to Redis for the pages' answers, and to the operators' browsers. */
export async function publishPrices(
  board: PriceBoard,
  db: SystemClient,
  redis: Redis,
  prefix: string,
  publish: (messages: readonly RealtimeMessage[]) => Promise<void>,
): Promise<void> {
  const changes = board.takeChanges().sort((a, b) => RANK[b.mode] - RANK[a.mode]);
  if (changes.length === 0) return;
  const best = new Map(changes.map((change) => [`${change.venue}:${change.symbol}`, change]));
  const fields = [...best].flatMap(([id, { price, at }]) => [id, JSON.stringify({ price: toText(price), at })]);
  await redis.hset(pricesKey(prefix), ...fields);
  const payload = [...best.values()].map(({ symbol, price, at }) => ({ symbol, price: toText(price), at }));
  const tenants = await db.tenant.findMany({ select: { id: true } });
  await publish(tenants.map(({ id }) => ({ room: adminRoom(id), event: 'price_update' as const, payload })));
}
