import { PrismaMariaDb } from '@prisma/adapter-mariadb';
import { type EffectPlane, OPEN_PLANE } from '../effects';
import { parseDatabaseUrl } from './database-url';
import { throughEffects } from './effect-adapter';
import { outliveFailedConnects } from './failed-connects';
import { type Prisma, PrismaClient } from './generated/client';
import { type Statements, statementsOver } from './statements';
import { scopeToTenant, type TenantClient } from './tenant-scope';

export { Prisma } from './generated/client';
export type { RawReader, RawWriter, Statements } from './statements';
export type { TenantClient } from './tenant-scope';
/** Sees every tenant. For log-in, tokens, ingest look-ups and sweeps, which find out whose row it is. */
export type SystemClient = PrismaClient;
/** A client inside a transaction. */
export type Transaction = Prisma.TransactionClient;

export interface Database {
  readonly system: SystemClient;
  /** The only way to a tenant's rows for use cases: every query is bound to the tenant. */
  forTenant(tenantId: string): TenantClient;
  /** The hot statements of copying. Each names its tenant itself. */
  readonly statements: Statements;
  close(): Promise<void>;
}

/**
 * Connects to `mysql://user:password@host:port/name?parameters`. Times are UTC.
 *
 * @param connections of the pool; whoever reads the environment has it from there
 * @throws AddressError at once; that the database is away shows at the first query
 */
export function connectDatabase(url: string, connections = 10, effects: EffectPlane = OPEN_PLANE): Database {
  outliveFailedConnects();
  const { connection, pool } = parseDatabaseUrl(url);
  const adapter = new PrismaMariaDb(
    {
      acquireTimeout: 10_000,
      connectTimeout: 5_000,
      ...connection,
      ...pool,
      connectionLimit: connections,
      timezone: 'Z',
      // Locks on the rows themselves, not on the gaps beside them: claims and inserts of signals must not block each other.
      initSql: 'SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED',
    },
    // One round trip a statement: prepared ones take two or three, and lists of other lengths are other statements.
    { useTextProtocol: true },
  );
  const through = throughEffects(adapter, effects);
  const system = new PrismaClient({
    adapter: through,
    transactionOptions: { maxWait: 10_000, timeout: 30_000 },
  });
  const scoped = new Map<string, TenantClient>();
  return {
    system,
    statements: statementsOver(through.driver, effects),
    forTenant(tenantId) {
      const known = scoped.get(tenantId);
      if (known !== undefined) return known;
      const client = scopeToTenant(system, tenantId);
      scoped.set(tenantId, client);
      return client;
    },
    close: () => system.$disconnect(),
  };
}
