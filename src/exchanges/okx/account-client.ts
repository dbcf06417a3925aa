import type { RestClient } from 'okx-api';
import type { z } from 'zod';
import { type Dec, dec, isAboveZero } from '@/domain/decimal';
import type {
  AccountClient,
  EndedPosition,
  Execution,
  MarginMode,
  OrderUpdate,
  PendingOrder,
  StopState,
  VenueAccount,
  VenueAccountConfig,
  VenueBalance,
  VenueClock,
  VenueFill,
  VenuePosition,
} from '@/exchanges/port';
import { VenueError } from '@/exchanges/port';
import { isMarginedInUsd, toBalance } from './balance';
import { venueErrorOf } from './errors';
import {
  SETTLE_CURRENCY,
  toAccountConfig,
  toEndedPosition,
  toExecution,
  toFill,
  toOrderUpdate,
  toPendingOrder,
  toPosition,
  toStopState,
} from './mapper';
import { parseEnvelope } from './outcome';
import type { OkxPrivatePost, PostLimits } from './private-post';
import { createRestClient, firstRow, queryRows, type RestClientOptions } from './rest-client';
import {
  balanceSchema,
  configSchema,
  endedPositionSchema,
  executionSchema,
  fillSchema,
  indexTickerSchema,
  leverageSchema,
  orderSchema,
  pendingOrderSchema,
  positionSchema,
  stopSchema,
} from './schema';
import { TIMESTAMP_EXPIRED } from './timing';

const CANCEL_PATH = '/api/v5/trade/cancel-order';
const CANCEL_STOPS_PATH = '/api/v5/trade/cancel-algos';
const PAGE = 100;
/** The venue allows 4000 pending orders. */
const MOST_PAGES = 40;
const ORDER_DOES_NOT_EXIST = '51603';
/** The order is finished, being cancelled, or was never there. */
const NOTHING_TO_CANCEL: ReadonlySet<string> = new Set(['51400', '51401', '51402', '51405', '51410', '51603']);

type Canceled = { readonly accepted: boolean; readonly code: string };

/** Questions and cancels of one account. */
export class OkxAccountClient implements AccountClient {
  readonly #account: VenueAccount;
  readonly #rest: RestClient;
  readonly #transport: OkxPrivatePost;
  readonly #clock: VenueClock;

  constructor(account: VenueAccount, options: RestClientOptions, transport: OkxPrivatePost, clock: VenueClock) {
    this.#account = account;
    this.#rest = createRestClient(options, { credentials: account.credentials, clock });
    this.#transport = transport;
    this.#clock = clock;
  }

  getOrder(symbol: string, clientOrderId: string): Promise<OrderUpdate | null> {
    return this.#orderBy({ instId: symbol, clOrdId: clientOrderId });
  }

  getOrderById(symbol: string, venueOrderId: string): Promise<OrderUpdate | null> {
    return this.#orderBy({ instId: symbol, ordId: venueOrderId });
  }

  async getStop(_symbol: string, clientOrderId: string): Promise<StopState | null> {
    const rows = await nullWhereAbsent(
      this.#query(() => this.#rest.getAlgoOrderDetails({ algoClOrdId: clientOrderId }), stopSchema),
    );
    const stop = rows?.[0];
    return stop === undefined ? null : toStopState(stop);
  }

