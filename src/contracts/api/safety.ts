import { z } from 'zod';
import { idSchema, timeSchema } from './common';
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

export const killSwitchesSchema = z.object({
  platform: killSwitchSchema,
  tenant: killSwitchSchema,
  /** Strategies and customers whose switch is on. */
  others: z.array(killSwitchSchema),
  /** Positions that a "flatten" has still to close, by our own book. */
  toFlatten: z.number().int(),
});
export type KillSwitchesView = z.infer<typeof killSwitchesSchema>;

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
