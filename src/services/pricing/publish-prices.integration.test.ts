import { once } from 'node:events';
import pino from 'pino';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { RealtimeMessage } from '@/contracts/realtime';
import { createVenues, okxEndpointsAt, type Venues } from '@/exchanges/registry';
import { systemClock } from '@/platform/clock';
import { connectDatabase, type Database } from '@/platform/database/database';
import { newId } from '@/platform/ids';
import { connectRedis } from '@/platform/redis';
import { type Simulator, startSimulator } from '@/simulator/simulator';
import { control } from '@/simulator/testing';
import { createTestDatabase, type TestDatabase, type TestRedis, testRedis } from '@/testing/services';
import { readLastPrices } from '../market-views/last-prices';
import { PriceBoard } from './price-board';
import { publishPrices } from './publish-prices';

const SYMBOL = 'BTC-USDT-SWAP';
const ID = `okx:${SYMBOL}`;
const logger = pino({ level: 'silent' });

let market: Simulator;
let simulator: Simulator;
let venues: Venues;
let rows: TestDatabase;
let database: Database;
let store: TestRedis;

beforeAll(async () => {
  const start = () => startSimulator({ port: 0, walk: false, rateLimits: false, log: logger });
  [market, simulator] = await Promise.all([start(), start()]);
  await control(market, 'price', { instId: SYMBOL, price: '61000', hold: true });
  await control(simulator, 'price', { instId: SYMBOL, price: '100', hold: true });
  const endpoints = {
    live: okxEndpointsAt(market.rest, market.ws),
    simulated: okxEndpointsAt(simulator.rest, simulator.ws),
    demo: null,
  };
  const wsConnectsPerSecond = { live: 3, demo: 3, simulated: 3 };
  venues = createVenues(
    { okx: { endpoints, placementConnections: 1, requestTimeoutMs: 2000, wsConnectsPerSecond } },
    logger,
  );
  rows = await createTestDatabase();
  database = connectDatabase(rows.url, 1);
  await database.system.tenant.create({ data: { id: newId(), name: 'T', slug: 't', wrappedKey: '-' } });
  store = await testRedis();
});
afterAll(async () => {
  await venues.close();
  await Promise.all([market.stop(), simulator.stop()]);
  await database.close();
  await rows.drop();
  await store.close();
});

it('keeps the prices of each mode apart, whichever changed last', async () => {
  const redis = connectRedis(store.url, 'producer', logger);
  await once(redis, 'ready');
  const board = new PriceBoard((key) => venues.get(key), logger);
  const told: RealtimeMessage[] = [];
  const publish = () =>
    publishPrices(board, database.system, redis, store.prefix, async (messages) => void told.push(...messages));
  const context = { redis, environment: { REDIS_PREFIX: store.prefix } as never, clock: systemClock, logger };
  const prices = async () => [
    (await readLastPrices(context, 'live', [ID])).get(ID)?.price,
    (await readLastPrices(context, 'simulated', [ID])).get(ID)?.price,
  ];
  await board.price('okx', 'live', SYMBOL);
  await publish();
  expect(await prices()).toEqual(['61000', undefined]);
  await board.price('okx', 'simulated', SYMBOL);
  await publish();
  expect(await prices()).toEqual(['61000', '100']);
  expect(told.map(({ payload }) => payload)).toMatchObject([
    [{ mode: 'live', symbol: SYMBOL, price: '61000' }],
    [{ mode: 'simulated', symbol: SYMBOL, price: '100' }],
  ]);
  redis.disconnect();
});
