import { z } from 'zod';
import type { Page } from '@/contracts/api/common';
import type { createSignalSourceSchema, SignalSourceView, updateSignalSourceSchema } from '@/contracts/api/copying';
import { AppError } from '@/contracts/envelope';
import type { TenantCipher } from '@/platform/cipher';
import { Prisma } from '@/platform/database/database';
import { newId, newToken, sha256 } from '@/platform/ids';
import { audited, changedFields, type TenantTransaction } from '../audit/audit-trail';
import type { Actor } from '../identity/actor';
import { afterName, BY_NAME, toNamePage } from '../paging';
import { decimalText, optionalTimeText, parsedJson, timeText } from '../view-fields';
import type { WebContext } from '../web-context';
import { hmacKeyPlace, tokenPlace } from './sealed-fields';

type Row = Prisma.SignalSourceGetPayload<object>;
export type SignalSourceWithKey = SignalSourceView & { hmacKey: string | null };

const addressesSchema = z.array(z.string()).nullable().catch(null);

/** `cipher` null: the reader may not see the address. */
function toView(row: Row, cipher: TenantCipher | null, publicUrl: string): SignalSourceView {
  return {
    id: row.id,
    name: row.name,
    kind: row.kind,
    venue: row.venue,
    format: row.format,
    webhookUrl:
      cipher === null || row.kind !== 'webhook'
        ? null
        : new URL(`/api/webhooks/${cipher.unseal(row.tokenSealed, tokenPlace(row.id))}`, publicUrl).href,
    signed: row.hmacSealed !== null,
    allowedIps: addressesSchema.parse(parsedJson(row.allowedIps)),
    maxLagMs: row.maxLagMs,
    leaderEquity: decimalText(row.leaderEquity),
    usdMeansUsdt: row.usdMeansUsdt,
    enabled: row.enabled,
    lastSignalAt: optionalTimeText(row.lastSignalAt),
    createdAt: timeText(row.createdAt),
  };
}

async function cipherFor(
  { database, cipher }: Pick<WebContext, 'database' | 'cipher'>,
  actor: Actor,
): Promise<TenantCipher | null> {
  if (actor.role !== 'admin') return null;
  const tenant = await database.system.tenant.findUniqueOrThrow({
    where: { id: actor.tenantId },
    select: { id: true, wrappedKey: true },
  });
  return cipher.forTenant(tenant);
}

export async function listSources(
  context: WebContext,
  actor: Actor,
  query: { cursor?: string | undefined; limit: number },
): Promise<Page<SignalSourceView>> {
  const [cipher, rows] = await Promise.all([
    cipherFor(context, actor),
    context.database.forTenant(actor.tenantId).signalSource.findMany({
      where: afterName(query.cursor),
      orderBy: BY_NAME,
      take: query.limit + 1,
    }),
  ]);
  return toNamePage(rows, query.limit, (row) => toView(row, cipher, context.environment.NEXTAUTH_URL));
}

/** Throws NOT_FOUND. */
export async function getSource(context: WebContext, actor: Actor, id: string): Promise<SignalSourceView> {
  const [cipher, row] = await Promise.all([
    cipherFor(context, actor),
    context.database.forTenant(actor.tenantId).signalSource.findUnique({ where: { id } }),
  ]);
  if (row === null) throw notFound();
  return toView(row, cipher, context.environment.NEXTAUTH_URL);
}

/** A new webhook with its secret address. The HMAC key, where asked for, is in this answer alone. */
export async function createSource(
  context: WebContext,
  actor: Actor,
  input: z.output<typeof createSignalSourceSchema>,
): Promise<SignalSourceWithKey> {
  const { signed, allowedIps, ...fields } = input;
  const id = newId();
  const token = newToken();
  const hmacKey = signed ? newToken() : null;
  await audited(context, actor, async (tx, note) => {
    const cipher = await tenantCipher(context, tx, actor.tenantId);
    await tx.signalSource.create({
      data: {
        id,
        tenantId: actor.tenantId,
        ...fields,
        allowedIps: allowedIps === null ? Prisma.DbNull : allowedIps,
        ...sealedToken(cipher, id, token),
        hmacSealed: hmacKey === null ? null : cipher.seal(hmacKey, hmacKeyPlace(id)),
      },
    });
    note('source.create', `source:${id}`, changedFields(input));
  });
  return { ...(await getSource(context, actor, id)), hmacKey };
}

/** Throws NOT_FOUND. The old address stops working the moment a new one is made. */
export async function updateSource(
  context: WebContext,
  actor: Actor,
  id: string,
  input: z.output<typeof updateSignalSourceSchema>,
): Promise<SignalSourceWithKey> {
  const { rotateToken, rotateHmacKey, allowedIps, ...fields } = input;
  const hmacKey = rotateHmacKey ? newToken() : null;
  await audited(context, actor, async (tx, note) => {
    const cipher = await tenantCipher(context, tx, actor.tenantId);
    const { count } = await tx.signalSource.updateMany({
      where: { id },
      data: {
        ...fields,
        allowedIps: allowedIps === null ? Prisma.DbNull : allowedIps,
        ...(rotateToken ? sealedToken(cipher, id, newToken()) : {}),
        ...(hmacKey === null ? {} : { hmacSealed: cipher.seal(hmacKey, hmacKeyPlace(id)) }),
      },
    });
    if (count === 0) throw notFound();
    note('source.update', `source:${id}`, changedFields(input));
  });
  return { ...(await getSource(context, actor, id)), hmacKey };
}

function sealedToken(cipher: TenantCipher, id: string, token: string) {
  return { tokenHash: sha256(token), tokenSealed: cipher.seal(token, tokenPlace(id)) };
}

async function tenantCipher(
  { cipher }: Pick<WebContext, 'cipher'>,
  tx: TenantTransaction,
  tenantId: string,
): Promise<TenantCipher> {
  return cipher.forTenant(
    await tx.tenant.findUniqueOrThrow({ where: { id: tenantId }, select: { id: true, wrappedKey: true } }),
  );
}

function notFound(): AppError {
  return new AppError('NOT_FOUND', 'There is no such signal source');
}
