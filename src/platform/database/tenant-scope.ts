import type { PrismaClient } from './generated/client';

/** Reference data that belongs to no tenant. */
const GLOBAL_MODELS: ReadonlySet<string> = new Set(['Instrument']);

const FILTERED = new Set([
  'findFirst',
  'findFirstOrThrow',
  'findMany',
  'findUnique',
  'findUniqueOrThrow',
  'count',
  'aggregate',
  'groupBy',
  'update',
  'updateMany',
  'delete',
  'deleteMany',
  'upsert',
]);

/** Thrown when a query would leave its tenant: a defect of the program, never something a user can cause or see. */
export class TenantScopeError extends Error {
  readonly code = 'TENANT_SCOPE';
}

type Args = { where?: Record<string, unknown>; data?: unknown; create?: unknown; update?: unknown };

/** Operations of Prisma's nested writes: rows behind a relation, which the scope does not see into. */
const NESTED_WRITES = [
  'connect',
  'connectOrCreate',
  'create',
  'createMany',
  'delete',
  'deleteMany',
  'disconnect',
  'update',
  'updateMany',
  'upsert',
];
/** Their values are whatever a sender wrote, and no relations. */
export const JSON_FIELDS: ReadonlySet<string> = new Set([
  'allowedIps',
  'decision',
  'detail',
  'intent',
  'leaderTimes',
  'payload',
  'plan',
  'preflight',
  'receipts',
  'symbols',
  'value',
]);

function withoutRelations(row: unknown): Record<string, unknown> {
  const values = row as Record<string, unknown>;
  for (const [field, value] of Object.entries(values)) {
    if (JSON_FIELDS.has(field) || value === null || typeof value !== 'object') continue;
    if (NESTED_WRITES.some((operation) => operation in value)) {
      throw new TenantScopeError(`${field} cannot be written through its relation in a tenant scope`);
    }
  }
  return values;
}

function created(row: unknown, tenantId: string, key: string): Record<string, unknown> {
  return { ...changed(row, tenantId, key), [key]: tenantId };
}

function changed(row: unknown, tenantId: string, key: string): Record<string, unknown> {
  const values = withoutRelations(row);
  const owner = values[key];
  if (owner !== undefined && owner !== tenantId) {
    throw new TenantScopeError('A row of another tenant cannot be written in this scope');
  }
  return values;
}

/**
 * Adds the tenant to every query of every model, and refuses what it cannot bind: raw SQL that does not name
 * tenantId, and operations that it does not know.
 */
export function scopeToTenant(client: PrismaClient, tenantId: string) {
  return client.$extends({
    name: 'tenant-scope',
    query: {
      async $allOperations({ model, operation, args, query }) {
        if (model === undefined) {
          if (operation === '$queryRaw' || operation === '$executeRaw') {
            const statement = args as unknown as {
              sql?: string;
              strings?: readonly string[];
              values?: readonly unknown[];
            };
            const text = statement.sql ?? statement.strings?.join('?') ?? '';
            if (!text.includes('tenantId') || !statement.values?.includes(tenantId)) {
              throw new TenantScopeError('Raw SQL in a tenant scope must bind tenantId');
            }
            return query(args);
          }
          throw new TenantScopeError(`${operation} is not allowed in a tenant scope`);
        }
        if (GLOBAL_MODELS.has(model)) return query(args);
        const key = model === 'Tenant' ? 'id' : 'tenantId';
        const bound: Args = { ...(args as Args) };
        if (operation === 'create') bound.data = created(bound.data, tenantId, key);
        else if (operation === 'createMany') {
          const rows = Array.isArray(bound.data) ? bound.data : [bound.data];
          bound.data = rows.map((row) => created(row, tenantId, key));
        } else if (FILTERED.has(operation)) {
          bound.where = { ...bound.where, AND: [...asArray(bound.where?.AND), { [key]: tenantId }] };
          if (bound.data !== undefined) bound.data = changed(bound.data, tenantId, key);
          if (bound.create !== undefined) bound.create = created(bound.create, tenantId, key);
          if (bound.update !== undefined) bound.update = changed(bound.update, tenantId, key);
        } else {
          throw new TenantScopeError(`${operation} is not allowed in a tenant scope`);
        }
        return query(bound as typeof args);
      },
    },
  });
}

function asArray(value: unknown): unknown[] {
  if (value === undefined) return [];
  return Array.isArray(value) ? value : [value];
}

export type TenantClient = ReturnType<typeof scopeToTenant>;
