import type { z } from 'zod';
import type { KillSwitchView, setKillSwitchSchema } from '@/contracts/api/safety';
import { AppError } from '@/contracts/envelope';
import { adminRoom, customerRoom, type RealtimeMessage } from '@/contracts/realtime';
import type { KillSwitchLevel } from '@/domain/risk/types';
import { Prisma, type Transaction } from '@/platform/database/database';
import { appendEvents } from '@/platform/event-stream';
import { audited, type Note, type TenantTransaction } from '../audit/audit-trail';
import { type Actor, requireRole } from '../identity/actor';
import { queueKillSwitch } from '../notifications/queue';
import { optionalTimeText } from '../view-fields';
import type { WebContext } from '../web-context';
import { callWorkers } from './kill-switch-call';

/** A switch of one tenant. */
export type SwitchPlace = { readonly scope: 'tenant' | 'strategy' | 'customer'; readonly id: string };

/** What was changed, to be told once the change is committed. */
export type SwitchChange = SwitchPlace & {
  readonly name: string;
  readonly level: KillSwitchLevel;
  readonly previous: KillSwitchLevel;
  readonly at: number;
};

/**
 * Puts a switch on a level, inside the transaction of its caller: the row, the audit log and the notifications together.
 * Null: it stands there already. Throws NOT_FOUND, and VALIDATION_ERROR unless `confirm` is the name of what is switched.
 */
export async function changeKillSwitch(
  tx: TenantTransaction,
  note: Note,
  actor: Actor,
  place: SwitchPlace,
  level: KillSwitchLevel,
  confirm: string | undefined,
): Promise<SwitchChange | null> {
  const row = await readSwitch(tx, place);
  if (row === null) throw new AppError('NOT_FOUND', `There is no such ${place.scope}`);
  if (row.killSwitch === level) return null;
  if (confirm?.trim() !== row.name.trim()) {
    throw new AppError('VALIDATION_ERROR', `confirm: type the name of the ${place.scope} to throw its kill switch`, {
      field: 'confirm',
    });
  }
  const at = await readNow(tx, actor.tenantId);
  const where = { id: place.id };
  const data = { killSwitch: level, killSwitchAt: new Date(at) };
  if (place.scope === 'tenant') await tx.tenant.updateMany({ where, data });
  else if (place.scope === 'strategy') await tx.strategy.updateMany({ where, data });
  else await tx.customer.updateMany({ where, data });
  const change = { ...place, name: row.name, level, previous: row.killSwitch, at };
  note('kill_switch.set', `${place.scope}:${place.id}`, { level, previous: row.killSwitch });
  const { tenantId } = actor;
  await queueKillSwitch(tx as unknown as Transaction, { tenantId, ...change, now: at });
  return change;
}

/** Workers note by the database's clock what they have closed since. */
async function readNow(tx: TenantTransaction, tenantId: string): Promise<number> {
  const [row] = await tx.$queryRaw<{ now: Date }[]>(
    Prisma.sql`SELECT id AS tenantId, UTC_TIMESTAMP(3) AS now FROM Tenant WHERE id = ${tenantId}`,
  );
  if (row === undefined) throw new AppError('NOT_FOUND', 'There is no such tenant');
  return row.now.getTime();
}

function readSwitch(tx: TenantTransaction, { scope, id }: SwitchPlace) {
  const question = { where: { id }, select: { name: true, killSwitch: true } } as const;
  if (scope === 'tenant') return tx.tenant.findUnique(question);
  return scope === 'strategy' ? tx.strategy.findUnique(question) : tx.customer.findUnique(question);
}

/** Tells the workers and the browsers of a change that is committed. Never rejects: the rows are the truth. */
export async function announceKillSwitch(
  { redis, environment }: Pick<WebContext, 'redis' | 'environment'>,
  tenantId: string,
  change: SwitchChange | null,
): Promise<void> {
  if (change === null) return;
  const payload = { scope: change.scope, id: change.id, level: change.level };
  const messages: RealtimeMessage[] = [{ room: adminRoom(tenantId), event: 'kill_switch_update', payload }];
  if (change.scope === 'customer') {
    messages.push({ room: customerRoom(change.id), event: 'kill_switch_update', payload });
  }
  await Promise.all([
    callWorkers(redis, environment.REDIS_PREFIX),
    appendEvents(redis, environment.REDIS_PREFIX, messages).catch(() => undefined),
  ]);
}

/**
 * Throws or releases a switch of the actor's tenant. Workers obey within a second, also for what is planned but not sent.
 * Throws FORBIDDEN, NOT_FOUND and VALIDATION_ERROR.
 */
export async function setKillSwitch(
  context: WebContext,
  actor: Actor,
  input: z.output<typeof setKillSwitchSchema>,
): Promise<KillSwitchView> {
  if (input.scope === 'tenant') requireRole(actor, ['admin']);
  const place: SwitchPlace = input.scope === 'tenant' ? { scope: 'tenant', id: actor.tenantId } : input;
  const change = await audited(context, actor, (tx, note) =>
    changeKillSwitch(tx, note, actor, place, input.level, input.confirm),
  );
  await announceKillSwitch(context, actor.tenantId, change);
  return readView(context, actor, place);
}

async function readView({ database }: WebContext, actor: Actor, { scope, id }: SwitchPlace): Promise<KillSwitchView> {
  const tables = database.forTenant(actor.tenantId);
  const question = { where: { id }, select: { name: true, killSwitch: true, killSwitchAt: true } } as const;
  const row =
    scope === 'tenant'
      ? await tables.tenant.findUniqueOrThrow(question)
      : scope === 'strategy'
        ? await tables.strategy.findUniqueOrThrow(question)
        : await tables.customer.findUniqueOrThrow(question);
  return { scope, id, name: row.name, level: row.killSwitch, since: optionalTimeText(row.killSwitchAt) };
}
