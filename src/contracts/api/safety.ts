import { z } from 'zod';
import { ACCOUNT_MODES } from '@/domain/account-mode';
import { BREAKER_STATES, CONTACT_FAILURES } from '@/domain/circuit-breaker';
import { DRIFT_KINDS } from '@/domain/drift';
import { NAKED_KINDS } from '@/domain/naked';
import { TRADE_LEGS, TRADE_STATUSES } from '@/domain/order-state';
import { decimalSchema, idSchema, pageQuerySchema, timeSchema } from './common';
import { KILL_SWITCHES } from './people';

export const KILL_SWITCH_SCOPES = ['platform', 'tenant', 'strategy', 'customer'] as const;

/** What a change of a switch must be confirmed with: the name of what it stops, typed. */
export const confirmSchema = z.string().max(100);

/** One switch. The platform's is set by whoever runs the installation, and shown to everybody. */
export const killSwitchSchema = z.object({
  scope: z.enum(KILL_SWITCH_SCOPES),
  /** Null for the platform. */
  id: idSchema.nullable(),
  /** The word that confirms a change; "platform" for the platform. */
  name: z.string(),
  level: z.enum(KILL_SWITCHES),
  /** When it got its level; null: never touched. */
  since: timeSchema.nullable(),
});
export type KillSwitchView = z.infer<typeof killSwitchSchema>;

/**
 * What a switch at "flatten" has done to the positions under it since it was thrown, by our own book. A position that closed in another
 * way meanwhile, by its leader's signal or at the venue, counts as closed. Done exits are kept for thirty days, and counted as long.
 */
export const flattenProgressSchema = z.object({
  /** closed + open */
  found: z.number().int(),
  closed: z.number().int(),
  /** Still held: being closed, or not closable now. */
  open: z.number().int(),
  /** Why those that are still held could not be closed so far, the most frequent first. Those that are being closed are not among them. */
  reasons: z.array(
    z.object({
      code: z.string(),
      /** The venue's words for a code of its own. */
      message: z.string().nullable(),
      count: z.number().int(),
    }),
  ),
});
export type FlattenProgress = z.infer<typeof flattenProgressSchema>;

export const standingSwitchSchema = killSwitchSchema.extend({
  /** Null unless it stands at "flatten". */
  flatten: flattenProgressSchema.nullable(),
});
export type StandingSwitchView = z.infer<typeof standingSwitchSchema>;

export const killSwitchesSchema = z.object({
  platform: standingSwitchSchema,
  tenant: standingSwitchSchema,
  /** Strategies and customers whose switch is on. */
  others: z.array(standingSwitchSchema),
  /** Positions that a "flatten" has still to close, by our own book. */
  toFlatten: z.number().int(),
});
export type KillSwitchesView = z.infer<typeof killSwitchesSchema>;

/** What is held back for a customer. */
export const tradingStopsSchema = z.object({
  items: z.array(
    z.object({
      /** Null: all that he follows. */
      strategy: z.object({ id: idSchema, name: z.string() }).nullable(),
      /** halt: no order leaves, closes neither · reduce_only: nothing is opened · flatten: what he holds is closed */
      level: z.enum(KILL_SWITCHES).exclude(['none']),
      since: timeSchema.nullable(),
    }),
  ),
});
export type TradingStopsView = z.infer<typeof tradingStopsSchema>;

/** `id` is needed for a strategy and a customer. Throwing the tenant's switch is an admin's. */
export const setKillSwitchSchema = z.discriminatedUnion('scope', [
  z.strictObject({ scope: z.literal('tenant'), level: z.enum(KILL_SWITCHES), confirm: confirmSchema }),
  z.strictObject({
    scope: z.enum(['strategy', 'customer']),
    id: idSchema,
    level: z.enum(KILL_SWITCHES),
    confirm: confirmSchema,
  }),
]);

/** A difference between our books of an account and what its venue holds. Quantities in contracts and in base coins. */
export const driftSchema = z.object({
  id: idSchema,
  customerId: idSchema,
  customerName: z.string(),
  accountId: idSchema,
  accountLabel: z.string(),
  symbol: z.string(),
  side: z.enum(['long', 'short']),
  /** missing: the venue holds less · ghost: nothing · extra: more, opened by hand · size: the other side. */
  kind: z.enum(DRIFT_KINDS),
  /** Null where several subscriptions hold it, or none. */
  subscriptionId: idSchema.nullable(),
  strategyName: z.string().nullable(),
  booked: decimalSchema,
  held: decimalSchema,
  /** Null for an instrument that we do not trade. */
  bookedBase: decimalSchema.nullable(),
  heldBase: decimalSchema.nullable(),
  /** Taken off our books to follow the venue, contracts; "0": nothing. */
  repaired: decimalSchema,
  firstSeenAt: timeSchema,
  lastSeenAt: timeSchema,
  /** Null: it stands. */
  resolvedAt: timeSchema.nullable(),
});
export type DriftView = z.infer<typeof driftSchema>;
export const driftQuerySchema = pageQuerySchema.extend({
  customerId: idSchema.optional(),
  accountId: idSchema.optional(),
  state: z.enum(['open', 'resolved']).optional(),
});

