import { createHash } from 'node:crypto';
import { Prisma, type TenantClient } from '@/platform/database/database';
import { retryTransaction } from '@/platform/database/retry';
import { newId } from '@/platform/ids';
import { type Actor, actorName } from '../identity/actor';
import type { WebContext } from '../web-context';

/** A tenant's client inside a transaction. */
export type TenantTransaction = Omit<TenantClient, '$transaction' | '$extends' | '$connect' | '$disconnect' | '$on'>;

/** Plain values only, and never a secret: the audit log is read by people. */
export type AuditDetail = Readonly<Record<string, string | number | boolean | null | readonly string[]>>;

/** Notes one change of the running transaction. `subject` is "<kind>:<id>". */
export type Note = (action: string, subject: string, detail?: AuditDetail) => void;

/** The hash before a tenant's first entry. */
export const FIRST_HASH = '0'.repeat(64);

/**
 * Runs a change and writes its notes to the audit log in the same transaction: neither is there without the other.
 * Changes of one tenant queue up behind its row, which keeps the hash chain a line.
 */
export function audited<T>(
  { database, clock }: Pick<WebContext, 'database' | 'clock'>,
  actor: Actor | { readonly tenantId: string; readonly system: true },
  change: (tx: TenantTransaction, note: Note) => Promise<T>,
): Promise<T> {
  const { tenantId } = actor;
  const who = 'system' in actor ? 'system' : actorName(actor);
  return retryTransaction(() =>
    database.forTenant(tenantId).$transaction(async (tx) => {
      await tx.$queryRaw(Prisma.sql`SELECT id AS tenantId FROM Tenant WHERE id = ${tenantId} FOR UPDATE`);
      const notes: { action: string; subject: string; detail: AuditDetail }[] = [];
      const result = await change(tx, (action, subject, detail = {}) => notes.push({ action, subject, detail }));
      if (notes.length > 0) {
        const last = await tx.auditLog.findFirst({ orderBy: { sequence: 'desc' }, select: { hash: true } });
        let previousHash = last?.hash ?? FIRST_HASH;
        for (const note of notes) {
          const entry = { id: newId(), tenantId, actor: who, ...note, createdAt: new Date(clock.now()) };
          const hash = entryHash(previousHash, entry);
          await tx.auditLog.create({ data: { ...entry, previousHash, hash } });
          previousHash = hash;
        }
      }
      return result;
    }),
  );
}

type HashedEntry = {
  readonly id: string;
  readonly tenantId: string;
  readonly actor: string;
  readonly action: string;
  readonly subject: string;
  readonly detail: unknown;
  readonly createdAt: Date;
};

/** SHA-256 over the entry and the hash before it. Keys are sorted, because databases reorder those of JSON. */
export function entryHash(previousHash: string, entry: HashedEntry): string {
  const { id, tenantId, actor, action, subject, detail, createdAt } = entry;
  const text = sortedJson([previousHash, id, tenantId, actor, action, subject, detail, createdAt.toISOString()]);
  return createHash('sha256').update(text).digest('hex');
}

function sortedJson(value: unknown): string {
  return JSON.stringify(value, (_, inner: unknown) =>
    inner !== null && typeof inner === 'object' && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)))
      : inner,
  );
}

/** Fields of a change for the audit log: what was asked for, decimals and lists as they came. */
export function changedFields(input: Readonly<Record<string, unknown>>): AuditDetail {
  return Object.fromEntries(
    Object.entries(input)
      .filter(([, value]) => value !== undefined)
      .map(([key, value]) => [key, value as AuditDetail[string]]),
  );
}
