import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import pino from 'pino';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type WebSocket, WebSocketServer } from 'ws';
import {
  type AccountStream,
  Credentials,
  type OrderUpdate,
  type StreamState,
  type VenueAccount,
  type VenueBalance,
} from '@/exchanges/port';
import { createVenues, okxEndpointsAt, type Venues } from '@/exchanges/registry';
import { signMessage } from './sign';
import { tellTime } from './testing';

const SECRET = 'canary-secret-5e1f';
const ACCOUNT: VenueAccount = {
  accountId: 'a1',
  mode: 'simulated',
  credentials: new Credentials('key-1', SECRET, 'pass'),
};

type Message = { op: string; args: { channel: string; timestamp?: string; sign?: string }[] };

let rest: Server;
/** How far the venue's clock is ahead of the machine's. */
let ahead: number;
let server: WebSocketServer;
let venues: Venues;
let connectedAt: number[];
/** What the server does with a message; by default it logs in and acknowledges. */
let react: (socket: WebSocket, message: Message) => void;
let states: [StreamState, string | null][];
let orders: OrderUpdate[];
let balances: VenueBalance[];

beforeEach(async () => {
  connectedAt = [];
  states = [];
  orders = [];
  balances = [];
  react = behave;
  ahead = 0;
  rest = createServer((request, response) => {
    if (!tellTime(request, response, Date.now() + ahead)) request.destroy();
  });
  server = new WebSocketServer({ server: rest });
  await new Promise<void>((resolve) => rest.listen(0, '127.0.0.1', () => resolve()));
  server.on('connection', (socket) => {
    connectedAt.push(Date.now());
    socket.on('message', (raw) => {
      const text = String(raw);
      if (text === 'ping') socket.send('pong');
      else react(socket, JSON.parse(text) as Message);
    });
  });
  venues = open(1000);
});

afterEach(async () => {
  await venues.close();
  for (const socket of server.clients) socket.terminate();
  server.close();
  rest.closeAllConnections();
  await new Promise((resolve) => rest.close(resolve));
});

function open(perSecond: number): Venues {
  const { port } = rest.address() as AddressInfo;
  return createVenues(
    {
      okx: {
        endpoints: {
          simulated: okxEndpointsAt(`http://127.0.0.1:${port}`, `ws://127.0.0.1:${port}`),
          demo: null,
          live: null,
        },
        placementConnections: 1,
        requestTimeoutMs: 1_000,
        wsConnectsPerSecond: { simulated: perSecond, demo: 3, live: 3 },
        socketTimings: { liveTimeoutMs: 300, firstRetryMs: 20, longestRetryMs: 100, refusedRetryMs: 50 },
      },
    },
    pino({ level: 'silent' }),
  );
}

function behave(socket: WebSocket, message: Message): void {
  if (message.op === 'login') socket.send(JSON.stringify({ event: 'login', code: '0', msg: '', connId: 'x' }));
  if (message.op === 'subscribe') {
    for (const arg of message.args) socket.send(JSON.stringify({ event: 'subscribe', arg, connId: 'x' }));
  }
}

function openStream(account: VenueAccount = ACCOUNT): AccountStream {
  return venues.get('okx').openAccountStream(account, {
    onOrder: (update) => orders.push(update),
    onBalance: (_accountId, balance) => balances.push(balance),
    onState: (_accountId, state, reason) => states.push([state, reason]),
  });
}

function push(channel: string, data: unknown[]): void {
  for (const socket of server.clients) socket.send(JSON.stringify({ arg: { channel, uid: '1' }, data }));
}

const ORDER = {
  instId: 'BTC-USDT-SWAP',
  ordId: '9',
  clOrdId: 'c1',
  state: 'filled',
  accFillSz: '1',
  avgPx: '100',
  fee: '-0.05',
  uTime: '5',
  tradeId: '7',
  fillSz: '1',
  fillPx: '100',
  fillTime: '5',
  fillFee: '-0.05',
  fillFeeCcy: 'USDT',
};

