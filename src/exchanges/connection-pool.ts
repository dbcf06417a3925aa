import { Client, type Dispatcher } from 'undici';

/** What became of one request. */
export type Transmission =
  /** A complete answer arrived. */
  | { readonly kind: 'answered'; readonly status: number; readonly retryAfterMs: number | null; readonly body: string }
  /** `sent` false: not a byte was written, the other side has certainly not seen it. */
  | { readonly kind: 'failed'; readonly sent: boolean; readonly code: string; readonly message: string };

export type ConnectionPoolOptions = {
  /** Scheme, host and port. */
  readonly origin: string;
  /** Sockets at most. */
  readonly connections: number;
  /** From the first byte written to the last byte read. */
  readonly requestTimeoutMs: number;
};

/** No venue answers an order with more; a longer answer is somebody else's. */
const LARGEST_ANSWER = 256 * 1024;
/** Idle sockets are given up before the usual 60 s of servers, so that none is written to while the server closes it. */
const IDLE_MS = 50_000;
const ALWAYS = (): boolean => true;
const WITHDRAWN = 'The request was withdrawn before it was sent';
/** How often deadlines are looked at: one timer for all requests instead of one each. */
const SWEEP_MS = 50;

/**
 * Keep-alive connections to one origin, shared by all accounts (keys are headers), made of undici clients.
 *
 * undici's own Pool is not used because it cannot open a connection without sending a request, and cannot tell for sure
 * whether a request that failed had left. Here a request that could not start in time is certain to never start.
 * One request a connection at a time (pipelining does not help POSTs), and never one request twice.
 */
