import { afterAll, beforeAll, expect, it } from 'vitest';
import { connectDatabase } from '@/platform/database/database';
import { readEnvironment } from '@/platform/env';
import { createLogger } from '@/platform/log';
import { type Simulator, startSimulator } from '@/simulator/simulator';
import { createTestDatabase, type TestDatabase } from '@/testing/services';
import { seedDemo } from './seed-demo';

let rows: TestDatabase;
let simulator: Simulator;
beforeAll(async () => {
  rows = await createTestDatabase();
  simulator = await startSimulator({ instance: '0123abcd', log: createLogger('simulator', 'silent') });
});
afterAll(async () => {
  await simulator.stop();
  await rows.drop();
});

it('makes no account in a simulator that another start runs', async () => {
  const environment = readEnvironment({
    DATABASE_URL: rows.url,
    REDIS_URL: 'redis://127.0.0.1:1',
    SLIPSTREAM_MASTER_KEY: Buffer.alloc(32).toString('base64'),
    NEXTAUTH_SECRET: 'long enough to be one',
    SLIPSTREAM_INSTANCE: '4567cdef',
    SIMULATOR_REST_URL: simulator.rest,
    SIMULATOR_WS_URL: simulator.ws,
    SIMULATOR_CONTROL_URL: simulator.control,
    LOG_LEVEL: 'fatal',
  });
  await expect(seedDemo(environment)).rejects.toThrow('another one answers');
  const { accounts } = (await (await fetch(`${simulator.control}/accounts`)).json()) as { accounts: unknown[] };
  expect(accounts).toEqual([]);
  const database = connectDatabase(rows.url, 1);
  expect(await database.system.tenant.count()).toBe(0);
  await database.close();
});
