import { RestClient, WebsocketClient } from 'okx-api';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Simulator, startSimulator } from '../simulator';
import { control, type Keys, quiet, waitFor } from '../testing';

/** The published client, led to our three stream paths. */
class LocalStreams extends WebsocketClient {
  base = '';

  override async getWsUrl(wsKey: Parameters<WebsocketClient['getWsUrl']>[0]): Promise<string> {
    const path = /business/i.test(wsKey) ? 'business' : /private/i.test(wsKey) ? 'private' : 'public';
    return `${this.base}/ws/v5/${path}`;
  }
}

interface Push {
  arg: { channel: string; instId?: string; uid?: string };
  eventType?: string;
  data: Record<string, unknown>[];
}

const BTC = 'BTC-USDT-SWAP';
let simulator: Simulator;
let keys: Keys;

function client(of: Keys): RestClient {
  return new RestClient({ apiKey: of.apiKey, apiSecret: of.secret, apiPass: of.passphrase, baseUrl: simulator.rest });
}

beforeAll(async () => {
  simulator = await startSimulator({ walk: false, rateLimits: false, log: quiet });
  keys = await control<Keys>(simulator, 'accounts', { balance: '10000', posMode: 'net_mode' });
});

afterAll(async () => {
  await simulator.stop();
});

