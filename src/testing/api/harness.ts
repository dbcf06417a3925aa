import { resolve } from 'node:path';
import { PrismaMariaDb } from '@prisma/adapter-mariadb';
import { Redis } from 'ioredis';
import { z } from 'zod';
import type { Operation } from '@/contracts/api/operation';
import { OPERATIONS, type OperationName } from '@/contracts/api/operations';
import { failureSchema, successSchema } from '@/contracts/envelope';
import type { MarketData } from '@/exchanges/port';
import { Cipher } from '@/platform/cipher';
import type { Database, TenantClient } from '@/platform/database/database';
import { parseDatabaseUrl } from '@/platform/database/database-url';
import { PrismaClient } from '@/platform/database/generated/client';
import { statementsOver } from '@/platform/database/statements';
import { scopeToTenant } from '@/platform/database/tenant-scope';
import { OPEN_PLANE } from '@/platform/effects';
import { createLogger } from '@/platform/log';
import type { WebContext } from '@/services/web-context';
import { setWebServices } from '@/services/web-services';
import { createTestDatabase, testRedis } from '../services';

export const TEST_ORIGIN = 'http://127.0.0.1:3000';

export type ApiAnswer<T = unknown> = {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** Of a success; undefined otherwise. */
  readonly data: T;
  /** Of a failure; undefined otherwise. */
  readonly error: { readonly code: string; readonly message: string; readonly field?: string };
};

export type ApiCall = {
  /** An API token, or a session cookie ("next-auth.session-token=…"), or nobody. */
  readonly as?: string | null;
  readonly params?: Readonly<Record<string, string>>;
  readonly query?: Readonly<Record<string, string>>;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
};

export type ApiHarness = {
  readonly context: WebContext;
  readonly database: Database;
  /** SQL statements since the last call of it. */
  readonly statements: () => readonly string[];
  /** What the queue of pre-flights was asked for. */
  readonly preflights: string[];
  /** Answers a queued pre-flight; by default nothing happens but a new `checkedAt`. */
  onPreflight: (accountId: string) => Promise<unknown>;
  market: Partial<MarketData>;
  /** Calls the route handler of an operation, and checks its answer against the operation's schema. */
  call<N extends OperationName>(
    name: N,
    options?: ApiCall,
  ): Promise<ApiAnswer<z.output<(typeof OPERATIONS)[N]['response']>>>;
  close(): Promise<void>;
};

/** The API over real MySQL and Redis, without a web server: requests go to the route handlers themselves. */
export async function createApiHarness(): Promise<ApiHarness> {
  const [testDatabase, redis] = await Promise.all([createTestDatabase(), testRedis()]);
  const { connection: address } = parseDatabaseUrl(testDatabase.url);
  const system = new PrismaClient({
    adapter: new PrismaMariaDb({ ...address, connectionLimit: 5, timezone: 'Z' }),
    log: [{ emit: 'event', level: 'query' }],
  });
  let statements: string[] = [];
  system.$on('query', (event) => statements.push(event.query));
  const scoped = new Map<string, TenantClient>();
  const database: Database = {
    system,
    forTenant(tenantId) {
      const client = scoped.get(tenantId) ?? scopeToTenant(system, tenantId);
      scoped.set(tenantId, client);
      return client;
    },
    statements: statementsOver(() => Promise.reject(new Error('The API runs no statements of copying')), OPEN_PLANE),
    close: () => system.$disconnect(),
  };
  const client = new Redis(redis.url, { maxRetriesPerRequest: 1 });
  const preflights: string[] = [];
  const harness: ApiHarness = {
    context: {
      environment: {
        NEXTAUTH_SECRET: 'a secret of the tests alone',
        NEXTAUTH_URL: TEST_ORIGIN,
        REDIS_PREFIX: redis.prefix,
        LIVE_TRADING: false,
        TRUSTED_PROXIES: 0,
        ALLOW_PRIVATE_ADDRESSES: false,
      },
      database,
      redis: client,
      cipher: new Cipher(Buffer.alloc(32, 7).toString('base64')),
      clock: { now: () => Date.now() },
      logger: createLogger('test', 'silent'),
      preflights: {
        enqueue: async (accountId) => {
          preflights.push(accountId);
          await harness.onPreflight(accountId);
        },
      },
      venue: async () => ({ market: () => harness.market as MarketData }),
      marketModes: ['simulated'],
    },
    database,
    statements: () => {
      const taken = statements.filter((sql) => !/^(?:BEGIN|COMMIT|ROLLBACK|SET )/i.test(sql));
      statements = [];
      return taken;
    },
    preflights,
    onPreflight: async (accountId) => {
      await system.exchangeAccount.updateMany({ where: { id: accountId }, data: { checkedAt: new Date() } });
    },
    market: {},
    call: (name, options) => callRoute(name, options),
    async close() {
      setWebServices(null);
      await system.$disconnect();
      client.disconnect();
      await redis.close();
      await testDatabase.drop();
    },
  };
  setWebServices(harness.context);
  return harness;
}

