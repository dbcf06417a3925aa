import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { CcxtMarketData } from '@/exchanges/ccxt/market-data';
import { describeVenueContract, marketOrder, type VenueHarness } from '@/exchanges/contract-suite';
import type { OrderRequest, PlacementOutcome, VenueAccount } from '@/exchanges/port';
import { createVenues, okxEndpointsAt, UnknownVenueError, type Venues } from '@/exchanges/registry';
import { MeasuredVenueClock } from '@/exchanges/venue-clock';
import { VenueGuard } from '@/exchanges/venue-guard';
import type { Simulator } from '@/simulator/simulator';
import { control, quiet } from '@/simulator/testing';
import { buildOrderBody } from './placement';
import { OkxPrivatePost } from './private-post';
import { createAccount, ordersOf, startQuietSimulator } from './testing';

const SYMBOL = 'BTC-USDT-SWAP';
/** Faults of the answer: the order was executed. */
const AFTERWARDS: ReadonlySet<unknown> = new Set(['empty', 'truncate', 'hold-answer']);

type Fields = Readonly<Record<string, unknown>>;

function venuesAt(simulator: Simulator, fields: { tag?: string; requestTimeoutMs?: number } = {}): Venues {
  return createVenues(
    {
      okx: {
        endpoints: { simulated: okxEndpointsAt(simulator.rest, simulator.ws), demo: null, live: null },
        placementConnections: 32,
        requestTimeoutMs: fields.requestTimeoutMs ?? 5_000,
        wsConnectsPerSecond: { simulated: 200, demo: 3, live: 3 },
        ...(fields.tag ? { tag: fields.tag } : {}),
      },
    },
    quiet,
  );
}

describeVenueContract('OKX', async (): Promise<VenueHarness> => {
  const simulator = await startQuietSimulator();
  return {
    venue: venuesAt(simulator).get('okx'),
    mode: 'simulated',
    symbol: SYMBOL,
    contractValue: '0.01',
    createAccount: (positionMode) =>
      createAccount(simulator, { posMode: positionMode === 'net' ? 'net_mode' : 'long_short_mode' }),
    setPrice: async (instId, price) => {
      await control(simulator, 'price', { instId, price });
    },
    close: () => simulator.stop(),
  };
});

