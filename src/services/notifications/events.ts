import { z } from 'zod';
import { signalCountsSchema } from '@/contracts/api/copying';
import { ACCOUNT_MODES } from '@/domain/account-mode';
import { CONTACT_FAILURES } from '@/domain/circuit-breaker';
import { OUTSIDE_CODES } from '@/domain/closed-outside';
import { EXIT_CAUSES } from '@/domain/exit';
import { TRADE_LEGS, TRADE_STATUSES } from '@/domain/order-state';
import { CLOSING_FORMATS, SIGNAL_ACTIONS } from '@/domain/signal';

/** What is told. `trade_*` speaks to one customer about all his trades of one signal. */
export const NOTIFICATION_EVENTS = [
  'signal_done',
  'trade_filled',
  'trade_denied',
  'trade_rejected',
  'account_failing',
  'settings_changed',
  'kill_switch',
  'drift',
  'closed_outside',
  'order_found',
  'exit_due',
  'stop_missing',
  'venue_outage',
  'test',
] as const;
export type NotificationEvent = (typeof NOTIFICATION_EVENTS)[number];

const epochMs = z.number().int();

/** Why a signal of our own closes; null: it is a leader's. Messages that were queued before it was told lack it. */
const cause = z.enum(CLOSING_FORMATS).nullable().default(null);

/** The summary of a signal for the tenant. Money in quote currency, decimals as text. */
export const signalDoneSchema = z.object({
  signalId: z.string(),
  sourceName: z.string(),
  symbol: z.string(),
  action: z.enum(SIGNAL_ACTIONS),
  side: z.enum(['long', 'short']).nullable(),
  cause,
  quoteCurrency: z.string(),
  rejectCode: z.string().nullable(),
  counts: signalCountsSchema,
  /** Filled quantity × price. */
  volume: z.string(),
  realizedPnl: z.string(),
  /** Weighted by volume; a fraction, positive is worse for the customers; null when nothing was filled. */
  slippage: z.string().nullable(),
  /** The most frequent reasons why followers got no order, or none that was filled. */
  reasons: z.array(z.object({ code: z.string(), count: z.number().int() })),
  timings: z.object({
    receivedAt: epochMs,
    firstSentAt: epochMs.nullable(),
    lastAckAt: epochMs.nullable(),
    lastFilledAt: epochMs.nullable(),
  }),
});
export type SignalDone = z.infer<typeof signalDoneSchema>;

/** One trade as a customer reads it. Quantities in base coins. */
const tradeLineSchema = z.object({
  tradeId: z.string(),
  strategyName: z.string(),
  accountLabel: z.string(),
  leg: z.enum(TRADE_LEGS),
  positionSide: z.enum(['long', 'short']),
  status: z.enum(TRADE_STATUSES),
  code: z.string().nullable(),
  /** The numbers of a denial, or the venue's own words. */
  detail: z.record(z.string(), z.string()),
  quantityBase: z.string(),
  filledBase: z.string(),
  averagePrice: z.string().nullable(),
  leverage: z.string(),
  /** Negative: a cost, positive: a rebate. */
  fee: z.string(),
  realizedPnl: z.string(),
  slippage: z.string().nullable(),
});
export type TradeLine = z.infer<typeof tradeLineSchema>;

export const customerTradesSchema = z.object({
  signalId: z.string(),
  symbol: z.string(),
  cause,
  baseCurrency: z.string(),
  quoteCurrency: z.string(),
  trades: z.array(tradeLineSchema),
});
export type CustomerTrades = z.infer<typeof customerTradesSchema>;

export const accountFailingSchema = z.object({
  accountId: z.string(),
  customerName: z.string(),
  label: z.string(),
  venue: z.string(),
  mode: z.enum(ACCOUNT_MODES),
  /** limited: exits are still copied. */
  health: z.enum(['failing', 'limited']).default('failing'),
  code: z.string(),
  at: epochMs,
});
export type AccountFailing = z.infer<typeof accountFailingSchema>;

/** A setting of an account at the venue and its values before and now. */
const settingChangeSchema = z.object({
  setting: z.enum(['position_mode', 'account_mode', 'leverage']),
  /** Of a leverage. */
  symbol: z.string().nullable(),
  from: z.string(),
  to: z.string(),
});
export type SettingChange = z.infer<typeof settingChangeSchema>;

/** An account's settings at the venue are other ones than we knew. */
export const settingsChangedSchema = z.object({
  accountId: z.string(),
  customerName: z.string(),
  label: z.string(),
  venue: z.string(),
  mode: z.enum(ACCOUNT_MODES),
  changes: z.array(settingChangeSchema),
  at: epochMs,
});
export type SettingsChanged = z.infer<typeof settingsChangedSchema>;

/** A kill switch got another level. */
export const killSwitchSchema = z.object({
  scope: z.enum(['platform', 'tenant', 'strategy', 'customer']),
  /** Of what is switched. */
  name: z.string(),
  level: z.enum(['none', 'halt', 'reduce_only', 'flatten']),
  previous: z.enum(['none', 'halt', 'reduce_only', 'flatten']),
  at: epochMs,
});
export type KillSwitchTold = z.infer<typeof killSwitchSchema>;

/** An account's positions at the venue differ from our books. Quantities in base coins. */
export const driftSchema = z.object({
  accountId: z.string(),
  customerName: z.string(),
  label: z.string(),
  venue: z.string(),
  mode: z.enum(ACCOUNT_MODES),
  symbol: z.string(),
  baseCurrency: z.string(),
  side: z.enum(['long', 'short']),
  kind: z.enum(['missing', 'extra', 'ghost', 'size']),
  bookedBase: z.string(),
  heldBase: z.string(),
  /** Our books were brought to what the venue holds. */
  repaired: z.boolean(),
  at: epochMs,
});
export type DriftTold = z.infer<typeof driftSchema>;

