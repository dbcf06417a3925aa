import type { RestClient } from 'okx-api';
import type {
  AccountClient,
  MarginMode,
  OrderUpdate,
  VenueAccount,
  VenueAccountConfig,
  VenueBalance,
  VenueFill,
  VenuePosition,
} from '@/exchanges/port';
import { VenueError } from '@/exchanges/port';
import { venueErrorOf } from './errors';
import { SETTLE_CURRENCY, toAccountConfig, toBalance, toFill, toOrderUpdate, toPosition } from './mapper';
import { parseEnvelope } from './outcome';
import type { OkxPrivatePost } from './private-post';
import { createRestClient, firstRow, queryRows, type RestClientOptions } from './rest-client';
import { balanceSchema, configSchema, fillSchema, leverageSchema, orderSchema, positionSchema } from './schema';

const CANCEL_PATH = '/api/v5/trade/cancel-order';
const PAGE = 100;
/** The venue allows 4000 pending orders. */
const MOST_PAGES = 40;
const ORDER_DOES_NOT_EXIST = '51603';
/** The order is finished, being cancelled, or was never there. */
const NOTHING_TO_CANCEL: ReadonlySet<string> = new Set(['51400', '51401', '51402', '51405', '51410', '51603']);

/** Questions and cancels of one account. */
export class OkxAccountClient implements AccountClient {
  readonly #account: VenueAccount;
  readonly #rest: RestClient;
  readonly #transport: OkxPrivatePost;

  constructor(account: VenueAccount, options: RestClientOptions, transport: OkxPrivatePost) {
    this.#account = account;
    this.#rest = createRestClient(options, account.credentials);
    this.#transport = transport;
  }

  async getOrder(symbol: string, clientOrderId: string): Promise<OrderUpdate | null> {
    try {
      const question = () => this.#rest.getOrderDetails({ instId: symbol, clOrdId: clientOrderId });
      const order = (await queryRows(question, orderSchema))[0];
      return order ? toOrderUpdate(order, this.#account.accountId) : null;
    } catch (error) {
      if (error instanceof VenueError && error.code === ORDER_DOES_NOT_EXIST) return null;
      throw error;
    }
  }

  async getPendingOrders(): Promise<readonly OrderUpdate[]> {
    const orders = await readPages(
      (after) =>
        queryRows(
          () => this.#rest.getOrderList({ instType: 'SWAP', limit: String(PAGE), ...(after ? { after } : {}) }),
          orderSchema,
        ),
      (order) => order.ordId,
    );
    return orders.map((order) => toOrderUpdate(order, this.#account.accountId));
  }

  async getFills(symbol: string, venueOrderId: string): Promise<readonly VenueFill[]> {
    const fills = await readPages(
      (after) =>
        queryRows(
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

  async getBalance(): Promise<VenueBalance> {
    const row = firstRow(await queryRows(() => this.#rest.getBalance({ ccy: SETTLE_CURRENCY }), balanceSchema));
    // An account that never held the currency has no row for it.
    return toBalance(row) ?? { equity: '0', available: '0', at: Number(row.uTime) };
  }

  async getPositions(): Promise<readonly VenuePosition[]> {
    const rows = await queryRows(() => this.#rest.getPositions({ instType: 'SWAP' }), positionSchema);
    return rows.map(toPosition).filter((position) => position !== null);
  }

  async getConfig(): Promise<VenueAccountConfig> {
    return toAccountConfig(firstRow(await queryRows(() => this.#rest.getAccountConfiguration(), configSchema)));
  }

  /** "0" where the two sides differ, so that it never equals a wanted leverage. */
  async getLeverage(symbol: string, marginMode: MarginMode): Promise<string> {
    const question = () => this.#rest.getLeverageV2({ instId: symbol, mgnMode: marginMode });
    const rows = await queryRows(question, leverageSchema);
    const { lever } = firstRow(rows);
    return rows.every((row) => row.lever === lever) ? lever : '0';
  }

  /** Goes past the SDK, which would write its own broker tag into the request. */
  async cancelOrder(
    symbol: string,
    clientOrderId: string,
  ): Promise<{ readonly accepted: boolean; readonly code: string }> {
    const body = JSON.stringify({ instId: symbol, clOrdId: clientOrderId });
    const transmission = await this.#transport.post(this.#account, CANCEL_PATH, body, Number.MAX_SAFE_INTEGER, null);
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