describe('OKX', () => {
  let simulator: Simulator;
  let venues: Venues;

  beforeAll(async () => {
    simulator = await startQuietSimulator();
    venues = venuesAt(simulator, { requestTimeoutMs: 400 });
  });

  afterAll(async () => {
    await venues.close();
    await simulator.stop();
  });

  const order = (fields: Partial<OrderRequest> = {}): OrderRequest => marketOrder(SYMBOL, fields);

  it('refuses a request that arrives after its expiry, and says that it does not exist', async () => {
    const account = await createAccount(simulator);
    const guard = new VenueGuard({ venue: 'okx', mode: 'simulated', probe: async () => undefined, logger: quiet });
    const clock = new MeasuredVenueClock(
      async () => Date.now(),
      (question) => guard.ask(question),
      quiet,
    );
    const transport = new OkxPrivatePost(
      {
        endpoints: { simulated: okxEndpointsAt(simulator.rest, simulator.ws), demo: null, live: null },
        placementConnections: 1,
        requestTimeoutMs: 2_000,
      },
      () => guard,
      () => clock,
    );
    await control(simulator, 'faults', { kind: 'latency', ms: 500, match: { account: account.uid }, count: 1 });
    const body = buildOrderBody(order(), '') ?? '';
    const answer = await transport.post(account, '/api/v5/trade/order', body, { expiresAt: Date.now() + 250 });
    expect(answer).toMatchObject({ kind: 'answered' });
    expect(answer.kind === 'answered' ? answer.body : '').toMatch(/"50036"|"50037"/);
    expect(await ordersOf(simulator, account)).toEqual([]);
    await transport.close();
  });

  it('sends no tag of a stranger, and only the tag of the operator', async () => {
    const account = await createAccount(simulator);
    const plain = order();
    await venues.get('okx').placer.place(account, plain);
    const tagged = venuesAt(simulator, { tag: 'operator1' });
    const own = order();
    await tagged.get('okx').placer.place(account, own);
    await tagged.close();
    const tags = new Map((await ordersOf(simulator, account)).map((row) => [row.clOrdId, row.tag]));
    expect(tags.get(plain.clientOrderId)).toBe('');
    expect(tags.get(own.clientOrderId)).toBe('operator1');
  });

  describe('under faults', () => {
    const FAULTS: readonly (readonly [string, Fields, readonly PlacementOutcome['kind'][]])[] = [
      ['a limit', { kind: 'refuse', code: '50011', status: 429 }, ['throttled']],
      ['the limit of the sub-account', { kind: 'refuse', code: '50061', status: 200 }, ['throttled']],
      ['a busy system before the order', { kind: 'refuse', code: '50013', status: 429 }, ['unknown']],
      ['a busy system after the order', { kind: 'refuse', code: '50013', status: 429, when: 'after' }, ['unknown']],
      ['a maintenance before the order', { kind: 'refuse', code: '50001', status: 503 }, ['unknown']],
      ['a maintenance after the order', { kind: 'refuse', code: '50001', status: 503, when: 'after' }, ['unknown']],
      ['a time-out told before the order', { kind: 'refuse', code: '51149', status: 500 }, ['unknown']],
      ['a time-out told after the order', { kind: 'refuse', code: '51149', status: 500, when: 'after' }, ['unknown']],
      ['a system error after the order', { kind: 'refuse', code: '50026', status: 500, when: 'after' }, ['unknown']],
      ['HTML before the order', { kind: 'status', status: 502, body: '<html>Bad Gateway</html>' }, ['unknown']],
      ['HTML after the order', { kind: 'status', status: 503, body: '<html>', when: 'after' }, ['unknown']],
      ['a reset before the order', { kind: 'drop' }, ['unknown']],
      ['a reset after the order', { kind: 'drop', when: 'after' }, ['unknown']],
      ['an empty answer', { kind: 'empty' }, ['unknown']],
      ['a cut-off answer', { kind: 'truncate', keep: 0.6 }, ['unknown']],
      ['a request handled too late', { kind: 'latency', ms: 900 }, ['unknown']],
      ['an answer that comes too late', { kind: 'hold-answer', ms: 900 }, ['unknown']],
    ];

    it.concurrent.each(FAULTS)('tells the truth after %s', async (_what, fault, kinds) => {
      const account = await createAccount(simulator);
      const match = { path: '/api/v5/trade/order', method: 'POST', account: account.uid };
      await control(simulator, 'faults', { ...fault, match, count: 1 });
      const request = order({ expiresAt: Date.now() + 700 });
      const outcome = await venues.get('okx').placer.place(account, request);
      expect(kinds).toContain(outcome.kind);
      if (outcome.kind === 'throttled') expect(await ordersOf(simulator, account)).toEqual([]);

      // What a caller does with "unknown": ask until the answer is definitive, here after the expiry has passed.
      const client = venues.get('okx').account(account);
      await vi.waitFor(() => expect(Date.now()).toBeGreaterThan(request.expiresAt + 500), { timeout: 3_000 });
      const found = await client.getOrder(SYMBOL, request.clientOrderId);
      const rows = await ordersOf(simulator, account);
      expect(rows.length).toBe(found ? 1 : 0);
      // A request that the venue handled after its expiry may have gone either way.
      if (fault.kind !== 'latency') expect(found !== null).toBe(AFTERWARDS.has(fault.kind) || fault.when === 'after');
    });

    it('goes on afterwards', async () => {
      const account = await createAccount(simulator);
      expect(await venues.get('okx').placer.place(account, order())).toMatchObject({ kind: 'accepted' });
    });
  });

  it('tells the same instruments through ccxt', async () => {
    const overCcxt = new CcxtMarketData({
      exchange: 'okx',
      venue: 'okx',
      restOrigin: simulator.rest,
      timeoutMs: 5_000,
    });
    const text = (instruments: Awaited<ReturnType<CcxtMarketData['getInstruments']>>) =>
      instruments.map((row) => JSON.stringify(row)).sort();
    const direct = await venues.get('okx').market('simulated').getInstruments();
    expect(direct.length).toBeGreaterThan(2);
    expect(text(await overCcxt.getInstruments())).toEqual(text(direct));
    const [ours, theirs] = await Promise.all([
      venues.get('okx').market('simulated').getCandles(SYMBOL, '5m', 3),
      overCcxt.getCandles(SYMBOL, '5m', 3),
    ]);
    expect(theirs.map((candle) => candle.openedAt)).toEqual(ours.map((candle) => candle.openedAt));
  });

  it('offers only the modes that have endpoints, and only known venues', async () => {
    const account = await createAccount(simulator);
    const live: VenueAccount = { ...account, mode: 'live' };
    const okx = venues.get('okx');
    expect(await okx.placer.place(live, order())).toMatchObject({ kind: 'refused', code: 'MODE_NOT_OFFERED' });
    expect(() => okx.market('live')).toThrow('does not offer');
    expect(() => okx.account(live)).toThrow('does not offer');
    expect(() => venues.get('nowhere')).toThrow(UnknownVenueError);
    expect(venues.keys()).toEqual(['okx']);
  });
});
