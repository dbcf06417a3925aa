import { z } from 'zod';
import { DRIFT_KINDS, DRIFT_POLICIES } from '@/domain/drift';
import { TRADE_LEGS, TRADE_STATUSES } from '@/domain/order-state';
import { RECEIPT_STATES } from '@/domain/receipt';
import { SIGNAL_ACTIONS } from '@/domain/signal';
import { SIZING_MODES } from '@/domain/sizing';
import { boundedSchema, decimalSchema, idSchema, nameSchema, pageQuerySchema, timeSchema } from './common';
import { exitReasonSchema } from './exits';
import { KILL_SWITCHES } from './people';

export const SIGNAL_FORMAT_KEYS = [
  'auto',
  'native',
  'okx-signal-bot',
  '3commas-custom',
  '3commas-strategy',
  'tradingview',
] as const;

export const signalSourceSchema = z.object({
  id: idSchema,
  name: z.string(),
  kind: z.enum(['webhook', 'lead_account', 'strategy', 'manual']),
  venue: z.string(),
  format: z.string(),
  /** Address with its secret token: only for admins, null for others. */
  webhookUrl: z.string().nullable(),
  signed: z.boolean(),
  allowedIps: z.array(z.string()).nullable(),
  maxLagMs: z.number().int(),
  leaderEquity: decimalSchema,
  /** A plain pair in USD (`BTCUSD`) names the USDT instrument; contracts in USD never do. */
  usdMeansUsdt: z.boolean(),
  enabled: z.boolean(),
  lastSignalAt: timeSchema.nullable(),
  createdAt: timeSchema,
});
export type SignalSourceView = z.infer<typeof signalSourceSchema>;
/** The HMAC key is shown when it is made and never again. */
export const signalSourceWithKeySchema = signalSourceSchema.extend({ hmacKey: z.string().nullable() });
const sourceFields = {
  name: nameSchema,
  format: z.enum(SIGNAL_FORMAT_KEYS),
  allowedIps: z
    .array(z.union([z.ipv4(), z.ipv6(), z.cidrv4(), z.cidrv6()]))
    .max(50)
    .nullable(),
  maxLagMs: z.number().int().min(1000).max(86_400_000),
  leaderEquity: boundedSchema('leaderEquity'),
  usdMeansUsdt: z.boolean(),
};
export const createSignalSourceSchema = z.strictObject({
  ...sourceFields,
  format: sourceFields.format.default('auto'),
  venue: z.string().max(20).default('okx'),
  allowedIps: sourceFields.allowedIps.optional(),
  maxLagMs: sourceFields.maxLagMs.default(60_000),
  leaderEquity: sourceFields.leaderEquity.default('10000'),
  usdMeansUsdt: sourceFields.usdMeansUsdt.default(false),
  /** Makes an HMAC key; it is in the answer once. */
  signed: z.boolean().default(false),
});
export const updateSignalSourceSchema = z
  .strictObject({ ...sourceFields, enabled: z.boolean(), rotateToken: z.literal(true), rotateHmacKey: z.literal(true) })
  .partial();

export const strategySchema = z.object({
  id: idSchema,
  signalSourceId: idSchema,
  signalSourceName: z.string(),
  name: z.string(),
  description: z.string().nullable(),
  status: z.enum(['active', 'paused']),
  killSwitch: z.enum(KILL_SWITCHES),
  followRatio: decimalSchema,
  sizingMode: z.enum(SIZING_MODES),
  sizingValue: decimalSchema.nullable(),
  defaultLeverage: decimalSchema,
  maxLeverage: decimalSchema,
  symbols: z.array(z.string()).nullable(),
  maxSlippage: decimalSchema.nullable(),
  followers: z.number().int(),
  createdAt: timeSchema,
});
export type StrategyView = z.infer<typeof strategySchema>;
const strategyFields = {
  name: nameSchema,
  description: z.string().max(1000).nullable(),
  followRatio: boundedSchema('followRatio'),
  sizingMode: z.enum(SIZING_MODES),
  sizingValue: boundedSchema('sizingValue').nullable(),
  defaultLeverage: boundedSchema('leverage'),
  maxLeverage: boundedSchema('leverage'),
  symbols: z.array(z.string().min(3).max(40)).min(1).max(200).nullable(),
  maxSlippage: boundedSchema('share').nullable(),
};
export const createStrategySchema = z
  .strictObject({ ...strategyFields, signalSourceId: idSchema })
  .partial()
  .required({ name: true, signalSourceId: true });
