import { z } from 'zod';
import type { AccountMode } from '@/domain/account-mode';
import { TRADE_LEGS, TRADE_STATUSES } from '@/domain/order-state';
import { signalCountsSchema } from './api/copying';

/**
 * What is pushed to browsers. Rooms: `tenant:<id>:admins` for operators, `customer:<id>` for one customer.
 * Every event carries a cursor; a client that was away sends its last cursor and gets what it missed, or `resync`
 * when that is too long ago, which means: fetch your lists again.
 */
export const tradeChangeSchema = z.object({
  id: z.string(),
  signalId: z.string(),
  subscriptionId: z.string(),
  customerId: z.string(),
  strategyId: z.string(),
  symbol: z.string(),
  leg: z.enum(TRADE_LEGS),
  side: z.enum(['buy', 'sell']),
  status: z.enum(TRADE_STATUSES),
  code: z.string().nullable(),
  quantity: z.string(),
  filledQuantity: z.string(),
  averagePrice: z.string().nullable(),
});
export type TradeChange = z.infer<typeof tradeChangeSchema>;

export const signalChangeSchema = z.object({
  id: z.string(),
  sourceId: z.string(),
  symbol: z.string(),
  status: z.string(),
  counts: signalCountsSchema.nullable(),
});
export type SignalChange = z.infer<typeof signalChangeSchema>;

export const positionChangeSchema = z.object({
  subscriptionId: z.string(),
  customerId: z.string(),
  strategyId: z.string(),
  symbol: z.string(),
  side: z.enum(['long', 'short']),
  quantity: z.string(),
  averagePrice: z.string(),
  realizedPnl: z.string(),
});
export type PositionChange = z.infer<typeof positionChangeSchema>;

export const accountChangeSchema = z.object({
  accountId: z.string(),
  customerId: z.string(),
  /** Null: it and its code are as they were. */
  health: z.string().nullable(),
  healthCode: z.string().nullable(),
  equity: z.string().nullable(),
  stream: z.enum(['connecting', 'live', 'down']).nullable(),
});
export type AccountChange = z.infer<typeof accountChangeSchema>;

export const killSwitchChangeSchema = z.object({
  scope: z.enum(['platform', 'tenant', 'strategy', 'customer']),
  /** Null for the platform. */
  id: z.string().nullable(),
  level: z.enum(['none', 'halt', 'reduce_only', 'flatten']),
});
export type KillSwitchChange = z.infer<typeof killSwitchChangeSchema>;

export const driftChangeSchema = z.object({
  id: z.string(),
  accountId: z.string(),
  customerId: z.string(),
  symbol: z.string(),
  side: z.enum(['long', 'short']),
  kind: z.enum(['missing', 'extra', 'ghost', 'size']),
  resolved: z.boolean(),
});
export type DriftChange = z.infer<typeof driftChangeSchema>;

/** Something about exits that are due has changed: their lists are to be fetched again. */
export type ExitChange = { readonly changed: number };

/** Event name → payload. Changes come in arrays: one message carries all that one flush of the worker changed in a room. */
export type RealtimeEvents = {
  signal_received: SignalChange;
  signal_update: SignalChange;
  order_submitted: TradeChange[];
  order_filled: TradeChange[];
  order_failed: TradeChange[];
  position_update: PositionChange[];
  account_update: AccountChange[];
  kill_switch_update: KillSwitchChange;
  drift_update: DriftChange[];
  exit_update: ExitChange;
  price_update: { mode: AccountMode; symbol: string; price: string; at: number }[];
};
export type RealtimeEventName = keyof RealtimeEvents;

export type RealtimeMessage<K extends RealtimeEventName = RealtimeEventName> = {
  readonly room: string;
  readonly event: K;
  readonly payload: RealtimeEvents[K];
};

export const adminRoom = (tenantId: string): string => `tenant:${tenantId}:admins`;
export const customerRoom = (customerId: string): string => `customer:${customerId}`;
