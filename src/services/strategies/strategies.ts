import { z } from 'zod';
import type { Page } from '@/contracts/api/common';
import type {
  createStrategySchema,
  StrategyView,
  strategyQuerySchema,
  updateStrategySchema,
} from '@/contracts/api/copying';
import { AppError } from '@/contracts/envelope';
import { dec } from '@/domain/decimal';
import { Prisma } from '@/platform/database/database';
import { newId } from '@/platform/ids';
import { audited, changedFields } from '../audit/audit-trail';
import type { Actor } from '../identity/actor';
import { afterName, BY_NAME, toNamePage } from '../paging';
import { announceKillSwitch, changeKillSwitch } from '../safety/set-kill-switch';
import { decimalText, optionalDecimalText, parsedJson, timeText } from '../view-fields';
import type { WebContext } from '../web-context';
import { requireSizingValue } from './sizing-rules';

const COLUMNS = {
  signalSource: { select: { name: true } },
  _count: { select: { subscriptions: { where: { status: 'active' } } } },
} as const satisfies Prisma.StrategyInclude;
type Row = Prisma.StrategyGetPayload<{ include: typeof COLUMNS }>;

const symbolsSchema = z.array(z.string()).nullable().catch(null);

function toView(row: Row): StrategyView {
  return {
    id: row.id,
    signalSourceId: row.signalSourceId,
    signalSourceName: row.signalSource.name,
    name: row.name,
    description: row.description,
    status: row.status,
    killSwitch: row.killSwitch,
    followRatio: decimalText(row.followRatio),
    sizingMode: row.sizingMode,
    sizingValue: optionalDecimalText(row.sizingValue),
    defaultLeverage: decimalText(row.defaultLeverage),
    maxLeverage: decimalText(row.maxLeverage),
    symbols: symbolsSchema.parse(parsedJson(row.symbols)),
    maxSlippage: optionalDecimalText(row.maxSlippage),
    followers: row._count.subscriptions,
    createdAt: timeText(row.createdAt),
  };
}

/** By name. */
export async function listStrategies(
  { database }: Pick<WebContext, 'database'>,
  actor: Actor,
  query: z.output<typeof strategyQuerySchema>,
): Promise<Page<StrategyView>> {
  const rows = await database.forTenant(actor.tenantId).strategy.findMany({
    where: { status: query.status, signalSourceId: query.signalSourceId, AND: [afterName(query.cursor)] },
    include: COLUMNS,
    orderBy: BY_NAME,
    take: query.limit + 1,
  });
  return toNamePage(rows, query.limit, toView);
}

/** Throws NOT_FOUND. */
export async function getStrategy(
  { database }: Pick<WebContext, 'database'>,
  actor: Actor,
  id: string,
): Promise<StrategyView> {
  const row = await database.forTenant(actor.tenantId).strategy.findUnique({ where: { id }, include: COLUMNS });
  if (row === null) throw notFound();
  return toView(row);
}

export async function createStrategy(
  context: WebContext,
  actor: Actor,
  input: z.output<typeof createStrategySchema>,
): Promise<StrategyView> {
  requireConsistent({
    sizingMode: input.sizingMode ?? 'ratio',
    sizingValue: input.sizingValue ?? null,
    defaultLeverage: input.defaultLeverage ?? '1',
    maxLeverage: input.maxLeverage ?? '10',
  });
  const id = newId();
  await audited(context, actor, async (tx, note) => {
    const source = await tx.signalSource.findUnique({ where: { id: input.signalSourceId }, select: { id: true } });
    if (source === null) {
      throw new AppError('NOT_FOUND', 'There is no such signal source', { field: 'signalSourceId' });
    }
    await tx.strategy.create({
      data: { id, tenantId: actor.tenantId, ...input, symbols: symbolsColumn(input.symbols) },
    });
    note('strategy.create', `strategy:${id}`, changedFields(input));
  });
  return getStrategy(context, actor, id);
}

/** Throws NOT_FOUND. */
export async function updateStrategy(
  context: WebContext,
  actor: Actor,
  id: string,
  input: z.output<typeof updateStrategySchema>,
): Promise<StrategyView> {
  const { killSwitch, confirm, ...fields } = input;
  const place = { scope: 'strategy', id } as const;
  const change = await audited(context, actor, async (tx, note) => {
    const row = await tx.strategy.findUnique({ where: { id } });
    if (row === null) throw notFound();
    const switched =
      killSwitch === undefined ? null : await changeKillSwitch(tx, note, actor, place, killSwitch, confirm);
    // What was set before there were bounds must not keep anybody from a pause or a kill switch.
    if (CONSISTENT.some((field) => input[field] !== undefined)) {
      requireConsistent({
        sizingMode: input.sizingMode ?? row.sizingMode,
        sizingValue: input.sizingValue === undefined ? optionalDecimalText(row.sizingValue) : input.sizingValue,
        defaultLeverage: input.defaultLeverage ?? decimalText(row.defaultLeverage),
        maxLeverage: input.maxLeverage ?? decimalText(row.maxLeverage),
      });
    }
    await tx.strategy.updateMany({ where: { id }, data: { ...fields, symbols: symbolsColumn(fields.symbols) } });
    if (Object.keys(fields).length > 0) note('strategy.update', `strategy:${id}`, changedFields(fields));
    return switched;
  });
  await announceKillSwitch(context, actor.tenantId, change);
  return getStrategy(context, actor, id);
}

/** Fields that must fit each other. */
const CONSISTENT = ['sizingMode', 'sizingValue', 'defaultLeverage', 'maxLeverage'] as const;

function requireConsistent(after: {
  sizingMode: Parameters<typeof requireSizingValue>[0];
  sizingValue: string | null;
  defaultLeverage: string;
  maxLeverage: string;
}): void {
  requireSizingValue(after.sizingMode, after.sizingValue);
  if (dec(after.defaultLeverage).gt(after.maxLeverage)) {
    throw new AppError('VALIDATION_ERROR', 'defaultLeverage: must not be above maxLeverage', {
      field: 'defaultLeverage',
    });
  }
}

function symbolsColumn(symbols: string[] | null | undefined) {
  return symbols === null ? Prisma.DbNull : symbols;
}

function notFound(): AppError {
  return new AppError('NOT_FOUND', 'There is no such strategy');
}
