import type { ChannelLocale } from '@/contracts/api/notifications';
import type { Cipher } from '@/platform/cipher';
import type { Clock } from '@/platform/clock';
import type { Database } from '@/platform/database/database';
import { failureKind } from '@/platform/database/failure-kind';
import { newId } from '@/platform/ids';
import type { Logger } from '@/platform/log';
import { unsealChannelConfig } from './channel-config';
import type { ChannelConfig, ChannelMessage, ChannelSender, SendOutcome } from './channel-sender';
import { type OutboxPayload, parseOutboxPayload } from './events';
import { type Composed, compose } from './message/compose';
import { type Links, render } from './message/render';
import { type ChannelUse, type DueRow, outboxRows } from './outbox-rows';
import { AddressUse, mayLeave, stricter } from './pace';

export type OutboxSenderOptions = {
  readonly database: Database;
  readonly cipher: Cipher;
  readonly senders: readonly ChannelSender[];
  readonly clock: Clock;
  readonly logger: Logger;
  /** Where messages link to, by who reads them. */
  readonly links: (reader: 'tenant' | 'customer') => Links;
};

/** A claim is good for so long: well above the time-out of one delivery. */
const LEASE_MS = 30_000;
/** Tries of one notification, over about three hours. */
const MOST_ATTEMPTS = 20;
const FIRST_PAUSE_MS = 5_000;
const FIRST_QUOTA_PAUSE_MS = 60_000;
const LONGEST_PAUSE_MS = 600_000;
/** Notifications in one message, whatever the size limit allows. */
const LARGEST_BATCH = 100;
/** As many as the outgoing connections, so that no delivery's time-out runs while it waits for one. */
const DELIVERIES_AT_ONCE = 16;

export interface OutboxSender {
  /** Sends what is due, at most one message a channel. Answers how many messages were tried. Rejects where the database is away. */
  runOnce(): Promise<number>;
}

type Channel = {
  readonly id: string;
  readonly tenantId: string;
  readonly customerId: string | null;
  readonly kind: string;
  readonly locale: ChannelLocale;
  readonly enabled: boolean;
  readonly config: ChannelConfig | null;
};

type Parsed = { readonly id: string; readonly attempts: number; readonly item: OutboxPayload };

/**
 * Delivers the outbox. Everything that it must remember stands in the rows, so another process can take its place at any
 * moment: what it had claimed is due again when its lease ends. Each notification is delivered at least once; twice only where the
 * process died, or lost the database, between the delivery and the note of it.
 */
