import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { inspect } from 'node:util';
import pino from 'pino';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { type AccountClient, Credentials, VenueError } from '@/exchanges/port';
import { createVenues, okxEndpointsAt, type Venues } from '@/exchanges/registry';
import { MeasuredVenueClock } from '@/exchanges/venue-clock';
import { toVenueError } from './errors';
import { OkxMarketData } from './market-data';
import { createRestClient } from './rest-client';
import { sign } from './sign';
import { tellTime } from './testing';

const SECRET = 'canary-secret-5e1f';
const PASSPHRASE = 'canary-passphrase-77';

let answer: (request: IncomingMessage, response: ServerResponse, body: string) => void;
let server: Server;
let origin: string;
let venues: Venues;
/** How far the venue's clock is ahead of the machine's. */
let ahead = 0;
let client: AccountClient;

beforeAll(async () => {
  server = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk) => {
      body += String(chunk);
    });
    request.on('end', () => {
      if (!tellTime(request, response, Date.now() + ahead)) answer(request, response, body);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});

// One each: what a test lets fail must not open the breaker of the next.
beforeEach(() => {
  ahead = 0;
  venues = createVenues(
    {
      okx: {
        endpoints: { simulated: okxEndpointsAt(origin, 'ws://127.0.0.1:1'), demo: null, live: null },
        placementConnections: 2,
        requestTimeoutMs: 300,
        wsConnectsPerSecond: { simulated: 3, demo: 3, live: 3 },
      },
    },
    pino({ level: 'silent' }),
  );
  const credentials = new Credentials('key-1', SECRET, PASSPHRASE);
  client = venues.get('okx').account({ accountId: 'a1', mode: 'simulated', credentials });
});

