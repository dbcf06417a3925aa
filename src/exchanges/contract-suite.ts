import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { AccountMode } from '@/domain/account-mode';
import { dec } from '@/domain/decimal';
import { contractsToBase, type Instrument } from '@/domain/instrument';
import {
  type AccountClient,
  type AccountStreamListener,
  Credentials,
  type MarketListener,
  type OrderRequest,
  type OrderUpdate,
  type PlacementOutcome,
  type PositionMode,
  type StreamState,
  type Venue,
  type VenueAccount,
  type VenueBalance,
} from './port';

/** What the suite needs besides the venue itself. */
export type VenueHarness = {
  readonly venue: Venue;
  readonly mode: AccountMode;
  /** A linear swap, and how many coins one contract of it holds. */
  readonly symbol: string;
  readonly contractValue: string;
  /** A funded account of its own, with no orders and positions. */
  createAccount(positionMode: PositionMode): Promise<VenueAccount>;
  /** Moves the market so that market orders fill at about this price. */
  setPrice(symbol: string, price: string): Promise<void>;
  close(): Promise<void>;
};

const PRICE = '100000';
/** Within the venue's price band, but far enough to rest. */
const RESTING_BUY = '99000';

/** A contract bought at the market, with an id of its own. */
export function marketOrder(symbol: string, fields: Partial<OrderRequest> = {}): OrderRequest {
  return {
    clientOrderId: randomBytes(16).toString('hex'),
    symbol,
    side: 'buy',
    positionSide: 'long',
    positionMode: 'net',
    marginMode: 'cross',
    reduceOnly: false,
    orderType: 'market',
    quantity: '1',
    price: null,
    expiresAt: Date.now() + 10_000,
    ...fields,
  };
}

