import { PrismaMariaDb } from '@prisma/adapter-mariadb';
import { Redis } from 'ioredis';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { operation } from '@/contracts/api/operation';
import { PrismaClient } from '@/platform/database/generated/client';
import { scopeToTenant } from '@/platform/database/tenant-scope';
import { setWebServices } from '@/services/web-services';
import { type ApiHarness, createApiHarness, TEST_ORIGIN } from '@/testing/api/harness';
import { createTenant, type TestTenant } from '@/testing/api/rows';
import * as unknownPath from '../[...path]/route';
import { endpoint, route } from './endpoint';

let harness: ApiHarness;
let tenant: TestTenant;

beforeAll(async () => {
  harness = await createApiHarness();
  tenant = await createTenant(harness, 'Home', ['Own']);
});
afterEach(() => setWebServices(harness.context));
afterAll(() => harness.close());

const NO_PARAMS = { params: Promise.resolve({}) };

describe('an endpoint', () => {
  it('takes over the request id of the caller, and makes one where his is none', async () => {
    const id = 'trace-0123456789';
    const as = tenant.tokens.admin;
    const kept = await harness.call('getMe', { as, headers: { 'x-request-id': id } });
    expect(kept.headers.get('x-request-id')).toBe(id);
    const made = await harness.call('getMe', { as, headers: { 'x-request-id': 'no good\tid' } });
    expect(made.headers.get('x-request-id')).toMatch(/^[0-9a-f]{32}$/);
  });

  it.each([
    ['createCustomer', { name: '' }, 'name'],
    ['createCustomer', { name: 'x', initialBalance: '1e5' }, 'initialBalance'],
    ['createCustomer', { name: 'x', initialBalance: '-1' }, 'initialBalance'],
    ['createCustomer', { name: 'x', maxOrderShare: '1.5' }, 'maxOrderShare'],
    ['createCustomer', { name: 'x', tenantId: 'y' }, 'tenantId'],
    ['createCustomer', { name: 'x', email: 'a@example.com' }, 'password'],
    ['createSignalSource', { name: 'x', allowedIps: ['10.0.0.1', 'nonsense'] }, 'allowedIps.1'],
    ['createStrategy', { name: 'x', signalSourceId: 'y' }, 'signalSourceId'],
  ] as const)('%s names the wrong field of %j', async (name, body, field) => {
    const answer = await harness.call(name, { as: tenant.tokens.admin, body });
    expect([answer.status, answer.error.code, answer.error.field]).toEqual([400, 'VALIDATION_ERROR', field]);
  });

  it('names a wrong query parameter, an unknown cursor and one that is given twice', async () => {
    const as = tenant.tokens.admin;
    const limit = await harness.call('listTrades', { as, query: { limit: '0' } });
    expect([limit.status, limit.error.field]).toEqual([400, 'limit']);
    const cursor = await harness.call('listTrades', { as, query: { cursor: 'nonsense' } });
    expect([cursor.status, cursor.error.field]).toEqual([400, 'cursor']);
    const { GET } = await import('../v1/trades/route');
    const twice = new Request(`${TEST_ORIGIN}/api/v1/trades?limit=1&limit=2`, {
      headers: { authorization: `Bearer ${as}` },
    });
    expect(await (await GET(twice, NO_PARAMS)).json()).toMatchObject({ error: { field: 'limit' } });
  });

  it('refuses bodies that are no JSON, of another type, or too large', async () => {
    const as = tenant.tokens.admin;
    const broken = await harness.call('createCustomer', { as, body: '{"name":' });
    expect([broken.status, broken.error.code]).toEqual([400, 'VALIDATION_ERROR']);
    const type = { 'content-type': 'text/plain' };
    const plain = await harness.call('createCustomer', { as, body: '{"name":"x"}', headers: type });
    expect([plain.status, plain.error.code]).toEqual([415, 'UNSUPPORTED_MEDIA_TYPE']);
    const large = await harness.call('createCustomer', { as, body: { name: 'x'.repeat(70_000) } });
    expect([large.status, large.error.code]).toEqual([413, 'PAYLOAD_TOO_LARGE']);
  });

  it('lets a cookie change something only from a page of the service', async () => {
    const as = tenant.cookies.admin;
    const body = { name: 'From a page' };
    for (const origin of ['https://evil.example.com', 'null', 'http://127.0.0.1:3001']) {
      const answer = await harness.call('createCustomer', { as, body, headers: { origin } });
      expect([origin, answer.status, answer.error.code]).toEqual([origin, 403, 'FORBIDDEN']);
    }
    const { POST } = await import('../v1/customers/route');
    const withoutOrigin = new Request(`${TEST_ORIGIN}/api/v1/customers`, {
      method: 'POST',
      headers: { cookie: as, 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    expect((await POST(withoutOrigin, NO_PARAMS)).status).toBe(403);
    expect((await harness.call('createCustomer', { as, body })).status).toBe(201);
    expect((await harness.call('getMe', { as, headers: { origin: 'https://evil.example.com' } })).status).toBe(200);
  });

  it('limits calls a minute of one actor, and says when to come back', async () => {
    const as = tenant.tokens.admin;
    let answer = await harness.call('verifyAuditLog', { as });
    for (let call = 1; call < 6; call += 1) answer = await harness.call('verifyAuditLog', { as });
    expect(answer.status).toBe(200);
    answer = await harness.call('verifyAuditLog', { as });
    expect([answer.status, answer.error.code]).toEqual([429, 'RATE_LIMITED']);
    expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0);
    expect((await harness.call('getMe', { as })).status).toBe(200);
  });

  it('goes on without limits, prices and kept answers while Redis is away', async () => {
    const redis = new Redis({ port: 1, maxRetriesPerRequest: 0, retryStrategy: () => null, lazyConnect: true });
    redis.on('error', () => undefined);
    setWebServices({ ...harness.context, redis });
    const answer = await harness.call('listPositions', { as: tenant.tokens.admin });
    expect(answer.status).toBe(200);
    expect(answer.data.items[0]?.markPrice).toBeNull();
    redis.disconnect();
  });

  it('answers 503 with Retry-After while the database is away', async () => {
    const system = new PrismaClient({
      adapter: new PrismaMariaDb({ host: '127.0.0.1', port: 1, acquireTimeout: 300, connectTimeout: 200 }),
    });
    const forTenant = (id: string) => scopeToTenant(system, id);
    const database = { ...harness.context.database, system, forTenant };
    setWebServices({ ...harness.context, database });
    const answer = await harness.call('getMe', { as: tenant.tokens.admin });
    expect([answer.status, answer.error.code]).toEqual([503, 'UNAVAILABLE']);
    expect(answer.headers.get('retry-after')).toBe('2');
    expect(answer.text).not.toMatch(/127\.0\.0\.1|pool/);
    await system.$disconnect();
  });

  it('tells nothing of a defect but the request id', async () => {
    const broken = operation({
      method: 'GET',
      path: '/broken',
      tag: 'test',
      summary: 'Fails',
      auth: 'public',
      response: z.null(),
    });
    const handler = endpoint(broken, async () => {
      throw new Error('SELECT secret FROM somewhere');
    });
    const response = await handler(new Request(`${TEST_ORIGIN}/api/v1/broken`), NO_PARAMS);
    const text = await response.text();
    expect(response.status).toBe(500);
    expect(JSON.parse(text)).toMatchObject({ success: false, error: { code: 'INTERNAL' } });
    expect(text).not.toContain('SELECT');
    expect(response.headers.get('x-request-id')).toMatch(/^[0-9a-f]{32}$/);
  });

  it('answers wrong methods and unknown addresses in the envelope', async () => {
    const answer = async () => new Response();
    const handlers = route({ GET: answer });
    const wrong = await handlers.DELETE(new Request(`${TEST_ORIGIN}/api/v1/x`, { method: 'DELETE' }), NO_PARAMS);
    expect([wrong.status, wrong.headers.get('allow')]).toEqual([405, 'GET']);
    expect(await wrong.json()).toMatchObject({ success: false, error: { code: 'METHOD_NOT_ALLOWED' } });
    const unknown = await unknownPath.GET();
    expect(unknown.status).toBe(404);
    expect(await unknown.json()).toMatchObject({ success: false, error: { code: 'NOT_FOUND' } });
  });
});
