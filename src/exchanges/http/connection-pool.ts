import { FairQueue } from '@/platform/fair-queue';
import type { HttpAnswer } from './answer-reader';
import { type AnswerListener, Connection, type ConnectionOptions } from './connection';
import { writeRequest, writeSharedHeaders } from './request';
import { SocketOpener } from './socket-opener';

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
  /** Flat list of names and values that each request is sent with, our own. */
  readonly headers: readonly string[];
};

/** No venue answers an order with more; a longer answer is somebody else's. */
const LARGEST_ANSWER = 256 * 1024;
/** Idle sockets are given up before the usual 60 s of servers, so that none is written to while the server closes it. */
const IDLE_MS = 50_000;
/** An idle connection is opened anew when it has less than this left, ms: more than lies between two looks. */
const RENEWED_BEFORE_MS = 12_000;
/** Handshakes at a time. */
const OPENED_AT_ONCE = 32;
const INVALID_HEADER: Transmission = {
  kind: 'failed',
  sent: false,
  code: 'INVALID_HEADER',
  message: 'The request holds characters that HTTP does not allow',
};
const ALWAYS = (): boolean => true;
const WITHDRAWN = 'The request was withdrawn before it was sent';
/** How often deadlines are looked at: one timer for all requests instead of one each. */
const SWEEP_MS = 50;

/**
 * Keep-alive connections to one origin, shared by all accounts (keys are headers). One request a connection at a time (pipelining does
 * not help POSTs), and never one request twice.
 *
 * A client of our own on sockets of undici's connector, for two reasons: it knows for certain whether a request has left, and it sends
 * an order with two thirds of the processor time (docs/performance.md). It speaks just enough HTTP for that.
 */
export class ConnectionPool {
  readonly #options: ConnectionPoolOptions;
  readonly #sharedHeaders: string;
  readonly #connection: ConnectionOptions;
  readonly #all: Connection[] = [];
  /** Last in, first out: the warmest connection is taken first. */
  #idle: Connection[] = [];
  readonly #waiting = new FairQueue<Exchange>();
  readonly #open = new Set<Exchange>();
  readonly #owner: ExchangeOwner = {
    onSettled: (exchange) => this.#forget(exchange),
    onReleased: (connection) => this.#release(connection),
    onAnswered: (connection) => this.#releaseSoon(connection),
  };
  readonly #answered: Connection[] = [];
  #sweep: NodeJS.Timeout | null = null;
  #closed = false;

  constructor(options: ConnectionPoolOptions) {
    this.#options = options;
    const origin = new URL(options.origin);
    this.#sharedHeaders = writeSharedHeaders(origin.host, options.headers);
    this.#connection = {
      sockets: new SocketOpener(origin, options.requestTimeoutMs),
      largestAnswer: LARGEST_ANSWER,
      idleMs: IDLE_MS,
    };
  }

  /** Connections that are open now. */
  get connected(): number {
    return this.#all.reduce((count, connection) => count + (connection.isOpen ? 1 : 0), 0);
  }

  /**
   * Opens connections until `count` of them stand, without sending a request: at first, and again and again, because idle ones are given
   * up; those that soon will be are opened anew. Some at a time, as handshakes take processor time, and no more once there is something
   * to send, or nobody answers.
   */
  async warm(count: number): Promise<void> {
    while (!this.#closed && this.#all.length < Math.min(count, this.#options.connections)) {
      this.#idle.push(this.#create());
    }
    // Each is opened once: a server that closes what it has just accepted is not asked without end.
    const stale = this.#idle.filter(({ usableForMs }) => usableForMs < RENEWED_BEFORE_MS);
    for (let start = 0; start < stale.length; start += OPENED_AT_ONCE) {
      const failures = await Promise.all(
        this.#take(new Set(stale.slice(start, start + OPENED_AT_ONCE))).map(async (connection) => {
          const failure = await connection.open();
          this.#release(connection);
          return failure;
        }),
      );
      if (this.#closed || this.#open.size > 0 || failures.some((failure) => failure !== null)) return;
    }
  }

  /** Takes those of the connections that are idle. */
  #take(wanted: ReadonlySet<Connection>): readonly Connection[] {
    const taken = this.#idle.filter((connection) => wanted.has(connection));
    this.#idle = this.#idle.filter((connection) => !wanted.has(connection));
    return taken;
  }

  /**
   * POSTs a JSON body. Never rejects.
   * @param headers flat list of names and values of this request; null: it is without that one
   * @param startBy not sent any more after that, by the process's own clock (`performance.now()`)
   * @param mayStart asked while the request waits and right before its first byte; false: it is never sent
   * @param line those of one line are sent in their order; lines take turns
   */
  post(
    path: string,
    headers: readonly (string | null)[],
    body: string,
    startBy: number,
    mayStart: () => boolean = ALWAYS,
    line = '',
  ): Promise<Transmission> {
    const request = writeRequest(path, this.#sharedHeaders, headers, body);
    if (request === null) return Promise.resolve(INVALID_HEADER);
    return new Promise((resolve) => {
      const timeoutMs = this.#options.requestTimeoutMs;
      // Having to wait for two whole time-outs means that the venue does not answer.
      const startLimit = Math.min(startBy, performance.now() + 2 * timeoutMs);
      this.#run(new Exchange(this.#owner, request, startLimit, mayStart, timeoutMs, resolve), line);
    });
  }

  /** Whatever is under way gets an answer: sent false, or an unknown result. */
  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    for (const exchange of [...this.#open]) exchange.giveUp('CLOSED', 'The connection pool was closed');
    this.#stopSweep();
    for (const connection of this.#all) connection.close();
  }

  #run(exchange: Exchange, line: string): void {
    if (this.#closed) {
      exchange.giveUp('CLOSED', 'The connection pool was closed');
      return;
    }
    this.#open.add(exchange);
    this.#sweep ??= setInterval(() => this.#giveUpLate(), SWEEP_MS);
    const connection = this.#idle.pop() ?? (this.#all.length < this.#options.connections ? this.#create() : null);
    if (connection !== null) this.#start(connection, exchange);
    else this.#waiting.push(line, exchange);
  }

  #start(connection: Connection, exchange: Exchange): void {
    if (connection.isOpen) exchange.start(connection);
    else void this.#openAndStart(connection, exchange);
  }

  async #openAndStart(connection: Connection, exchange: Exchange): Promise<void> {
    const failure = await connection.open();
    if (this.#closed) connection.close();
    else if (connection.isOpen) exchange.start(connection);
    else {
      exchange.giveUp(failure?.code ?? 'CONNECTION_LOST', failure?.message ?? 'The connection was closed at once');
      this.#release(connection);
    }
  }

  /**
   * Not before all is heard that came with the answer: more of it than there should be, or the connection's end, which the next request
   * must not meet.
   */
  #releaseSoon(connection: Connection): void {
    this.#answered.push(connection);
    if (this.#answered.length > 1) return;
    setImmediate(() => {
      for (const released of this.#answered.splice(0)) this.#release(released);
    });
  }

  #release(connection: Connection): void {
    if (this.#closed) {
      connection.close();
      return;
    }
    const next = this.#shiftWaiting();
    if (next !== null) this.#start(connection, next);
    else if (connection.isOpen) this.#idle.push(connection);
    else this.#idle.unshift(connection);
  }

  #shiftWaiting(): Exchange | null {
    for (let exchange = this.#waiting.shift(); exchange !== null; exchange = this.#waiting.shift()) {
      exchange.giveUpIfLate();
      if (!exchange.settled) return exchange;
    }
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

  #giveUpLate(): void {
    for (const exchange of this.#open) exchange.giveUpIfLate();
  }

  #create(): Connection {
    const connection = new Connection(this.#connection);
    this.#all.push(connection);
    return connection;
  }
}

