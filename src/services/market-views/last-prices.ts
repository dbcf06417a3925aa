import { z } from 'zod';
import type { AccountMode } from '@/domain/account-mode';
import { DECIMAL_STRING } from '@/domain/decimal';
import { pricesKey } from '../pricing/publish-prices';
import { parsedJson } from '../view-fields';
import type { WebContext } from '../web-context';

const priceSchema = z.object({ price: z.string().regex(DECIMAL_STRING), at: z.number() });
export type LastPrice = z.infer<typeof priceSchema>;

/** Last prices of one mode by instrument id. */
export type LastPrices = ReadonlyMap<string, LastPrice>;

/** An older price is none: a page must not value a position with it. */
const MAX_AGE_MS = 120_000;

/** A mode's last prices, from one read; those that are missing or old are left out. Never rejects. */
export async function readLastPrices(
  { redis, environment, clock, logger }: Pick<WebContext, 'redis' | 'environment' | 'clock' | 'logger'>,
  mode: AccountMode,
  instrumentIds: readonly string[],
): Promise<LastPrices> {
  const prices = new Map<string, LastPrice>();
  const ids = [...new Set(instrumentIds)];
  if (ids.length === 0) return prices;
  try {
    const values = await redis.hmget(pricesKey(environment.REDIS_PREFIX, mode), ...ids);
    ids.forEach((id, at) => {
      const parsed = priceSchema.safeParse(parsedJson(values[at] ?? null));
      if (parsed.success && clock.now() - parsed.data.at <= MAX_AGE_MS) prices.set(id, parsed.data);
    });
  } catch (error) {
    logger.debug({ reason: (error as Error).message }, 'last prices are away');
  }
  return prices;
}
