import { closePosition } from '../engine/close-position';
import { type Account, type AlgoOrder, isTerminal, type Order } from '../engine/model';
import { amendAlgo, cancelAlgo, findAlgo, placeAlgo } from './algo-requests';
import { cancelAllAfter } from './cancel-all-after';
import { operation, success } from './envelope';
import { VenueError } from './errors';
import { countOrders, type OrderOperation } from './order-limits';
import { amendOrder, cancelOrder, findOrder, type OperationRow, placeOrder } from './order-operations';
import { checkClientId, readInstrument, readPosSide, textOf } from './order-requests';
import { listBody, objectBody, type PrivateCall, pageById, type Router } from './router';
import { algoRow, fillRow, restOrderRow } from './rows';

const CANCELLED_KEPT_MS = 2 * 3_600_000;
const FILLS_KEPT_MS = 3 * 86_400_000;
const WEEK_MS = 7 * 86_400_000;
const QUARTER_MS = 90 * 86_400_000;

/** A single operation: the limits are counted first, then the row is the answer. */
function single(
  call: PrivateCall,
  name: OrderOperation,
  run: (call: PrivateCall) => OperationRow,
): ReturnType<typeof operation> {
  const body = objectBody(call);
  const refused = countOrders(call.venue, call.account, name, [body], false);
  const row = refused[0] ?? run(call);
  return operation(call.venue.clock, call.inTime, [row]);
}

function batch(
  call: PrivateCall,
  name: OrderOperation,
  run: (request: Readonly<Record<string, unknown>>) => OperationRow,
): ReturnType<typeof operation> {
  const list = listBody(call, 20, name === 'amend' ? '51501' : '51111');
  const refused = countOrders(call.venue, call.account, name, list, true);
  const rows = list.map((request, index) => refused[index] ?? run(request));
  return operation(call.venue.clock, call.inTime, rows);
}

function contextOf(call: PrivateCall): Parameters<typeof placeOrder>[3] {
  return { receivedAt: call.receivedAt, expTime: call.expTime, byCode: false };
}

function orderDetails(call: PrivateCall): ReturnType<typeof success> {
  const request = Object.fromEntries(call.query);
  const instrument = readInstrument(request, false);
  const order = findOrder(call.account, request);
  const gone =
    order !== undefined &&
    order.state === 'canceled' &&
    order.accFillSz.isZero() &&
    call.venue.clock.now() - order.uTime > CANCELLED_KEPT_MS;
  if (!order || gone || order.instId !== instrument.instId) throw new VenueError('51603');
  return success([restOrderRow(order)]);
}

/** Whether an order passes the filters of the query. */
function selects(call: PrivateCall, order: Order): boolean {
  const { query } = call;
  const instType = query.get('instType');
  if (instType && instType !== 'SWAP') return false;
  const instId = query.get('instId');
  if (instId && order.instId !== instId) return false;
  const family = query.get('instFamily') ?? query.get('uly');
  if (family && !order.instId.startsWith(`${family}-`)) return false;
  const ordType = query.get('ordType');
  if (ordType && !ordType.split(',').includes(order.ordType)) return false;
  const state = query.get('state');
  return !state || order.state === state;
}

function newestFirst<T>(values: Iterable<T>): T[] {
  return [...values].reverse();
}

function ordersHistory(call: PrivateCall, keptMs: number): ReturnType<typeof success> {
  if (!call.query.get('instType')) throw new VenueError('50014', 'instType');
  const now = call.venue.clock.now();
  const rows = newestFirst(call.account.orders.values()).filter((order) => {
    if (!isTerminal(order.state) || !selects(call, order)) return false;
    const unfilled = order.state === 'canceled' && order.accFillSz.isZero();
    return now - order.uTime <= (unfilled ? CANCELLED_KEPT_MS : keptMs);
  });
  return success(pageById(call, rows, (order) => order.ordId).map(restOrderRow));
}

function fills(call: PrivateCall, keptMs: number): ReturnType<typeof success> {
  const { query } = call;
  const begin = Math.max(Number(query.get('begin') ?? 0) || 0, call.venue.clock.now() - keptMs);
  const end = Number(query.get('end') ?? 0) || Number.POSITIVE_INFINITY;
  const instType = query.get('instType');
  const instId = query.get('instId');
  const ordId = query.get('ordId');
  const rows = newestFirst(call.account.fills).filter(
    (fill) =>
      (!instType || instType === 'SWAP') &&
      (!instId || fill.instId === instId) &&
      (!ordId || fill.ordId === ordId) &&
      fill.ts >= begin &&
      fill.ts <= end,
  );
  return success(pageById(call, rows, (fill) => fill.billId).map(fillRow));
}

