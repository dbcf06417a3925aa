import type { Transaction } from '@/platform/database/database';
import type { SettingChange } from './events';
import { insertOutbox, type OutboxEntry, openChannels } from './outbox';

/** The same change is told once in this time, ms, however many orders or workers notice it. */
const SPELL = 600_000;

export type ChangedSettings = {
  readonly tenantId: string;
  readonly accountId: string;
  readonly changes: readonly SettingChange[];
};

/** Accounts stand at other settings at the venue than we knew: tells the tenant and their customers, each account in one message. */
export async function queueSettingsChanged(
  tx: Transaction,
  tenantId: string,
  accounts: readonly Omit<ChangedSettings, 'tenantId'>[],
  now: number,
): Promise<number> {
  const changed = accounts.filter(({ changes }) => changes.length > 0);
  if (changed.length === 0) return 0;
  const channels = await openChannels(tx, tenantId);
  if (channels.length === 0) return 0;
  const rows = await tx.exchangeAccount.findMany({
    where: { tenantId, id: { in: changed.map(({ accountId }) => accountId) } },
    select: { id: true, label: true, venue: true, mode: true, customerId: true, customer: { select: { name: true } } },
  });
  const entries = changed.flatMap(({ accountId, changes }): OutboxEntry[] => {
    const account = rows.find(({ id }) => id === accountId);
    if (account === undefined) return [];
    const { customerId, customer, label, venue, mode } = account;
    const entry = {
      event: 'settings_changed' as const,
      dedupeKey: keyOf(accountId, changes, now),
      payload: { accountId, customerName: customer.name, label, venue, mode, changes: [...changes], at: now },
    };
    return [
      { ...entry, audience: { kind: 'tenant' } },
      { ...entry, audience: { kind: 'customer', customerId } },
    ];
  });
  return insertOutbox(tx, tenantId, entries, now, channels);
}

function keyOf(accountId: string, [first]: readonly SettingChange[], now: number): string {
  const change = first === undefined ? '' : `${first.setting}:${first.symbol ?? ''}:${first.to}`;
  return `settings:${accountId}:${Math.floor(now / SPELL)}:${change}`.slice(0, 120);
}
