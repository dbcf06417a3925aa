import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Instrument } from '@/domain/instrument';
import { OkxMarketData } from '@/exchanges/okx/market-data';
import { CcxtMarketData } from './market-data';

const SWAP = {
  instType: 'SWAP',
  ctType: 'linear',
  ctMult: '1',
  settleCcy: 'USDT',
  lotSz: '0.01',
  minSz: '0.01',
  state: 'live',
  lever: '100',
  baseCcy: '',
  quoteCcy: '',
  alias: '',
  expTime: '',
  listTime: '1573557408000',
};

// Shapes and values as OKX publishes them.
const INSTRUMENTS = [
  {
    ...SWAP,
    instId: 'BTC-USDT-SWAP',
    uly: 'BTC-USDT',
    ctVal: '0.01',
    ctValCcy: 'BTC',
    tickSz: '0.1',
    maxMktSz: '12000',
  },
  {
    ...SWAP,
    instId: 'ETH-USDT-SWAP',
    uly: 'ETH-USDT',
    ctVal: '0.1',
    ctValCcy: 'ETH',
    tickSz: '0.01',
    maxMktSz: '20000',
  },
  {
    ...SWAP,
    instId: 'DOGE-USDT-SWAP',
    uly: 'DOGE-USDT',
    ctVal: '1000',
    ctValCcy: 'DOGE',
    tickSz: '0.00001',
    maxMktSz: '',
  },
  {
    ...SWAP,
    instId: 'PEPE-USDT-SWAP',
    uly: 'PEPE-USDT',
    ctVal: '10000000',
    ctValCcy: 'PEPE',
    tickSz: '0.000000001',
    lotSz: '0.1',
    minSz: '0.1',
    maxMktSz: '10000',
    lever: '50',
  },
  {
    ...SWAP,
    instId: 'BTC-USD-SWAP',
    uly: 'BTC-USD',
    ctType: 'inverse',
    settleCcy: 'BTC',
    ctVal: '100',
    ctValCcy: 'USD',
    tickSz: '0.1',
    maxMktSz: '1',
  },
  {
    ...SWAP,
    instId: 'BTC-USDC-SWAP',
    uly: 'BTC-USDC',
    settleCcy: 'USDC',
    ctVal: '0.0001',
    ctValCcy: 'BTC',
    tickSz: '0.1',
    maxMktSz: '1',
  },
  {
    ...SWAP,
    instId: 'OLD-USDT-SWAP',
    uly: 'OLD-USDT',
    state: 'suspend',
    expTime: '1800000000000',
    ctVal: '1',
    ctValCcy: 'OLD',
    tickSz: '0.1',
    maxMktSz: '1',
  },
  {
    ...SWAP,
    instId: 'NEW-USDT-SWAP',
    uly: 'NEW-USDT',
    state: 'preopen',
    ctVal: '',
    ctValCcy: 'NEW',
    tickSz: '',
    lotSz: '',
    minSz: '',
    maxMktSz: '',
  },
];

const CANDLES = Array.from({ length: 5 }, (_, index) => [
  String(1_700_000_000_000 - index * 3_600_000),
  '60000.1',
  '60100',
  '59900',
  '60050.5',
  '1234.56',
  '12.3456',
  '741000',
  '1',
]);

const ANSWERS: Readonly<Record<string, unknown>> = {
  '/api/v5/public/instruments': INSTRUMENTS,
  '/api/v5/market/candles': CANDLES,
  '/api/v5/market/ticker': [{ instType: 'SWAP', instId: 'BTC-USDT-SWAP', last: '60000.1', ts: '1700000000000' }],
  '/api/v5/public/time': [{ ts: '1700000000001' }],
};

let server: Server;
let origin: string;
let seenHeader: unknown;
let failWith: ((response: ServerResponse) => void) | null = null;

