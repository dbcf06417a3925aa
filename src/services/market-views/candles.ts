import type { z } from 'zod';
import { type CandlesView, type candleQuerySchema, candlesSchema } from '@/contracts/api/market';
import { AppError } from '@/contracts/envelope';
import type { WebContext } from '../web-context';

const KEPT_SECONDS = 3;

/**
 * Candles of the venue's public market, kept for seconds for all who look at the same chart. Throws NOT_FOUND for an
 * unknown instrument, EXCHANGE_UNAVAILABLE when the venue does not answer.
 */
export async function getCandles(context: WebContext, query: z.output<typeof candleQuerySchema>): Promise<CandlesView> {
  const { venue: venueKey, symbol, interval, limit } = query;
  const [mode] = context.marketModes;
  if (mode === undefined) throw unavailable();
  const key = `${context.environment.REDIS_PREFIX}:candles:${venueKey}:${mode}:${symbol}:${interval}:${limit}`;
  const kept = await readKept(context, key);
  if (kept !== null) return kept;
  const instrument = await context.database.system.instrument.findUnique({
    where: { venue_symbol: { venue: venueKey, symbol } },
    select: { id: true },
  });
  if (instrument === null) throw new AppError('NOT_FOUND', 'There is no such instrument', { field: 'symbol' });
  let view: CandlesView;
  try {
    const venue = await context.venue(venueKey);
    const candles = await venue.market(mode).getCandles(symbol, interval, limit);
    view = {
      symbol,
      interval,
      candles: candles.map(({ openedAt, ...prices }) => ({ openedAt: new Date(openedAt).toISOString(), ...prices })),
    };
  } catch (error) {
    context.logger.warn({ symbol, interval, reason: (error as Error).message }, 'candles were not read');
    throw unavailable();
  }
  await context.redis.set(key, JSON.stringify(view), 'EX', KEPT_SECONDS).catch(() => undefined);
  return view;
}

async function readKept({ redis }: Pick<WebContext, 'redis'>, key: string): Promise<CandlesView | null> {
  try {
    const text = await redis.get(key);
    return text === null ? null : candlesSchema.parse(JSON.parse(text));
  } catch {
    return null;
  }
}

function unavailable(): AppError {
  return new AppError('EXCHANGE_UNAVAILABLE', 'The venue does not answer; try again in a moment', {
    retryAfterSeconds: 3,
  });
}
