import type { AccountMode } from '@/domain/account-mode';
import type {
  LeverageOutcome,
  MarginMode,
  OrderPlacer,
  OrderRequest,
  PlacementOutcome,
  PositionMode,
  StopChangeOutcome,
  StopLevels,
  StopOutcome,
  StopRequest,
  VenueAccount,
} from '@/exchanges/port';
import { currentTime } from '@/platform/clock';
import type { OkxOrderStreams } from './order-streams';
import { classifyPlacement, classifySetting, classifyStop } from './outcome';
import type { OkxPrivatePost } from './private-post';
import { CLIENT_ORDER_ID, PLAIN_NUMBER, SYMBOL } from './request-fields';
import { buildStopBody, buildStopChange } from './stop-body';

/** Where orders are placed. */
export const ORDER_PATH = '/api/v5/trade/order';
const STOP_PATH = '/api/v5/trade/order-algo';
const CHANGE_STOP_PATH = '/api/v5/trade/amend-algos';
const LEVERAGE_PATH = '/api/v5/account/set-leverage';

const TAG = /^[A-Za-z0-9]{1,16}$/;

/** Places orders at OKX: over the account's private stream where that is wanted and it is open, else over REST. */
export class OkxOrderPlacer implements OrderPlacer {
  readonly #transport: OkxPrivatePost;
  readonly #streams: OkxOrderStreams | null;
  readonly #tagField: string;

  /**
   * @param streams null: everything goes over REST
   * @param tag the operator's own broker tag, ≤ 16 letters and digits; null: none is sent
   */
  constructor(transport: OkxPrivatePost, streams: OkxOrderStreams | null, tag: string | null) {
    if (tag !== null && !TAG.test(tag)) throw new RangeError('An OKX tag is 1 to 16 letters and digits');
    this.#transport = transport;
    this.#streams = streams;
    this.#tagField = tag === null ? '' : `,"tag":"${tag}"`;
  }

  warm(mode: AccountMode, connections: number): Promise<void> {
    return this.#transport.warm(mode, connections);
  }

  async place(account: VenueAccount, order: OrderRequest): Promise<PlacementOutcome> {
    if (this.#streams !== null) {
      const transmission = await this.#streams.post(account, order, (code) =>
        buildOrderBody(order, this.#tagField, `"instIdCode":${code}`),
      );
      if (transmission !== null) return classifyPlacement(transmission, order.clientOrderId, currentTime());
    }
    const body = buildOrderBody(order, this.#tagField);
    if (body === null) {
      return {
        kind: 'refused',
        code: 'INVALID_REQUEST',
        message: 'The order holds malformed fields',
        at: currentTime(),
      };
    }
    const { expiresAt, mayStart } = order;
    const transmission = await this.#transport.post(account, ORDER_PATH, body, { expiresAt, mayStart });
    return classifyPlacement(transmission, order.clientOrderId, currentTime());
  }

  async setLeverage(
    account: VenueAccount,
    symbol: string,
    marginMode: MarginMode,
    leverage: string,
    positionMode: PositionMode,
    mayStart?: () => boolean,
  ): Promise<LeverageOutcome> {
    if (!SYMBOL.test(symbol) || !PLAIN_NUMBER.test(leverage)) {
      return { kind: 'refused', code: 'INVALID_REQUEST', message: 'The symbol or the leverage is malformed' };
    }
    const body = `{"instId":"${symbol}","lever":"${leverage}","mgnMode":"${marginMode}"`;
    // Only isolated margin in long/short mode keeps a leverage for each side.
    const sides = marginMode === 'isolated' && positionMode === 'long_short' ? SIDED : UNSIDED;
    for (const side of sides) {
      const outcome = classifySetting(await this.#transport.post(account, LEVERAGE_PATH, body + side, { mayStart }));
      if (outcome.kind === 'refused' && FIXED_LEVERAGE.has(outcome.code)) return { ...outcome, fixed: true };
      if (outcome.kind !== 'done') return outcome;
    }
    return { kind: 'done' };
  }

  async placeStop(account: VenueAccount, stop: StopRequest): Promise<StopOutcome> {
    const body = buildStopBody(stop, this.#tagField);
    if (body === null) return { ...MALFORMED_STOP, at: currentTime() };
    const { startBy, mayStart } = stop;
    const outcome = classifyStop(await this.#transport.post(account, STOP_PATH, body, { startBy, mayStart }));
    const at = currentTime();
    return outcome.kind === 'done' ? { kind: 'accepted', venueOrderId: outcome.venueOrderId, at } : { ...outcome, at };
  }

  async changeStop(account: VenueAccount, levels: StopLevels): Promise<StopChangeOutcome> {
    const body = buildStopChange(levels);
    if (body === null) return MALFORMED_STOP;
    const { startBy, mayStart } = levels;
    const outcome = classifyStop(await this.#transport.post(account, CHANGE_STOP_PATH, body, { startBy, mayStart }));
    return outcome.kind === 'done' ? { kind: 'done' } : outcome;
  }

  close(): Promise<void> {
    return this.#transport.close();
  }
}

const MALFORMED_STOP = {
  kind: 'refused',
  code: 'INVALID_REQUEST',
  message: 'The stop order holds malformed fields',
} as const;

/** What rests keeps the leverage as it is: orders of one margin mode or the other, TP/SL and other algo orders, too many orders. */
const FIXED_LEVERAGE: ReadonlySet<string> = new Set(['59000', '59101', '59107', '59112', '59668', '59669', '59670']);

const UNSIDED = ['}'] as const;
const SIDED = [',"posSide":"long"}', ',"posSide":"short"}'] as const;

/**
 * The JSON of one order, written by hand because thousands leave at once; null where a field is not what it should be,
 * so that nothing can break out of its quotes.
 * @param extra further members, with a leading comma
 * @param instrument the member that names it: by its symbol for REST, by its code over a stream
 */
export function buildOrderBody(
  order: OrderRequest,
  extra: string,
  instrument = `"instId":"${order.symbol}"`,
): string | null {
  if (!SYMBOL.test(order.symbol) || !CLIENT_ORDER_ID.test(order.clientOrderId)) return null;
  if (!PLAIN_NUMBER.test(order.quantity)) return null;
  let body = `{${instrument},"tdMode":"${order.marginMode}","clOrdId":"${order.clientOrderId}"`;
  body += `,"side":"${order.side}","ordType":"${order.orderType}","sz":"${order.quantity}"`;
  if (order.orderType === 'limit') {
    if (order.price === null || !PLAIN_NUMBER.test(order.price)) return null;
    body += `,"px":"${order.price}"`;
  }
  // In long/short mode the side of the position says what closes, and reduceOnly is ignored; in net mode it is the
  // other way round.
  if (order.positionMode === 'long_short') body += `,"posSide":"${order.positionSide}"`;
  else if (order.reduceOnly) body += ',"reduceOnly":true';
  return `${body}${extra}}`;
}
