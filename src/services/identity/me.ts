import type { z } from 'zod';
import type { MeView, TenantView, updateMeSchema, updateTenantSchema } from '@/contracts/api/identity';
import { AppError } from '@/contracts/envelope';
import { audited, changedFields } from '../audit/audit-trail';
import { getCustomer } from '../customers/customers';
import { announceKillSwitch, changeKillSwitch } from '../safety/set-kill-switch';
import type { WebContext } from '../web-context';
import type { Actor } from './actor';
import { hashPassword, verifyPassword } from './passwords';

const TENANT = { id: true, name: true, slug: true, killSwitch: true } as const;

/** Who is calling, and for whom. */
export async function getMe(context: WebContext, actor: Actor): Promise<MeView> {
  const rows = context.database.forTenant(actor.tenantId);
  const [tenant, user, token, customer] = await Promise.all([
    getTenant(context, actor),
    actor.userId === null
      ? null
      : rows.user.findUnique({ where: { id: actor.userId }, select: { email: true, locale: true } }),
    actor.tokenId === null ? null : rows.apiToken.findUnique({ where: { id: actor.tokenId }, select: { name: true } }),
    actor.customerId === null ? null : getCustomer(context, actor, actor.customerId),
  ]);
  return {
    actor: {
      role: actor.role,
      userId: actor.userId,
      tokenId: actor.tokenId,
      customerId: actor.customerId,
      name: customer?.name ?? token?.name ?? user?.email ?? '',
      email: user?.email ?? null,
      locale: user?.locale ?? null,
    },
    tenant,
    customer,
    liveTrading: context.environment.LIVE_TRADING,
  };
}

/** Changes the own language or password; a new password ends every session of the old one. Sessions only. */
export async function updateMe(
  context: WebContext,
  actor: Actor,
  input: z.output<typeof updateMeSchema>,
): Promise<MeView> {
  const { userId } = actor;
  if (userId === null) throw new AppError('FORBIDDEN', 'A token has no language and no password');
  const { locale, password, currentPassword } = input;
  let passwordHash: string | undefined;
  if (password !== undefined) {
    const user = await context.database
      .forTenant(actor.tenantId)
      .user.findUnique({ where: { id: userId }, select: { passwordHash: true } });
    if (!(await verifyPassword(user?.passwordHash ?? null, currentPassword ?? ''))) {
      throw new AppError('VALIDATION_ERROR', 'currentPassword: is not right', { field: 'currentPassword' });
    }
    passwordHash = await hashPassword(password);
  }
  await audited(context, actor, async (tx, note) => {
    await tx.user.updateMany({ where: { id: userId }, data: { locale, passwordHash } });
    note('user.update', `user:${userId}`, { ...changedFields({ locale }), newPassword: passwordHash !== undefined });
  });
  return getMe(context, actor);
}

export async function getTenant({ database }: Pick<WebContext, 'database'>, actor: Actor): Promise<TenantView> {
  return database.forTenant(actor.tenantId).tenant.findUniqueOrThrow({ where: { id: actor.tenantId }, select: TENANT });
}

export async function updateTenant(
  context: WebContext,
  actor: Actor,
  input: z.output<typeof updateTenantSchema>,
): Promise<TenantView> {
  const { killSwitch, confirm, ...fields } = input;
  const place = { scope: 'tenant', id: actor.tenantId } as const;
  const change = await audited(context, actor, async (tx, note) => {
    const switched =
      killSwitch === undefined ? null : await changeKillSwitch(tx, note, actor, place, killSwitch, confirm);
    await tx.tenant.updateMany({ where: { id: actor.tenantId }, data: fields });
    if (Object.keys(fields).length > 0) note('tenant.update', `tenant:${actor.tenantId}`, changedFields(fields));
    return switched;
  });
  await announceKillSwitch(context, actor.tenantId, change);
  return getTenant(context, actor);
}
