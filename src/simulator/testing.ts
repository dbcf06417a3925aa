import pino from 'pino';
import WebSocket from 'ws';
import { sign } from './okx/auth';
import type { Simulator } from './simulator';

/* What this folder's tests share. */

export const quiet = pino({ level: 'silent' });

export interface Keys {
  readonly account: string;
  readonly apiKey: string;
  readonly secret: string;
  readonly passphrase: string;
}

/** POSTs to the control API (GETs where there is no body) and returns the parsed answer. Throws on a status of 400 and more. */
export async function control<T>(simulator: Simulator, path: string, body?: unknown): Promise<T> {
  const response = await fetch(`${simulator.control}/${path}`, {
    method: body === undefined ? 'GET' : 'POST',
    body: body === undefined ? undefined : JSON.stringify(body),
  });
  const parsed: unknown = await response.json();
  if (!response.ok) throw new Error(`${path}: ${response.status} ${JSON.stringify(parsed)}`);
  return parsed as T;
}

export interface Answer<T = Record<string, string>> {
  readonly status: number;
  readonly code: string;
  readonly msg: string;
  readonly data: T[];
  readonly inTime?: string;
  readonly outTime?: string;
}

export interface SignedOptions {
  readonly timestamp?: string;
  readonly headers?: Record<string, string>;
}

/** A hand-signed request, for what the published clients hide: statuses, headers and envelopes. */
export async function signed<T = Record<string, string>>(
  simulator: Simulator,
  keys: Keys,
  method: 'GET' | 'POST',
  path: string,
  body?: unknown,
  options: SignedOptions = {},
): Promise<Answer<T>> {
  const text = body === undefined ? '' : JSON.stringify(body);
  const timestamp = options.timestamp ?? new Date().toISOString();
  const fullPath = `/api/v5/${path}`;
  const response = await fetch(`${simulator.rest}${fullPath}`, {
    method,
    headers: {
      'content-type': 'application/json',
      'OK-ACCESS-KEY': keys.apiKey,
      'OK-ACCESS-SIGN': sign(keys.secret, timestamp, method, fullPath, text),
      'OK-ACCESS-TIMESTAMP': timestamp,
      'OK-ACCESS-PASSPHRASE': keys.passphrase,
      ...options.headers,
    },
    body: body === undefined ? undefined : text,
  });
  return { status: response.status, ...((await response.json()) as Omit<Answer<T>, 'status'>) };
}

export interface Message {
  readonly [name: string]: unknown;
  readonly event?: string;
  readonly code?: string;
  readonly arg?: { readonly channel: string };
  readonly data?: readonly Record<string, unknown>[];
}

/** A bare connection that keeps everything it hears. */
export class Listener {
  private static readonly sockets: WebSocket[] = [];

  readonly heard: Message[] = [];
  readonly texts: string[] = [];
  closed: number | undefined;

  private constructor(private readonly socket: WebSocket) {
    socket.on('message', (raw) => {
      const text = raw.toString();
      this.texts.push(text);
      if (text.startsWith('{')) this.heard.push(JSON.parse(text) as Message);
    });
    socket.on('close', (code) => {
      this.closed = code;
    });
    socket.on('error', () => {});
  }

  static async open(simulator: Simulator, path: string): Promise<Listener> {
    const socket = new WebSocket(`${simulator.ws}/ws/v5/${path}`);
    const listener = new Listener(socket);
    Listener.sockets.push(socket);
    await waitFor(() => socket.readyState === WebSocket.OPEN);
    return listener;
  }

  /** Logged in as an account and subscribed to private channels. */
  static async of(simulator: Simulator, keys: Keys, channels: readonly Record<string, string>[]): Promise<Listener> {
    const listener = await Listener.open(simulator, 'private');
    listener.login(keys);
    await listener.until((message) => message.event === 'login');
    listener.say({ op: 'subscribe', args: channels });
    await waitFor(() => listener.heard.filter((message) => message.event === 'subscribe').length === channels.length);
    return listener;
  }

  /** Ends every connection that was opened. */
  static closeAll(): void {
    for (const socket of Listener.sockets.splice(0)) socket.terminate();
  }

  say(message: unknown): void {
    this.socket.send(typeof message === 'string' ? message : JSON.stringify(message));
  }

  login(of: Keys, change: Record<string, string> = {}): void {
    const timestamp = String(Math.floor(Date.now() / 1000));
    const signature = sign(of.secret, timestamp, 'GET', '/users/self/verify', '');
    const args = [{ apiKey: of.apiKey, passphrase: of.passphrase, timestamp, sign: signature, ...change }];
    this.say({ op: 'login', args });
  }

  async until(found: (message: Message) => boolean): Promise<Message> {
    await waitFor(() => this.heard.some(found));
    return this.heard.find(found) as Message;
  }

  pushes(channel: string): Message[] {
    return this.heard.filter((message) => message.arg?.channel === channel && message.data !== undefined);
  }
}

/** Waits until a condition holds; fails after `timeoutMs`. */
export async function waitFor(condition: () => boolean, timeoutMs = 8000): Promise<void> {
  const deadline = Date.now() + timeoutMs;
  while (!condition()) {
    if (Date.now() > deadline) throw new Error(`Not true within ${timeoutMs} ms: ${condition}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
