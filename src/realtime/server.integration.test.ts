import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Redis } from 'ioredis';
import { io, type Socket } from 'socket.io-client';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { adminRoom, customerRoom, type RealtimeMessage, type TradeChange } from '@/contracts/realtime';
import { createEventPublisher, type EventPublisher } from '@/platform/event-stream';
import { createLogger } from '@/platform/log';
import { type TestRedis, testRedis } from '@/testing/services';
import { type RealtimeIdentity, type RealtimeServer, startRealtime } from './server';

const logger = createLogger('realtime-test', 'fatal');
const IDENTITIES: Record<string, RealtimeIdentity> = {
  'who=admin': { tenantId: 't1', role: 'admin', customerId: null },
  'who=foreign': { tenantId: 't2', role: 'operator', customerId: null },
  'who=alpha': { tenantId: 't1', role: 'customer', customerId: 'alpha' },
  'who=beta': { tenantId: 't1', role: 'customer', customerId: 'beta' },
  'who=brief': { tenantId: 't1', role: 'customer', customerId: 'alpha', expiresAt: 0 },
};

let redis: TestRedis;
let http: Server;
let realtime: RealtimeServer;
let publisher: EventPublisher<RealtimeMessage>;
let url: string;
const sockets: Socket[] = [];

beforeAll(async () => {
  redis = await testRedis();
  http = createServer();
  realtime = startRealtime(http, {
    redisUrl: redis.url,
    redisPrefix: redis.prefix,
    logger,
    publicUrl: 'https://copy.example.org',
    authenticate: async (cookie) => IDENTITIES[cookie ?? ''] ?? null,
  });
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(http.address() as AddressInfo).port}`;
  publisher = createEventPublisher(redis.url, redis.prefix, logger);
  // The reader resolves the end of the stream once; from here on it sees everything.
  const watcher = connect('who=admin');
  await vi.waitFor(async () => {
    await publish('warm-up', adminRoom('t1'));
    expect(watcher.seen).toContain('warm-up');
  });
  watcher.socket.disconnect();
});

afterEach(() => {
  for (const socket of sockets.splice(0)) socket.disconnect();
});

afterAll(async () => {
  await publisher.close();
  await realtime.close();
  await redis.close();
});

type Client = { socket: Socket; seen: string[]; cursors: string[]; resyncs: string[]; refused: string[] };

function connect(cookie: string, auth: Record<string, unknown> = {}, headers: Record<string, string> = {}): Client {
  const socket = io(url, { transports: ['websocket'], forceNew: true, auth, extraHeaders: { cookie, ...headers } });
  sockets.push(socket);
  const client: Client = { socket, seen: [], cursors: [], resyncs: [], refused: [] };
  socket.on('order_filled', (changes: TradeChange[], cursor: string) => {
    client.seen.push(...changes.map(({ id }) => id));
    client.cursors.push(cursor);
  });
  socket.on('resync', (cursor: string) => client.resyncs.push(cursor));
  socket.on('connect_error', (error) => client.refused.push(error.message));
  return client;
}

function message(id: string, room: string): RealtimeMessage {
  const change: TradeChange = {
    id,
    signalId: 's',
    subscriptionId: 'sub',
    customerId: 'alpha',
    strategyId: 'strategy',
    symbol: 'BTC-USDT-SWAP',
    leg: 'open',
    side: 'buy',
    status: 'filled',
    code: null,
    quantity: '1',
    filledQuantity: '1',
    averagePrice: '50000',
  };
  return { room, event: 'order_filled', payload: [change] };
}

const publish = (id: string, ...rooms: string[]): Promise<void> =>
  publisher.publish(rooms.map((room) => message(id, room)));

/** Resolves when the client is in its rooms: a marker published now reaches it. */
async function settled(client: Client, room: string): Promise<void> {
  const marker = `marker-${Math.random()}`;
  await vi.waitFor(async () => {
    await publish(marker, room);
    expect(client.seen).toContain(marker);
  });
  client.seen = client.seen.filter((id) => id !== marker);
}

describe('realtime server', () => {
  it('gives each browser the events of its own rooms only', async () => {
    const admin = connect('who=admin');
    const foreign = connect('who=foreign');
    const alpha = connect('who=alpha');
    const beta = connect('who=beta');
    await settled(admin, adminRoom('t1'));
    await settled(foreign, adminRoom('t2'));
    await settled(alpha, customerRoom('alpha'));
    await settled(beta, customerRoom('beta'));

    await publish('one', adminRoom('t1'), customerRoom('alpha'));
    await publish('two', adminRoom('t1'), customerRoom('beta'));
    await publish('end', adminRoom('t2'), adminRoom('t1'), customerRoom('alpha'), customerRoom('beta'));
    for (const client of [admin, foreign, alpha, beta]) {
      await vi.waitFor(() => expect(client.seen).toContain('end'));
    }
    const own = (client: Client) => client.seen.filter((id) => !id.startsWith('marker'));
    expect(own(admin)).toEqual(['one', 'two', 'end']);
    expect(own(foreign)).toEqual(['end']);
    expect(own(alpha)).toEqual(['one', 'end']);
    expect(own(beta)).toEqual(['two', 'end']);
  });

  it('replays to a browser what its room missed, in order and once', async () => {
    const before = connect('who=alpha');
    await settled(before, customerRoom('alpha'));
    const cursor = before.cursors.at(-1);
    before.socket.disconnect();

    await publish('missed-1', customerRoom('alpha'));
    await publish('not-his', customerRoom('beta'));
    await publish('missed-2', customerRoom('alpha'), adminRoom('t1'));
    const back = connect('who=alpha', { cursor });
    await vi.waitFor(() => expect(back.seen).toContain('missed-2'));
    await publish('after', customerRoom('alpha'));
    await vi.waitFor(() => expect(back.seen).toContain('after'));

    expect(back.seen.filter((id) => !id.startsWith('marker'))).toEqual(['missed-1', 'missed-2', 'after']);
    expect(back.resyncs).toEqual([]);
  });

  it('loses nothing and doubles nothing while events arrive during the replay', async () => {
    const cursor = realtime.cursor();
    const ids = Array.from({ length: 60 }, (_, n) => `burst-${n}`);
    const sending = (async () => {
      for (const id of ids) await publish(id, customerRoom('beta'));
    })();
    const clients = [connect('who=beta', { cursor }), connect('who=beta', { cursor }), connect('who=beta', { cursor })];
    await sending;
    for (const client of clients) {
      await vi.waitFor(() => expect(client.seen).toContain('burst-59'));
      expect(client.seen.filter((id) => id.startsWith('burst'))).toEqual(ids);
    }
  });

  it('tells a browser whose cursor is too old or missing to fetch again', async () => {
    const raw = new Redis(redis.url);
    await raw.xtrim(`${redis.prefix}:events`, 'MAXLEN', 1);
    await raw.quit();
    for (const auth of [{ cursor: '1-0' }, { cursor: 'not a cursor' }, {}]) {
      const client = connect('who=alpha', auth);
      await vi.waitFor(() => expect(client.resyncs).toHaveLength(1));
      expect(client.resyncs[0]).toMatch(/^\d+-\d+$/);
    }
  });

  it('refuses who is not logged in, and pages of other origins', async () => {
    const nobody = connect('who=nobody');
    await vi.waitFor(() => expect(nobody.refused).toEqual(['UNAUTHENTICATED']));

    const elsewhere = connect('who=admin', {}, { origin: 'https://elsewhere.example' });
    await vi.waitFor(() => expect(elsewhere.refused.length).toBeGreaterThan(0));
    expect(elsewhere.socket.connected).toBe(false);

    const own = connect('who=admin', {}, { origin: 'https://copy.example.org' });
    await vi.waitFor(() => expect(own.socket.connected).toBe(true));
  });

  it('ends a connection with its session', async () => {
    const client = connect('who=brief');
    let reason = '';
    client.socket.on('disconnect', (why) => {
      reason = why;
    });
    await vi.waitFor(() => expect(reason).toBe('io server disconnect'));
  });
});
