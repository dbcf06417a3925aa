import { z } from 'zod';
import { INSTRUMENT_STATES } from '@/domain/listing';
import { decimalSchema, timeSchema } from './common';

export const instrumentSchema = z.object({
  id: z.string(),
  venue: z.string(),
  symbol: z.string(),
  baseCurrency: z.string(),
  quoteCurrency: z.string(),
  settleCurrency: z.string(),
  /** Base coins in one contract. */
  contractValue: decimalSchema,
  lotSize: decimalSchema,
  minSize: decimalSchema,
  tickSize: decimalSchema,
  maxLeverage: decimalSchema,
  /** Whether something new may be opened. What is held can be left in any state, once the venue takes it. */
  tradable: z.boolean(),
  state: z.enum(INSTRUMENT_STATES),
  /** When the venue ends it; null: it names no end. */
  endsAt: timeSchema.nullable(),
  /** Null while no price is known. */
  price: decimalSchema.nullable(),
  priceAt: timeSchema.nullable(),
});
export type InstrumentView = z.infer<typeof instrumentSchema>;
export const instrumentQuerySchema = z.object({
  venue: z.string().max(20).optional(),
  /** Part of the symbol. */
  search: z.string().trim().max(40).optional(),
  cursor: z.string().max(200).optional(),
  limit: z.coerce.number().int().min(1).max(1000).default(200),
});

export const CANDLE_INTERVALS = ['1m', '5m', '15m', '1h', '4h', '1d'] as const;
export const candleQuerySchema = z.object({
  venue: z.string().max(20).default('okx'),
  symbol: z.string().regex(/^[A-Z0-9-]{3,40}$/, 'must be the symbol of an instrument'),
  interval: z.enum(CANDLE_INTERVALS).default('15m'),
  limit: z.coerce.number().int().min(1).max(300).default(200),
});
export const candleSchema = z.object({
  openedAt: timeSchema,
  open: decimalSchema,
  high: decimalSchema,
  low: decimalSchema,
  close: decimalSchema,
  /** Contracts. */
  volume: decimalSchema,
});
/** Oldest first. */
export const candlesSchema = z.object({ symbol: z.string(), interval: z.string(), candles: z.array(candleSchema) });
export type CandlesView = z.infer<typeof candlesSchema>;
