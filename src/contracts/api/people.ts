import { z } from 'zod';
import { ACCOUNT_HEALTHS } from '@/domain/account-health';
import { ACCOUNT_MODES } from '@/domain/account-mode';
import { boundedSchema, decimalSchema, idSchema, nameSchema, pageQuerySchema, timeSchema } from './common';

export const CUSTOMER_STATUSES = ['active', 'suspended'] as const;
export const KILL_SWITCHES = ['none', 'halt', 'reduce_only', 'flatten'] as const;

export const customerSchema = z.object({
  id: idSchema,
  name: z.string(),
  email: z.string().nullable(),
  status: z.enum(CUSTOMER_STATUSES),
  killSwitch: z.enum(KILL_SWITCHES),
  initialBalance: decimalSchema,
  maxLeverage: decimalSchema,
  maxOrderShare: decimalSchema.nullable(),
  maxSymbolShare: decimalSchema.nullable(),
  maxTotalShare: decimalSchema.nullable(),
  note: z.string().nullable(),
  /** Sum over the customer's accounts, quote currency; null while no account has been read. */
  equity: decimalSchema.nullable(),
  /** When the oldest of those figures was told. */
  equityAt: timeSchema.nullable(),
  accounts: z.number().int(),
  subscriptions: z.number().int(),
  createdAt: timeSchema,
});
export type CustomerView = z.infer<typeof customerSchema>;

const customerFields = {
  name: nameSchema,
  initialBalance: boundedSchema('balance').optional(),
  maxLeverage: boundedSchema('leverage').optional(),
  maxOrderShare: boundedSchema('share').nullable().optional(),
  maxSymbolShare: boundedSchema('share').nullable().optional(),
  maxTotalShare: boundedSchema('share').nullable().optional(),
  note: z.string().max(500).nullable().optional(),
};
export const createCustomerSchema = z.strictObject({
  ...customerFields,
  /** With both, a portal log-in is created. */
  email: z.email().max(190).optional(),
  password: z.string().min(10, 'must have at least 10 characters').max(200).optional(),
});
export const updateCustomerSchema = z
  .strictObject({
    ...customerFields,
    status: z.enum(CUSTOMER_STATUSES),
    killSwitch: z.enum(KILL_SWITCHES),
    /** The customer's name, typed: needed where the kill switch changes. */
    confirm: z.string().max(100),
  })
  .partial();
export const customerQuerySchema = pageQuerySchema.extend({
  search: z.string().max(100).optional(),
  status: z.enum(CUSTOMER_STATUSES).optional(),
});

export const PREFLIGHT_CHECKS = [
  'reachable',
  'clock',
  'credentials',
  'identity',
  'read',
  'trade',
  'withdraw',
  'ip_binding',
  'account_level',
  'position_mode',
  'balance',
] as const;
/** Every code that a check can end with; pages have a sentence for each. */
export const PREFLIGHT_CODES = [
  'OK',
  'NOT_CHECKED',
  'NOT_NEEDED',
  'VENUE_UNREACHABLE',
  'CLOCK_SKEW',
  'CREDENTIALS_UNREADABLE',
  'CREDENTIALS_REJECTED',
  'ACCOUNT_IN_USE',
  'OTHER_ACCOUNT',
  'NO_READ_PERMISSION',
  'NO_TRADE_PERMISSION',
  'WITHDRAW_PERMISSION',
  'IP_UNBOUND',
  'DERIVATIVES_DISABLED',
  'ACCOUNT_MODE_UNSUPPORTED',
  'ISOLATED_UNAVAILABLE',
  'EMPTY_BALANCE',
] as const;
export type PreflightCode = (typeof PREFLIGHT_CODES)[number];

export const preflightSchema = z.array(
  z.object({
    check: z.enum(PREFLIGHT_CHECKS),
    /** warning: works, but the customer should mend it. */
    result: z.enum(['ok', 'warning', 'failed', 'skipped']),
    /** A stable code and the numbers of the sentence that the page shows. */
    code: z.string(),
    detail: z.record(z.string(), z.string()),
  }),
);
export type Preflight = z.infer<typeof preflightSchema>;

/** An exchange account. The key itself is never part of any answer. */
export const exchangeAccountSchema = z.object({
  id: idSchema,
  customerId: idSchema,
  customerName: z.string(),
  venue: z.string(),
  label: z.string(),
  mode: z.enum(ACCOUNT_MODES),
  keyHint: z.string(),
  marginMode: z.enum(['cross', 'isolated']),
  positionMode: z.enum(['net', 'long_short']),
  health: z.enum(ACCOUNT_HEALTHS),
  healthCode: z.string().nullable(),
  preflight: preflightSchema.nullable(),
  checkedAt: timeSchema.nullable(),
  equity: decimalSchema.nullable(),
  available: decimalSchema.nullable(),
  equityAt: timeSchema.nullable(),
  createdAt: timeSchema,
});
export type ExchangeAccountView = z.infer<typeof exchangeAccountSchema>;

const secretText = z.string().trim().min(1, 'must not be empty').max(200);
export const createExchangeAccountSchema = z.strictObject({
  /** Required for admins; a customer's own id is used for himself. */
  customerId: idSchema.optional(),
  venue: z.string().max(20).default('okx'),
  label: nameSchema,
  mode: z.enum(ACCOUNT_MODES).default('demo'),
  marginMode: z.enum(['cross', 'isolated']).default('cross'),
  apiKey: secretText,
  secret: secretText,
  passphrase: secretText,
});
export const updateExchangeAccountSchema = z
  .strictObject({
    label: nameSchema,
    marginMode: z.enum(['cross', 'isolated']),
    apiKey: secretText,
    secret: secretText,
    passphrase: secretText,
  })
  .partial();
export const exchangeAccountQuerySchema = pageQuerySchema.extend({
  customerId: idSchema.optional(),
  health: z.enum(ACCOUNT_HEALTHS).optional(),
});
