import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { z } from 'zod';
import { makeCertificates, type TestCertificates, testRedis } from '@/testing/services';
import { anyFreePort } from '../../scripts/services/ports';
import { type PrivateRedis, startRedis } from '../../scripts/services/redis';
import { createEventPublisher, createEventReader } from './event-stream';
import { createLogger } from './log';
import { createJobConsumer, createJobProducer } from './queue';
import { openRedis } from './redis';
import { requireRedis } from './require-redis';

const folder = mkdtempSync(join(tmpdir(), 'redis-tls-'));
const logger = createLogger('test', 'silent');
let files: TestCertificates;
let server: PrivateRedis;

beforeAll(async () => {
  files = makeCertificates(join(folder, 'certificates'));
  server = await startRedis({
    directory: join(folder, 'redis'),
    port: await anyFreePort(),
    password: 'a-password',
    relaxed: true,
    tls: { ca: files.ca, ...files.server },
  });
});
afterAll(async () => {
  await server?.stop();
  rmSync(folder, { recursive: true, force: true });
});

const address = (parameters: Record<string, string>): string =>
  `${server.url}?${new URLSearchParams({ 'ssl-cert': files.client.cert, 'ssl-key': files.client.key, ...parameters })}`;

describe('a Redis that takes only TLS with certificates', () => {
  it('carries commands, jobs and events', async () => {
    const url = address({ sslcert: files.ca });
    await requireRedis(url);

    const redis = openRedis(url, {});
    expect(await redis.ping()).toBe('PONG');
    redis.disconnect();

    const definition = { payload: z.object({ word: z.string() }), attempts: 1, backoffMs: 10, concurrency: 1 };
    const options = { redisUrl: url, prefix: 'tls', logger };
    const producer = createJobProducer('words', definition, options);
    const heard = await new Promise<string>((resolve, reject) => {
      const consumer = createJobConsumer('words', definition, options, async ({ word }) => {
        resolve(word);
        void consumer.close();
      });
      producer.enqueue({ word: 'hello' }, 'one').catch(reject);
    });
    expect(heard).toBe('hello');
    await producer.close();

    const read: string[] = [];
    const publisher = createEventPublisher<string>(url, 'tls', logger);
    const reader = createEventReader<string>(url, 'tls', logger, ({ messages }) => read.push(...messages));
    // A reader begins at the present end, wherever that is.
    await vi.waitFor(async () => {
      await publisher.publish(['event']);
      expect(read).toContain('event');
    });
    await Promise.all([publisher.close(), reader.close()]);
  });

  it.each([
    ['in clear', () => server.url.replace('rediss:', 'redis:'), undefined],
    ['with the certificates of the system', () => address({}), 'name its authority'],
    ['with another authority', () => address({ sslcert: files.otherCa }), 'name its authority'],
    ['under another name', () => address({ sslcert: files.ca, servername: 'else.example' }), 'else.example'],
    ['without a certificate', () => `${server.url}?sslcert=${files.ca}`, undefined],
  ])('is not reached %s', async (_name, url, advice) => {
    if (advice !== undefined) await expect(requireRedis(url())).rejects.toThrow(advice);
    const redis = openRedis(url(), { retryStrategy: () => null, maxRetriesPerRequest: 0 });
    redis.on('error', () => undefined);
    await expect(redis.ping()).rejects.toThrow();
    redis.disconnect();
  });

  it('is taken as it is when its certificate is not to be looked at', async () => {
    await requireRedis(address({ sslaccept: 'accept_invalid_certs' }));
  });
});

describe('requireRedis', () => {
  it('refuses a Redis without TLS when TLS is asked for', async () => {
    const { url, close } = await testRedis();
    await requireRedis(url);
    await expect(requireRedis(url.replace('redis:', 'rediss:'))).rejects.toThrow(
      'REDIS_URL asks for TLS, and this Redis talks in clear',
    );
    await close();
  });

  it('refuses a wrong password', async () => {
    const url = new URL(process.env.TEST_REDIS_URL ?? '');
    url.password = 'wrong';
    await expect(requireRedis(url.href)).rejects.toThrow('Look at user and password of REDIS_URL');
  });

  it('leaves a Redis that is away to those who wait for it', async () => {
    await requireRedis(`rediss://127.0.0.1:${await anyFreePort()}`);
  });
});