describe('OkxAccountStream', () => {
  it('logs in, subscribes to orders and account, and tells what is pushed', async () => {
    let signed = false;
    react = (socket, message) => {
      const arg = message.args[0];
      if (message.op === 'login') signed = arg?.sign === signMessage(SECRET, `${arg?.timestamp}GET/users/self/verify`);
      behave(socket, message);
    };
    const stream = openStream();
    await vi.waitFor(() => expect(stream.state).toBe('live'));
    expect(signed).toBe(true);
    expect(states).toEqual([
      ['connecting', null],
      ['live', null],
    ]);

    push('orders', [ORDER]);
    push('account', [{ uTime: '5', details: [{ ccy: 'USDT', eq: '10', availEq: '9', availBal: '9' }] }]);
    await vi.waitFor(() => expect(balances).toEqual([{ equity: '10', available: '9' }]));
    expect(orders).toMatchObject([
      { accountId: 'a1', clientOrderId: 'c1', state: 'filled', fill: { venueFillId: '7' } },
    ]);
  });

  it('reads a push in USD with the price of one before, and says nothing as long as none is known', async () => {
    const stream = openStream();
    await vi.waitFor(() => expect(stream.state).toBe('live'));
    const whole = { uTime: '5', adjEq: '500', availEq: '400' };
    push('account', [{ ...whole, details: [{ ccy: 'BTC', eq: '0.01', coinUsdPrice: '50000' }] }]);
    push('account', [{ ...whole, details: [{ ccy: 'USDT', eq: '1', coinUsdPrice: '0.5' }] }]);
    push('account', [{ ...whole, adjEq: '600', details: [{ ccy: 'BTC', eq: '0.012', coinUsdPrice: '50000' }] }]);
    await vi.waitFor(() =>
      expect(balances).toEqual([
        { equity: '1000', available: '800' },
        { equity: '1200', available: '800' },
      ]),
    );
  });

  it('comes back after a drop, and says so', async () => {
    const stream = openStream();
    await vi.waitFor(() => expect(stream.state).toBe('live'));
    for (const socket of server.clients) socket.terminate();
    await vi.waitFor(() => expect(connectedAt.length).toBe(2));
    await vi.waitFor(() => expect(stream.state).toBe('live'));
    expect(states.map(([state]) => state)).toEqual(['connecting', 'live', 'down', 'connecting', 'live']);
    expect(states[2]?.[1]).toBe('CONNECTION_LOST');
    push('orders', [ORDER]);
    await vi.waitFor(() => expect(orders.length).toBe(1));
  });

  it('tells why the login was refused, and tries again', async () => {
    let refusals = 0;
    react = (socket, message) => {
      if (message.op === 'login' && refusals < 2) {
        refusals += 1;
        socket.send(JSON.stringify({ event: 'error', code: '60009', msg: 'Login failed.', connId: 'x' }));
      } else behave(socket, message);
    };
    const stream = openStream();
    await vi.waitFor(() => expect(stream.state).toBe('live'), { timeout: 3_000 });
    expect(states.filter(([state]) => state === 'down')).toEqual([
      ['down', '60009'],
      ['down', '60009'],
    ]);
  });

  /** As the venue logs in: the timestamp must be near its clock. */
  function compareTimestamps(): void {
    react = (socket, message) => {
      const seconds = Number(message.args[0]?.timestamp);
      const late = message.op === 'login' && Math.abs(Date.now() + ahead - seconds * 1000) > 30_000;
      if (late) socket.send(JSON.stringify({ event: 'error', code: '60006', msg: 'Timestamp expired', connId: 'x' }));
      else behave(socket, message);
    };
  }

  it.each([-45_000, 45_000])('logs in by the clock of a venue that is %i ms away', async (ms) => {
    ahead = ms;
    compareTimestamps();
    const stream = openStream();
    await vi.waitFor(() => expect(stream.state).toBe('live'));
    expect(states.map(([state]) => state)).toEqual(['connecting', 'live']);
  });

  it('logs in again when the clock of the venue was set', async () => {
    compareTimestamps();
    await venues.get('okx').clock('simulated').ready();
    ahead = 45_000;
    const stream = openStream();
    await vi.waitFor(() => expect(stream.state).toBe('live'), { timeout: 3_000 });
    expect(states).toContainEqual(['down', '60006']);
  });

  it.each([
    ['the login', 'login'],
    ['the subscription', 'subscribe'],
  ])('does not wait for ever when %s is never answered', async (_what, op) => {
    let ignored = false;
    react = (socket, message) => {
      if (message.op === op && !ignored) ignored = true;
      else behave(socket, message);
    };
    const stream = openStream();
    await vi.waitFor(() => expect(stream.state).toBe('live'), { timeout: 3_000 });
    expect(states).toContainEqual(['down', 'TIMEOUT']);
  });

  it('is not thrown off by being told that it has logged in already', async () => {
    const stream = openStream();
    await vi.waitFor(() => expect(stream.state).toBe('live'));
    for (const socket of server.clients) {
      socket.send(JSON.stringify({ event: 'error', code: '60031', msg: 'repeated login', connId: 'x' }));
    }
    push('orders', [ORDER]);
    await vi.waitFor(() => expect(orders.length).toBe(1));
    expect(stream.state).toBe('live');
  });

  it('asks for the gap to be filled when a push cannot be read', async () => {
    const stream = openStream();
    await vi.waitFor(() => expect(stream.state).toBe('live'));
    push('orders', [{ ...ORDER, accFillSz: 1 }, ORDER]);
    await vi.waitFor(() => expect(orders.length).toBe(1));
    expect(states.at(-1)).toEqual(['live', 'MALFORMED_PUSH']);
  });

  it('survives a listener that throws', async () => {
    let calls = 0;
    const stream = venues.get('okx').openAccountStream(ACCOUNT, {
      onOrder: () => {
        calls += 1;
        throw new Error('listener');
      },
      onBalance: () => {},
      onState: () => {},
    });
    await vi.waitFor(() => expect(stream.state).toBe('live'));
    push('orders', [ORDER, ORDER]);
    await vi.waitFor(() => expect(calls).toBe(2));
    expect(stream.state).toBe('live');
  });

  it('goes when the venue announces an upgrade, and comes back', async () => {
    const stream = openStream();
    await vi.waitFor(() => expect(stream.state).toBe('live'));
    for (const socket of server.clients) {
      socket.send(JSON.stringify({ event: 'notice', code: '64008', msg: 'upgrade', connId: 'x' }));
    }
    await vi.waitFor(() => expect(connectedAt.length).toBe(2));
    await vi.waitFor(() => expect(stream.state).toBe('live'));
  });

  it('connects many accounts at the pace that is set', async () => {
    await venues.close();
    venues = open(50);
    const streams = Array.from({ length: 6 }, (_, index) => openStream({ ...ACCOUNT, accountId: `a${index}` }));
    await vi.waitFor(() => expect(streams.every((stream) => stream.state === 'live')).toBe(true), { timeout: 3_000 });
    const [first = 0] = connectedAt;
    expect((connectedAt.at(-1) ?? 0) - first).toBeGreaterThanOrEqual(80);
  });

  it('closes for good, in whatever state it is', async () => {
    const live = openStream();
    await vi.waitFor(() => expect(live.state).toBe('live'));
    const early = openStream();
    await early.close();
    await live.close();
    await vi.waitFor(() => expect(server.clients.size).toBe(0));
    expect(connectedAt.length).toBe(1);
    expect(states.at(-1)).toEqual(['live', null]);
  });

  it.each([false, true])('retries where there is nobody, whether it knows the time: %s', async (knows) => {
    if (knows) await venues.get('okx').clock('simulated').ready();
    const { port } = rest.address() as AddressInfo;
    rest.closeAllConnections();
    await new Promise((resolve) => rest.close(resolve));
    const stream = openStream();
    await vi.waitFor(() => expect(states.filter(([state]) => state === 'down').length).toBeGreaterThan(1));
    await new Promise<void>((resolve) => rest.listen(port, '127.0.0.1', () => resolve()));
    await vi.waitFor(() => expect(stream.state).toBe('live'), { timeout: 10_000 });
  });
});

describe('OkxPriceStream', () => {
  it('tells last prices without logging in', async () => {
    const operations: string[] = [];
    react = (socket, message) => {
      operations.push(message.op);
      behave(socket, message);
    };
    const prices: [string, string, number][] = [];
    let state: StreamState = 'connecting';
    const stream = venues.get('okx').openPriceStream('simulated', ['BTC-USDT-SWAP', 'ETH-USDT-SWAP'], {
      onPrice: (symbol, price, at) => prices.push([symbol, price, at]),
      onState: (next) => {
        state = next;
      },
    });
    await vi.waitFor(() => expect(state).toBe('live'));
    push('tickers', [{ instId: 'ETH-USDT-SWAP', last: '2500.5', ts: '5' }]);
    await vi.waitFor(() => expect(prices).toEqual([['ETH-USDT-SWAP', '2500.5', 5]]));
    expect(operations).toEqual(['subscribe']);
    await stream.close();
  });
});
