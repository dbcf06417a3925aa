import type { z } from 'zod';
import type { Page } from '@/contracts/api/common';
import type {
  createSubscriptionSchema,
  SubscriptionView,
  subscriptionQuerySchema,
  updateSubscriptionSchema,
} from '@/contracts/api/copying';
import { AppError } from '@/contracts/envelope';
import type { Prisma, TenantClient } from '@/platform/database/database';
import { isUniqueViolation } from '@/platform/database/retry';
import { newId } from '@/platform/ids';
import { audited, changedFields } from '../audit/audit-trail';
import { type Actor, ownRows, visibleCustomer } from '../identity/actor';
import { afterTime, NEWEST_FIRST, toTimePage } from '../paging';
import { requireSizingValue } from '../strategies/sizing-rules';
import { optionalDecimalText, timeText } from '../view-fields';
import type { WebContext } from '../web-context';

const COLUMNS = {
  customer: { select: { name: true } },
  strategy: { select: { name: true } },
  account: { select: { label: true } },
} as const satisfies Prisma.SubscriptionInclude;
type Row = Prisma.SubscriptionGetPayload<{ include: typeof COLUMNS }>;

function toView(row: Row): SubscriptionView {
  return {
    id: row.id,
    customerId: row.customerId,
    customerName: row.customer.name,
    strategyId: row.strategyId,
    strategyName: row.strategy.name,
    accountId: row.accountId,
    accountLabel: row.account.label,
    status: row.status,
    followRatio: optionalDecimalText(row.followRatio),
    sizingMode: row.sizingMode,
    sizingValue: optionalDecimalText(row.sizingValue),
    maxLeverage: optionalDecimalText(row.maxLeverage),
    maxOrderShare: optionalDecimalText(row.maxOrderShare),
    maxSymbolShare: optionalDecimalText(row.maxSymbolShare),
    maxTotalShare: optionalDecimalText(row.maxTotalShare),
    maxSlippage: optionalDecimalText(row.maxSlippage),
    forceMinimum: row.forceMinimum,
    reduceToCap: row.reduceToCap,
    reverse: row.reverse,
    driftPolicy: row.driftPolicy,
    createdAt: timeText(row.createdAt),
  };
}

export async function listSubscriptions(
  { database }: Pick<WebContext, 'database'>,
  actor: Actor,
  query: z.output<typeof subscriptionQuerySchema>,
): Promise<Page<SubscriptionView>> {
  const rows = await database.forTenant(actor.tenantId).subscription.findMany({
    where: {
      customerId: visibleCustomer(actor, query.customerId),
      strategyId: query.strategyId,
      status: query.status,
      AND: [afterTime(query.cursor)],
    },
    include: COLUMNS,
    orderBy: NEWEST_FIRST,
    take: query.limit + 1,
  });
  return toTimePage(rows, query.limit, toView);
}

/** Throws NOT_FOUND. */
export async function getSubscription(
  { database }: Pick<WebContext, 'database'>,
  actor: Actor,
  id: string,
): Promise<SubscriptionView> {
  const row = await database
    .forTenant(actor.tenantId)
    .subscription.findFirst({ where: { id, ...ownRows(actor) }, include: COLUMNS });
  if (row === null) throw notFound();
  return toView(row);
}

/**
 * Follows a strategy with one account; the account's owner becomes the follower. An ended subscription of the same
 * pair comes back to life: its book of positions is the same. Throws NOT_FOUND, CONFLICT.
 */