beforeAll(async () => {
  server = createServer((request, response) => {
    seenHeader = request.headers['x-simulated-trading'];
    if (failWith) return failWith(response);
    const { pathname } = new URL(request.url ?? '', 'http://x');
    const data = ANSWERS[pathname];
    response.writeHead(data ? 200 : 404, { 'content-type': 'application/json' });
    response.end(JSON.stringify({ code: data ? '0' : '50005', msg: '', data: data ?? [] }));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});

afterAll(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

function overCcxt(exchange = 'okx'): CcxtMarketData {
  return new CcxtMarketData({
    exchange,
    venue: 'okx',
    restOrigin: origin,
    timeoutMs: 5_000,
    headers: { 'x-simulated-trading': '1' },
  });
}

function overOkxApi(): OkxMarketData {
  return new OkxMarketData({ origin, requestTimeoutMs: 5_000, simulatedTrading: true });
}

function comparable(instruments: readonly Instrument[]): unknown {
  return instruments
    .map(({ contractValue, lotSize, minSize, maxMarketSize, tickSize, maxLeverage, ...names }) => ({
      ...names,
      contractValue: contractValue.toFixed(),
      lotSize: lotSize.toFixed(),
      minSize: minSize.toFixed(),
      maxMarketSize: maxMarketSize?.toFixed() ?? null,
      tickSize: tickSize.toFixed(),
      maxLeverage: maxLeverage.toFixed(),
    }))
    .sort((a, b) => a.symbol.localeCompare(b.symbol));
}

describe('CcxtMarketData', () => {
  it('tells the same instruments as okx-api', async () => {
    const [ccxt, okx] = await Promise.all([overCcxt().getInstruments(), overOkxApi().getInstruments()]);
    expect(okx.map((instrument) => instrument.symbol)).toEqual([
      'BTC-USDT-SWAP',
      'ETH-USDT-SWAP',
      'DOGE-USDT-SWAP',
      'PEPE-USDT-SWAP',
      'OLD-USDT-SWAP',
      'NEW-USDT-SWAP',
    ]);
    expect(okx.map(({ state, endsAt }) => [state, endsAt]).slice(3)).toEqual([
      ['live', null],
      ['suspended', 1_800_000_000_000],
      ['preopen', null],
    ]);
    expect(comparable(ccxt)).toEqual(comparable(okx));
    expect(seenHeader).toBe('1');
  });

  it('tells the same candles as okx-api, oldest first, volume in contracts', async () => {
    const [ccxt, okx] = await Promise.all([
      overCcxt().getCandles('BTC-USDT-SWAP', '1h', 5),
      overOkxApi().getCandles('BTC-USDT-SWAP', '1h', 5),
    ]);
    expect(ccxt).toEqual(okx);
    expect(okx[0]?.openedAt).toBe(1_700_000_000_000 - 4 * 3_600_000);
    expect(okx[0]?.volume).toBe('1234.56');
  });

  it('tells the price and the time', async () => {
    const market = overCcxt();
    expect(await market.getPrice('BTC-USDT-SWAP')).toEqual({ price: '60000.1', at: 1_700_000_000_000 });
    expect(await market.getTime()).toBe(1_700_000_000_001);
  });

  it('says what it does not know', async () => {
    await expect(overCcxt().getPrice('NO-SUCH-SWAP')).rejects.toMatchObject({
      code: 'UNKNOWN_SYMBOL',
      kind: 'refused',
    });
    await expect(overCcxt('nosuchexchange').getTime()).rejects.toMatchObject({ code: 'UNKNOWN_VENUE' });
  });

  it('knows which failures may heal', async () => {
    try {
      failWith = (response) => response.writeHead(503, { 'content-type': 'text/html' }).end('<html>');
      await expect(overCcxt().getTime()).rejects.toMatchObject({ kind: 'unavailable', retryable: true });
      failWith = (response) => response.writeHead(429).end('{"code":"50011","msg":"Too Many Requests"}');
      await expect(overCcxt().getTime()).rejects.toMatchObject({ kind: 'throttled', retryable: true });
    } finally {
      failWith = null;
    }
  });
});