export const updateStrategySchema = z
  .strictObject({
    ...strategyFields,
    status: z.enum(['active', 'paused']),
    killSwitch: z.enum(KILL_SWITCHES),
    /** The strategy's name, typed: needed where the kill switch changes. */
    confirm: z.string().max(100),
  })
  .partial();

export const strategyQuerySchema = pageQuerySchema.extend({
  status: z.enum(['active', 'paused']).optional(),
  signalSourceId: idSchema.optional(),
});

export const subscriptionSchema = z.object({
  id: idSchema,
  customerId: idSchema,
  customerName: z.string(),
  strategyId: idSchema,
  strategyName: z.string(),
  accountId: idSchema,
  accountLabel: z.string(),
  status: z.enum(['active', 'paused', 'ended']),
  /** Null: the strategy's own. */
  followRatio: decimalSchema.nullable(),
  sizingMode: z.enum(SIZING_MODES).nullable(),
  sizingValue: decimalSchema.nullable(),
  maxLeverage: decimalSchema.nullable(),
  maxOrderShare: decimalSchema.nullable(),
  maxSymbolShare: decimalSchema.nullable(),
  maxTotalShare: decimalSchema.nullable(),
  maxSlippage: decimalSchema.nullable(),
  forceMinimum: z.boolean(),
  /** Sizing by risk: what a near stop makes larger than the limits allow is reduced to them, instead of being denied. */
  reduceToCap: z.boolean(),
  reverse: z.boolean(),
  /** What is done when the venue holds something else than our book: nothing, a message, or the book follows the venue. */
  driftPolicy: z.enum(DRIFT_POLICIES),
  createdAt: timeSchema,
});
export type SubscriptionView = z.infer<typeof subscriptionSchema>;
const subscriptionFields = {
  followRatio: boundedSchema('followRatio').nullable(),
  sizingMode: z.enum(SIZING_MODES).nullable(),
  sizingValue: boundedSchema('sizingValue').nullable(),
  maxLeverage: boundedSchema('leverage').nullable(),
  maxOrderShare: boundedSchema('share').nullable(),
  maxSymbolShare: boundedSchema('share').nullable(),
  maxTotalShare: boundedSchema('share').nullable(),
  maxSlippage: boundedSchema('share').nullable(),
  forceMinimum: z.boolean(),
  reduceToCap: z.boolean(),
  reverse: z.boolean(),
  driftPolicy: z.enum(DRIFT_POLICIES),
};
export const createSubscriptionSchema = z
  .strictObject({ ...subscriptionFields, strategyId: idSchema, accountId: idSchema })
  .partial()
  .required({ strategyId: true, accountId: true });
export const updateSubscriptionSchema = z
  .strictObject({ ...subscriptionFields, status: z.enum(['active', 'paused', 'ended']) })
  .partial();
export const subscriptionQuerySchema = pageQuerySchema.extend({
  customerId: idSchema.optional(),
  strategyId: idSchema.optional(),
  status: z.enum(['active', 'paused', 'ended']).optional(),
});

export const SIGNAL_STATUSES = ['received', 'planning', 'dispatching', 'done', 'rejected'] as const;
/**
 * Of receipts, one a follower: open = on its way or resting at the venue; partial = a part was filled, the rest cancelled.
 * canceled and expired without any fill count as rejected.
 */
