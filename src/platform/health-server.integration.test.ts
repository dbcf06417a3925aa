import { afterEach, describe, expect, it } from 'vitest';
import { type HealthServer, startHealthServer } from './health-server';
import { createLogger } from './log';

let server: HealthServer | undefined;
afterEach(async () => {
  await server?.close();
});

const start = (checks: Parameters<typeof startHealthServer>[0]['checks'], instance?: string) =>
  startHealthServer({ host: '127.0.0.1', port: 0, checks, instance, logger: createLogger('test', 'fatal') });

describe('startHealthServer', () => {
  it('answers 200 while every check is well', async () => {
    server = await start({ database: async () => null });
    const response = await fetch(`http://127.0.0.1:${server.port}/health`);
    expect(response.status).toBe(200);
    expect(await response.json()).toMatchObject({ success: true, data: { checks: { database: { ok: true } } } });
  });

  it('answers 503 and names what is not well', async () => {
    server = await start({
      database: async () => null,
      redis: async () => {
        throw new Error('connection refused');
      },
    });
    const response = await fetch(`http://127.0.0.1:${server.port}/health`);
    expect(response.status).toBe(503);
    expect(await response.json()).toMatchObject({
      success: false,
      error: { details: { checks: { database: { ok: true }, redis: { ok: false, reason: 'connection refused' } } } },
    });
  });

  it('says whose process it is, well or not', async () => {
    for (const reason of [null, 'not well']) {
      server = await start({ database: async () => reason }, 'ours');
      const response = await fetch(`http://127.0.0.1:${server.port}/health`);
      expect(await response.json()).toMatchObject({ instance: 'ours' });
      await server.close();
    }
  });

  it('has nothing else to offer', async () => {
    server = await start({});
    expect((await fetch(`http://127.0.0.1:${server.port}/`)).status).toBe(404);
    expect((await fetch(`http://127.0.0.1:${server.port}/health`, { method: 'POST' })).status).toBe(405);
  });
});
