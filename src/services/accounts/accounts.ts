import type { z } from 'zod';
import type { Page } from '@/contracts/api/common';
import {
  type createExchangeAccountSchema,
  type ExchangeAccountView,
  type exchangeAccountQuerySchema,
  preflightSchema,
  type updateExchangeAccountSchema,
} from '@/contracts/api/people';
import { AppError } from '@/contracts/envelope';
import { currentTime } from '@/platform/clock';
import type { Prisma } from '@/platform/database/database';
import { newId } from '@/platform/ids';
import { audited, changedFields, type TenantTransaction } from '../audit/audit-trail';
import { type Actor, ownRows, visibleCustomer } from '../identity/actor';
import { decodeCursor, encodeCursor, ID_PART, NAME_PART, namePart, readNamePart, toPage } from '../paging';
import { optionalDecimalText, optionalTimeText, parsedJson, timeText } from '../view-fields';
import type { WebContext } from '../web-context';
import { keyHint, sealCredentials } from './credentials';
import { OF_NEW_KEY } from './health';
import { isInUse, readInUse } from './in-use';

const VENUES = ['okx'];

const COLUMNS = { customer: { select: { name: true } } } as const satisfies Prisma.ExchangeAccountInclude;
type Row = Prisma.ExchangeAccountGetPayload<{ include: typeof COLUMNS; omit: { credentials: true } }>;
/** The sealed key is not even read where a view is made. */
const VIEW = { include: COLUMNS, omit: { credentials: true } } as const;

function toView(row: Row): ExchangeAccountView {
  const preflight = preflightSchema.safeParse(parsedJson(row.preflight));
  return {
    id: row.id,
    customerId: row.customerId,
    customerName: row.customer.name,
    venue: row.venue,
    label: row.label,
    mode: row.mode,
    keyHint: row.keyHint,
    marginMode: row.marginMode,
    positionMode: row.positionMode,
    health: row.health,
    healthCode: row.healthCode,
    preflight: preflight.success ? preflight.data : null,
    checkedAt: optionalTimeText(row.checkedAt),
    equity: optionalDecimalText(row.equity),
    available: optionalDecimalText(row.available),
    equityAt: optionalTimeText(row.equityAt),
    createdAt: timeText(row.createdAt),
  };
}

/** By the names of their customers, then by their own. */
export async function listAccounts(
  { database }: Pick<WebContext, 'database'>,
  actor: Actor,
  query: z.output<typeof exchangeAccountQuerySchema>,
): Promise<Page<ExchangeAccountView>> {
  const rows = await database.forTenant(actor.tenantId).exchangeAccount.findMany({
    where: {
      customerId: visibleCustomer(actor, query.customerId),
      endedAt: null,
      health: query.health,
      AND: [afterAccount(query.cursor)],
    },
    ...VIEW,
    orderBy: [{ customer: { name: 'asc' } }, { label: 'asc' }, { id: 'asc' }],
    take: query.limit + 1,
  });
  return toPage(rows, query.limit, toView, ({ customer, label, id }) =>
    encodeCursor(namePart(customer.name), namePart(label), id),
  );
}

function afterAccount(cursor: string | undefined) {
  if (cursor === undefined) return {};
  const [owner = '', called = '', id = ''] = decodeCursor(cursor, [NAME_PART, NAME_PART, ID_PART]);
  const [name, label] = [readNamePart(owner), readNamePart(called)];
  return {
    OR: [
      { customer: { name: { gt: name } } },
      { customer: { name }, label: { gt: label } },
      { customer: { name }, label, id: { gt: id } },
    ],
  };
}

/** Throws NOT_FOUND. */
export async function getAccount(
  { database }: Pick<WebContext, 'database'>,
  actor: Actor,
  id: string,
): Promise<ExchangeAccountView> {
  const row = await database.forTenant(actor.tenantId).exchangeAccount.findFirst({
    where: { id, endedAt: null, ...ownRows(actor) },
    ...VIEW,
  });
  if (row === null) throw notFound();
  return toView(row);
}