export class ConnectionPool {
  readonly #options: ConnectionPoolOptions;
  readonly #clients: Client[] = [];
  /** Last in, first out: the warmest connection is taken first. */
  #idle: Client[] = [];
  #waiting: Exchange[] = [];
  #nextWaiting = 0;
  readonly #open = new Set<Exchange>();
  readonly #owner: ExchangeOwner = {
    onSettled: (exchange) => this.#forget(exchange),
    onReleased: (client) => this.#release(client),
  };
  #sweep: NodeJS.Timeout | null = null;
  #closed = false;

  constructor(options: ConnectionPoolOptions) {
    this.#options = options;
  }

  /** Connections that are open now. */
  get connected(): number {
    return this.#clients.reduce((count, client) => count + (client.stats.connected ? 1 : 0), 0);
  }

  /** Opens connections until `count` of them stand (or fail to), without sending a request. */
  async warm(count: number): Promise<void> {
    if (this.#closed) return;
    while (this.#clients.length < Math.min(count, this.#options.connections)) this.#idle.push(this.#createClient());
    const cold = this.#idle.filter((client) => !client.stats.connected);
    this.#idle = this.#idle.filter((client) => client.stats.connected);
    await Promise.all(cold.map((client) => this.#connect(client)));
  }

  /**
   * POSTs a JSON body. Never rejects.
   * @param headers flat list of names and values
   * @param startBy epoch ms: not sent any more after that
   * @param mayStart asked while the request waits and right before its first byte; false: it is never sent
   */
  post(
    path: string,
    headers: string[],
    body: string,
    startBy: number,
    mayStart: () => boolean = ALWAYS,
  ): Promise<Transmission> {
    return new Promise((resolve) => {
      const timeoutMs = this.#options.requestTimeoutMs;
      // Having to wait for two whole time-outs means that the venue does not answer.
      const startLimit = Math.min(startBy, Date.now() + 2 * timeoutMs);
      this.#run(new Exchange(this.#owner, path, headers, body, startLimit, mayStart, timeoutMs, resolve));
    });
  }

  /** Whatever is under way gets an answer: sent false, or an unknown result. */
  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    for (const exchange of [...this.#open]) exchange.giveUp('CLOSED', 'The connection pool was closed');
    this.#stopSweep();
    await Promise.all(this.#clients.map((client) => client.destroy()));
  }

  #run(exchange: Exchange): void {
    if (this.#closed) {
      exchange.giveUp('CLOSED', 'The connection pool was closed');
      return;
    }
    this.#open.add(exchange);
    this.#sweep ??= setInterval(() => this.#giveUpLate(Date.now()), SWEEP_MS);
    const client = this.#idle.pop() ?? (this.#clients.length < this.#options.connections ? this.#createClient() : null);
    if (client) this.#start(client, exchange);
    else this.#waiting.push(exchange);
  }

  #start(client: Client, exchange: Exchange): void {
    exchange.client = client;
    client.dispatch(exchange.request, exchange);
  }

  #release(client: Client): void {
    if (this.#closed) return;
    const next = this.#shiftWaiting();
    if (next) this.#start(client, next);
    else this.#idle.push(client);
  }

  #shiftWaiting(): Exchange | null {
    if (this.#waiting.length === 0) return null;
    const now = Date.now();
    while (this.#nextWaiting < this.#waiting.length) {
      const exchange = this.#waiting[this.#nextWaiting++];
      exchange?.giveUpIfLate(now);
      if (exchange && !exchange.settled) return exchange;
    }
    this.#waiting = [];
    this.#nextWaiting = 0;
    return null;
  }

  #forget(exchange: Exchange): void {
    this.#open.delete(exchange);
    if (this.#open.size === 0) this.#stopSweep();
  }

  #stopSweep(): void {
    if (this.#sweep) clearInterval(this.#sweep);
    this.#sweep = null;
  }

  #giveUpLate(now: number): void {
    for (const exchange of this.#open) exchange.giveUpIfLate(now);
  }

  #createClient(): Client {
    const client = new Client(this.#options.origin, {
      pipelining: 1,
      allowH2: false,
      keepAliveTimeout: IDLE_MS,
      keepAliveMaxTimeout: IDLE_MS,
      // The sweep watches over the whole exchange.
      headersTimeout: 0,
      bodyTimeout: 0,
      connect: { timeout: this.#options.requestTimeoutMs },
    });
    this.#clients.push(client);
    return client;
  }

  #connect(client: Client): Promise<void> {
    return new Promise((resolve) => {
      client.dispatch(
        { path: '/', method: 'GET' },
        {
          onRequestStart() {
            // Thrown before the first byte: the request is dropped, the connection stays.
            throw new Error('Connected');
          },
          onResponseError: () => {
            queueMicrotask(() => this.#release(client));
            resolve();
          },
        },
      );
    });
  }
}

type ExchangeOwner = {
  readonly onSettled: (exchange: Exchange) => void;
  readonly onReleased: (client: Client) => void;
};

/** One request and its answer: undici's handler, so that a request costs one object and no closures. */
class Exchange implements Dispatcher.DispatchHandler {
  readonly request: Dispatcher.DispatchOptions;
  settled = false;
  client: Client | null = null;

  readonly #owner: ExchangeOwner;
  readonly #startBy: number;
  readonly #mayStart: () => boolean;
  readonly #timeoutMs: number;
  readonly #resolve: (transmission: Transmission) => void;
  #startedAt: number | null = null;
  #controller: Dispatcher.DispatchController | null = null;
  #status = 0;
  #retryAfterMs: number | null = null;
  #first: Buffer | null = null;
  #rest: Buffer[] | null = null;
  #length = 0;

  constructor(
    owner: ExchangeOwner,
    path: string,
    headers: string[],
    body: string,
    startBy: number,
    mayStart: () => boolean,
    timeoutMs: number,
    resolve: (transmission: Transmission) => void,
  ) {
    this.#owner = owner;
    this.request = { path, method: 'POST', headers, body, idempotent: false };
    this.#startBy = startBy;
    this.#mayStart = mayStart;
    this.#timeoutMs = timeoutMs;
    this.#resolve = resolve;
  }

  /** Throwing here is undici's way to drop a request before its first byte and to keep the connection. */
  onRequestStart(controller: Dispatcher.DispatchController): void {
    if (this.settled) throw new Error('Given up before it started');
    if (this.#startedAt !== null) {
      this.#fail('RESENT', 'The connection was lost before an answer');
      throw new Error('A request is written once');
    }
    const now = Date.now();
    if (now >= this.#startBy) {
      this.#fail('NOT_SENT_IN_TIME', 'The request could not be sent in time');
      throw new Error('Too late');
    }
    if (!this.#mayStart()) {
      this.#fail('WITHDRAWN', WITHDRAWN);
      throw new Error('Withdrawn');
    }
    this.#startedAt = now;
    this.#controller = controller;
  }

  onResponseStart(
    _controller: Dispatcher.DispatchController,
    status: number,
    headers: Record<string, string | string[] | undefined>,
  ): void {
    this.#status = status;
    this.#retryAfterMs = parseRetryAfter(headers['retry-after']);
  }

  onResponseData(controller: Dispatcher.DispatchController, chunk: Buffer): void {
    this.#length += chunk.length;
    if (this.#length > LARGEST_ANSWER) {
      this.#fail('ANSWER_TOO_LARGE', 'The answer is larger than any the venue gives');
      controller.abort(new Error('Answer too large'));
    } else if (!this.#first) this.#first = chunk;
    else if (this.#rest) this.#rest.push(chunk);
    else this.#rest = [this.#first, chunk];
  }

  onResponseEnd(): void {
    const body = this.#rest ? Buffer.concat(this.#rest) : this.#first;
    this.#settle({
      kind: 'answered',
      status: this.#status,
      retryAfterMs: this.#retryAfterMs,
      body: body ? body.toString('utf8') : '',
    });
    this.#release();
  }

  onResponseError(_controller: Dispatcher.DispatchController, error: Error): void {
    this.#fail(transportCode(error), error.message);
    // undici takes no new request from inside this call.
    queueMicrotask(() => this.#release());
  }

  giveUpIfLate(now: number): void {
    if (this.#startedAt === null) {
      if (now >= this.#startBy) this.giveUp('NOT_SENT_IN_TIME', 'The request could not be sent in time');
      else if (!this.#mayStart()) this.giveUp('WITHDRAWN', WITHDRAWN);
    } else if (now >= this.#startedAt + this.#timeoutMs) {
      this.giveUp('TIMEOUT', `No complete answer within ${this.#timeoutMs} ms`);
    }
  }

  giveUp(code: string, message: string): void {
    this.#fail(code, message);
    this.#controller?.abort(new Error(message));
  }

  #fail(code: string, message: string): void {
    this.#settle({ kind: 'failed', sent: this.#startedAt !== null, code, message });
  }

  #settle(transmission: Transmission): void {
    if (this.settled) return;
    this.settled = true;
    this.#owner.onSettled(this);
    this.#resolve(transmission);
  }

  #release(): void {
    const client = this.client;
    this.client = null;
    if (client) this.#owner.onReleased(client);
  }
}

function transportCode(error: Error): string {
  const code = 'code' in error ? error.code : undefined;
  return typeof code === 'string' ? code : 'TRANSPORT';
}

/** Seconds, as HTTP has it; dates are not used by venues. */
function parseRetryAfter(header: string | string[] | undefined): number | null {
  if (typeof header !== 'string' || !/^\d{1,4}$/.test(header)) return null;
  return Number(header) * 1000;
}
