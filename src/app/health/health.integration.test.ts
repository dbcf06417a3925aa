import { Redis } from 'ioredis';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import type { WebContext } from '@/services/web-context';
import { setWebServices } from '@/services/web-services';
import { type ApiHarness, createApiHarness } from '@/testing/api/harness';

const REALTIME = Symbol.for('slipstream.realtime');
let harness: ApiHarness;
let realtimeWorks = true;

beforeAll(async () => {
  harness = await createApiHarness();
  harness.market = { getTime: async () => Date.now() };
  (globalThis as Record<symbol, unknown>)[REALTIME] = { healthy: () => realtimeWorks };
});
afterEach(() => {
  realtimeWorks = true;
  setWebServices(harness.context);
});
afterAll(async () => {
  delete (globalThis as Record<symbol, unknown>)[REALTIME];
  await harness.close();
});

/** A new copy of the route each time: it keeps its last answer for a second. */
async function ask(change: Partial<WebContext> = {}) {
  setWebServices({ ...harness.context, ...change });
  vi.resetModules();
  const web = await import('@/services/web-services');
  web.setWebServices({ ...harness.context, ...change });
  const { GET } = await import('./route');
  const response = await GET();
  return { status: response.status, body: await response.json() };
}

describe('/health', () => {
  it('is 200 when everything answers', async () => {
    const environment = { ...harness.context.environment, SLIPSTREAM_INSTANCE: '0123abcd' };
    const { status, body } = await ask({ environment });
    expect(status).toBe(200);
    expect(body).toMatchObject({
      status: 'up',
      instance: '0123abcd',
      checks: {
        database: { status: 'up' },
        redis: { status: 'up' },
        venue: { status: 'up' },
        websocket: { status: 'up' },
      },
    });
  });

  it('is 503 and names what is away', async () => {
    const redis = new Redis({ port: 1, maxRetriesPerRequest: 0, retryStrategy: () => null, lazyConnect: true });
    redis.on('error', () => undefined);
    const withoutRedis = await ask({ redis });
    expect([withoutRedis.status, withoutRedis.body.checks.redis.status]).toEqual([503, 'down']);
    expect(withoutRedis.body.checks.database.status).toBe('up');

    const withoutVenue = await ask({ venue: () => Promise.reject(new Error('connect ECONNREFUSED 10.0.0.1:443')) });
    expect([withoutVenue.status, withoutVenue.body.checks.venue.status]).toEqual([503, 'down']);
    expect(JSON.stringify(withoutVenue.body)).not.toContain('10.0.0.1');

    realtimeWorks = false;
    const withoutPushes = await ask();
    expect([withoutPushes.status, withoutPushes.body.checks.websocket.status]).toEqual([503, 'down']);
  });

  it('does not wait for what hangs', async () => {
    const { status, body } = await ask({ venue: () => new Promise(() => undefined) });
    expect([status, body.checks.venue.reason]).toEqual([503, 'timeout']);
  });
});
