import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { describeVenueContract, marketOrder, type VenueHarness } from '@/exchanges/contract-suite';
import type {
  AccountStream,
  OrderRequest,
  OrderUpdate,
  PlacementOutcome,
  StreamState,
  Venue,
  VenueAccount,
} from '@/exchanges/port';
import { createVenues, okxEndpointsAt } from '@/exchanges/registry';
import type { Simulator } from '@/simulator/simulator';
import { control, quiet } from '@/simulator/testing';
import { createAccount, ordersOf, type SimulatedAccount, startQuietSimulator } from './testing';

const SYMBOL = 'BTC-USDT-SWAP';
const REST_ORDERS = { path: '/api/v5/trade/order', method: 'POST' };
const TIMEOUT = 600;

type Fields = Readonly<Record<string, unknown>>;

function venueAt(simulator: Simulator, requestTimeoutMs = 5_000): Venue {
  return createVenues(
    {
      okx: {
        endpoints: { simulated: okxEndpointsAt(simulator.rest, simulator.ws), demo: null, live: null },
        orderTransport: 'stream',
        placementConnections: 4,
        requestTimeoutMs,
        wsConnectsPerSecond: { simulated: 200, demo: 3, live: 3 },
        socketTimings: { firstRetryMs: 50 },
        tag: 'operator1',
      },
    },
    quiet,
  ).get('okx');
}

type Opened = { readonly stream: AccountStream; readonly states: StreamState[]; readonly orders: OrderUpdate[] };

async function openStream(venue: Venue, account: VenueAccount): Promise<Opened> {
  const states: StreamState[] = [];
  const orders: OrderUpdate[] = [];
  const stream = venue.openAccountStream(account, {
    onOrder: (update) => void orders.push(update),
    onBalance: () => undefined,
    onState: (_accountId, state) => void states.push(state),
  });
  await vi.waitFor(() => expect(stream.state).toBe('live'), { timeout: 10_000 });
  return { stream, states, orders };
}

const order = (fields: Partial<OrderRequest> = {}): OrderRequest => marketOrder(SYMBOL, fields);

/** Places until the codes of the instruments are known: the first orders go over REST. */
async function learnCodes(simulator: Simulator, venue: Venue): Promise<void> {
  const account = await createAccount(simulator);
  const { stream } = await openStream(venue, account);
  const rule = { id: 'rest-is-shut', kind: 'refuse', code: '50011', status: 429 };
  await control(simulator, 'faults', { ...rule, match: { ...REST_ORDERS, account: account.uid } });
  await vi.waitFor(async () => expect((await venue.placer.place(account, order())).kind).toBe('accepted'), {
    timeout: 10_000,
  });
  await stream.close();
}

describeVenueContract('OKX over private streams', async (): Promise<VenueHarness> => {
  const simulator = await startQuietSimulator();
  const venue = venueAt(simulator);
  await learnCodes(simulator, venue);
  return {
    venue,
    mode: 'simulated',
    symbol: SYMBOL,
    contractValue: '0.01',
    createAccount: async (positionMode) => {
      const account = await createAccount(simulator, {
        posMode: positionMode === 'net' ? 'net_mode' : 'long_short_mode',
      });
      await openStream(venue, account);
      return account;
    },
    setPrice: async (instId, price) => {
      await control(simulator, 'price', { instId, price });
    },
    close: () => simulator.stop(),
  };
});