/** A part of a position was closed at the venue by no order of ours, and is off our books. Quantities in base coins. */
export const closedOutsideSchema = z.object({
  accountId: z.string(),
  customerName: z.string(),
  label: z.string(),
  venue: z.string(),
  mode: z.enum(ACCOUNT_MODES),
  symbol: z.string(),
  baseCurrency: z.string(),
  quoteCurrency: z.string(),
  side: z.enum(['long', 'short']),
  codes: z.array(z.enum(OUTSIDE_CODES)),
  closedBase: z.string(),
  /** Null: the venue does not say at what price. */
  averagePrice: z.string().nullable(),
  realizedPnl: z.string().nullable(),
  /** What our books have left of it. */
  leftBase: z.string(),
  at: epochMs,
});
export type ClosedOutsideTold = z.infer<typeof closedOutsideSchema>;

/** The venue has an order that our books had ended. Quantities in base coins. */
export const orderFoundSchema = z.object({
  tradeId: z.string(),
  signalId: z.string(),
  customerName: z.string(),
  label: z.string(),
  venue: z.string(),
  mode: z.enum(ACCOUNT_MODES),
  symbol: z.string(),
  baseCurrency: z.string(),
  leg: z.enum(TRADE_LEGS),
  positionSide: z.enum(['long', 'short']),
  /** How it stands now. */
  status: z.enum(TRADE_STATUSES),
  /** What it had been taken for, and why. */
  endedAs: z.enum(['rejected', 'expired']),
  endedCode: z.string().nullable(),
  quantityBase: z.string(),
  filledBase: z.string(),
  at: epochMs,
});
export type OrderFound = z.infer<typeof orderFoundSchema>;

/** A position has to go, and is still there after a while. Quantities in base coins. */
export const exitDueSchema = z.object({
  accountId: z.string(),
  customerName: z.string(),
  label: z.string(),
  venue: z.string(),
  mode: z.enum(ACCOUNT_MODES),
  symbol: z.string(),
  baseCurrency: z.string(),
  side: z.enum(['long', 'short']),
  cause: z.enum(EXIT_CAUSES),
  /** Why it is not done: a code of ours or the venue's; null: it is being tried. */
  code: z.string().nullable(),
  heldBase: z.string(),
  since: epochMs,
  at: epochMs,
});
export type ExitDueTold = z.infer<typeof exitDueSchema>;

/** A position has not had the stop order that it should have for a while. Quantities in base coins. */
export const stopMissingSchema = exitDueSchema.omit({ cause: true });
export type StopMissingTold = z.infer<typeof stopMissingSchema>;

/** A venue stopped answering, or does again. */
export const venueOutageSchema = z.object({
  venue: z.string(),
  mode: z.enum(ACCOUNT_MODES),
  state: z.enum(['gone', 'back']),
  /** When it went. */
  since: epochMs,
  /** How it was noticed; null: not known any more. */
  failure: z.enum(CONTACT_FAILURES).nullable(),
  at: epochMs,
});
export type VenueOutage = z.infer<typeof venueOutageSchema>;

export const testSchema = z.object({ channelName: z.string(), at: epochMs });

export type OutboxPayload =
  | { readonly event: 'signal_done'; readonly payload: SignalDone }
  | { readonly event: 'trade_filled' | 'trade_denied' | 'trade_rejected'; readonly payload: CustomerTrades }
  | { readonly event: 'account_failing'; readonly payload: AccountFailing }
  | { readonly event: 'settings_changed'; readonly payload: SettingsChanged }
  | { readonly event: 'kill_switch'; readonly payload: KillSwitchTold }
  | { readonly event: 'drift'; readonly payload: DriftTold }
  | { readonly event: 'closed_outside'; readonly payload: ClosedOutsideTold }
  | { readonly event: 'order_found'; readonly payload: OrderFound }
  | { readonly event: 'exit_due'; readonly payload: ExitDueTold }
  | { readonly event: 'stop_missing'; readonly payload: StopMissingTold }
  | { readonly event: 'venue_outage'; readonly payload: VenueOutage }
  | { readonly event: 'test'; readonly payload: z.infer<typeof testSchema> };

/** Reads a row of the outbox. Throws ZodError when its payload is not what its event promises. */
export function parseOutboxPayload(event: string, payload: unknown): OutboxPayload {
  switch (event) {
    case 'signal_done':
      return { event, payload: signalDoneSchema.parse(payload) };
    case 'trade_filled':
    case 'trade_denied':
    case 'trade_rejected':
      return { event, payload: customerTradesSchema.parse(payload) };
    case 'account_failing':
      return { event, payload: accountFailingSchema.parse(payload) };
    case 'settings_changed':
      return { event, payload: settingsChangedSchema.parse(payload) };
    case 'kill_switch':
      return { event, payload: killSwitchSchema.parse(payload) };
    case 'drift':
      return { event, payload: driftSchema.parse(payload) };
    case 'closed_outside':
      return { event, payload: closedOutsideSchema.parse(payload) };
    case 'order_found':
      return { event, payload: orderFoundSchema.parse(payload) };
    case 'exit_due':
      return { event, payload: exitDueSchema.parse(payload) };
    case 'stop_missing':
      return { event, payload: stopMissingSchema.parse(payload) };
    case 'venue_outage':
      return { event, payload: venueOutageSchema.parse(payload) };
    case 'test':
      return { event, payload: testSchema.parse(payload) };
    default:
      throw new Error(`Unknown notification event "${event}"`);
  }
}