/** "/customers/{id}" → the file of its route, below src/app/api/v1. */
export function routeFileOf(path: string): string {
  return `${path.slice(1).replaceAll(/\{(\w+)\}/g, '[$1]')}/route.ts`;
}

type Handler = (request: Request, route: { params: Promise<Record<string, string>> }) => Promise<Response>;

async function callRoute<N extends OperationName>(
  name: N,
  { as = null, params = {}, query = {}, body, headers = {} }: ApiCall = {},
): Promise<ApiAnswer<z.output<(typeof OPERATIONS)[N]['response']>>> {
  const operation: Operation = OPERATIONS[name];
  const url = new URL(`/api/v1${operation.path}`, TEST_ORIGIN);
  url.pathname = url.pathname.replaceAll(/%7B(\w+)%7D/g, (_, key: string) => params[key] ?? '');
  for (const [key, value] of Object.entries(query)) url.searchParams.set(key, value);
  const session = as?.includes('=') ?? false;
  const request = new Request(url, {
    method: operation.method,
    headers: {
      host: url.host,
      ...(as === null ? {} : session ? { cookie: as, origin: TEST_ORIGIN } : { authorization: `Bearer ${as}` }),
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...headers,
    },
    body: body === undefined ? undefined : typeof body === 'string' ? body : JSON.stringify(body),
  });
  const file = resolve('src/app/api/v1', routeFileOf(operation.path));
  const route = (await import(/* @vite-ignore */ file)) as Record<string, Handler>;
  const handler = route[operation.method];
  if (handler === undefined) throw new Error(`${file} does not answer ${operation.method}`);
  const response = await handler(request, { params: Promise.resolve(params) });
  const text = await response.text();
  const json = (response.headers.get('content-type') ?? '').includes('json') ? JSON.parse(text) : undefined;
  if (json !== undefined) checkShape(operation, response.status, json);
  return { status: response.status, headers: response.headers, text, data: json?.data, error: json?.error };
}

/** Answers must be exactly what the API describes: a field that is not described is a failure of the test. */
function checkShape(operation: Operation, status: number, json: unknown): void {
  const schema = status < 400 ? successSchema(strict(operation.response)) : failureSchema;
  const parsed = schema.safeParse(json);
  if (!parsed.success) {
    throw new Error(`${operation.method} ${operation.path} answered ${status}: ${z.prettifyError(parsed.error)}`);
  }
}

/** Objects inside refuse fields that they do not name. */
function strict(schema: z.ZodType): z.ZodType {
  if (schema instanceof z.ZodObject) {
    return z.strictObject(
      Object.fromEntries(Object.entries(schema.shape).map(([key, inner]) => [key, strict(inner as z.ZodType)])),
    );
  }
  if (schema instanceof z.ZodArray) return z.array(strict(schema.element as z.ZodType));
  if (schema instanceof z.ZodNullable) return strict(schema.unwrap() as z.ZodType).nullable();
  return schema;
}