/** The rules that every venue obeys, whoever speaks its protocol. */
export function describeVenueContract(name: string, start: () => Promise<VenueHarness>): void {
  describe(`${name} keeps the contract of a venue`, () => {
    let harness: VenueHarness;
    let venue: Venue;
    let instrument: Instrument;

    beforeAll(async () => {
      harness = await start();
      venue = harness.venue;
      await harness.setPrice(harness.symbol, PRICE);
      const found = (await venue.market(harness.mode).getInstruments()).find((row) => row.symbol === harness.symbol);
      if (!found) throw new Error(`${harness.symbol} is not traded`);
      instrument = found;
    });

    afterAll(async () => {
      await venue?.close();
      await harness?.close();
    });

    const order = (fields: Partial<OrderRequest> = {}): OrderRequest => marketOrder(harness.symbol, fields);

    function restingOrder(fields: Partial<OrderRequest> = {}): OrderRequest {
      return order({ orderType: 'limit', price: RESTING_BUY, ...fields });
    }

    async function placeAccepted(account: VenueAccount, request: OrderRequest): Promise<string> {
      const outcome = await venue.placer.place(account, request);
      if (outcome.kind !== 'accepted') throw new Error(`${outcome.kind} ${outcome.code}: ${outcome.message}`);
      return outcome.venueOrderId;
    }

    function filled(client: AccountClient, request: OrderRequest): Promise<OrderUpdate> {
      return vi.waitFor(async () => {
        const update = await client.getOrder(request.symbol, request.clientOrderId);
        if (update?.state !== 'filled') throw new Error(`not filled but ${update?.state}`);
        return update;
      });
    }

    describe('instruments and prices', () => {
      it('says how many coins a contract holds', () => {
        expect(instrument.contractValue.toFixed()).toBe(harness.contractValue);
        expect(contractsToBase(instrument, dec(1)).toFixed()).toBe(harness.contractValue);
        expect(instrument.lotSize.gt(0) && instrument.minSize.gte(instrument.lotSize)).toBe(true);
        expect(instrument.tickSize.gt(0) && instrument.maxLeverage.gte(1)).toBe(true);
      });

      it('tells a price, the time and candles, oldest first', async () => {
        const market = venue.market(harness.mode);
        const { price, at } = await market.getPrice(harness.symbol);
        expect(dec(price).gt(0)).toBe(true);
        expect(Math.abs(Date.now() - at)).toBeLessThan(120_000);
        expect(Math.abs(Date.now() - (await market.getTime()))).toBeLessThan(30_000);
        const candles = await market.getCandles(harness.symbol, '1m', 5);
        const times = candles.map((candle) => candle.openedAt);
        expect(times.length).toBeGreaterThan(0);
        expect(times).toEqual([...times].sort((a, b) => a - b));
        for (const candle of candles) expect(dec(candle.low).lte(candle.high)).toBe(true);
      });

      it('pushes prices', async () => {
        const prices: string[] = [];
        const listener: MarketListener = { onPrice: (_symbol, price) => prices.push(price), onState: () => {} };
        const stream = venue.openPriceStream(harness.mode, [harness.symbol], listener);
        await vi.waitFor(() => expect(prices.length).toBeGreaterThan(0), { timeout: 10_000 });
        expect(dec(prices[0] ?? '0').gt(0)).toBe(true);
        await stream.close();
      });
    });

    describe('placing', () => {
      it('fills a market order, and tells it by client id', async () => {
        const account = await harness.createAccount('net');
        const client = venue.account(account);
        const request = order({ quantity: '2' });
        const venueOrderId = await placeAccepted(account, request);
        const update = await filled(client, request);
        expect(update).toMatchObject({
          accountId: account.accountId,
          clientOrderId: request.clientOrderId,
          venueOrderId,
          symbol: harness.symbol,
          filledQuantity: '2',
          cancelCode: null,
        });
        expect(dec(update.averagePrice ?? '0').gt(0)).toBe(true);
      });

      it('takes quantities as contracts, not as coins', async () => {
        const account = await harness.createAccount('net');
        const client = venue.account(account);
        const request = order({ quantity: '1' });
        await placeAccepted(account, request);
        const update = await filled(client, request);
        // The fee of a taker is below 0.1 % of the value: a contract taken for a coin would cost 100 times as much.
        const value = contractsToBase(instrument, dec(1)).times(update.averagePrice ?? '0');
        const share = dec(update.fee).neg().div(value);
        expect(share.gt(0) && share.lte('0.001')).toBe(true);
        const [position] = await client.getPositions();
        expect(position).toMatchObject({ symbol: harness.symbol, side: 'long', quantity: '1', marginMode: 'cross' });
      });

      it('tells the fills of an order; they add up to it', async () => {
        const account = await harness.createAccount('net');
        const client = venue.account(account);
        const request = order({ quantity: '3' });
        const venueOrderId = await placeAccepted(account, request);
        const update = await filled(client, request);
        const fills = await client.getFills(harness.symbol, venueOrderId);
        const quantity = fills.reduce((sum, fill) => sum.plus(fill.quantity), dec(0));
        const fee = fills.reduce((sum, fill) => sum.plus(fill.fee), dec(0));
        expect(quantity.toFixed()).toBe('3');
        expect(fee.toFixed()).toBe(dec(update.fee).toFixed());
        expect(new Set(fills.map((fill) => fill.venueFillId)).size).toBe(fills.length);
        for (const fill of fills) {
          expect(fill).toMatchObject({ clientOrderId: request.clientOrderId, symbol: harness.symbol });
        }
      });

      it('tells what executed on an account and how its positions ended', async () => {
        const account = await harness.createAccount('long_short');
        const client = venue.account(account);
        const since = Date.now() - 60_000;
        const entry = order({ quantity: '3', positionMode: 'long_short' });
        await placeAccepted(account, entry);
        await filled(client, entry);
        const exit = order({ quantity: '3', positionMode: 'long_short', side: 'sell' });
        const venueOrderId = await placeAccepted(account, exit);
        const { averagePrice } = await filled(client, exit);
        const [last, ...before] = await client.getExecutions(harness.symbol, since);
        expect(last).toMatchObject({ venueOrderId, side: 'sell', positionSide: 'long', cause: 'order' });
        expect(before.at(-1)).toMatchObject({ clientOrderId: entry.clientOrderId, side: 'buy', positionSide: 'long' });
        expect(await client.getExecutions(harness.symbol, Date.now() + 3_600_000)).toEqual([]);
        expect(await client.getEndedPositions(harness.symbol)).toMatchObject([
          { symbol: harness.symbol, side: 'long', quantity: '3', averageClosePrice: averagePrice, cause: 'order' },
        ]);
      });

      it('lets a limit order rest, lists it, and cancels it once', async () => {
        const account = await harness.createAccount('net');
        const client = venue.account(account);
        const request = restingOrder();
        await placeAccepted(account, request);
        const resting = await client.getOrder(harness.symbol, request.clientOrderId);
        expect(resting).toMatchObject({ state: 'live', filledQuantity: '0', averagePrice: null, fill: null });
        const pending = await client.getPendingOrders(harness.symbol);
        expect(pending).toMatchObject([
          { clientOrderId: request.clientOrderId, side: 'buy', positionSide: null, reduceOnly: false, quantity: '1' },
        ]);

        expect(await client.cancelOrder(harness.symbol, request.clientOrderId)).toMatchObject({ accepted: true });
        await vi.waitFor(async () => {
          const update = await client.getOrder(harness.symbol, request.clientOrderId);
          expect(update?.state).toBe('canceled');
          expect(update?.cancelCode).not.toBeNull();
        });
        expect(await client.getPendingOrders()).toEqual([]);
        expect(await client.cancelOrder(harness.symbol, request.clientOrderId)).toMatchObject({ accepted: false });
      });

      it('is refused below the minimum, off the lot, off the tick and without the margin', async () => {
        const account = await harness.createAccount('net');
        const cases: Partial<OrderRequest>[] = [
          { quantity: instrument.minSize.div(10).toFixed() },
          { quantity: instrument.minSize.plus(instrument.lotSize.div(2)).toFixed() },
          { orderType: 'limit', price: dec(RESTING_BUY).plus(instrument.tickSize.div(2)).toFixed() },
          { quantity: '11000' },
          { symbol: 'NOSUCH-USDT-SWAP' },
        ];
        for (const fields of cases) {
          const request = order(fields);
          expect(await venue.placer.place(account, request)).toMatchObject({ kind: 'refused' });
        }
        expect(await venue.account(account).getPositions()).toEqual([]);
      });

      it('answers null for an order that never was', async () => {
        const client = venue.account(await harness.createAccount('net'));
        expect(await client.getOrder(harness.symbol, 'never0000')).toBeNull();
        expect(await client.cancelOrder(harness.symbol, 'never0000')).toMatchObject({ accepted: false });
      });

      it('does not place a request that has expired', async () => {
        const account = await harness.createAccount('net');
        const request = order({ expiresAt: Date.now() - 1 });
        expect(await venue.placer.place(account, request)).toMatchObject({ kind: 'throttled' });
        expect(await venue.account(account).getOrder(harness.symbol, request.clientOrderId)).toBeNull();
      });

      it('calls a client id that is pending already unknown, and does not place it twice', async () => {
        const account = await harness.createAccount('net');
        const request = restingOrder();
        const venueOrderId = await placeAccepted(account, request);
        const again: PlacementOutcome = await venue.placer.place(account, request);
        expect(again.kind).toBe('unknown');
        const client = venue.account(account);
        expect(await client.getOrder(harness.symbol, request.clientOrderId)).toMatchObject({ venueOrderId });
        expect((await client.getPendingOrders()).length).toBe(1);
      });

      it('places the orders of many accounts at once, each exactly once', async () => {
        const accounts = await Promise.all(Array.from({ length: 40 }, () => harness.createAccount('net')));
        await venue.placer.warm(harness.mode, 16);
        const requests = accounts.map((_account, index) => order({ quantity: String(1 + (index % 5)) }));
        const outcomes = await Promise.all(
          accounts.map((account, index) => venue.placer.place(account, requests[index] ?? order())),
        );
        expect(new Set(outcomes.map((outcome) => outcome.kind))).toEqual(new Set(['accepted']));
        for (const [index, account] of accounts.entries()) {
          const positions = await venue.account(account).getPositions();
          expect(positions).toMatchObject([{ quantity: requests[index]?.quantity }]);
        }
      });

      it('is refused with a wrong key, and says which kind of failure it is', async () => {
        const account = await harness.createAccount('net');
        const { apiKey, passphrase } = account.credentials.reveal();
        const wrong = { ...account, credentials: new Credentials(apiKey, 'not-the-secret', passphrase) };
        expect(await venue.placer.place(wrong, order())).toMatchObject({ kind: 'refused' });
        await expect(venue.account(wrong).getBalance()).rejects.toMatchObject({ kind: 'auth', retryable: false });
      });
    });

    describe('positions and settings', () => {
      it('reduces and closes in net mode, and never turns the position by a reduce-only order', async () => {
        const account = await harness.createAccount('net');
        const client = venue.account(account);
        const open = order({ side: 'sell', positionSide: 'short', quantity: '4' });
        await placeAccepted(account, open);
        await filled(client, open);
        expect(await client.getPositions()).toMatchObject([{ side: 'short', quantity: '4' }]);

        const half = order({ side: 'buy', positionSide: 'short', quantity: '2', reduceOnly: true });
        await placeAccepted(account, half);
        await filled(client, half);
        expect(await client.getPositions()).toMatchObject([{ side: 'short', quantity: '2' }]);

        const rest = order({ side: 'buy', positionSide: 'short', quantity: '2', reduceOnly: true });
        await placeAccepted(account, rest);
        await filled(client, rest);
        expect(await client.getPositions()).toEqual([]);
        const more = order({ side: 'buy', positionSide: 'short', quantity: '1', reduceOnly: true });
        expect(await venue.placer.place(account, more)).toMatchObject({ kind: 'refused' });
      });

      it('holds both sides in long/short mode and closes them one by one', async () => {
        const account = await harness.createAccount('long_short');
        const client = venue.account(account);
        const hedged = { positionMode: 'long_short' } as const;
        const long = order({ ...hedged, quantity: '3' });
        const short = order({ ...hedged, side: 'sell', positionSide: 'short', quantity: '2' });
        await placeAccepted(account, long);
        await placeAccepted(account, short);
        await filled(client, long);
        await filled(client, short);
        const both = await client.getPositions();
        expect(both.map(({ side, quantity }) => `${side} ${quantity}`).sort()).toEqual(['long 3', 'short 2']);

        const close = order({ ...hedged, side: 'sell', quantity: '3', reduceOnly: true });
        await placeAccepted(account, close);
        await filled(client, close);
        expect(await client.getPositions()).toMatchObject([{ side: 'short', quantity: '2' }]);
      });

      it.each(['cross', 'isolated'] as const)('sets the leverage of both sides (%s)', async (marginMode) => {
        for (const positionMode of ['net', 'long_short'] as const) {
          const account = await harness.createAccount(positionMode);
          const outcome = await venue.placer.setLeverage(account, harness.symbol, marginMode, '7', positionMode);
          expect(outcome).toEqual({ kind: 'done' });
          expect(dec(await venue.account(account).getLeverage(harness.symbol, marginMode)).toFixed()).toBe('7');
          const tooMuch = instrument.maxLeverage.plus(1).toFixed();
          const refused = await venue.placer.setLeverage(account, harness.symbol, marginMode, tooMuch, positionMode);
          expect(refused.kind).toBe('refused');
        }
      });

      it('tells the modes and rights of an account', async () => {
        for (const positionMode of ['net', 'long_short'] as const) {
          const config = await venue.account(await harness.createAccount(positionMode)).getConfig();
          expect(config).toMatchObject({ positionMode, canRead: true, canTrade: true, level: 'futures' });
          expect(config.venueUserId).not.toBe('');
        }
      });

      it('tells the balance, and what a fill cost', async () => {
        const account = await harness.createAccount('net');
        const client = venue.account(account);
        const before = await client.getBalance();
        expect(dec(before.equity).gt(0) && dec(before.available).lte(before.equity)).toBe(true);
        const request = order({ quantity: '1' });
        await placeAccepted(account, request);
        await filled(client, request);
        const after = await client.getBalance();
        expect(dec(after.equity).lt(before.equity)).toBe(true);
        expect(dec(after.available).lt(before.available)).toBe(true);
      });
    });

    describe('private streams', () => {
      type Seen = { states: StreamState[]; orders: OrderUpdate[]; balances: VenueBalance[] };

      function listen(): { seen: Seen; listener: AccountStreamListener } {
        const seen: Seen = { states: [], orders: [], balances: [] };
        const listener: AccountStreamListener = {
          onOrder: (update) => seen.orders.push(update),
          onBalance: (_accountId, balance) => seen.balances.push(balance),
          onState: (_accountId, state) => seen.states.push(state),
        };
        return { seen, listener };
      }

      it('push fills that equal the queried ones, and the balance', async () => {
        const account = await harness.createAccount('net');
        const { seen, listener } = listen();
        const stream = venue.openAccountStream(account, listener);
        await vi.waitFor(() => expect(stream.state).toBe('live'), { timeout: 10_000 });
        const request = order({ quantity: '2' });
        const venueOrderId = await placeAccepted(account, request);
        await vi.waitFor(() => expect(seen.orders.at(-1)?.state).toBe('filled'), { timeout: 5_000 });

        const last = seen.orders.at(-1);
        expect(last).toMatchObject({ clientOrderId: request.clientOrderId, venueOrderId, filledQuantity: '2' });
        const pushed = seen.orders.map((update) => update.fill).filter((fill) => fill !== null);
        const queried = await venue.account(account).getFills(harness.symbol, venueOrderId);
        const byId = (a: { venueFillId: string }, b: { venueFillId: string }) =>
          a.venueFillId.localeCompare(b.venueFillId);
        expect(pushed.sort(byId)).toEqual([...queried].sort(byId));
        await vi.waitFor(() => expect(seen.balances.length).toBeGreaterThan(0), { timeout: 10_000 });
        await stream.close();
      });

      it('push the cancel of a resting order', async () => {
        const account = await harness.createAccount('net');
        const { seen, listener } = listen();
        const stream = venue.openAccountStream(account, listener);
        await vi.waitFor(() => expect(stream.state).toBe('live'), { timeout: 10_000 });
        const request = restingOrder();
        await placeAccepted(account, request);
        await vi.waitFor(() => expect(seen.orders.at(-1)?.state).toBe('live'));
        await venue.account(account).cancelOrder(harness.symbol, request.clientOrderId);
        await vi.waitFor(() => expect(seen.orders.at(-1)?.state).toBe('canceled'));
        expect(seen.orders.at(-1)).toMatchObject({ filledQuantity: '0', averagePrice: null, fill: null });
        await stream.close();
      });

      it('go down with a wrong key', async () => {
        const account = await harness.createAccount('net');
        const { apiKey, passphrase } = account.credentials.reveal();
        const { seen, listener } = listen();
        const wrong = { ...account, credentials: new Credentials(apiKey, 'not-the-secret', passphrase) };
        const stream = venue.openAccountStream(wrong, listener);
        await vi.waitFor(() => expect(seen.states).toContain('down'), { timeout: 10_000 });
        await stream.close();
      });
    });
  });
}
