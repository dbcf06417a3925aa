import { adminRoom, type RealtimeMessage } from '@/contracts/realtime';
import type { KillSwitchLevel } from '@/domain/risk/types';
import type { Clock } from '@/platform/clock';
import type { Database, Transaction } from '@/platform/database/database';
import { databaseNow } from '@/platform/database/now';
import { audited } from '../audit/audit-trail';
import { queueKillSwitch } from '../notifications/queue';
import { PLATFORM_ROW } from './kill-switch-board';

/**
 * Throws or releases the switch of the whole installation: for whoever runs it, by command; no tenant's log-in reaches it.
 * Noted in every tenant's audit log and told to every tenant. Answers the level before and what to push.
 */
export async function setPlatformKillSwitch(
  context: { readonly database: Database; readonly clock: Clock },
  level: KillSwitchLevel,
): Promise<{ readonly previous: KillSwitchLevel; readonly messages: readonly RealtimeMessage[] }> {
  const { system } = context.database;
  const before = await system.platform.findUnique({ where: { id: PLATFORM_ROW } });
  const previous = before?.killSwitch ?? 'none';
  if (previous === level) return { previous, messages: [] };
  const at = (await databaseNow(system)).getTime();
  // The switch first: it must hold even where telling of it fails.
  const values = { killSwitch: level, killSwitchAt: new Date(at) };
  await system.platform.upsert({
    where: { id: PLATFORM_ROW },
    create: { id: PLATFORM_ROW, ...values },
    update: values,
  });
  const tenants = await system.tenant.findMany({ select: { id: true } });
  for (const { id: tenantId } of tenants) {
    await audited(context, { tenantId, system: true }, async (tx, note) => {
      note('kill_switch.set', 'platform', { level, previous });
      const about = { scope: 'platform', id: 'platform', name: 'platform', level, previous } as const;
      await queueKillSwitch(tx as unknown as Transaction, { tenantId, ...about, now: at });
    });
  }
  const payload = { scope: 'platform', id: null, level } as const;
  const messages = tenants.map(({ id }) => ({ room: adminRoom(id), event: 'kill_switch_update' as const, payload }));
  return { previous, messages };
}
