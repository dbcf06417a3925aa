import { z } from 'zod';
import { idSchema, nameSchema, pageQuerySchema, timeSchema } from './common';

export const CHANNEL_KINDS = ['dingtalk'] as const;
export type ChannelKind = (typeof CHANNEL_KINDS)[number];
export const CHANNEL_LOCALES = ['zh', 'en'] as const;
export type ChannelLocale = (typeof CHANNEL_LOCALES)[number];
/** unproved: nothing was sent yet. failing: the last message was not delivered. */
export const CHANNEL_HEALTHS = ['unproved', 'healthy', 'failing'] as const;

export const notificationChannelSchema = z.object({
  id: idSchema,
  /** Null: the tenant's own channel, which hears of every signal. */
  customerId: idSchema.nullable(),
  customerName: z.string().nullable(),
  kind: z.enum(CHANNEL_KINDS),
  name: z.string(),
  locale: z.enum(CHANNEL_LOCALES),
  enabled: z.boolean(),
  /** The address with all but the last characters of its token hidden. The signing secret is part of no answer. */
  maskedUrl: z.string(),
  health: z.enum(CHANNEL_HEALTHS),
  /** What the last failed message was answered; null while healthy. */
  lastError: z.string().nullable(),
  lastSentAt: timeSchema.nullable(),
  /** Notifications that are queued and not yet sent. */
  waiting: z.number().int(),
  createdAt: timeSchema,
});
export type NotificationChannelView = z.infer<typeof notificationChannelSchema>;

const channelUrl = z.url().max(1000);
const channelSecret = z.string().trim().min(8, 'must have at least 8 characters').max(200);

export const createNotificationChannelSchema = z.strictObject({
  /** Absent or null: the tenant's own channel (admins). A customer's own id is used for himself. */
  customerId: idSchema.nullable().optional(),
  kind: z.enum(CHANNEL_KINDS).default('dingtalk'),
  name: nameSchema,
  /** The robot's webhook address, with its access_token. */
  url: channelUrl,
  /** The robot's signing secret ("加签"), as DingTalk shows it: SEC… */
  secret: channelSecret,
  locale: z.enum(CHANNEL_LOCALES).default('zh'),
  enabled: z.boolean().default(true),
});

export const updateNotificationChannelSchema = z
  .strictObject({
    name: nameSchema,
    url: channelUrl,
    secret: channelSecret,
    locale: z.enum(CHANNEL_LOCALES),
    enabled: z.boolean(),
  })
  .partial();

export const notificationChannelQuerySchema = pageQuerySchema.extend({ customerId: idSchema.optional() });

/** pending: not sent within the time that the request waits (quota, or no scheduler is running); it stays queued. */
export const channelTestSchema = z.object({
  notificationId: idSchema,
  result: z.enum(['sent', 'failed', 'pending']),
  error: z.string().nullable(),
});
export type ChannelTest = z.infer<typeof channelTestSchema>;