export async function createSubscription(
  context: WebContext,
  actor: Actor,
  input: z.output<typeof createSubscriptionSchema>,
): Promise<SubscriptionView> {
  const { strategyId, accountId, ...overrides } = input;
  const taken = () => new AppError('CONFLICT', 'This account already follows this strategy', { field: 'accountId' });
  try {
    const id = await audited(context, actor, async (tx, note) => {
      const [account, strategy, known] = await Promise.all([
        tx.exchangeAccount.findFirst({
          where: { id: accountId, endedAt: null, ...ownRows(actor) },
          select: { customerId: true, venue: true },
        }),
        tx.strategy.findUnique({
          where: { id: strategyId },
          select: { sizingMode: true, sizingValue: true, signalSource: { select: { venue: true } } },
        }),
        tx.subscription.findFirst({
          where: { strategyId, accountId },
          select: { id: true, status: true, reverse: true },
        }),
      ]);
      if (account === null) throw new AppError('NOT_FOUND', 'There is no such account', { field: 'accountId' });
      if (strategy === null) throw new AppError('NOT_FOUND', 'There is no such strategy', { field: 'strategyId' });
      if (account.venue !== strategy.signalSource.venue) {
        throw new AppError(
          'VALIDATION_ERROR',
          `accountId: the strategy trades at ${strategy.signalSource.venue}, the account is at ${account.venue}`,
          { field: 'accountId' },
        );
      }
      requireOverrides(overrides.sizingMode ?? null, overrides.sizingValue ?? null, strategy);
      if (known !== null && known.status !== 'ended') throw taken();
      if (known !== null) await requireSameDirection(tx, known, overrides.reverse ?? WITHOUT_OVERRIDES.reverse);
      const subscriptionId = known?.id ?? newId();
      if (known === null) {
        await tx.subscription.create({
          data: {
            id: subscriptionId,
            tenantId: actor.tenantId,
            customerId: account.customerId,
            strategyId,
            accountId,
            ...overrides,
          },
        });
      } else {
        await tx.subscription.updateMany({
          where: { id: subscriptionId },
          data: { ...WITHOUT_OVERRIDES, ...overrides, status: 'active' },
        });
      }
      note('subscription.create', `subscription:${subscriptionId}`, {
        customerId: account.customerId,
        ...changedFields(input),
      });
      return subscriptionId;
    });
    return await getSubscription(context, actor, id);
  } catch (error) {
    throw isUniqueViolation(error) ? taken() : error;
  }
}

/** Throws NOT_FOUND; CONFLICT for a subscription that has ended. */
export async function updateSubscription(
  context: WebContext,
  actor: Actor,
  id: string,
  input: z.output<typeof updateSubscriptionSchema>,
): Promise<SubscriptionView> {
  await audited(context, actor, async (tx, note) => {
    const row = await tx.subscription.findFirst({
      where: { id, ...ownRows(actor) },
      select: {
        id: true,
        status: true,
        reverse: true,
        sizingMode: true,
        sizingValue: true,
        strategy: { select: { sizingMode: true, sizingValue: true } },
      },
    });
    if (row === null) throw notFound();
    if (row.status === 'ended') {
      throw new AppError('CONFLICT', 'This subscription has ended; follow the strategy again to resume');
    }
    if (input.reverse !== undefined) await requireSameDirection(tx, row, input.reverse);
    // What was set before there were bounds must not keep anybody from a pause.
    if (input.sizingMode !== undefined || input.sizingValue !== undefined) {
      requireOverrides(
        input.sizingMode === undefined ? row.sizingMode : input.sizingMode,
        input.sizingValue === undefined ? optionalDecimalText(row.sizingValue) : input.sizingValue,
        row.strategy,
      );
    }
    await tx.subscription.updateMany({ where: { id }, data: input });
    note('subscription.update', `subscription:${id}`, changedFields(input));
  });
  return getSubscription(context, actor, id);
}

/** What is held would stand on the wrong side at once, and would be closed: who wants that closes it himself. Throws CONFLICT. */
async function requireSameDirection(
  tx: Pick<TenantClient, 'position'>,
  { id, reverse }: { readonly id: string; readonly reverse: boolean },
  wanted: boolean,
): Promise<void> {
  if (wanted === reverse) return;
  const held = await tx.position.count({ where: { subscriptionId: id, quantity: { gt: 0 } } });
  if (held === 0) return;
  const message = 'Positions are held: the direction can be changed once they are closed';
  throw new AppError('CONFLICT', message, { field: 'reverse' });
}

const WITHOUT_OVERRIDES = {
  followRatio: null,
  sizingMode: null,
  sizingValue: null,
  maxLeverage: null,
  maxOrderShare: null,
  maxSymbolShare: null,
  maxTotalShare: null,
  maxSlippage: null,
  forceMinimum: false,
  reduceToCap: false,
  reverse: false,
  driftPolicy: 'repair' as const,
};

type Sizing = {
  readonly sizingMode: Parameters<typeof requireSizingValue>[0];
  readonly sizingValue: { toString(): string } | null;
};

/** The mode that will count, with the number that will count for it. */
function requireOverrides(mode: Sizing['sizingMode'] | null, value: string | null, strategy: Sizing): void {
  const inherits = mode === null || mode === strategy.sizingMode;
  requireSizingValue(
    mode ?? strategy.sizingMode,
    value ?? (inherits ? optionalDecimalText(strategy.sizingValue) : null),
  );
}

function notFound(): AppError {
  return new AppError('NOT_FOUND', 'There is no such subscription');
}
