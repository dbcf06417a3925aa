import type { z } from 'zod';
import type { Page } from '@/contracts/api/common';
import type { DriftView, driftQuerySchema } from '@/contracts/api/safety';
import { dec, toText } from '@/domain/decimal';
import { venueSymbol } from '../execution/trade-record';
import { type Actor, visibleCustomer } from '../identity/actor';
import { decodeCursor, encodeCursor, ID_PART, toPage } from '../paging';
import { decimalText, optionalTimeText, timeText } from '../view-fields';
import type { WebContext } from '../web-context';

/** Newest first, with the names that a page shows. A customer sees his own. */
export async function listDrift(
  { database }: Pick<WebContext, 'database'>,
  actor: Actor,
  query: z.output<typeof driftQuerySchema>,
): Promise<Page<DriftView>> {
  const tables = database.forTenant(actor.tenantId);
  const [before] = query.cursor === undefined ? [] : decodeCursor(query.cursor, [ID_PART]);
  const rows = await tables.positionDrift.findMany({
    where: {
      customerId: visibleCustomer(actor, query.customerId),
      accountId: query.accountId,
      ...(query.state === undefined ? {} : { resolvedAt: query.state === 'open' ? null : { not: null } }),
      ...(before === undefined ? {} : { id: { lt: before } }),
    },
    // Ids begin with their time.
    orderBy: { id: 'desc' },
    take: query.limit + 1,
  });
  const ids = <K extends 'customerId' | 'accountId' | 'instrumentId'>(key: K) => ({
    id: { in: [...new Set(rows.map((row) => row[key]))] },
  });
  const subscriptionIds = rows.flatMap(({ subscriptionId }) => (subscriptionId === null ? [] : [subscriptionId]));
  const [customers, accounts, instruments, subscriptions] = await Promise.all([
    tables.customer.findMany({ where: ids('customerId'), select: { id: true, name: true } }),
    tables.exchangeAccount.findMany({ where: ids('accountId'), select: { id: true, label: true } }),
    tables.instrument.findMany({ where: ids('instrumentId'), select: { id: true, contractValue: true } }),
    tables.subscription.findMany({
      where: { id: { in: subscriptionIds } },
      select: { id: true, strategy: { select: { name: true } } },
    }),
  ]);
  const customerNames = new Map(customers.map(({ id, name }) => [id, name]));
  const labels = new Map(accounts.map(({ id, label }) => [id, label]));
  const contractValues = new Map(instruments.map(({ id, contractValue }) => [id, dec(contractValue.toString())]));
  const strategies = new Map(subscriptions.map(({ id, strategy }) => [id, strategy.name]));
  const view = (row: (typeof rows)[number]): DriftView => {
    const contractValue = contractValues.get(row.instrumentId);
    const base = (contracts: { toString(): string }): string | null =>
      contractValue === undefined ? null : toText(contractValue.times(contracts.toString()));
    return {
      id: row.id,
      customerId: row.customerId,
      customerName: customerNames.get(row.customerId) ?? '',
      accountId: row.accountId,
      accountLabel: labels.get(row.accountId) ?? '',
      symbol: venueSymbol(row.instrumentId),
      side: row.side,
      kind: row.kind,
      subscriptionId: row.subscriptionId,
      strategyName: row.subscriptionId === null ? null : (strategies.get(row.subscriptionId) ?? null),
      booked: decimalText(row.booked),
      held: decimalText(row.held),
      bookedBase: base(row.booked),
      heldBase: base(row.held),
      repaired: decimalText(row.repaired),
      firstSeenAt: timeText(row.firstSeenAt),
      lastSeenAt: timeText(row.lastSeenAt),
      resolvedAt: optionalTimeText(row.resolvedAt),
    };
  };
  return toPage(rows, query.limit, view, (row) => encodeCursor(row.id));
}