export const signalCountsSchema = z.object({
  total: z.number().int(),
  filled: z.number().int(),
  // Messages that were queued before it was counted lack it.
  partial: z.number().int().default(0),
  open: z.number().int(),
  denied: z.number().int(),
  rejected: z.number().int(),
  unknown: z.number().int(),
});
export type SignalCounts = z.infer<typeof signalCountsSchema>;
export const signalTimingsSchema = z.object({
  receivedAt: timeSchema,
  plannedAt: timeSchema.nullable(),
  firstSentAt: timeSchema.nullable(),
  lastAckAt: timeSchema.nullable(),
  lastFilledAt: timeSchema.nullable(),
});
/** A price in quote currency, or percent of each follower's own average entry. */
export const triggerLevelSchema = z.object({ unit: z.enum(['price', 'percent']), value: z.string() });
export const signalSchema = z.object({
  id: idSchema,
  sourceId: idSchema,
  sourceName: z.string(),
  format: z.string(),
  symbol: z.string(),
  /** The sender's own name of the instrument, where its USD was taken for USDT; else null. */
  takenForUsdt: z.string().nullable(),
  action: z.enum(SIGNAL_ACTIONS),
  side: z.enum(['long', 'short']).nullable(),
  size: z.object({ unit: z.string(), value: z.string() }).nullable(),
  orderType: z.enum(['market', 'limit']),
  limitPrice: z.string().nullable(),
  referencePrice: z.string().nullable(),
  stopLoss: triggerLevelSchema.nullable(),
  takeProfit: triggerLevelSchema.nullable(),
  status: z.enum(SIGNAL_STATUSES),
  rejectCode: z.string().nullable(),
  /** Of a signal of our own, which closes what has to go: how often that was tried by then since something came of it. */
  attempt: z.number().int(),
  /** The next attempt, where this one closed nothing; null: there is none. */
  followedBy: idSchema.nullable(),
  /** The leader's position before and after, contracts; null until planned. */
  leader: z
    .object({
      before: z.object({ side: z.enum(['long', 'short']).nullable(), quantity: z.string() }),
      after: z.object({ side: z.enum(['long', 'short']).nullable(), quantity: z.string() }),
    })
    .nullable(),
  sentAt: timeSchema,
  counts: signalCountsSchema,
  timings: signalTimingsSchema,
});
export type SignalView = z.infer<typeof signalSchema>;
export const signalQuerySchema = pageQuerySchema.extend({
  sourceId: idSchema.optional(),
  status: z.enum(SIGNAL_STATUSES).optional(),
  /** newest: of our own attempts at the same exit that closed nothing only the last one; all: every one. */
  attempts: z.enum(['newest', 'all']).default('newest'),
});

export const fillSchema = z.object({
  venueFillId: z.string(),
  quantity: decimalSchema,
  price: decimalSchema,
  fee: decimalSchema,
  feeCurrency: z.string(),
  filledAt: timeSchema,
});

/** One order for one customer, or the reason why there is none. Quantities in contracts and, beside it, in base coins. */
export const tradeSchema = z.object({
  id: idSchema,
  signalId: idSchema,
  strategyId: idSchema,
  strategyName: z.string(),
  subscriptionId: idSchema,
  customerId: idSchema,
  customerName: z.string(),
  accountId: idSchema,
  symbol: z.string(),
  leg: z.enum(TRADE_LEGS),
  side: z.enum(['buy', 'sell']),
  positionSide: z.enum(['long', 'short']),
  reduceOnly: z.boolean(),
  orderType: z.enum(['market', 'limit']),
  limitPrice: decimalSchema.nullable(),
  leverage: decimalSchema,
  quantity: decimalSchema,
  quantityBase: decimalSchema,
  status: z.enum(TRADE_STATUSES),
  code: z.string().nullable(),
  /** A sentence with its numbers, in the reader's language; null when nothing went wrong, or where that language has none for the code. */
  reason: z.string().nullable(),
  /** What the venue, or the way to it, said of it, as it came: mostly English. */
  venueMessage: z.string().nullable(),
  clientOrderId: z.string(),
  venueOrderId: z.string().nullable(),
  filledQuantity: decimalSchema,
  averagePrice: decimalSchema.nullable(),
  fee: decimalSchema,
  realizedPnl: decimalSchema,
  /** (average fill ÷ price at decision − 1), signed so that positive is worse for the customer; a fraction. */
  slippage: decimalSchema.nullable(),
  createdAt: timeSchema,
  sentAt: timeSchema.nullable(),
  ackedAt: timeSchema.nullable(),
  filledAt: timeSchema.nullable(),
});
export type TradeView = z.infer<typeof tradeSchema>;
export const tradeQuerySchema = pageQuerySchema.extend({
  /** csv answers text/csv, as `Accept: text/csv` does. */
  format: z.enum(['json', 'csv']).optional(),
  customerId: idSchema.optional(),
  strategyId: idSchema.optional(),
  signalId: idSchema.optional(),
  status: z.enum(TRADE_STATUSES).optional(),
});

