import { Prisma, type PrismaClient } from './generated/client';

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
]);

/** Thrown when a query would leave its tenant: a defect of the program, never something a user can cause or see. */
export class TenantScopeError extends Error {
  readonly code = 'TENANT_SCOPE';
}

type Args = { where?: Record<string, unknown>; data?: unknown; create?: Record<string, unknown> };

function owned(row: unknown, tenantId: string): Record<string, unknown> {
  const values = row as Record<string, unknown>;
  if (values.tenantId !== undefined && values.tenantId !== tenantId) {
    throw new TenantScopeError('A row of another tenant cannot be written in this scope');
  }
  return { ...values, tenantId };
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
        if (FILTERED.has(operation)) {
          bound.where = { ...bound.where, AND: [...asArray(bound.where?.AND), { [key]: tenantId }] };
          if ((bound.data as Record<string, unknown> | undefined)?.[key] !== undefined)
            bound.data = owned(bound.data, tenantId);
        } else if (operation === 'create') {
          bound.data = owned(bound.data, tenantId);
        } else if (operation === 'createMany') {
          bound.data = Array.isArray(bound.data)
            ? bound.data.map((row) => owned(row, tenantId))
            : owned(bound.data, tenantId);
        } else if (operation === 'upsert') {
          bound.where = { ...bound.where, AND: [...asArray(bound.where?.AND), { [key]: tenantId }] };
          bound.create = owned(bound.create, tenantId);
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
export { Prisma };
