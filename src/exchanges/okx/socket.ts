import { WebsocketClient, WS_KEY_MAP, type WsKey } from 'okx-api';
import type { Pacer } from '@/exchanges/pacer';
import type { StreamState } from '@/exchanges/port';
import type { Signer } from './rest-client';
import { signMessage } from './sign';

export type OkxChannel =
  | { readonly channel: 'orders'; readonly instType: 'SWAP' }
  | { readonly channel: 'account' }
  | { readonly channel: 'tickers'; readonly instId: string };

export type OkxSocketTimings = {
  /** From connecting to the last acknowledged subscription. */
  readonly liveTimeoutMs: number;
  readonly pingIntervalMs: number;
  readonly pongTimeoutMs: number;
  /** Pause before the next attempt; doubles with each failure up to the longest. */
  readonly firstRetryMs: number;
  readonly longestRetryMs: number;
  /** The same after the key was refused: it rarely heals by itself, and attempts are counted by the venue. */
  readonly refusedRetryMs: number;
};

export const OKX_SOCKET_TIMINGS: OkxSocketTimings = {
  liveTimeoutMs: 15_000,
  pingIntervalMs: 15_000,
  pongTimeoutMs: 8_000,
  firstRetryMs: 500,
  longestRetryMs: 30_000,
  refusedRetryMs: 60_000,
};

export type OkxSocketOptions = {
  readonly url: string;
  /** Null: a public socket, which does not log in. */
  readonly signer: Signer | null;
  readonly channels: readonly OkxChannel[];
  readonly pacer: Pacer;
  readonly timings: OkxSocketTimings;
  /** The rows of one push. */
  readonly onRows: (channel: string, rows: readonly unknown[]) => void;
  /** Shown every message first; true: it was taken, nobody else gets it. */
  readonly onMessage?: (text: string) => boolean;
  readonly onState: (state: StreamState, reason: string | null) => void;
};

/** The key is wrong, gone, or not for this environment. */
const REFUSED_LOGIN_CODES: ReadonlySet<string> = new Set([
  '60005',
  '60007',
  '60009',
  '60024',
  '60032',
  '50101',
  '50110',
]);
/** The log-in's timestamp is too far from the venue's clock. */
const LATE_LOGIN = '60006';
/** "Logged in already": the SDK sometimes logs in twice. */
const REPEATED_LOGIN = '60031';

/** Bytes that a connection may still have to get rid of when an order is handed to it: some thirty orders. */
const LARGEST_BACKLOG = 16 * 1024;

const SILENT = {
  // The SDK logs the login message with its passphrase when a send fails.
  trace: () => {},
  info: () => {},
  error: () => {},
};

/**
 * One subscribed WebSocket at OKX that comes back by itself until it is closed.
 *
 * Every attempt gets an SDK client of its own, which is thrown away at the first trouble: the SDK's own reconnecting is
 * unpaced, and after a refused login it waits for ever.
 */
export class OkxSocket {
  readonly #options: OkxSocketOptions;
  readonly #closing = new AbortController();
  #state: StreamState = 'connecting';
  #client: Attempt | null = null;
  #timer: NodeJS.Timeout | null = null;
  #failures = 0;

  constructor(options: OkxSocketOptions) {
    this.#options = options;
    void this.#attempt();
  }

  get state(): StreamState {
    return this.#state;
  }

  /** Hands a message over while the socket is live; false: it certainly does not leave. */
  send(text: string): boolean {
    return this.#state === 'live' && this.#client !== null && this.#client.send(text);
  }

