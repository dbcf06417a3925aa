import type { Server } from 'node:http';
import { type WebSocket, WebSocketServer } from 'ws';
import { type Books, balanceRow, orderRow, PRICE, type VenueAccountBook, type VenueOrder } from './books';

export type OrderBody = Readonly<Record<string, string>>;

type Message = {
  readonly op?: string;
  readonly id?: string;
  readonly args?: readonly (OrderBody | undefined)[];
};

/** Balances and prices are pushed this often, ms. */
const PRICE_EVERY = 2000;

/** The WebSocket side: log-in without a look at the signature, subscriptions, fills, balances and one price. */
export class Streams {
  /** Takes an order that came over a stream; its answer's rows are told back. */
  onOrder: (account: VenueAccountBook, body: OrderBody, answer: (rows: readonly unknown[]) => void) => void = () => {};
  readonly #prices = new Map<WebSocket, Set<string>>();
  readonly #timer: NodeJS.Timeout;

  constructor(
    readonly books: Books,
    server: Server,
  ) {
    const sockets = new WebSocketServer({ server, perMessageDeflate: false });
    sockets.on('connection', (socket) => this.#open(socket));
    this.#timer = setInterval(() => this.#pushPrices(), PRICE_EVERY);
    this.#timer.unref();
  }

  /** How many subscriptions to orders are open. */
  listeners = 0;

  /** Tells an order as the channel "orders" does. */
  tell(account: VenueAccountBook, order: VenueOrder): void {
    if (account.sockets.size === 0) return;
    const text = JSON.stringify({ arg: { channel: 'orders', instType: 'SWAP' }, data: [orderRow(order)] });
    for (const socket of account.sockets) socket.send(text);
  }

  #open(socket: WebSocket): void {
    let account: VenueAccountBook | null = null;
    socket.on('error', () => socket.terminate());
    socket.on('message', (raw) => {
      const text = raw.toString();
      if (text === 'ping') return socket.send('pong');
      const message = JSON.parse(text) as Message;
      const id = message.id === undefined ? {} : { id: message.id };
      const say = (value: object): void => socket.send(JSON.stringify({ ...id, ...value }));
      if (message.op === 'login') {
        account = this.books.account(message.args?.[0]?.apiKey ?? '');
        return say({ event: 'login', code: '0', msg: '' });
      }
      if (message.op === 'order' && account !== null) {
        const answer = (data: readonly unknown[]): void => say({ op: 'order', code: '0', msg: '', data });
        return this.onOrder(account, message.args?.[0] ?? {}, answer);
      }
      if (message.op !== 'subscribe') return;
      for (const arg of message.args ?? []) {
        if (arg === undefined) continue;
        say({ event: 'subscribe', arg });
        this.#subscribe(socket, account, arg);
      }
    });
    socket.on('close', () => {
      this.#prices.delete(socket);
      if (account?.sockets.delete(socket)) this.listeners -= 1;
    });
  }

  #subscribe(socket: WebSocket, account: VenueAccountBook | null, arg: Readonly<Record<string, string>>): void {
    if (arg.channel === 'orders' && account !== null && !account.sockets.has(socket)) {
      account.sockets.add(socket);
      this.listeners += 1;
    }
    if (arg.channel === 'account') socket.send(JSON.stringify({ arg, data: [balanceRow()] }));
    if (arg.channel === 'tickers' && arg.instId !== undefined) {
      const symbols = this.#prices.get(socket) ?? new Set();
      this.#prices.set(socket, symbols.add(arg.instId));
      socket.send(ticker(arg.instId));
    }
  }

  #pushPrices(): void {
    for (const [socket, symbols] of this.#prices) for (const symbol of symbols) socket.send(ticker(symbol));
  }
}

function ticker(instId: string): string {
  return JSON.stringify({
    arg: { channel: 'tickers', instId },
    data: [{ instId, last: PRICE, ts: String(Date.now()) }],
  });
}
