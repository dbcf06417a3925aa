import { z } from 'zod';
import { decimalSchema, idSchema, timeSchema } from './common';
import { positionSchema, signalSchema, subscriptionSchema, tradeSchema } from './copying';
import { customerSchema, exchangeAccountSchema } from './people';

/** Minutes east of UTC of the reader's clock: decides where a day begins. */
const utcOffsetSchema = z.coerce.number().int().min(-840).max(840).default(0);

export const ATTENTION_KINDS = [
  'account_failing',
  'account_limited',
  'exit_due',
  'trades_unknown',
  'signal_rejected',
  'message_rejected',
] as const;
export const attentionSchema = z.object({
  kind: z.enum(ATTENTION_KINDS),
  /** Id of the account, signal, signal source, or of one of the subscriptions whose positions have to go. */
  subjectId: idSchema,
  /** Account label, instrument, or signal source. */
  title: z.string(),
  /** Whom it concerns, the first by name where there are several; null: nobody in particular. */
  customer: z.object({ id: idSchema, name: z.string() }).nullable(),
  /** How many customers it concerns. */
  customers: z.number().int(),
  code: z.string().nullable(),
  /** The venue's words for a code of its own. */
  message: z.string().nullable(),
  count: z.number().int(),
  at: timeSchema,
});

export const dashboardDaySchema = z.object({
  /** YYYY-MM-DD on the reader's clock. */
  day: z.iso.date(),
  signals: z.number().int(),
  /** Orders sent, denials not counted. */
  orders: z.number().int(),
  filled: z.number().int(),
  /** Quote currency. */
  volume: decimalSchema,
  realizedPnl: decimalSchema,
});

export const dashboardQuerySchema = z.object({ utcOffsetMinutes: utcOffsetSchema });
export const dashboardSchema = z.object({
  figures: z.object({
    customers: z.number().int(),
    activeCustomers: z.number().int(),
    followers: z.number().int(),
    strategies: z.number().int(),
    openPositions: z.number().int(),
    signalsToday: z.number().int(),
    ordersToday: z.number().int(),
    /** Filled ÷ sent orders of today; null while none was sent. */
    filledShareToday: decimalSchema.nullable(),
    volumeToday: decimalSchema,
    realizedPnlToday: decimalSchema,
  }),
  /** The last 30 days, oldest first, none left out. */
  days: z.array(dashboardDaySchema),
  lastSignals: z.array(signalSchema),
  attention: z.array(attentionSchema),
});
export type DashboardView = z.infer<typeof dashboardSchema>;

export const overviewQuerySchema = z.object({
  /** Required for admins and operators; a customer sees himself. */
  customerId: idSchema.optional(),
  days: z.coerce.number().int().min(1).max(365).default(30),
});
export const overviewSchema = z.object({
  customer: customerSchema,
  equity: decimalSchema.nullable(),
  available: decimalSchema.nullable(),
  /** Realised by all trades, fees not deducted, quote currency. */
  realizedPnl: decimalSchema,
  /** Fees of all trades as the venue counts them: negative is paid. */
  fees: decimalSchema,
  /** Of the open positions whose price is known. */
  unrealizedPnl: decimalSchema.nullable(),
  curve: z.array(z.object({ at: timeSchema, equity: decimalSchema })),
  accounts: z.array(exchangeAccountSchema),
  subscriptions: z.array(subscriptionSchema),
  positions: z.array(positionSchema),
  lastTrades: z.array(tradeSchema),
});
export type OverviewView = z.infer<typeof overviewSchema>;