function closeWhole(call: PrivateCall): ReturnType<typeof success> {
  const { venue, account } = call;
  const request = objectBody(call);
  const instrument = readInstrument(request, false);
  const mgnMode = textOf(request.mgnMode);
  if (mgnMode !== 'cross' && mgnMode !== 'isolated') throw new VenueError('51000', 'mgnMode');
  const posSide = readPosSide(account, request.posSide);
  const clOrdId = checkClientId(textOf(request.clOrdId), 'clOrdId');
  const tag = textOf(request.tag);
  const cancelsOrders = request.autoCxl === true || request.autoCxl === 'true';
  closePosition(venue, account, { instrument, mgnMode, posSide, cancelsOrders, clOrdId, tag }, call.receivedAt);
  return success([{ clOrdId, instId: instrument.instId, posSide, tag }]);
}

function algos(call: PrivateCall, live: boolean): ReturnType<typeof success> {
  const types = (call.query.get('ordType') ?? '').split(',');
  if (types[0] === '') throw new VenueError('50014', 'ordType');
  const instId = call.query.get('instId');
  const state = call.query.get('state');
  const algoId = call.query.get('algoId');
  const clientId = call.query.get('algoClOrdId');
  const rows = newestFirst(call.account.algos.values()).filter(
    (algo) =>
      (algo.state === 'live') === live &&
      types.includes(algo.ordType) &&
      (!instId || algo.instId === instId) &&
      (!state || algo.state === state) &&
      (!algoId || algo.algoId === algoId) &&
      (!clientId || algo.algoClOrdId === clientId),
  );
  return success(pageById(call, rows, (algo) => algo.algoId).map((algo) => rowOf(call, algo)));
}

function rowOf(call: PrivateCall, algo: AlgoOrder): Record<string, unknown> {
  return algoRow(algo, call.venue.market.quote(algo.instId));
}

function pendingOrders(account: Account): Order[] {
  return newestFirst(account.pending.values());
}

/** The signed trade/… routes. */
export function addTradeRoutes(router: Router): void {
  router.write('trade/order', 0, (call) =>
    single(call, 'place', () => placeOrder(call.venue, call.account, objectBody(call), contextOf(call))),
  );
  router.write('trade/batch-orders', 0, (call) =>
    batch(call, 'place', (request) => placeOrder(call.venue, call.account, request, contextOf(call))),
  );
  router.write('trade/cancel-order', 0, (call) =>
    single(call, 'cancel', () => cancelOrder(call.venue, call.account, objectBody(call), contextOf(call))),
  );
  router.write('trade/cancel-batch-orders', 0, (call) =>
    batch(call, 'cancel', (request) => cancelOrder(call.venue, call.account, request, contextOf(call))),
  );
  router.write('trade/amend-order', 0, (call) =>
    single(call, 'amend', () => amendOrder(call.venue, call.account, objectBody(call), contextOf(call))),
  );
  router.write('trade/amend-batch-orders', 0, (call) =>
    batch(call, 'amend', (request) => amendOrder(call.venue, call.account, request, contextOf(call))),
  );
  router.write('trade/close-position', 20, closeWhole);
  router.write('trade/cancel-all-after', 0, cancelAllAfter);
  router.read('trade/order', 60, orderDetails, true);
  router.read('trade/orders-pending', 60, (call) =>
    success(
      pageById(
        call,
        pendingOrders(call.account).filter((order) => selects(call, order)),
        (order) => order.ordId,
      ).map(restOrderRow),
    ),
  );
  router.read('trade/orders-history', 40, (call) => ordersHistory(call, WEEK_MS));
  router.read('trade/orders-history-archive', 20, (call) => ordersHistory(call, QUARTER_MS));
  router.read('trade/fills', 60, (call) => fills(call, FILLS_KEPT_MS));
  router.read('trade/fills-history', 10, (call) => fills(call, QUARTER_MS));
  router.write('trade/order-algo', 20, (call) => {
    const row = placeAlgo(call.venue, call.account, objectBody(call));
    return operation(call.venue.clock, call.inTime, [row]);
  });
  router.write('trade/cancel-algos', 20, (call) => {
    const rows = listBody(call, 10, '51111').map((request) => cancelAlgo(call.venue, call.account, request));
    return operation(call.venue.clock, call.inTime, rows);
  });
  router.write('trade/amend-algos', 20, (call) => {
    const row = amendAlgo(call.venue, call.account, objectBody(call));
    return operation(call.venue.clock, call.inTime, [row]);
  });
  router.read('trade/order-algo', 20, (call) => {
    const algo = findAlgo(call.account, Object.fromEntries(call.query));
    if (!algo) throw new VenueError('51603');
    return success([rowOf(call, algo)]);
  });
  router.read('trade/orders-algo-pending', 20, (call) => algos(call, true));
  router.read('trade/orders-algo-history', 20, (call) => algos(call, false));
}
