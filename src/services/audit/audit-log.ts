import { z } from 'zod';
import type { Page } from '@/contracts/api/common';
import type { AuditEntryView, auditQuerySchema, auditVerificationSchema } from '@/contracts/api/identity';
import type { TenantClient } from '@/platform/database/database';
import type { Actor } from '../identity/actor';
import { decodeCursor, encodeCursor, NUMBER_PART, toPage } from '../paging';
import { parsedJson, timeText } from '../view-fields';
import type { WebContext } from '../web-context';
import { entryHash, FIRST_HASH } from './audit-trail';

const detailSchema = z.record(z.string(), z.unknown()).catch({});

/** Newest first, with the names of those who acted. */
export async function listAuditLog(
  { database }: Pick<WebContext, 'database'>,
  actor: Actor,
  query: z.output<typeof auditQuerySchema>,
): Promise<Page<AuditEntryView>> {
  const tables = database.forTenant(actor.tenantId);
  const [after] = query.cursor === undefined ? [] : decodeCursor(query.cursor, [NUMBER_PART]);
  const rows = await tables.auditLog.findMany({
    where: { action: query.action, sequence: after === undefined ? undefined : { lt: BigInt(after) } },
    orderBy: { sequence: 'desc' },
    take: query.limit + 1,
  });
  const of = idsByKind(rows.map(({ actor }) => actor));
  const [users, tokens] = await Promise.all([
    of('user', (where) => tables.user.findMany({ where, select: { id: true, email: true } })),
    of('token', (where) => tables.apiToken.findMany({ where, select: { id: true, name: true } })),
  ]);
  const names = new Map<string, string>([
    ...users.map(({ id, email }) => [`user:${id}`, email] as const),
    ...tokens.map(({ id, name }) => [`token:${id}`, name] as const),
  ]);
  const subjects = await readSubjects(
    tables,
    rows.map(({ subject }) => subject),
  );
  return toPage(
    rows,
    query.limit,
    (row) => ({
      id: row.id,
      actor: row.actor,
      actorName: names.get(row.actor) ?? null,
      action: row.action,
      subject: row.subject,
      subjectName: subjects.get(row.subject) ?? null,
      detail: detailSchema.parse(parsedJson(row.detail)),
      hash: row.hash,
      previousHash: row.previousHash,
      createdAt: timeText(row.createdAt),
    }),
    (row) => encodeCursor(row.sequence),
  );
}

/** Names of what entries are about, by "<kind>:<id>"; of an account or a subscription with its customer. */
async function readSubjects(tables: TenantClient, subjects: readonly string[]): Promise<ReadonlyMap<string, string>> {
  const of = idsByKind(subjects);
  const named = { id: true, name: true } as const;
  const customer = { select: { name: true } } as const;
  const strategy = { select: { name: true } } as const;
  const [customers, strategies, sources, channels, tokens, users, tenants, accounts, subscriptions] = await Promise.all(
    [
      of('customer', (where) => tables.customer.findMany({ where, select: named })),
      of('strategy', (where) => tables.strategy.findMany({ where, select: named })),
      of('source', (where) => tables.signalSource.findMany({ where, select: named })),
      of('channel', (where) => tables.notificationChannel.findMany({ where, select: named })),
      of('token', (where) => tables.apiToken.findMany({ where, select: named })),
      of('user', (where) => tables.user.findMany({ where, select: { id: true, email: true } })),
      of('tenant', (where) => tables.tenant.findMany({ where, select: named })),
      of('account', (where) => tables.exchangeAccount.findMany({ where, select: { id: true, label: true, customer } })),
      of('subscription', (where) => tables.subscription.findMany({ where, select: { id: true, customer, strategy } })),
    ],
  );
  const entries = (kind: string, rows: readonly { id: string; name: string }[]) =>
    rows.map(({ id, name }) => [`${kind}:${id}`, name] as const);
  return new Map([
    ...entries('customer', customers),
    ...entries('strategy', strategies),
    ...entries('source', sources),
    ...entries('channel', channels),
    ...entries('token', tokens),
    ...entries('tenant', tenants),
    ...users.map(({ id, email }) => [`user:${id}`, email] as const),
    ...accounts.map((row) => [`account:${row.id}`, `${row.customer.name} · ${row.label}`] as const),
    ...subscriptions.map((row) => [`subscription:${row.id}`, `${row.customer.name} · ${row.strategy.name}`] as const),
  ]);
}

/** Reads the rows that references of the form "<kind>:<id>" speak of, one kind at a time; a kind that none speaks of is not asked for. */
function idsByKind(references: readonly string[]) {
  return async <T>(kind: string, read: (where: { id: { in: string[] } }) => Promise<T[]>): Promise<T[]> => {
    const ids = references.flatMap((one) => (one.startsWith(`${kind}:`) ? [one.slice(kind.length + 1)] : []));
    return ids.length === 0 ? [] : read({ id: { in: [...new Set(ids)] } });
  };
}

const BATCH = 1_000;

/** Computes every hash again. An altered, removed or inserted entry breaks the chain at its place. */
export async function verifyAuditLog(
  { database }: Pick<WebContext, 'database'>,
  actor: Actor,
): Promise<z.output<typeof auditVerificationSchema>> {
  const tables = database.forTenant(actor.tenantId);
  let previousHash = FIRST_HASH;
  let last = 0n;
  let entries = 0;
  for (;;) {
    const rows = await tables.auditLog.findMany({
      where: { sequence: { gt: last } },
      orderBy: { sequence: 'asc' },
      take: BATCH,
    });
    for (const row of rows) {
      const hash = entryHash(previousHash, { ...row, detail: parsedJson(row.detail) });
      if (row.previousHash !== previousHash || row.hash !== hash) return { entries, intact: false, brokenAt: row.id };
      previousHash = hash;
      last = row.sequence;
      entries += 1;
    }
    if (rows.length < BATCH) return { entries, intact: true, brokenAt: null };
  }
}
