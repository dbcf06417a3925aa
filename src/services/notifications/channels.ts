import type { z } from 'zod';
import type { Page } from '@/contracts/api/common';
import {
  CHANNEL_KINDS,
  CHANNEL_LOCALES,
  type ChannelKind,
  type ChannelTest,
  type createNotificationChannelSchema,
  type NotificationChannelView,
  type notificationChannelQuerySchema,
  type updateNotificationChannelSchema,
} from '@/contracts/api/notifications';
import { AppError } from '@/contracts/envelope';
import type { TenantCipher } from '@/platform/cipher';
import { currentTime } from '@/platform/clock';
import { retryTransaction } from '@/platform/database/retry';
import { newId } from '@/platform/ids';
import type { OutboundPolicy } from '@/platform/outbound';
import { audited, changedFields, type TenantTransaction } from '../audit/audit-trail';
import { type Actor, ownRows, visibleCustomer } from '../identity/actor';
import { afterTime, NEWEST_FIRST, toTimePage } from '../paging';
import { timeText } from '../view-fields';
import type { WebContext } from '../web-context';
import { maskUrl, sealChannelConfig, unsealChannelConfig } from './channel-config';
import { type ChannelHealth, channelHealths } from './channel-health';
import { checkDingTalkUrl } from './dingtalk/sender';
import type { OutboxPayload } from './events';
import { notificationPolicy } from './outbound-policy';

type Row = {
  id: string;
  customerId: string | null;
  customer: { name: string } | null;
  kind: string;
  name: string;
  configSealed: string;
  locale: string;
  enabled: boolean;
  createdAt: Date;
};

const COLUMNS = { customer: { select: { name: true } } } as const;

function toView(row: Row, cipher: TenantCipher, health: ChannelHealth): NotificationChannelView {
  return {
    id: row.id,
    customerId: row.customerId,
    customerName: row.customer?.name ?? null,
    kind: CHANNEL_KINDS.find((kind) => kind === row.kind) ?? 'dingtalk',
    name: row.name,
    locale: CHANNEL_LOCALES.find((locale) => locale === row.locale) ?? 'zh',
    enabled: row.enabled,
    maskedUrl: maskUrl(unsealChannelConfig(cipher, row.id, row.configSealed).reveal().url),
    ...health,
    createdAt: timeText(row.createdAt),
  };
}

/** Staff see the tenant's channels and those of its customers, a customer sees his own. */
export async function listChannels(
  context: WebContext,
  actor: Actor,
  query: z.output<typeof notificationChannelQuerySchema>,
): Promise<Page<NotificationChannelView>> {
  const tables = context.database.forTenant(actor.tenantId);
  const rows = await tables.notificationChannel.findMany({
    where: { customerId: visibleCustomer(actor, query.customerId), AND: [afterTime(query.cursor)] },
    include: COLUMNS,
    orderBy: NEWEST_FIRST,
    take: query.limit + 1,
  });
  const [cipher, healthOf] = await Promise.all([
    tenantCipher(context, actor.tenantId),
    channelHealths(
      tables,
      actor.tenantId,
      rows.map((row) => row.id),
    ),
  ]);
  return toTimePage(rows, query.limit, (row) => toView(row, cipher, healthOf(row.id)));
}

/** Throws NOT_FOUND. */
export async function getChannel(context: WebContext, actor: Actor, id: string): Promise<NotificationChannelView> {
  const tables = context.database.forTenant(actor.tenantId);
  const row = await tables.notificationChannel.findFirst({ where: { id, ...ownRows(actor) }, include: COLUMNS });
  if (row === null) throw notFound();
  const [cipher, healthOf] = await Promise.all([
    tenantCipher(context, actor.tenantId),
    channelHealths(tables, actor.tenantId, [id]),
  ]);
  return toView(row, cipher, healthOf(id));
}

/** Throws VALIDATION_ERROR for an address that messages must not be sent to, NOT_FOUND for an unknown customer. */
export async function createChannel(
  context: WebContext,
  actor: Actor,
  input: z.output<typeof createNotificationChannelSchema>,
): Promise<NotificationChannelView> {
  const customerId = visibleCustomer(actor, input.customerId ?? undefined) ?? null;
  const { kind, name, url, secret, locale, enabled } = input;
  checkUrl(kind, url, notificationPolicy(context.environment));
  const id = newId();
  const cipher = await tenantCipher(context, actor.tenantId);
  await audited(context, actor, async (tx, note) => {
    if (customerId !== null) {
      const customer = await tx.customer.findUnique({ where: { id: customerId }, select: { id: true } });
      if (customer === null) throw new AppError('NOT_FOUND', 'There is no such customer', { field: 'customerId' });
    }
    const configSealed = sealChannelConfig(cipher, id, { url, secret });
    await tx.notificationChannel.create({
      data: { id, tenantId: actor.tenantId, customerId, kind, name, locale, enabled, configSealed },
    });
    note('channel.create', `channel:${id}`, { customerId, kind, name, locale, enabled });
  });
  return getChannel(context, actor, id);
}