export { RECEIPT_STATES };
/** What a receipt shows of one trade beyond the trade itself. */
export const receiptTradeSchema = tradeSchema.extend({
  arithmetic: z.array(z.object({ label: z.string(), expression: z.string(), value: z.string() })),
  checks: z.array(z.object({ rule: z.string(), value: z.string(), limit: z.string(), passed: z.boolean() })),
  fills: z.array(fillSchema),
  /** Trigger prices of a stop order (leg "stop"); null for other orders. */
  stopPrice: decimalSchema.nullable(),
  takePrice: decimalSchema.nullable(),
  /** Milliseconds from the signal's receipt to the venue's acknowledgement. */
  latencyMs: z.number().nullable(),
});
/** One follower's answer to one signal. A reversal has two trades, close first. */
export const receiptSchema = z.object({
  signalId: idSchema,
  subscriptionId: idSchema,
  customerId: idSchema,
  customerName: z.string(),
  accountId: idSchema,
  strategyId: idSchema,
  strategyName: z.string(),
  state: z.enum(RECEIPT_STATES),
  trades: z.array(receiptTradeSchema),
});
export type ReceiptView = z.infer<typeof receiptSchema>;
export const receiptQuerySchema = z.object({
  cursor: z.string().max(200).optional(),
  limit: z.coerce.number().int().min(1).max(1000).default(200),
  state: z.enum(RECEIPT_STATES).optional(),
  code: z.string().max(60).optional(),
});

export const positionSchema = z.object({
  subscriptionId: idSchema,
  customerId: idSchema,
  customerName: z.string(),
  strategyId: idSchema,
  strategyName: z.string(),
  accountId: idSchema,
  symbol: z.string(),
  side: z.enum(['long', 'short']),
  quantity: decimalSchema,
  quantityBase: decimalSchema,
  averagePrice: decimalSchema,
  /** Null while no price is known. */
  markPrice: decimalSchema.nullable(),
  unrealizedPnl: decimalSchema.nullable(),
  realizedPnl: decimalSchema,
  leverage: decimalSchema,
  /** Null: the position has no stop-loss and no take-profit. */
  protection: z
    .object({
      /**
       * standing: at the venue as wanted · outdated: at the venue as it was, the venue refuses to change it · pending: being brought
       * there · failing: the venue refuses it. What is refused is tried again.
       */
      state: z.enum(['standing', 'outdated', 'pending', 'failing']),
      /** Trigger prices of what was last asked for. */
      stopPrice: decimalSchema.nullable(),
      takePrice: decimalSchema.nullable(),
      /** Why it fails, the venue's code. */
      code: z.string().nullable(),
    })
    .nullable(),
  /** Null unless the position, or a part of it, has to go and is not gone yet. */
  exit: exitReasonSchema.nullable(),
  /**
   * What the venue holds of the account's positions on this side, of all its strategies together, where it is not what our books say.
   * Contracts and base coins.
   */
  drift: z
    .object({
      kind: z.enum(DRIFT_KINDS),
      booked: decimalSchema,
      bookedBase: decimalSchema,
      held: decimalSchema,
      heldBase: decimalSchema,
      since: timeSchema,
    })
    .nullable(),
  openedAt: timeSchema.nullable(),
  updatedAt: timeSchema,
});
export type PositionView = z.infer<typeof positionSchema>;
export const positionQuerySchema = pageQuerySchema.extend({
  customerId: idSchema.optional(),
  strategyId: idSchema.optional(),
});

export const rejectedMessageSchema = z.object({
  id: idSchema,
  sourceId: idSchema,
  code: z.string(),
  message: z.string(),
  field: z.string().nullable(),
  contentType: z.string().nullable(),
  rawBody: z.string(),
  receivedAt: timeSchema,
});
export type RejectedMessageView = z.infer<typeof rejectedMessageSchema>;
export const rejectedMessageQuerySchema = pageQuerySchema.extend({ sourceId: idSchema.optional() });
