import { z } from 'zod';
import { idSchema, nameSchema, pageQuerySchema, timeSchema } from './common';
import { USER_ROLES } from './operation';
import { customerSchema, KILL_SWITCHES } from './people';

export const tenantSchema = z.object({
  id: idSchema,
  name: z.string(),
  slug: z.string(),
  killSwitch: z.enum(KILL_SWITCHES),
});
export type TenantView = z.infer<typeof tenantSchema>;
export const updateTenantSchema = z
  .strictObject({
    name: nameSchema,
    killSwitch: z.enum(KILL_SWITCHES),
    /** The tenant's name, typed: needed where the kill switch changes. */
    confirm: z.string().max(100),
  })
  .partial();

export const meSchema = z.object({
  actor: z.object({
    role: z.enum(USER_ROLES),
    userId: idSchema.nullable(),
    tokenId: idSchema.nullable(),
    customerId: idSchema.nullable(),
    /** Name of the customer or the token; else the e-mail address. */
    name: z.string(),
    email: z.string().nullable(),
    locale: z.string().nullable(),
  }),
  tenant: tenantSchema,
  customer: customerSchema.nullable(),
  /** Live accounts can be created in this installation. */
  liveTrading: z.boolean(),
});
export type MeView = z.infer<typeof meSchema>;
export const updateMeSchema = z
  .strictObject({
    locale: z.enum(['zh', 'en']),
    currentPassword: z.string().max(200),
    password: z.string().min(10, 'must have at least 10 characters').max(200),
  })
  .partial();

/** An API token without the token itself. */
export const apiTokenSchema = z.object({
  id: idSchema,
  name: z.string(),
  prefix: z.string(),
  role: z.enum(USER_ROLES),
  customerId: idSchema.nullable(),
  expiresAt: timeSchema.nullable(),
  revokedAt: timeSchema.nullable(),
  lastUsedAt: timeSchema.nullable(),
  createdAt: timeSchema,
});
export type ApiTokenView = z.infer<typeof apiTokenSchema>;
export const createApiTokenSchema = z.strictObject({
  name: nameSchema,
  role: z.enum(USER_ROLES),
  /** Required for the role customer, forbidden for others. */
  customerId: idSchema.optional(),
  expiresAt: timeSchema.optional(),
});
/** `token` is shown this once. */
export const createdApiTokenSchema = apiTokenSchema.extend({ token: z.string() });

export const auditEntrySchema = z.object({
  id: idSchema,
  /** "user:<id>", "token:<id>" or "system". */
  actor: z.string(),
  /** E-mail address or token's name; null when it is gone or the system. */
  actorName: z.string().nullable(),
  action: z.string(),
  /** "<kind>:<id>" */
  subject: z.string(),
  /** Its name now; null when it is gone or has none. */
  subjectName: z.string().nullable(),
  detail: z.record(z.string(), z.unknown()),
  hash: z.string(),
  previousHash: z.string(),
  createdAt: timeSchema,
});
export type AuditEntryView = z.infer<typeof auditEntrySchema>;
export const auditQuerySchema = pageQuerySchema.extend({ action: z.string().max(60).optional() });
export const auditVerificationSchema = z.object({
  entries: z.number().int(),
  intact: z.boolean(),
  /** The first entry that does not continue the chain. */
  brokenAt: idSchema.nullable(),
});
