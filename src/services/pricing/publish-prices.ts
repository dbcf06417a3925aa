import type { Redis } from 'ioredis';
import { adminRoom, type RealtimeMessage } from '@/contracts/realtime';
import type { AccountMode } from '@/domain/account-mode';
import { toText } from '@/domain/decimal';
import type { SystemClient } from '@/platform/database/database';
import type { PriceBoard } from './price-board';

/**
 * Redis hash of a mode's last prices: instrument id → { price, at }. The web process shows positions with it. A simulator's prices are
 * not the market's: each mode has its own.
 */
export const pricesKey = (prefix: string, mode: AccountMode): string => `${prefix}:prices:${mode}`;

/** Hands on what changed since the last call: to Redis for the pages' answers, and to the operators' browsers. */
export async function publishPrices(
  board: Pick<PriceBoard, 'takeChanges'>,
  db: Pick<SystemClient, 'tenant'>,
  redis: Pick<Redis, 'hset'>,
  prefix: string,
  publish: (messages: readonly RealtimeMessage[]) => Promise<void>,
): Promise<void> {
  const changes = board.takeChanges();
  if (changes.length === 0) return;
  const fields = new Map<AccountMode, string[]>();
  for (const { venue, mode, symbol, price, at } of changes) {
    const ofMode = fields.get(mode) ?? [];
    ofMode.push(`${venue}:${symbol}`, JSON.stringify({ price: toText(price), at }));
    fields.set(mode, ofMode);
  }
  await Promise.all([...fields].map(([mode, ofMode]) => redis.hset(pricesKey(prefix, mode), ...ofMode)));
  const payload = changes.map(({ mode, symbol, price, at }) => ({ mode, symbol, price: toText(price), at }));
  const tenants = await db.tenant.findMany({ select: { id: true } });
  await publish(tenants.map(({ id }) => ({ room: adminRoom(id), event: 'price_update' as const, payload })));
}
