import { Redis } from 'ioredis';
import { pino } from 'pino';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { newId } from '@/platform/ids';
import { testRedis } from '@/testing/services';
import { WorkerRegistry, workersKey } from './worker-registry';

let server: Awaited<ReturnType<typeof testRedis>>;
let redis: Redis;
beforeAll(async () => {
  server = await testRedis();
  redis = new Redis(server.url);
});
afterAll(async () => {
  redis.disconnect();
  await server.close();
});

it('gives every account to exactly one worker, and divides anew when one comes or goes', async () => {
  const accounts = Array.from({ length: 60 }, newId);
  const registry = (name: string) =>
    new WorkerRegistry(redis, workersKey(server.prefix), name, pino({ level: 'silent' }));
  const [first, second] = [registry('first'), registry('second')];
  const shares = () => [first, second].map(({ owns }) => accounts.filter(owns).length);
  await first.beat();
  expect(accounts.every(first.owns)).toBe(true);

  await second.beat();
  await first.beat();
  const [ofFirst = 0, ofSecond = 0] = shares();
  expect(ofFirst + ofSecond).toBe(accounts.length);
  expect(Math.min(ofFirst, ofSecond)).toBeGreaterThan(0);
  expect(accounts.every((account) => first.owns(account) !== second.owns(account))).toBe(true);

  await second.leave();
  await first.beat();
  expect(accounts.every(first.owns)).toBe(true);
});