describe('an order over the private stream of its account', () => {
  let simulator: Simulator;
  let venue: Venue;

  beforeAll(async () => {
    simulator = await startQuietSimulator();
    venue = venueAt(simulator, TIMEOUT);
    await learnCodes(simulator, venue);
  });
  afterAll(async () => {
    await venue?.close();
    await simulator?.stop();
  });

  const fault = (fields: Fields): Promise<unknown> => control(simulator, 'faults', fields);
  const overStream = (account: SimulatedAccount) => ({ path: 'order', method: 'WS', account: account.uid });
  /** From now on the account's orders get nowhere over REST, and are told so. */
  const shutRest = (account: SimulatedAccount) =>
    fault({ kind: 'refuse', code: '50011', status: 429, match: { ...REST_ORDERS, account: account.uid } });

  it('needs no REST, and carries its expiry and the tag of the operator', async () => {
    const account = await createAccount(simulator);
    const { orders } = await openStream(venue, account);
    await shutRest(account);
    const request = order();
    expect((await venue.placer.place(account, request)).kind).toBe('accepted');
    expect(await ordersOf(simulator, account)).toMatchObject([{ clOrdId: request.clientOrderId, tag: 'operator1' }]);
    await vi.waitFor(() => expect(orders.some(({ state }) => state === 'filled')).toBe(true));
    await fault({ kind: 'latency', ms: 500, count: 1, match: overStream(account) });
    const late = await venue.placer.place(account, order({ expiresAt: Date.now() + 250 }));
    expect(late).toMatchObject({ kind: 'throttled', code: expect.stringMatching(/^5003[67]$/) });
    expect(await ordersOf(simulator, account)).toHaveLength(1);
  });

  it('is not sent after its time, nor once it is withdrawn', async () => {
    const account = await createAccount(simulator);
    await openStream(venue, account);
    expect(await venue.placer.place(account, order({ expiresAt: Date.now() - 1 }))).toMatchObject({
      kind: 'throttled',
      code: 'NOT_SENT_IN_TIME',
    });
    expect(await venue.placer.place(account, order({ mayStart: () => false }))).toMatchObject({
      kind: 'throttled',
      code: 'WITHDRAWN',
    });
    expect(await ordersOf(simulator, account)).toEqual([]);
  });

  it('goes over REST while there is no stream', async () => {
    const account = await createAccount(simulator);
    expect((await venue.placer.place(account, order())).kind).toBe('accepted');
    const { stream } = await openStream(venue, account);
    await stream.close();
    expect((await venue.placer.place(account, order())).kind).toBe('accepted');
    expect(await ordersOf(simulator, account)).toHaveLength(2);
  });

  it('goes over REST when the account has another key than its stream was opened with', async () => {
    const account = await createAccount(simulator);
    await openStream(venue, account);
    const other = await createAccount(simulator);
    const request = order();
    expect((await venue.placer.place({ ...account, credentials: other.credentials }, request)).kind).toBe('accepted');
    expect(await ordersOf(simulator, other)).toMatchObject([{ clOrdId: request.clientOrderId }]);
    expect(await ordersOf(simulator, account)).toEqual([]);
  });

  it.each(['60011', '60013', '60014'])(
    'goes over REST at once when the stream does not pass it on (%s)',
    async (code) => {
      const account = await createAccount(simulator);
      const { states } = await openStream(venue, account);
      await fault({ kind: 'refuse', code, match: overStream(account), count: 1 });
      expect((await venue.placer.place(account, order())).kind).toBe('accepted');
      expect(await ordersOf(simulator, account)).toHaveLength(1);
      // Only a stream that is not logged in is no good for listening either.
      const times = code === '60011' ? 2 : 1;
      await vi.waitFor(() => expect(states.filter((state) => state === 'live')).toHaveLength(times), {
        timeout: 10_000,
      });
      await shutRest(account);
      expect((await venue.placer.place(account, order())).kind).toBe('throttled');
    },
  );

  it.each(['51001', '51000', '50014'])(
    'goes over REST from then on when the stream does not know the instrument (%s)',
    async (code) => {
      const own = venueAt(simulator);
      await learnCodes(simulator, own);
      const [account, other] = [await createAccount(simulator), await createAccount(simulator)];
      await openStream(own, account);
      await openStream(own, other);
      await fault({ kind: 'refuse', code, match: overStream(account), count: 1 });
      expect((await own.placer.place(account, order())).kind).toBe('accepted');
      await shutRest(other);
      expect((await own.placer.place(other, order())).kind).toBe('throttled');
      expect(await ordersOf(simulator, account)).toHaveLength(1);
      await own.close();
    },
  );

  const OF_THE_ORDER: ReadonlySet<unknown> = new Set(['50011', '50061', '50001', '50013', '51008', '51149', '50026']);
  const FAULTS: readonly (readonly [string, Fields, readonly PlacementOutcome['kind'][]])[] = [
    ['a limit', { kind: 'refuse', code: '50011' }, ['throttled']],
    ['the limit of the sub-account', { kind: 'refuse', code: '50061' }, ['throttled']],
    ['a busy system before the order', { kind: 'refuse', code: '50013' }, ['unknown']],
    ['a busy system after the order', { kind: 'refuse', code: '50013', when: 'after' }, ['unknown']],
    ['a maintenance after the order', { kind: 'refuse', code: '50001', when: 'after' }, ['unknown']],
    ['a refusal', { kind: 'refuse', code: '51008' }, ['refused']],
    ['a time-out told before the order', { kind: 'refuse', code: '51149' }, ['unknown']],
    ['a time-out told after the order', { kind: 'refuse', code: '51149', when: 'after' }, ['unknown']],
    ['a system error after the order', { kind: 'refuse', code: '50026', when: 'after' }, ['unknown']],
    ['an error of the stream after the order', { kind: 'refuse', code: '64007', when: 'after' }, ['unknown']],
    ['a cut before the order', { kind: 'drop' }, ['unknown']],
    ['a cut after the order', { kind: 'drop', when: 'after' }, ['unknown']],
    ['no answer before the order', { kind: 'status', status: 502 }, ['unknown']],
    ['no answer after the order', { kind: 'empty' }, ['unknown']],
    ['a cut-off answer', { kind: 'truncate', keep: 0.6 }, ['unknown']],
    ['a request handled too late', { kind: 'latency', ms: 900 }, ['unknown']],
    ['an answer that comes too late', { kind: 'hold-answer', ms: 900 }, ['unknown']],
  ];

  it.concurrent.each(FAULTS)(
    'tells the truth after %s, and the next one takes a good way',
    async (_what, fields, kinds) => {
      const account = await createAccount(simulator);
      await openStream(venue, account);
      await fault({ ...fields, match: overStream(account), count: 1 });
      const request = order();
      const outcome = await venue.placer.place(account, request);
      expect(kinds).toContain(outcome.kind);
      if (outcome.kind !== 'unknown') expect(await ordersOf(simulator, account)).toEqual([]);
      // What the venue answered for itself says nothing against the stream.
      const good = OF_THE_ORDER.has(fields.code) ? REST_ORDERS : { path: 'order', method: 'WS' };
      await fault({ kind: 'refuse', code: '50011', match: { ...good, account: account.uid } });
      const next = order();
      expect((await venue.placer.place(account, next)).kind).toBe('accepted');
      const placed = (await ordersOf(simulator, account)).map(({ clOrdId }) => clOrdId);
      expect(placed.filter((id) => id === next.clientOrderId)).toHaveLength(1);
      expect(placed.filter((id) => id === request.clientOrderId).length).toBeLessThanOrEqual(1);
    },
  );
});