/** A new address or secret is tried at once with what waits. Throws NOT_FOUND and VALIDATION_ERROR. */
export async function updateChannel(
  context: WebContext,
  actor: Actor,
  id: string,
  input: z.output<typeof updateNotificationChannelSchema>,
): Promise<NotificationChannelView> {
  const { url, secret, ...fields } = input;
  const cipher = await tenantCipher(context, actor.tenantId);
  await audited(context, actor, async (tx, note) => {
    const row = await tx.notificationChannel.findFirst({ where: { id, ...ownRows(actor) } });
    if (row === null) throw notFound();
    if (url !== undefined) checkUrl(row.kind, url, notificationPolicy(context.environment));
    const newConfig = url !== undefined || secret !== undefined;
    const known = newConfig ? unsealChannelConfig(cipher, id, row.configSealed).reveal() : null;
    await tx.notificationChannel.updateMany({
      where: { id },
      data: {
        ...fields,
        ...(known === null
          ? {}
          : { configSealed: sealChannelConfig(cipher, id, { url: url ?? known.url, secret: secret ?? known.secret }) }),
      },
    });
    if (newConfig) await wake(tx, id, context.clock.now());
    note('channel.update', `channel:${id}`, {
      ...changedFields(fields),
      ...(url === undefined ? {} : { newUrl: true }),
      ...(secret === undefined ? {} : { newSecret: true }),
    });
  });
  return getChannel(context, actor, id);
}

/** Removes a channel with everything that it was told or should have been. Throws NOT_FOUND. */
export async function deleteChannel(context: WebContext, actor: Actor, id: string): Promise<{ id: string }> {
  await audited(context, actor, async (tx, note) => {
    // Locks the channel first, as those who add notifications do: none can follow the ones that are removed here.
    const { count } = await tx.notificationChannel.updateMany({
      where: { id, ...ownRows(actor) },
      data: { enabled: false },
    });
    if (count === 0) throw notFound();
    await tx.notification.deleteMany({ where: { channelId: id } });
    await tx.notificationChannel.deleteMany({ where: { id } });
    note('channel.delete', `channel:${id}`);
  });
  return { id };
}

const WAIT_MS = 5_000;
const LOOK_MS = 100;

/** Sends a test message through the outbox and waits for what becomes of it. Throws NOT_FOUND. */
export async function testChannel(context: WebContext, actor: Actor, id: string): Promise<ChannelTest> {
  const tables = context.database.forTenant(actor.tenantId);
  const row = await tables.notificationChannel.findFirst({
    where: { id, ...ownRows(actor) },
    select: { name: true },
  });
  if (row === null) throw notFound();
  const notificationId = newId();
  const now = context.clock.now();
  const item = { event: 'test', payload: { channelName: row.name, at: now } } as const satisfies OutboxPayload;
  await retryTransaction(() =>
    tables.$transaction(async (tx) => {
      await wake(tx, id, now);
      await tx.notification.create({
        data: {
          id: notificationId,
          tenantId: actor.tenantId,
          channelId: id,
          dedupeKey: `test:${notificationId}`,
          ...item,
          nextAttemptAt: new Date(now),
          createdAt: new Date(now),
        },
      });
    }),
  );
  const deadline = currentTime() + WAIT_MS;
  for (;;) {
    const found = await tables.notification.findUnique({
      where: { id: notificationId },
      select: { status: true, lastError: true },
    });
    if (found === null) throw notFound();
    if (found.status === 'sent') return { notificationId, result: 'sent', error: null };
    if (found.status === 'failed') return { notificationId, result: 'failed', error: found.lastError };
    // Tried, and to be tried again: that is an answer as well.
    if ((found.status === 'pending' && found.lastError !== null) || currentTime() >= deadline) {
      return { notificationId, result: 'pending', error: found.lastError };
    }
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
  }
}

/** Ends the pause after failures, but not one that the service asked for. */
async function wake(tx: TenantTransaction, channelId: string, now: number): Promise<void> {
  await tx.notification.updateMany({
    where: {
      channelId,
      status: 'pending',
      lastError: { not: null },
      NOT: { lastError: { startsWith: 'RATE_LIMITED' } },
    },
    data: { nextAttemptAt: new Date(now) },
  });
}

function checkUrl(kind: string, url: string, policy: OutboundPolicy): void {
  const checks: Readonly<Record<ChannelKind, typeof checkDingTalkUrl>> = { dingtalk: checkDingTalkUrl };
  const known = CHANNEL_KINDS.find((candidate) => candidate === kind);
  if (known !== undefined) checks[known](url, policy);
}

async function tenantCipher({ database, cipher }: WebContext, tenantId: string): Promise<TenantCipher> {
  const tenant = await database.system.tenant.findUniqueOrThrow({
    where: { id: tenantId },
    select: { id: true, wrappedKey: true },
  });
  return cipher.forTenant(tenant);
}

function notFound(): AppError {
  return new AppError('NOT_FOUND', 'There is no such notification channel');
}