afterEach(() => venues.close());
afterAll(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

function json(status: number, body: unknown): void {
  answer = (_request, response) => {
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
  };
}

async function failure(promise: Promise<unknown>): Promise<VenueError> {
  const error = await promise.then(
    () => null,
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(VenueError);
  const text = inspect(error, { depth: 10, showHidden: true }) + JSON.stringify(error);
  expect(text).not.toContain(SECRET);
  expect(text).not.toContain(PASSPHRASE);
  return error as VenueError;
}

describe('OkxAccountClient', () => {
  it('signs its questions with the secret it does not hand to the SDK', async () => {
    let signed = false;
    answer = (request, response) => {
      const { headers } = request;
      const timestamp = String(headers['ok-access-timestamp']);
      signed = headers['ok-access-sign'] === sign(SECRET, timestamp, 'GET', request.url ?? '', '');
      expect(headers['x-simulated-trading']).toBe('1');
      const data = [{ uid: '1', acctLv: '2', posMode: 'net_mode', perm: 'read_only,trade', ip: '' }];
      response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ code: '0', msg: '', data }));
    };
    expect(await client.getConfig()).toMatchObject({ positionMode: 'net', canTrade: true });
    expect(signed).toBe(true);
  });

  /** Answers as the venue does to a timestamp that is too far from its clock. Tells the timestamps that came. */
  function compareTimestamps(): readonly number[] {
    const seen: number[] = [];
    answer = (request, response) => {
      const timestamp = Date.parse(String(request.headers['ok-access-timestamp']));
      seen.push(timestamp);
      const late = Math.abs(Date.now() + ahead - timestamp) > 30_000;
      const data = [{ clOrdId: 'x1', ordId: '1', ts: '1', sCode: '0', sMsg: '', lever: '5' }];
      response.writeHead(late ? 401 : 200, { 'content-type': 'application/json' });
      response.end(
        JSON.stringify(late ? { code: '50102', msg: 'Timestamp request expired' } : { code: '0', msg: '', data }),
      );
    };
    return seen;
  }

  it.each([-45_000, 45_000])('signs by the clock of a venue that is %i ms away', async (ms) => {
    ahead = ms;
    const seen = compareTimestamps();
    expect(await client.getLeverage('BTC-USDT-SWAP', 'isolated')).toBe('5');
    expect(await client.cancelOrder('BTC-USDT-SWAP', 'x1')).toEqual({ accepted: true, code: '0' });
    expect(seen).toHaveLength(2);
    for (const timestamp of seen) expect(Math.abs(Date.now() + ms - timestamp)).toBeLessThan(5000);
  });

  it.each([-45_000, 45_000])('asks once more when the clock of the venue was set by %i ms', async (ms) => {
    const seen = compareTimestamps();
    expect(await client.getLeverage('BTC-USDT-SWAP', 'isolated')).toBe('5');
    ahead = ms;
    expect(await client.getLeverage('BTC-USDT-SWAP', 'isolated')).toBe('5');
    expect(seen).toHaveLength(3);
    ahead = -ms;
    expect(await failure(client.cancelOrder('BTC-USDT-SWAP', 'x1'))).toMatchObject({ code: '50102', retryable: true });
    await vi.waitFor(async () => {
      expect(await client.cancelOrder('BTC-USDT-SWAP', 'x1')).toEqual({ accepted: true, code: '0' });
    });
  });

  it('is not asked while the venue does not tell its time', async () => {
    const mute = createServer((request) => request.socket.destroy());
    await new Promise<void>((resolve) => mute.listen(0, '127.0.0.1', resolve));
    const endpoint = `http://127.0.0.1:${(mute.address() as AddressInfo).port}`;
    const clock = new MeasuredVenueClock(
      () => new OkxMarketData({ origin: endpoint, requestTimeoutMs: 300, simulatedTrading: true }).getTime(),
      (question) => question(),
      pino({ level: 'silent' }),
    );
    const seen = compareTimestamps();
    const credentials = new Credentials('key-1', SECRET, PASSPHRASE);
    const rest = createRestClient({ origin, requestTimeoutMs: 300, simulatedTrading: true }, { credentials, clock });
    const thrown = await rest.getBalance().catch((error: unknown) => error);
    expect(toVenueError(thrown)).toMatchObject({ code: 'VENUE_UNREACHABLE', retryable: true });
    expect(seen).toEqual([]);
    mute.closeAllConnections();
    await new Promise((resolve) => mute.close(resolve));
  });

  it('answers null for an order that does not exist', async () => {
    json(200, { code: '51603', msg: 'Order does not exist', data: [] });
    expect(await client.getOrder('BTC-USDT-SWAP', 'x1')).toBeNull();
  });

  it.each([
    ['auth', 401, '50113'],
    ['auth', 401, '50111'],
    ['auth', 200, '50119'],
    ['throttled', 429, '50011'],
    ['throttled', 200, '50061'],
    ['unavailable', 503, '50001'],
    ['unavailable', 500, '50026'],
    ['refused', 200, '51001'],
  ])('throws %s for HTTP %i with %s', async (kind, status, code) => {
    json(status, { code, msg: 'no', data: [] });
    expect(await failure(client.getBalance())).toMatchObject({ kind, code });
  });

  it('throws unavailable for the HTML of a proxy', async () => {
    answer = (_request, response) => {
      response.writeHead(503, { 'content-type': 'text/html' }).end('<html>maintenance</html>');
    };
    expect(await failure(client.getBalance())).toMatchObject({ kind: 'unavailable', code: 'TRANSPORT' });
    expect(await failure(client.cancelOrder('BTC-USDT-SWAP', 'x1'))).toMatchObject({ kind: 'unavailable' });
  });

  it('throws unavailable for a reset and for silence', async () => {
    answer = (request) => request.socket.destroy();
    expect(await failure(client.getBalance())).toMatchObject({ kind: 'unavailable', retryable: true });
    answer = () => {};
    expect(await failure(client.getBalance())).toMatchObject({ kind: 'unavailable', retryable: true });
    expect(await failure(client.cancelOrder('BTC-USDT-SWAP', 'x1'))).toMatchObject({ kind: 'unavailable' });
  });

  it('throws unavailable for a payload that is not as documented', async () => {
    json(200, { code: '0', msg: '', data: [{ uTime: 5 }] });
    expect(await failure(client.getBalance())).toMatchObject({ kind: 'unavailable', code: 'MALFORMED' });
  });

  it('says that an account which holds nothing of the settlement currency is worth nothing', async () => {
    json(200, { code: '0', msg: '', data: [{ uTime: '5', adjEq: '', availEq: '', details: [] }] });
    expect(await client.getBalance()).toEqual({ equity: '0', available: '0' });
  });

  it("asks for the currency's price where all currencies are margin and none of this one is held", async () => {
    const asked: string[] = [];
    answer = (request, response) => {
      asked.push(request.url ?? '');
      const price = [{ instId: 'USDT-USD', idxPx: '0.8' }];
      const balance = [{ uTime: '5', adjEq: '1000', availEq: '900', details: [] }];
      const data = request.url?.startsWith('/api/v5/market/index-tickers') ? price : balance;
      response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ code: '0', msg: '', data }));
    };
    expect(await client.getBalance()).toEqual({ equity: '1250', available: '1125' });
    expect(asked).toEqual(['/api/v5/account/balance?ccy=USDT', '/api/v5/market/index-tickers?instId=USDT-USD']);
  });

  it('reads all pages of pending orders', async () => {
    const rows = Array.from({ length: 230 }, (_, index) => ({
      instId: 'BTC-USDT-SWAP',
      ordId: String(1000 - index),
      clOrdId: `c${index}`,
      state: 'live',
      side: 'buy',
      posSide: 'net',
      sz: '1',
      accFillSz: '0',
      avgPx: '',
      fee: '',
      uTime: '1',
    }));
    answer = (request, response) => {
      const query = new URL(request.url ?? '', 'http://x').searchParams;
      const after = query.get('after');
      const from = after ? rows.findIndex((row) => row.ordId === after) + 1 : 0;
      const data = rows.slice(from, from + Number(query.get('limit')));
      response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ code: '0', msg: '', data }));
    };
    const orders = await client.getPendingOrders();
    expect(orders.map((order) => order.venueOrderId)).toEqual(rows.map((row) => row.ordId));
  });

  it('does not take a leverage that differs by side for one', async () => {
    json(200, { code: '0', msg: '', data: [{ lever: '5' }, { lever: '10' }] });
    expect(await client.getLeverage('BTC-USDT-SWAP', 'isolated')).toBe('0');
    json(200, { code: '0', msg: '', data: [{ lever: '5' }, { lever: '5' }] });
    expect(await client.getLeverage('BTC-USDT-SWAP', 'isolated')).toBe('5');
  });

  it('cancels without a foreign tag', async () => {
    let sent = '';
    answer = (_request, response, body) => {
      sent = body;
      const data = [{ clOrdId: 'x1', ordId: '1', ts: '1', sCode: '0', sMsg: '' }];
      response.end(JSON.stringify({ code: '0', msg: '', data }));
    };
    expect(await client.cancelOrder('BTC-USDT-SWAP', 'x1')).toEqual({ accepted: true, code: '0' });
    expect(JSON.parse(sent)).toEqual({ instId: 'BTC-USDT-SWAP', clOrdId: 'x1' });
    json(200, { code: '1', msg: '', data: [{ clOrdId: 'x1', ordId: '', ts: '1', sCode: '51400', sMsg: 'gone' }] });
    expect(await client.cancelOrder('BTC-USDT-SWAP', 'x1')).toEqual({ accepted: false, code: '51400' });
    json(429, { code: '50011', msg: 'Too Many Requests' });
    expect(await failure(client.cancelOrder('BTC-USDT-SWAP', 'x1'))).toMatchObject({ kind: 'throttled' });
  });
});
