import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { instant } from '../instant';
import { serve } from '../serve';
import { Books, balanceRow, fillRow, orderRow, PRICE, positionRows, type VenueAccountBook } from './books';
import { Fills } from './fills';
import { type OrderBody, Streams } from './streams';

/**
 * A venue that answers at once what OKX would answer, and checks nothing: for measuring who asks. Orders are accepted; market orders
 * are filled whole at one price, and told over the private streams, a set time after their answer.
 */
export type Round = {
  /** Orders answered. */
  readonly answered: number;
  /** Instants; null before the first. */
  readonly firstAt: number | null;
  readonly lastAt: number | null;
};

const books = new Books();
let delayMs = 0;
let round = {
  answered: 0,
  expected: Number.POSITIVE_INFINITY,
  firstAt: null as number | null,
  lastAt: null as number | null,
};
let complete = (): void => undefined;

/** The one that is traded; over a stream it is named by its number. */
const INSTRUMENT = { instId: 'BTC-USDT-SWAP', instIdCode: 10459 };
const ORDER_PATH = '/api/v5/trade/order';

const server = createServer({ keepAliveTimeout: 120_000 }, (request, response) => {
  if (request.method !== 'POST') return answer(response, ok(read(request)));
  const chunks: Buffer[] = [];
  request.on('data', (chunk: Buffer) => chunks.push(chunk));
  request.on('end', () => {
    const text = chunks.length === 1 ? String(chunks[0]) : Buffer.concat(chunks).toString();
    if (request.url === ORDER_PATH) {
      const account = books.account(String(request.headers['ok-access-key']));
      take(account, JSON.parse(text) as OrderBody, (rows) => answer(response, ok(rows)));
    } else answer(response, ok(write(request.url ?? '', text)));
  });
});
const streams = new Streams(books, server);
const fills = new Fills(books, streams);
streams.onOrder = (account, body, answer) => take(account, { ...body, instId: INSTRUMENT.instId }, answer);

function take(account: VenueAccountBook, body: OrderBody, tell: (rows: readonly unknown[]) => void): void {
  round.firstAt ??= instant();
  const order = books.place(account, body);
  const row = { clOrdId: order.clOrdId, ordId: order.ordId, tag: '', ts: String(order.takenAt), sCode: '0', sMsg: '' };
  const reply = (): void => {
    tell([row]);
    if (order.market) fills.await(account, order);
    round.answered += 1;
    round.lastAt = instant();
    if (round.answered === round.expected) complete();
  };
  if (delayMs > 0) setTimeout(reply, delayMs);
  else reply();
}

function ok(rows: readonly unknown[]): string {
  return `{"code":"0","msg":"","data":${JSON.stringify(rows)},"inTime":"0","outTime":"0"}`;
}

function answer(response: ServerResponse, body: string): void {
  response.writeHead(200, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) });
  response.end(body);
}

/** Answers of questions. */
function read(request: IncomingMessage): readonly unknown[] {
  const url = new URL(request.url ?? '/', 'http://venue');
  const account = books.account(String(request.headers['ok-access-key'] ?? ''));
  const order = account.orders.get(url.searchParams.get('clOrdId') ?? '');
  switch (url.pathname) {
    case '/api/v5/public/time':
      return [{ ts: String(Date.now()) }];
    case '/api/v5/public/instruments':
      return [INSTRUMENT];
    case '/api/v5/market/ticker':
      return [{ instId: url.searchParams.get('instId'), last: PRICE, ts: String(Date.now()) }];
    case ORDER_PATH:
      return order === undefined ? [] : [orderRow(order)];
    case '/api/v5/trade/fills': {
      const ordId = url.searchParams.get('ordId');
      return [...account.orders.values()].filter((one) => one.ordId === ordId && one.filledAt !== null).map(fillRow);
    }
    case '/api/v5/account/positions':
      return positionRows(account);
    case '/api/v5/account/balance':
      return [balanceRow()];
    case '/api/v5/account/config':
      return [{ uid: '1', acctLv: '2', posMode: 'net_mode', perm: 'read_only,trade', ip: '' }];
    default:
      return [];
  }
}

/** Answers of settings and cancels. */
function write(path: string, text: string): readonly unknown[] {
  const body = JSON.parse(text) as Record<string, string>;
  if (path !== '/api/v5/trade/cancel-order') return [body];
  return [{ clOrdId: body.clOrdId, ordId: '', sCode: '51400', sMsg: 'The order is finished' }];
}

serve({
  listen: ({ port }: { readonly port: number }) =>
    new Promise<void>((resolve) => server.listen({ port, host: '127.0.0.1', backlog: 4096 }, resolve)),
  /** How long an answer takes, and a fill after it, ms. */
  settings: (settings: { readonly delayMs: number; readonly fillAfterMs: number }) => {
    delayMs = settings.delayMs;
    fills.afterMs = settings.fillAfterMs;
  },
  begin: ({ expected }: { readonly expected: number }) => {
    round = { answered: 0, expected, firstAt: null, lastAt: null };
  },
  /** Answers when as many orders as expected were answered, or after the time given. */
  completed: ({ withinMs }: { readonly withinMs: number }) =>
    new Promise<Round>((resolve) => {
      const timer = setTimeout(() => end(), withinMs);
      const end = (): void => {
        clearTimeout(timer);
        complete = () => undefined;
        const { answered, firstAt, lastAt } = round;
        resolve({ answered, firstAt, lastAt });
      };
      complete = end;
      if (round.answered >= round.expected) end();
    }),
  listeners: () => streams.listeners,
});
