import type { z } from 'zod';
import type { Page } from '@/contracts/api/common';
import type { ApiTokenView, createApiTokenSchema } from '@/contracts/api/identity';
import { AppError } from '@/contracts/envelope';
import { newId, newToken, sha256 } from '@/platform/ids';
import { audited } from '../audit/audit-trail';
import { afterTime, NEWEST_FIRST, toTimePage } from '../paging';
import { optionalTimeText, timeText } from '../view-fields';
import type { WebContext } from '../web-context';
import type { Actor } from './actor';

const COLUMNS = {
  id: true,
  name: true,
  prefix: true,
  role: true,
  customerId: true,
  expiresAt: true,
  revokedAt: true,
  lastUsedAt: true,
  createdAt: true,
} as const;

type Row = Pick<ApiTokenView, 'id' | 'name' | 'prefix' | 'role' | 'customerId'> & {
  expiresAt: Date | null;
  revokedAt: Date | null;
  lastUsedAt: Date | null;
  createdAt: Date;
};

function toView(row: Row): ApiTokenView {
  return {
    ...row,
    expiresAt: optionalTimeText(row.expiresAt),
    revokedAt: optionalTimeText(row.revokedAt),
    lastUsedAt: optionalTimeText(row.lastUsedAt),
    createdAt: timeText(row.createdAt),
  };
}

/** A new token and what is kept of it. The token is 256 random bits, so a plain hash cannot be guessed back. */
export function newApiToken(): { token: string; tokenHash: string; prefix: string } {
  const token = `ss_${newToken()}`;
  return { token, tokenHash: sha256(token), prefix: token.slice(0, 8) };
}

export async function listApiTokens(
  { database }: Pick<WebContext, 'database'>,
  actor: Actor,
  query: { cursor?: string | undefined; limit: number },
): Promise<Page<ApiTokenView>> {
  const rows = await database.forTenant(actor.tenantId).apiToken.findMany({
    where: afterTime(query.cursor),
    select: COLUMNS,
    orderBy: NEWEST_FIRST,
    take: query.limit + 1,
  });
  return toTimePage(rows, query.limit, toView);
}

/** The token is in this answer and nowhere else. */
export async function createApiToken(
  context: WebContext,
  actor: Actor,
  input: z.output<typeof createApiTokenSchema>,
): Promise<ApiTokenView & { token: string }> {
  const { name, role, customerId, expiresAt } = input;
  if ((role === 'customer') !== (customerId !== undefined)) {
    throw new AppError('VALIDATION_ERROR', 'customerId: belongs to the role customer, and to it alone', {
      field: 'customerId',
    });
  }
  const { token, tokenHash, prefix } = newApiToken();
  const row = await audited(context, actor, async (tx, note) => {
    if (customerId !== undefined) {
      const customer = await tx.customer.findUnique({ where: { id: customerId }, select: { id: true } });
      if (customer === null) throw new AppError('NOT_FOUND', 'There is no such customer', { field: 'customerId' });
    }
    const created = await tx.apiToken.create({
      data: {
        id: newId(),
        tenantId: actor.tenantId,
        name,
        role,
        customerId,
        tokenHash,
        prefix,
        expiresAt: expiresAt === undefined ? null : new Date(expiresAt),
      },
      select: COLUMNS,
    });
    note('token.create', `token:${created.id}`, { name, role, customerId: customerId ?? null, prefix });
    return created;
  });
  return { ...toView(row), token };
}

/** Throws NOT_FOUND. Revoking twice changes nothing. */
export async function revokeApiToken(context: WebContext, actor: Actor, id: string): Promise<ApiTokenView> {
  const row = await audited(context, actor, async (tx, note) => {
    const { count } = await tx.apiToken.updateMany({
      where: { id, revokedAt: null },
      data: { revokedAt: new Date(context.clock.now()) },
    });
    const found = await tx.apiToken.findUnique({ where: { id }, select: COLUMNS });
    if (found === null) throw new AppError('NOT_FOUND', 'There is no such token');
    if (count > 0) note('token.revoke', `token:${id}`, { name: found.name });
    return found;
  });
  return toView(row);
}