export function createOutboxSender(options: OutboxSenderOptions): OutboxSender {
  const { database, cipher, clock, logger } = options;
  const rows = outboxRows(database.system);
  const senders = new Map<string, ChannelSender>(options.senders.map((sender) => [sender.kind, sender]));
  const addresses = new AddressUse();
  const longestWindow = Math.max(0, ...options.senders.map((sender) => sender.quota.windowMs));

  async function readChannels(ids: readonly string[]): Promise<Channel[]> {
    const found = await database.system.notificationChannel.findMany({
      where: { id: { in: [...ids] } },
      include: { tenant: { select: { id: true, wrappedKey: true } } },
    });
    return found.map((channel) => ({
      id: channel.id,
      tenantId: channel.tenantId,
      customerId: channel.customerId,
      kind: channel.kind,
      locale: channel.locale === 'en' ? 'en' : 'zh',
      enabled: channel.enabled,
      config: unsealOrNull(channel),
    }));
  }

  function unsealOrNull(channel: {
    id: string;
    configSealed: string;
    tenant: { id: string; wrappedKey: string };
  }): ChannelConfig | null {
    try {
      return unsealChannelConfig(cipher.forTenant(channel.tenant), channel.id, channel.configSealed);
    } catch {
      return null;
    }
  }

  /** The rows that can be told; the others are settled as failed. */
  async function readable(channel: Channel, due: readonly DueRow[], now: number): Promise<Parsed[]> {
    const good: Parsed[] = [];
    const refuse = async (row: DueRow, error: string): Promise<void> => {
      logger.warn({ channelId: channel.id, notificationId: row.id, error }, 'notification was given up');
      await rows.markFailed([row.id], now, error);
    };
    for (const row of due) {
      if (row.attempts >= MOST_ATTEMPTS) await refuse(row, 'GAVE_UP: too many attempts');
      else if (!channel.enabled && row.event !== 'test') await refuse(row, 'CHANNEL_DISABLED: the channel is off');
      else {
        const item = tellableOrNull(row, channel);
        if (item === null) await refuse(row, 'PAYLOAD_INVALID: the notification cannot be read');
        else good.push({ id: row.id, attempts: row.attempts, item });
      }
    }
    return good;
  }

  /** One message to one channel. The quota was checked and noted before. Answers whether something was tried. */
  async function deliver(channel: Channel, config: ChannelConfig, sender: ChannelSender): Promise<boolean> {
    const now = clock.now();
    const due = await readable(channel, await rows.due(channel.id, now, LARGEST_BATCH), now);
    if (due.length === 0) return false;
    const composeFor = (parts: readonly Parsed[]): Composed =>
      compose(
        parts.map((part) => part.item),
        {
          locale: channel.locale,
          links: options.links(channel.customerId === null ? 'tenant' : 'customer'),
          fits: (message) => sender.fits(message),
        },
      );
    const planned = composeFor(due);
    const batch = due.slice(0, planned.taken);
    const batchId = newId(now);
    const claimed = await rows.claim(
      batch.map((part) => part.id),
      batchId,
      now,
      now + LEASE_MS,
    );
    const mine = batch.filter((part) => claimed.has(part.id));
    if (mine.length === 0) return false;
    // A part of what fitted fits too.
    const { message } = mine.length === batch.length ? planned : composeFor(mine);
    const outcome = await trySending(sender, config, message);
    await settle(channel, batchId, mine, outcome);
    return true;
  }

  async function trySending(
    sender: ChannelSender,
    config: ChannelConfig,
    message: ChannelMessage,
  ): Promise<SendOutcome> {
    try {
      return await sender.send(config, message, clock.now());
    } catch (error) {
      logger.error({ reason: (error as Error).message }, 'a sender failed');
      return { kind: 'failed', code: 'INTERNAL', message: 'the message could not be sent' };
    }
  }

  async function settle(
    channel: Channel,
    batchId: string,
    batch: readonly Parsed[],
    outcome: SendOutcome,
  ): Promise<void> {
    const now = clock.now();
    const about = { channelId: channel.id, tenantId: channel.tenantId, batchId, notifications: batch.length };
    if (outcome.kind === 'sent') {
      await rows.markSent(batchId, now);
      logger.info(about, 'message sent');
      return;
    }
    const error = `${outcome.code}: ${outcome.message}`.slice(0, 300);
    const attempt = 1 + Math.min(...batch.map((part) => part.attempts));
    if (outcome.kind === 'failed' || attempt >= MOST_ATTEMPTS) {
      await rows.markFailed(
        batch.map((part) => part.id),
        now,
        error,
      );
      logger.error({ ...about, error }, 'message failed');
      return;
    }
    const first = outcome.kind === 'rate_limited' ? FIRST_QUOTA_PAUSE_MS : FIRST_PAUSE_MS;
    const pause = Math.min(LONGEST_PAUSE_MS, first * 2 ** (attempt - 1));
    await rows.postpone(batchId, now + pause, error);
    logger.warn({ ...about, error, attempt, pauseMs: pause }, 'message postponed');
  }

  function tellableOrNull(row: DueRow, { locale, customerId }: Channel): OutboxPayload | null {
    try {
      const item = parseOutboxPayload(row.event, row.payload);
      render(item, locale, options.links(customerId === null ? 'tenant' : 'customer'));
      return item;
    } catch {
      return null;
    }
  }

  async function failAll(channel: Channel, error: string): Promise<void> {
    const now = clock.now();
    const due = await rows.due(channel.id, now, LARGEST_BATCH);
    await rows.markFailed(
      due.map((row) => row.id),
      now,
      error,
    );
    logger.error({ channelId: channel.id, error, notifications: due.length }, 'channel cannot be used');
  }

  async function serve(channel: Channel, uses: ReadonlyMap<string, ChannelUse>): Promise<boolean> {
    const sender = senders.get(channel.kind);
    if (sender === undefined) {
      await failAll(channel, 'KIND_UNKNOWN: nothing sends to this kind of channel');
      return false;
    }
    if (channel.config === null) {
      await failAll(channel, 'UNSEAL_FAILED: the address cannot be opened, enter it again');
      return false;
    }
    const now = clock.now();
    const address = sender.addressKey(channel.config);
    const sent = stricter(uses.get(address), addresses.since(address, now - sender.quota.windowMs));
    if (!mayLeave(sender.quota, sent, now)) return false;
    // Noted before anything is awaited: channels with the same address are served at the same time.
    addresses.note(address, now);
    return deliver(channel, channel.config, sender);
  }

  /** What the rows say of each address, over all channels that lead there. */
  function usesByAddress(channels: readonly Channel[], uses: ReadonlyMap<string, ChannelUse>): Map<string, ChannelUse> {
    const total = new Map<string, ChannelUse>();
    for (const channel of channels) {
      const use = uses.get(channel.id);
      const sender = senders.get(channel.kind);
      if (use === undefined || sender === undefined || channel.config === null) continue;
      const address = sender.addressKey(channel.config);
      const known = total.get(address);
      total.set(address, {
        messages: (known?.messages ?? 0) + use.messages,
        lastAt: Math.max(known?.lastAt ?? 0, use.lastAt),
      });
    }
    return total;
  }

  return {
    async runOnce() {
      const now = clock.now();
      const due = await rows.dueChannels(now);
      if (due.length === 0) return 0;
      const [paused, uses] = await Promise.all([rows.pausedChannels(now), rows.usesSince(now - longestWindow)]);
      const waiting = new Set(due.filter((id) => !paused.has(id)));
      const known = await readChannels([...new Set([...waiting, ...uses.keys()])]);
      const used = usesByAddress(known, uses);
      const channels = known.filter((channel) => waiting.has(channel.id));
      let messages = 0;
      for (let start = 0; start < channels.length; start += DELIVERIES_AT_ONCE) {
        const slice = channels.slice(start, start + DELIVERIES_AT_ONCE);
        const tried = await Promise.allSettled(slice.map((channel) => serve(channel, used)));
        for (const [index, result] of tried.entries()) {
          if (result.status === 'fulfilled') messages += result.value ? 1 : 0;
          else if (failureKind(result.reason) === 'database') throw result.reason;
          else {
            // Its other channels wait for nobody, and it is not tried for ever.
            const channel = slice[index];
            if (channel !== undefined) await failAll(channel, 'INTERNAL: its messages cannot be made');
          }
        }
      }
      return messages;
    },
  };
}