  /** Opens it anew. */
  renew(reason: string): void {
    if (this.#state === 'live') this.#fail(reason);
  }

  close(): void {
    if (this.#closing.signal.aborted) return;
    this.#closing.abort();
    this.#dispose();
    this.#state = 'down';
  }

  async #attempt(): Promise<void> {
    const { pacer, timings } = this.#options;
    const knowsTime = (await this.#options.signer?.clock.ready()) ?? true;
    if (!knowsTime) {
      this.#fail('TIME_UNKNOWN');
      return;
    }
    if (!(await pacer.turn(this.#closing.signal))) return;
    this.#setState('connecting', null);
    if (this.#closing.signal.aborted) return;
    this.#timer = setTimeout(() => this.#fail('TIMEOUT'), timings.liveTimeoutMs);
    const client = new Attempt(this.#options);
    this.#client = client;
    const awaited = new Set(this.#options.channels.map(channelKey));

    client.on('response', (message: unknown) => {
      if (this.#client !== client || !isMessage(message) || message.event !== 'subscribe') return;
      if (isChannel(message.arg)) awaited.delete(channelKey(message.arg));
      if (awaited.size === 0 && this.#state !== 'live') this.#becomeLive();
    });
    client.on('update', (message: unknown) => {
      if (this.#client !== client || !isMessage(message)) return;
      if (isChannel(message.arg) && Array.isArray(message.data))
        this.#options.onRows(message.arg.channel, message.data);
      else if (message.event === 'channel-conn-count-error') this.#fail(codeOf(message) ?? 'CONNECTION_LIMIT');
    });
    client.on('exception', (message: unknown) => {
      if (this.#client !== client) return;
      const code = isMessage(message) ? codeOf(message) : null;
      if (code !== REPEATED_LOGIN) this.#fail(code ?? 'CONNECT');
    });
    client.on('reconnect', () => {
      if (this.#client === client) this.#fail('CONNECTION_LOST');
    });
    client.start();
  }

  #becomeLive(): void {
    this.#clearTimer();
    this.#failures = 0;
    this.#setState('live', null);
  }

  #fail(reason: string): void {
    if (this.#closing.signal.aborted) return;
    this.#dispose();
    if (reason === LATE_LOGIN) void this.#options.signer?.clock.measure();
    const { firstRetryMs, longestRetryMs, refusedRetryMs } = this.#options.timings;
    const pause = REFUSED_LOGIN_CODES.has(reason)
      ? refusedRetryMs
      : Math.min(longestRetryMs, firstRetryMs * 2 ** Math.min(this.#failures, 16));
    this.#failures += 1;
    // Up to a fifth more, so that streams that fell together do not come back together.
    this.#timer = setTimeout(() => void this.#attempt(), pause * (1 + Math.random() / 5));
    this.#setState('down', reason);
  }

  #dispose(): void {
    this.#clearTimer();
    this.#client?.dispose();
    this.#client = null;
  }

  #clearTimer(): void {
    if (this.#timer) clearTimeout(this.#timer);
    this.#timer = null;
  }

  #setState(state: StreamState, reason: string | null): void {
    this.#state = state;
    this.#options.onState(state, reason);
  }
}

/** The SDK's client for one connection, at our URL. */
class Attempt extends WebsocketClient {
  readonly #options: OkxSocketOptions;
  #disposed = false;

  constructor(options: OkxSocketOptions) {
    const { signer, timings } = options;
    const key = signer?.credentials.reveal();
    super(
      {
        pingInterval: timings.pingIntervalMs,
        pongTimeout: timings.pongTimeoutMs,
        wsOptions: { handshakeTimeout: timings.liveTimeoutMs },
        ...(key === undefined
          ? {}
          : { accounts: [{ apiKey: key.apiKey, apiSecret: 'held by the credentials', apiPass: key.passphrase }] }),
      },
      SILENT,
    );
    this.#options = options;
  }

  start(): void {
    for (const subscribed of this.subscribe([...this.#options.channels])) subscribed.catch(() => {});
  }

  /** Past the SDK's own requests, which cost a promise, a timer and two parsings each. */
  send(text: string): boolean {
    const socket = this.getWsStore().getWs(WS_KEY_MAP.prodPrivate);
    if (socket === undefined || socket.readyState !== socket.OPEN) return false;
    // What waits here could leave after its time.
    if (socket.bufferedAmount > LARGEST_BACKLOG) return false;
    // As bytes it goes out in one piece; text would be sent as two.
    socket.send(Buffer.from(text), { binary: false });
    return true;
  }

  dispose(): void {
    this.#disposed = true;
    this.removeAllListeners();
    this.closeAll(true);
  }

  /** The log-in by the venue's clock; the SDK's own would be by the machine's. */
  protected override async getWsAuthRequestEvent(): Promise<LogIn | null> {
    const { signer } = this.#options;
    if (signer === null) return null;
    const { apiKey, secret, passphrase } = signer.credentials.reveal();
    const timestamp = ((signer.clock.now() ?? 0) / 1000).toFixed(0);
    const args = [{ apiKey, passphrase, timestamp, sign: signMessage(secret, `${timestamp}GET/users/self/verify`) }];
    return { id: String(this.getNewRequestId()), op: 'login', args };
  }

  /** The first place that sees a message. */
  protected override resolveEmittableEvents(wsKey: WsKey, event: SdkMessage): SdkEvent[] {
    const taken = typeof event.data === 'string' && this.#options.onMessage?.(event.data) === true;
    return taken ? [...NOTHING_MORE] : super.resolveEmittableEvents(wsKey, event);
  }

  /** Never answers once disposed, so that a reconnect that the SDK had planned ends here. */
  protected override getWsUrl(_wsKey: WsKey): Promise<string> {
    return this.#disposed ? new Promise(() => {}) : Promise.resolve(this.#options.url);
  }
}

type LogIn = NonNullable<Awaited<ReturnType<WebsocketClient['getWsAuthRequestEvent']>>>;
type SdkMessage = { target: WebSocket; type: 'message'; data: string };
type SdkEvent = { eventType: 'response' | 'update' | 'exception' | 'authenticated'; event: unknown };

/** A message of which the SDK has nothing to tell: without any it takes it for an unknown one. */
const NOTHING_MORE: readonly SdkEvent[] = [{ eventType: 'response', event: {} }];

type Message = {
  readonly event?: unknown;
  readonly arg?: unknown;
  readonly data?: unknown;
  readonly code?: unknown;
};

type NamedChannel = { readonly channel: string; readonly instId?: unknown };

function isMessage(value: unknown): value is Message {
  return typeof value === 'object' && value !== null;
}

function isChannel(value: unknown): value is NamedChannel {
  return isMessage(value) && 'channel' in value && typeof value.channel === 'string';
}

function channelKey(channel: NamedChannel): string {
  return typeof channel.instId === 'string' ? `${channel.channel}:${channel.instId}` : channel.channel;
}

function codeOf(message: Message): string | null {
  return typeof message.code === 'string' && /^\d+$/.test(message.code) ? message.code : null;
}