/** An order of which is not known yet how it ends. */
export const unsettledTradeSchema = z.object({
  id: idSchema,
  signalId: idSchema,
  customerId: idSchema,
  customerName: z.string(),
  symbol: z.string(),
  leg: z.enum(TRADE_LEGS),
  side: z.enum(['buy', 'sell']),
  status: z.enum(TRADE_STATUSES),
  code: z.string().nullable(),
  quantity: decimalSchema,
  filledQuantity: decimalSchema,
  createdAt: timeSchema,
  updatedAt: timeSchema,
});

/** A position that has been without what it should have for more than half a minute, although nothing keeps it from being mended. */
export const nakedPositionSchema = z.object({
  /** stop: its stop order · exit: its close. */
  kind: z.enum(NAKED_KINDS),
  customerId: idSchema,
  customerName: z.string(),
  accountId: idSchema,
  symbol: z.string(),
  side: z.enum(['long', 'short']),
  since: timeSchema,
  /** Why, as far as it is known. */
  code: z.string().nullable(),
});

/** How one worker finds one mode of a venue. */
export const breakerSchema = z.object({
  worker: z.string(),
  venue: z.string(),
  mode: z.enum(ACCOUNT_MODES),
  /** closed: requests go · open: nothing goes · half_open: the venue is being asked whether it is back. */
  state: z.enum(BREAKER_STATES),
  /** Since when the venue is there, or gone. */
  since: timeSchema,
  /** In a row. */
  failures: z.number().int(),
  /** The last one there was, however long ago. */
  lastFailure: z.enum(CONTACT_FAILURES).nullable(),
  lastFailureAt: timeSchema.nullable(),
  /** Null where the venue is there, or being asked. */
  nextProbeAt: timeSchema.nullable(),
});

/** How the service stands. What is counted in rows is the tenant's own; workers, breakers, queue and events are the installation's. */
export const systemSchema = z.object({
  at: timeSchema,
  unsettled: z.object({
    count: z.number().int(),
    oldestAt: timeSchema.nullable(),
    /** Limit orders that rest at the venue by intention; not among the others. */
    resting: z.number().int(),
    /** The fifty oldest. */
    items: z.array(unsettledTradeSchema),
  }),
  signals: z.object({
    /** Received and not finished. */
    unfinished: z.number().int(),
    oldestReceivedAt: timeSchema.nullable(),
    oldestAgeMs: z.number().int().nullable(),
  }),
  drift: z.object({
    open: z.number().int(),
    /** How far our books were compared with what venues hold; null while Redis is away: not known. */
    comparisons: z
      .object({
        /** Accounts that follow or hold something. */
        accounts: z.number().int(),
        /** Of which the last look, not longer than ten minutes ago, could compare everything. */
        compared: z.number().int(),
        /** The longest and the shortest ago of those looks. */
        oldestAt: timeSchema.nullable(),
        newestAt: timeSchema.nullable(),
        /** Twenty of those that could not be compared: UNSETTLED: orders are on their way, or not known how they ended · NOT_COMPARED: no look so far · else what is wrong with the account or its venue. */
        missing: z.array(
          z.object({
            accountId: idSchema,
            accountLabel: z.string(),
            customerId: idSchema,
            customerName: z.string(),
            code: z.string(),
            comparedAt: timeSchema.nullable(),
          }),
        ),
      })
      .nullable(),
  }),
  /** Positions that have to go; `overdue`: for longer than thirty seconds. */
  exits: z.object({ open: z.number().int(), overdue: z.number().int() }),
  /** `items`: the fifty oldest. */
  naked: z.object({ count: z.number().int(), items: z.array(nakedPositionSchema) }),
  /** Every switch that is on, the platform's included. */
  killSwitches: z.array(standingSwitchSchema),
  /** Living workers; null while Redis is away. */
  workers: z
    .array(
      z.object({
        name: z.string(),
        seenAt: timeSchema,
        /** Private streams of accounts; null: not told yet. */
        streams: z.object({ open: z.number().int(), live: z.number().int() }).nullable(),
        /** Signals that it is working on. */
        signals: z.number().int().nullable(),
      }),
    )
    .nullable(),
  /** Of every living worker and each mode of a venue that it used; null while Redis is away. */
  breakers: z.array(breakerSchema).nullable(),
  /** Jobs of the copying queue; null while Redis is away. */
  queue: z.object({ waiting: z.number().int(), active: z.number().int(), delayed: z.number().int() }).nullable(),
  /** Entries that the stream of pushes keeps; null while Redis is away. */
  events: z.object({ length: z.number().int() }).nullable(),
});
export type SystemView = z.infer<typeof systemSchema>;
