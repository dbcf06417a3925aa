import { Redis } from 'ioredis';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type TestRedis, testRedis } from '@/testing/services';
import { createEventPublisher, createEventReader } from './event-stream';
import { createLogger } from './log';

const logger = createLogger('event-stream-test', 'fatal');
let redis: TestRedis;
let client: Redis;
beforeAll(async () => {
  redis = await testRedis();
  client = new Redis(redis.url);
});
afterAll(async () => {
  client.disconnect();
  await redis.close();
});

it('keeps what fits into its memory, and tells who missed more', async () => {
  const publisher = createEventPublisher<string>(redis.url, redis.prefix, logger, undefined, 100_000);
  const key = `${redis.prefix}:events`;
  await publisher.publish(['first']);
  const first = (await client.xrange(key, '-', '+', 'COUNT', 1))[0]?.[0] ?? '';
  for (let index = 0; index < 200; index += 1) await publisher.publish([`${index} `.padEnd(2000, '.')]);
  const entries = await client.xrange(key, '-', '+');
  const kept = entries.reduce((sum, [, fields]) => sum + (fields[1]?.length ?? 0), 0);
  // Redis gives memory back by nodes of some kilobytes.
  expect(kept).toBeLessThan(130_000);
  expect(kept).toBeGreaterThan(80_000);
  expect(entries.at(-1)?.[1][1]).toContain('199 ');

  const reader = createEventReader<string>(redis.url, redis.prefix, logger, () => undefined);
  expect(await reader.since(first, 10)).toBeNull();
  const recent = entries.at(-3)?.[0] ?? '';
  expect(await reader.since(recent, 10)).toHaveLength(2);
  await reader.close();
  await publisher.close();
});

it('leaves out an entry that cannot be read, and tells what comes after it', async () => {
  const publisher = createEventPublisher<string>(redis.url, redis.prefix, logger);
  const heard: string[] = [];
  const reader = createEventReader<string>(redis.url, redis.prefix, logger, ({ messages }) => heard.push(...messages));
  // It hears from now on: from when is not known.
  await expect
    .poll(async () => {
      await publisher.publish(['before']);
      return heard.length;
    })
    .toBeGreaterThan(0);
  const key = `${redis.prefix}:events`;
  const start = (await client.xrevrange(key, '+', '-', 'COUNT', 1))[0]?.[0] ?? '';
  await client.xadd(key, '*', 'm', '["cut');
  await client.xadd(key, '*', 'm', '{}');
  await publisher.publish(['after']);
  await expect.poll(() => heard.at(-1)).toBe('after');
  expect((await reader.since(start, 10))?.map(({ messages }) => messages)).toEqual([['after']]);
  await reader.close();
  await publisher.close();
});