/** Stores the key sealed and has a worker check it; answers with the result where it is there within seconds. */
export async function createAccount(
  context: WebContext,
  actor: Actor,
  input: z.output<typeof createExchangeAccountSchema>,
): Promise<ExchangeAccountView> {
  const customerId = visibleCustomer(actor, input.customerId);
  if (customerId === undefined) {
    throw new AppError('VALIDATION_ERROR', 'customerId: must be given', { field: 'customerId' });
  }
  if (!VENUES.includes(input.venue)) {
    throw new AppError('VALIDATION_ERROR', `venue: must be one of ${VENUES.join(', ')}`, { field: 'venue' });
  }
  if (input.mode === 'live' && !context.environment.LIVE_TRADING) {
    throw new AppError('FORBIDDEN', 'Live trading is switched off in this installation', { field: 'mode' });
  }
  const id = newId();
  const { apiKey, secret, passphrase, venue, label, mode, marginMode } = input;
  await audited(context, actor, async (tx, note) => {
    const customer = await tx.customer.findUnique({ where: { id: customerId }, select: { id: true } });
    if (customer === null) throw new AppError('NOT_FOUND', 'There is no such customer', { field: 'customerId' });
    await tx.exchangeAccount.create({
      data: {
        id,
        tenantId: actor.tenantId,
        customerId,
        venue,
        label,
        mode,
        marginMode,
        credentials: await seal(context, tx, actor.tenantId, id, { apiKey, secret, passphrase }),
        keyHint: keyHint(apiKey),
      },
    });
    note('account.create', `account:${id}`, { customerId, venue, label, mode, marginMode });
  });
  return checkedAccount(context, actor, id);
}

/** A new key needs all three of its parts. Throws NOT_FOUND. */
export async function updateAccount(
  context: WebContext,
  actor: Actor,
  id: string,
  input: z.output<typeof updateExchangeAccountSchema>,
): Promise<ExchangeAccountView> {
  const { apiKey, secret, passphrase, ...fields } = input;
  const given = [apiKey, secret, passphrase].filter((part) => part !== undefined).length;
  if (given !== 0 && given !== 3) {
    throw new AppError('VALIDATION_ERROR', 'apiKey: a new key needs its secret and passphrase as well', {
      field: apiKey === undefined ? 'apiKey' : secret === undefined ? 'secret' : 'passphrase',
    });
  }
  const newKey =
    apiKey !== undefined && secret !== undefined && passphrase !== undefined ? { apiKey, secret, passphrase } : null;
  await audited(context, actor, async (tx, note) => {
    const where = { id, endedAt: null, ...ownRows(actor) };
    if (fields.marginMode !== undefined) await requireSameMargin(tx, where, fields.marginMode);
    const { count } = await tx.exchangeAccount.updateMany({
      where,
      data: {
        ...fields,
        ...(newKey === null
          ? {}
          : {
              credentials: await seal(context, tx, actor.tenantId, id, newKey),
              keyHint: keyHint(newKey.apiKey),
              ...OF_NEW_KEY,
            }),
      },
    });
    if (count === 0) throw notFound();
    note('account.update', `account:${id}`, { ...changedFields(fields), ...(newKey === null ? {} : { newKey: true }) });
  });
  return newKey === null ? getAccount(context, actor, id) : checkedAccount(context, actor, id);
}

/** What is held stays in the margin mode that it was opened in, and a close in another one does not find it. Throws CONFLICT. */
async function requireSameMargin(
  tx: TenantTransaction,
  where: { readonly id: string },
  marginMode: ExchangeAccountView['marginMode'],
): Promise<void> {
  const row = await tx.exchangeAccount.findFirst({ where, select: { marginMode: true } });
  if (row === null || row.marginMode === marginMode || !(await isInUse(tx, where.id))) return;
  const message = 'Positions or orders stand in the present margin mode: it can be changed once they are gone';
  throw new AppError('CONFLICT', message, { field: 'marginMode' });
}

/**
 * Removes an account, or ends it where its trades are kept: its key is erased, and another row may trade with the same account of the
 * venue. Throws CONFLICT while a subscription follows with it, or something of it is or may be at the venue; its details say what.
 */