type ExchangeOwner = {
  readonly onSettled: (exchange: Exchange) => void;
  /** Its connection was not used, or is closed. */
  readonly onReleased: (connection: Connection) => void;
  readonly onAnswered: (connection: Connection) => void;
};

/** One request and its answer: one object and no closures, because thousands are under way at once. */
class Exchange implements AnswerListener {
  settled = false;

  readonly #owner: ExchangeOwner;
  readonly #request: string | Buffer;
  readonly #startBy: number;
  readonly #mayStart: () => boolean;
  readonly #timeoutMs: number;
  readonly #resolve: (transmission: Transmission) => void;
  /** By the process's clock, which nobody sets. */
  #startedAt: number | null = null;
  #connection: Connection | null = null;

  constructor(
    owner: ExchangeOwner,
    request: string | Buffer,
    startBy: number,
    mayStart: () => boolean,
    timeoutMs: number,
    resolve: (transmission: Transmission) => void,
  ) {
    this.#owner = owner;
    this.#request = request;
    this.#startBy = startBy;
    this.#mayStart = mayStart;
    this.#timeoutMs = timeoutMs;
    this.#resolve = resolve;
  }

  /** Writes the request, unless it may not leave any more: the connection is given back then. */
  start(connection: Connection): void {
    this.giveUpIfLate();
    if (this.settled) {
      this.#owner.onReleased(connection);
      return;
    }
    this.#startedAt = performance.now();
    this.#connection = connection;
    connection.send(this.#request, this);
  }

  onAnswer({ status, retryAfter, body }: HttpAnswer): void {
    this.#settle({ kind: 'answered', status, retryAfterMs: parseRetryAfter(retryAfter), body });
    this.#leave(this.#owner.onAnswered);
  }

  onLost(code: string, message: string): void {
    this.#fail(code, message);
    this.#leave(this.#owner.onReleased);
  }

  giveUpIfLate(): void {
    if (this.settled) return;
    if (this.#startedAt === null) {
      if (performance.now() >= this.#startBy) this.giveUp('NOT_SENT_IN_TIME', 'The request could not be sent in time');
      else if (!this.#isAllowed()) this.giveUp('WITHDRAWN', WITHDRAWN);
    } else if (performance.now() >= this.#startedAt + this.#timeoutMs) {
      this.giveUp('TIMEOUT', `No complete answer within ${this.#timeoutMs} ms`);
    }
  }

  giveUp(code: string, message: string): void {
    this.#fail(code, message);
    // Its answer may still come.
    this.#connection?.close();
    this.#leave(this.#owner.onReleased);
  }

  /** Who cannot say is not sent for. */
  #isAllowed(): boolean {
    try {
      return this.#mayStart();
    } catch {
      return false;
    }
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

  #leave(tell: (connection: Connection) => void): void {
    const connection = this.#connection;
    this.#connection = null;
    if (connection !== null) tell(connection);
  }
}

/** Seconds, as HTTP has it; dates are not used by venues. */
function parseRetryAfter(value: string | null): number | null {
  return value !== null && /^\d{1,4}$/.test(value) ? Number(value) * 1000 : null;
}