describe('the published okx-api client', () => {
  it('reads public facts and market rows', async () => {
    const rest = client(keys);
    const instruments = await rest.getInstruments({ instType: 'SWAP' });
    expect(instruments.map((row) => row.instId)).toContain(BTC);
    expect(instruments[0]).toMatchObject({
      ctVal: '0.01',
      lotSz: '0.01',
      tickSz: '0.1',
      settleCcy: 'USDT',
      state: 'live',
    });
    const [ticker] = await rest.getTicker({ instId: BTC });
    expect(ticker).toMatchObject({ last: '100000', askPx: '100000.1', bidPx: '99999.9' });
    const candles = await rest.getCandles({ instId: BTC, bar: '1H', limit: '24' });
    expect(candles).toHaveLength(24);
    expect(Number((await rest.getSystemTime({}))[0]?.ts)).toBeGreaterThan(1_700_000_000_000);
  });

  it('reads the account, sets leverage, and trades', async () => {
    const rest = client(keys);
    const [config] = await rest.getAccountConfiguration();
    expect(config).toMatchObject({ acctLv: '2', posMode: 'net_mode', perm: 'read_only,trade', uid: keys.account });
    expect((await rest.getBalance())[0]?.details[0]).toMatchObject({ ccy: 'USDT', eq: '10000', availEq: '10000' });
    const [lever] = await rest.setLeverage({ instId: BTC, lever: '10', mgnMode: 'cross' });
    expect(lever).toMatchObject({ lever: '10', mgnMode: 'cross' });

    const [placed] = await rest.submitOrder({
      instId: BTC,
      tdMode: 'cross',
      side: 'buy',
      ordType: 'market',
      sz: '1.5',
      clOrdId: 'first1',
    });
    expect(placed).toMatchObject({ sCode: '0', clOrdId: 'first1' });
    const [order] = await rest.getOrderDetails({ instId: BTC, clOrdId: 'first1' });
    expect(order).toMatchObject({
      state: 'filled',
      accFillSz: '1.5',
      avgPx: '100000.1',
      lever: '10',
      ordId: placed?.ordId,
    });
    const [position] = await rest.getPositions({ instId: BTC });
    expect(position).toMatchObject({ pos: '1.5', posSide: 'net', avgPx: '100000.1', lever: '10', mgnMode: 'cross' });
    const [fill] = await rest.getFills({ instType: 'SWAP' });
    // fee = 100000.1 × 0.015 × 0.0005
    expect(fill).toMatchObject({ fillSz: '1.5', fee: '-0.75000075', execType: 'T', clOrdId: 'first1' });
  });

  it('rests, amends and cancels a limit order, and lists it on the way', async () => {
    const rest = client(keys);
    const [placed] = await rest.submitOrder({
      instId: BTC,
      tdMode: 'cross',
      side: 'buy',
      ordType: 'limit',
      px: '99000',
      sz: '0.5',
      clOrdId: 'rest1',
    });
    expect((await rest.getOrderList({ instType: 'SWAP' })).map((row) => row.clOrdId)).toEqual(['rest1']);
    await rest.amendOrder({ instId: BTC, clOrdId: 'rest1', newPx: '98900', newSz: '0.6' });
    expect((await rest.getOrderDetails({ instId: BTC, ordId: placed?.ordId }))[0]).toMatchObject({
      px: '98900',
      sz: '0.6',
      state: 'live',
      avgPx: '',
    });
    await rest.cancelOrder({ instId: BTC, clOrdId: 'rest1' });
    expect((await rest.getOrderHistory({ instType: 'SWAP' }))[0]).toMatchObject({
      clOrdId: 'rest1',
      state: 'canceled',
      cancelSource: '1',
    });
    await expect(rest.cancelOrder({ instId: BTC, clOrdId: 'rest1' })).rejects.toMatchObject({
      code: '1',
      data: [{ sCode: '51400' }],
    });
  });

  it('throws the body of a partly failed batch although orders were placed', async () => {
    const rest = client(keys);
    const row = { instId: BTC, tdMode: 'cross', side: 'buy', ordType: 'market' } as const;
    const attempt = rest.submitMultipleOrders([
      { ...row, sz: '0.01', clOrdId: 'batchA' },
      { ...row, sz: '0.001', clOrdId: 'batchB' },
    ]);
    await expect(attempt).rejects.toMatchObject({ code: '2', data: [{ sCode: '0' }, { sCode: '51020', ordId: '' }] });
    expect((await rest.getOrderDetails({ instId: BTC, clOrdId: 'batchA' }))[0]?.state).toBe('filled');
    await expect(rest.getOrderDetails({ instId: BTC, clOrdId: 'batchB' })).rejects.toMatchObject({ code: '51603' });
  });

  it('pushes orders, positions and balances to a logged-in stream, and answers order operations there', async () => {
    const own = await control<Keys>(simulator, 'accounts', { balance: '5000', posMode: 'long_short_mode' });
    const pushes: Push[] = [];
    const accounts = [{ apiKey: own.apiKey, apiSecret: own.secret, apiPass: own.passphrase }];
    const silence = { trace: () => {}, info: () => {}, error: () => {} };
    const streams = new LocalStreams({ accounts }, silence);
    streams.base = simulator.ws;
    streams.on('update', (event) => pushes.push(event as unknown as Push));
    streams.on('exception', () => {});
    const of = (channel: string): Push[] => pushes.filter((push) => push.arg.channel === channel);
    try {
      streams.subscribe([
        { channel: 'orders', instType: 'ANY' },
        { channel: 'positions', instType: 'ANY' },
        { channel: 'account' },
        { channel: 'tickers', instId: BTC },
      ]);
      await waitFor(() => of('account').length > 0 && of('positions').length > 0 && of('tickers').length > 0);
      expect(of('positions')[0]).toMatchObject({ eventType: 'snapshot', data: [] });
      expect(of('account')[0]).toMatchObject({ arg: { uid: own.account }, eventType: 'snapshot' });
      expect(of('orders')).toHaveLength(0);

      await client(own).submitOrder({
        instId: BTC,
        tdMode: 'cross',
        side: 'sell',
        posSide: 'short',
        ordType: 'market',
        sz: '0.2',
        clOrdId: 'pushed1',
      });
      await waitFor(
        () => of('orders').length === 2 && of('positions').some((push) => push.eventType === 'event_update'),
      );
      const [live, filled] = of('orders');
      expect(live?.data[0]).toMatchObject({
        clOrdId: 'pushed1',
        state: 'live',
        avgPx: '0',
        accFillSz: '0',
        tradeId: '',
      });
      expect(filled?.data[0]).toMatchObject({ state: 'filled', fillSz: '0.2', execType: 'T', avgPx: '99999.9' });
      const update = of('positions').find((push) => push.eventType === 'event_update');
      expect(update?.data[0]).toMatchObject({ posSide: 'short', pos: '0.2', instId: BTC });
      await waitFor(() => of('account').some((push) => push.eventType === 'event_update'));

      const answer = (await streams.sendWSAPIRequest('prodPrivate', 'order', {
        instIdCode: 10459,
        tdMode: 'cross',
        side: 'buy',
        posSide: 'short',
        ordType: 'market',
        sz: '0.2',
        clOrdId: 'overws1',
      } as never)) as unknown as { code: string; data: { sCode: string; clOrdId: string }[] };
      expect(answer).toMatchObject({ code: '0', data: [{ sCode: '0', clOrdId: 'overws1' }] });
      await waitFor(() => of('positions').some((push) => push.data.some((row) => row.pos === '0')));
    } finally {
      streams.closeAll(true);
    }
  });
});
