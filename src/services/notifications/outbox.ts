import { bulkInsert } from '@/platform/database/bulk';
import type { Transaction } from '@/platform/database/database';
import { newId } from '@/platform/ids';
import type { OutboxPayload } from './events';

/** Who hears of it: the tenant's own channels, or those of one customer. */
export type Audience =
  | { readonly kind: 'tenant' }
  | { readonly kind: 'customer'; readonly customerId: string }
  /** One channel alone: its test message. */
  | { readonly kind: 'channel'; readonly channelId: string };

/** One thing to tell one audience. `dedupeKey` (≤ 120 characters) makes each channel hear of it once. */
export type OutboxEntry = OutboxPayload & { readonly audience: Audience; readonly dedupeKey: string };

/** A channel as far as the outbox needs it. */
export type OutboxChannel = { readonly id: string; readonly customerId: string | null };

/**
 * The tenant's enabled channels. Locks them against deletion until the transaction ends, because rows that name
 * them follow.
 */
export async function openChannels(tx: Transaction, tenantId: string): Promise<readonly OutboxChannel[]> {
  return tx.$queryRaw<OutboxChannel[]>`
    SELECT id, customerId FROM NotificationChannel
    WHERE tenantId = ${tenantId} AND enabled = 1 LOCK IN SHARE MODE`;
}

/**
 * Writes entries into the outbox, one row a channel that should hear of them, all in one statement. Call it in the
 * transaction of what it tells: both are there, or neither. An entry that is there already stays as it is.
 * Answers how many rows were added.
 *
 * @param channels what `openChannels` answered in the same transaction, where the caller has it already
 */
export async function insertOutbox(
  tx: Transaction,
  tenantId: string,
  entries: readonly OutboxEntry[],
  now: number,
  channels?: readonly OutboxChannel[],
): Promise<number> {
  if (entries.length === 0) return 0;
  const open = channels ?? (await openChannels(tx, tenantId));
  const at = new Date(now);
  const rows = entries.flatMap((entry) => {
    const payload = JSON.stringify(entry.payload);
    return hearers(entry.audience, open).map((channelId) => ({
      id: newId(now),
      channelId,
      dedupeKey: entry.dedupeKey,
      event: entry.event,
      payload,
      nextAttemptAt: at,
      createdAt: at,
    }));
  });
  return bulkInsert(tx, 'Notification', tenantId, COLUMNS, rows, 'ignore');
}

const COLUMNS = {
  id: 'CHAR(32)',
  channelId: 'CHAR(32)',
  dedupeKey: 'VARCHAR(120)',
  event: 'VARCHAR(64)',
  payload: 'LONGTEXT',
  nextAttemptAt: 'DATETIME(3)',
  createdAt: 'DATETIME(3)',
} as const;

function hearers(audience: Audience, channels: readonly OutboxChannel[]): readonly string[] {
  switch (audience.kind) {
    case 'tenant':
      return channels.filter((channel) => channel.customerId === null).map((channel) => channel.id);
    case 'customer':
      return channels.filter((channel) => channel.customerId === audience.customerId).map((channel) => channel.id);
    case 'channel':
      return [audience.channelId];
  }
}
