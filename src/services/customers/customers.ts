import type { z } from 'zod';
import type { Page } from '@/contracts/api/common';
import type {
  CustomerView,
  createCustomerSchema,
  customerQuerySchema,
  updateCustomerSchema,
} from '@/contracts/api/people';
import { AppError } from '@/contracts/envelope';
import { dec, toText } from '@/domain/decimal';
import type { Prisma } from '@/platform/database/database';
import { isUniqueViolation } from '@/platform/database/retry';
import { newId } from '@/platform/ids';
import { audited, changedFields } from '../audit/audit-trail';
import { type Actor, visibleCustomer } from '../identity/actor';
import { hashPassword } from '../identity/passwords';
import { afterName, BY_NAME, toNamePage } from '../paging';
import { announceKillSwitch, changeKillSwitch } from '../safety/set-kill-switch';
import { literalText } from '../search-text';
import { decimalText, optionalDecimalText, optionalTimeText, timeText } from '../view-fields';
import type { WebContext } from '../web-context';

const COLUMNS = {
  users: { select: { email: true }, orderBy: { createdAt: 'asc' }, take: 1 },
  accounts: { select: { equity: true, equityAt: true } },
  _count: { select: { subscriptions: { where: { status: { not: 'ended' } } } } },
} as const satisfies Prisma.CustomerInclude;
type Row = Prisma.CustomerGetPayload<{ include: typeof COLUMNS }>;

function toView(row: Row, actor: Actor): CustomerView {
  const known = row.accounts.flatMap(({ equity }) => (equity === null ? [] : [dec(equity.toString())]));
  const told = row.accounts.flatMap(({ equity, equityAt }) =>
    equity === null || equityAt === null ? [] : [equityAt.getTime()],
  );
  return {
    id: row.id,
    name: row.name,
    email: row.users[0]?.email ?? null,
    status: row.status,
    killSwitch: row.killSwitch,
    initialBalance: decimalText(row.initialBalance),
    maxLeverage: decimalText(row.maxLeverage),
    maxOrderShare: optionalDecimalText(row.maxOrderShare),
    maxSymbolShare: optionalDecimalText(row.maxSymbolShare),
    maxTotalShare: optionalDecimalText(row.maxTotalShare),
    // What the operators write down about a customer is theirs.
    note: actor.role === 'customer' ? null : row.note,
    equity: known.length === 0 ? null : toText(known.reduce((sum, equity) => sum.plus(equity))),
    equityAt: optionalTimeText(told.length === 0 ? null : new Date(Math.min(...told))),
    accounts: row.accounts.length,
    subscriptions: row._count.subscriptions,
    createdAt: timeText(row.createdAt),
  };
}

/** By name. */
export async function listCustomers(
  { database }: Pick<WebContext, 'database'>,
  actor: Actor,
  query: z.output<typeof customerQuerySchema>,
): Promise<Page<CustomerView>> {
  const rows = await database.forTenant(actor.tenantId).customer.findMany({
    where: {
      id: visibleCustomer(actor, undefined),
      status: query.status,
      AND: [afterName(query.cursor), query.search === undefined ? {} : searched(literalText(query.search))],
    },
    include: COLUMNS,
    orderBy: BY_NAME,
    take: query.limit + 1,
  });
  return toNamePage(rows, query.limit, (row) => toView(row, actor));
}

function searched(contains: string) {
  return { OR: [{ name: { contains } }, { users: { some: { email: { contains } } } }] };
}

/** Throws NOT_FOUND. */
export async function getCustomer(
  { database }: Pick<WebContext, 'database'>,
  actor: Actor,
  id: string,
): Promise<CustomerView> {
  visibleCustomer(actor, id);
  const row = await database.forTenant(actor.tenantId).customer.findUnique({ where: { id }, include: COLUMNS });
  if (row === null) throw new AppError('NOT_FOUND', 'There is no such customer');
  return toView(row, actor);
}

/** Creates a customer and, with an e-mail address and a password, his log-in. Throws CONFLICT for a known address. */
export async function createCustomer(
  context: WebContext,
  actor: Actor,
  input: z.output<typeof createCustomerSchema>,
): Promise<CustomerView> {
  const { email, password, ...fields } = input;
  if ((email === undefined) !== (password === undefined)) {
    const field = email === undefined ? 'email' : 'password';
    throw new AppError('VALIDATION_ERROR', `${field}: e-mail and password belong together`, { field });
  }
  const id = newId();
  const address = email?.toLowerCase();
  const passwordHash = password === undefined ? null : await hashPassword(password);
  try {
    await audited(context, actor, async (tx, note) => {
      await tx.customer.create({ data: { id, tenantId: actor.tenantId, ...fields } });
      if (address !== undefined && passwordHash !== null) {
        await tx.user.create({
          data: {
            id: newId(),
            tenantId: actor.tenantId,
            email: address,
            passwordHash,
            role: 'customer',
            customerId: id,
          },
        });
      }
      note('customer.create', `customer:${id}`, changedFields({ ...fields, email: address }));
    });
  } catch (error) {
    if (!isUniqueViolation(error)) throw error;
    throw new AppError('CONFLICT', 'This e-mail address is already in use', { field: 'email' });
  }
  return getCustomer(context, actor, id);
}

/** Throws NOT_FOUND. */
export async function updateCustomer(
  context: WebContext,
  actor: Actor,
  id: string,
  input: z.output<typeof updateCustomerSchema>,
): Promise<CustomerView> {
  const { killSwitch, confirm, ...fields } = input;
  const place = { scope: 'customer', id } as const;
  const change = await audited(context, actor, async (tx, note) => {
    const switched =
      killSwitch === undefined ? null : await changeKillSwitch(tx, note, actor, place, killSwitch, confirm);
    if (Object.keys(fields).length > 0) {
      const { count } = await tx.customer.updateMany({ where: { id }, data: fields });
      if (count === 0) throw new AppError('NOT_FOUND', 'There is no such customer');
      note('customer.update', `customer:${id}`, changedFields(fields));
    }
    return switched;
  });
  await announceKillSwitch(context, actor.tenantId, change);
  return getCustomer(context, actor, id);
}