export async function deleteAccount(context: WebContext, actor: Actor, id: string): Promise<{ id: string }> {
  await audited(context, actor, async (tx, note) => {
    const where = { id, endedAt: null, ...ownRows(actor) };
    const row = await tx.exchangeAccount.findFirst({ where, select: { label: true } });
    if (row === null) throw notFound();
    const [following, inUse, subscription, trade] = await Promise.all([
      tx.subscription.findFirst({ where: { accountId: id, status: { not: 'ended' } }, select: { id: true } }),
      readInUse(tx, id),
      tx.subscription.findFirst({ where: { accountId: id }, select: { id: true } }),
      tx.trade.findFirst({ where: { accountId: id }, select: { id: true } }),
    ]);
    const inTheWay = { subscriptions: following !== null, ...inUse };
    const names = IN_THE_WAY.filter((what) => inTheWay[what]).map((what) => WORDS[what]);
    if (names.length > 0) {
      throw new AppError('CONFLICT', `It cannot be removed yet: ${names.join(', ')}`, { details: inTheWay });
    }
    if (subscription !== null || trade !== null) {
      await tx.exchangeAccount.updateMany({ where, data: ended(new Date(context.clock.now())) });
      note('account.end', `account:${id}`, { label: row.label });
      return;
    }
    await tx.equitySnapshot.deleteMany({ where: { accountId: id } });
    await tx.exchangeAccount.deleteMany({ where: { id } });
    note('account.delete', `account:${id}`, { label: row.label });
  });
  return { id };
}

const IN_THE_WAY = ['subscriptions', 'positions', 'orders', 'stopOrders'] as const;
const WORDS = {
  subscriptions: 'it follows a strategy',
  positions: 'positions are open',
  orders: 'orders are on their way or rest at the venue',
  stopOrders: 'stop orders stand at the venue or are being taken back',
} as const satisfies Record<(typeof IN_THE_WAY)[number], string>;

function ended(now: Date) {
  return {
    endedAt: now,
    tradesAs: null,
    credentials: '',
    health: 'failing' as const,
    healthCode: 'ENDED',
    equity: null,
    available: null,
    equityAt: null,
  };
}

/** Has the key checked again. Throws NOT_FOUND. */
export async function preflightAccount(context: WebContext, actor: Actor, id: string): Promise<ExchangeAccountView> {
  await getAccount(context, actor, id);
  return checkedAccount(context, actor, id);
}

const WAIT_MS = 8_000;
const LOOK_MS = 100;

/**
 * Queues a pre-flight and waits a while for its result: the worker's answer is a newer `checkedAt`. When it takes
 * longer, or the queue is away, the account is answered as it is; the page hears of the result by a push.
 */
async function checkedAccount(context: WebContext, actor: Actor, id: string): Promise<ExchangeAccountView> {
  const before = await getAccount(context, actor, id);
  try {
    await context.preflights.enqueue(id);
  } catch (error) {
    context.logger.warn({ accountId: id, reason: (error as Error).message }, 'pre-flight was not queued');
    return before;
  }
  const rows = context.database.forTenant(actor.tenantId).exchangeAccount;
  const deadline = currentTime() + WAIT_MS;
  while (currentTime() < deadline) {
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
    const row = await rows.findUnique({ where: { id }, select: { checkedAt: true } });
    if (row === null) throw notFound();
    if (optionalTimeText(row.checkedAt) !== before.checkedAt) break;
  }
  return getAccount(context, actor, id);
}

async function seal(
  { cipher }: Pick<WebContext, 'cipher'>,
  tx: TenantTransaction,
  tenantId: string,
  accountId: string,
  key: { apiKey: string; secret: string; passphrase: string },
): Promise<string> {
  const tenant = await tx.tenant.findUniqueOrThrow({
    where: { id: tenantId },
    select: { id: true, wrappedKey: true },
  });
  return sealCredentials(cipher.forTenant(tenant), accountId, key);
}

function notFound(): AppError {
  return new AppError('NOT_FOUND', 'There is no such account');
}