  async #orderBy(question: Parameters<RestClient['getOrderDetails']>[0]): Promise<OrderUpdate | null> {
    const rows = await nullWhereAbsent(this.#query(() => this.#rest.getOrderDetails(question), orderSchema));
    const order = rows?.[0];
    return order === undefined ? null : toOrderUpdate(order, this.#account.accountId);
  }

  async getPendingOrders(symbol?: string): Promise<readonly PendingOrder[]> {
    const instrument = symbol === undefined ? {} : { instId: symbol };
    const orders = await readPages(
      (after) =>
        this.#query(
          () =>
            this.#rest.getOrderList({
              instType: 'SWAP',
              limit: String(PAGE),
              ...instrument,
              ...(after ? { after } : {}),
            }),
          pendingOrderSchema,
        ),
      (order) => order.ordId,
    );
    return orders.map((order) => toPendingOrder(order, this.#account.accountId));
  }

  async getFills(symbol: string, venueOrderId: string): Promise<readonly VenueFill[]> {
    const fills = await readPages(
      (after) =>
        this.#query(
          () =>
            this.#rest.getFills({
              instType: 'SWAP',
              instId: symbol,
              ordId: venueOrderId,
              limit: String(PAGE),
              ...(after ? { after } : {}),
            }),
          fillSchema,
        ),
      (fill) => fill.billId,
    );
    return fills.map(toFill);
  }

  async getExecutions(symbol: string, since: number): Promise<readonly Execution[]> {
    const fills = await readPages(
      (after) =>
        this.#query(
          () =>
            this.#rest.getFills({
              instType: 'SWAP',
              instId: symbol,
              begin: String(Math.floor(since)),
              limit: String(PAGE),
              ...(after ? { after } : {}),
            }),
          executionSchema,
        ),
      (fill) => fill.billId,
    );
    return fills.map(toExecution);
  }

  async getEndedPositions(symbol: string): Promise<readonly EndedPosition[]> {
    const rows = await this.#query(
      () => this.#rest.getPositionsHistory({ instType: 'SWAP', instId: symbol, limit: String(PAGE) }),
      endedPositionSchema,
    );
    return rows.map(toEndedPosition).filter((position) => position !== null);
  }

  async getBalance(): Promise<VenueBalance> {
    const row = firstRow(await this.#query(() => this.#rest.getBalance({ ccy: SETTLE_CURRENCY }), balanceSchema));
    const balance = toBalance(row) ?? (isMarginedInUsd(row) ? toBalance(row, await this.#settlePrice()) : null);
    // Of a currency that an account does not hold there is no row.
    return balance ?? { equity: '0', available: '0' };
  }

  /** USD of one unit of the settlement currency: whoever holds none of it is not told with his balance. */
  async #settlePrice(): Promise<Dec> {
    const instId = `${SETTLE_CURRENCY}-USD`;
    const rows = await this.#query(() => this.#rest.getIndexTickers({ instId }), indexTickerSchema);
    const price = dec(firstRow(rows).idxPx);
    if (!isAboveZero(price))
      throw new VenueError('MALFORMED', `The venue's price of ${instId} is nothing`, 'unavailable');
    return price;
  }

  async getPositions(): Promise<readonly VenuePosition[]> {
    const rows = await this.#query(() => this.#rest.getPositions({ instType: 'SWAP' }), positionSchema);
    return rows.map(toPosition).filter((position) => position !== null);
  }

  async getConfig(): Promise<VenueAccountConfig> {
    return toAccountConfig(firstRow(await this.#query(() => this.#rest.getAccountConfiguration(), configSchema)));
  }

  /** "0" where the two sides differ, so that it never equals a wanted leverage. */
  async getLeverage(symbol: string, marginMode: MarginMode): Promise<string> {
    const question = () => this.#rest.getLeverageV2({ instId: symbol, mgnMode: marginMode });
    const rows = await this.#query(question, leverageSchema);
    const { lever } = firstRow(rows);
    return rows.every((row) => row.lever === lever) ? lever : '0';
  }

  /** Goes past the SDK, which would write its own broker tag into the request. */
  cancelOrder(symbol: string, clientOrderId: string): Promise<Canceled> {
    return this.#cancel(CANCEL_PATH, JSON.stringify({ instId: symbol, clOrdId: clientOrderId }));
  }

  cancelStop(symbol: string, clientOrderId: string, startBy: number): Promise<Canceled> {
    const body = JSON.stringify([{ instId: symbol, algoClOrdId: clientOrderId }]);
    return this.#cancel(CANCEL_STOPS_PATH, body, { startBy });
  }

  /** Where the venue's clock was set, it is asked what it says now, and the question is asked once more. */
  async #query<Row>(question: () => Promise<unknown>, schema: z.ZodType<Row>): Promise<Row[]> {
    try {
      return await queryRows(question, schema);
    } catch (error) {
      if (!(error instanceof VenueError) || error.code !== TIMESTAMP_EXPIRED) throw error;
      await this.#clock.measure();
      return queryRows(question, schema);
    }
  }

  async #cancel(path: string, body: string, limits: PostLimits = {}): Promise<Canceled> {
    const transmission = await this.#transport.post(this.#account, path, body, limits);
    if (transmission.kind === 'failed') throw new VenueError('TRANSPORT', transmission.message, 'unavailable');
    const envelope = parseEnvelope(transmission.body);
    if (!envelope) {
      throw new VenueError('TRANSPORT', `HTTP ${transmission.status} without an answer of the venue`, 'unavailable');
    }
    const code = envelope.rows[0]?.sCode ?? envelope.code;
    if (code === '0') return { accepted: true, code };
    if (NOTHING_TO_CANCEL.has(code)) return { accepted: false, code };
    throw venueErrorOf(code, envelope.rows[0]?.sMsg ?? envelope.msg);
  }
}

async function nullWhereAbsent<T>(question: Promise<T>): Promise<T | null> {
  try {
    return await question;
  } catch (error) {
    if (error instanceof VenueError && error.code === ORDER_DOES_NOT_EXIST) return null;
    throw error;
  }
}

/** Reads pages of the venue's lists, newest first, each continued after the last row of the one before. */
async function readPages<Row>(
  readPage: (after: string | null) => Promise<Row[]>,
  cursorOf: (row: Row) => string,
): Promise<Row[]> {
  const rows: Row[] = [];
  let after: string | null = null;
  for (let page = 0; page < MOST_PAGES; page++) {
    const next = await readPage(after);
    rows.push(...next);
    const last = next.at(-1);
    after = last === undefined ? null : cursorOf(last);
    if (next.length < PAGE || !after) break;
  }
  return rows;
}
