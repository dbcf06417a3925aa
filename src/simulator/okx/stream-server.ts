import { randomBytes } from 'node:crypto';
import type { IncomingMessage, Server } from 'node:http';
import type { Duplex } from 'node:stream';
import { type WebSocket, WebSocketServer } from 'ws';
import { type Fault, matchesSubject, type RequestFault } from '../faults/faults';
import { authenticateLogin, type LoginArgs } from './auth';
import { checkSubscription } from './channels';
import { errorText, knownErrorText, VenueError } from './errors';
import { type Request, textOf } from './order-requests';
import { PrivateStreams } from './private-streams';
import { PublicStreams } from './public-streams';
import { isOperation, operate } from './stream-operations';
import { STREAM_PATHS, type StreamPath, StreamSession } from './stream-session';
import type { OkxVenue } from './venue';

const SLOW_MS = 60_000;
const REPEAT_SHARES = 20;
const CONNECT_LIMIT = { max: 3, windowMs: 1000 };
const CHANNEL_CONNECTIONS = 30;

export interface StreamOptions {
  /** OKX allows three new connections per second and address. */
  readonly connectLimit: boolean;
  /** A connection over which nothing went for so long is closed. */
  readonly idleMs: number;
  /** How often positions are repeated. */
  readonly repeatMs: number;
  readonly kill: () => void;
}

/** The WebSocket side of the venue: connections, logins, subscriptions and order operations. */
export class StreamServer {
  readonly privateStreams: PrivateStreams;
  readonly publicStreams: PublicStreams;
  private readonly sessions = new Set<StreamSession>();
  private readonly sockets = new WebSocketServer({ noServer: true, perMessageDeflate: false, maxPayload: 1 << 20 });
  private readonly timers: NodeJS.Timeout[];

  constructor(
    private readonly venue: OkxVenue,
    private readonly options: StreamOptions,
  ) {
    this.privateStreams = new PrivateStreams(venue);
    this.publicStreams = new PublicStreams(venue);
    this.timers = [
      setInterval(() => this.closeIdle(), options.idleMs / 10),
      setInterval(() => this.privateStreams.repeat(REPEAT_SHARES), options.repeatMs / REPEAT_SHARES),
      setInterval(() => this.publicStreams.publishSlow(), SLOW_MS),
    ];
  }

  attach(server: Server): void {
    server.on('upgrade', (request, socket, head) => this.upgrade(request, socket, head));
  }

  stop(): void {
    for (const timer of this.timers) clearInterval(timer);
    for (const session of this.sessions) session.socket.terminate();
    this.sockets.close();
  }

  /** Open subscriptions of a channel, over all connections. */
  listeners(channel: string): number {
    let count = 0;
    for (const session of this.sessions) {
      for (const subscription of session.subscriptions.values()) if (subscription.channel === channel) count += 1;
    }
    return count;
  }

  openSessions(): number {
    return this.sessions.size;
  }

  private upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    const path = STREAM_PATHS.find((known) => known === (request.url ?? '').split('?')[0]);
    if (!path) {
      refuse(socket, 404);
      return;
    }
    const remoteIp = request.socket.remoteAddress ?? '';
    const refused = this.venue.faults.upgrade({ method: 'WS', path });
    if (refused !== undefined) {
      refuse(socket, refused);
      return;
    }
    if (this.options.connectLimit && !this.venue.limits.take(`${remoteIp}|connect`, CONNECT_LIMIT)) {
      refuse(socket, 429);
      return;
    }
    this.sockets.handleUpgrade(request, socket, head, (connected) => this.open(connected, path, remoteIp));
  }

  private open(socket: WebSocket, path: StreamPath, remoteIp: string): void {
    const session = new StreamSession(socket, path, randomBytes(4).toString('hex'), remoteIp, this.venue.faults);
    this.sessions.add(session);
    socket.on('message', (raw) => {
      session.lastActivity = Date.now();
      this.onMessage(session, raw.toString());
    });
    socket.on('error', (error) => this.venue.log.debug({ err: error }, 'stream error'));
    socket.on('close', () => this.forget(session));
  }

  private forget(session: StreamSession): void {
    this.sessions.delete(session);
    this.privateStreams.remove(session);
    for (const subscription of session.subscriptions.values()) this.publicStreams.remove(session, subscription);
  }

  private onMessage(session: StreamSession, text: string): void {
    if (text === 'ping') {
      session.send('pong');
      return;
    }
    if (text === 'pong') return;
    let message: Request | undefined;
    try {
      const parsed: unknown = JSON.parse(text);
      if (typeof parsed === 'object' && parsed !== null && !Array.isArray(parsed)) message = parsed as Request;
    } catch {
      // Answered below, like every other message that is not an operation.
    }
    if (!message) {
      session.answer({ event: 'error', code: '60012', msg: errorText('60012', text.slice(0, 200)) });
      return;
    }
    const op = textOf(message.op);
    if (op === 'login') this.login(session, message);
    else if (op === 'subscribe' || op === 'unsubscribe') this.subscriptions(session, message, op);
    else if (isOperation(op)) this.operation(session, message, op);
    else complain(session, message, new VenueError('60019', op));
  }

  private login(session: StreamSession, message: Request): void {
    const list = Array.isArray(message.args) ? (message.args as LoginArgs[]) : [];
    try {
      if (list.length === 0) throw new VenueError('60013');
      const now = this.venue.clock.now();
      const accounts = list.map((args) => authenticateLogin(this.venue.accounts, args ?? {}, now, session.remoteIp));
      for (const account of accounts) this.privateStreams.login(session, account);
      session.answer({ ...idOf(message), event: 'login', code: '0', msg: '' });
    } catch (error) {
      if (!(error instanceof VenueError)) throw error;
      complain(session, message, error);
    }
  }

  private subscriptions(session: StreamSession, message: Request, op: 'subscribe' | 'unsubscribe'): void {
    const list = Array.isArray(message.args) ? message.args : [];
    if (list.length === 0) complain(session, message, new VenueError('60012', JSON.stringify(message)));
    for (const entry of list) {
      try {
        const arg = readArg(entry);
        if (op === 'subscribe') this.subscribe(session, message, arg);
        else this.unsubscribe(session, message, arg);
      } catch (error) {
        if (!(error instanceof VenueError)) throw error;
        complain(session, message, error);
      }
    }
  }

  private subscribe(session: StreamSession, message: Request, arg: Readonly<Record<string, string>>): void {
    const access = checkSubscription(session.path, arg);
    if (access === 'private' && session.accounts.size === 0) throw new VenueError('60011');
    const channel = arg.channel ?? '';
    const argText = JSON.stringify(arg);
    const subscription = { channel, arg, argText };
    session.subscriptions.set(argText, subscription);
    session.answer({ ...idOf(message), event: 'subscribe', arg });
    if (access === 'public') {
      this.publicStreams.add(session, subscription);
      return;
    }
    for (const uid of session.accounts.keys()) {
      const connCount = this.privateStreams.connections(uid, channel);
      if (connCount > CHANNEL_CONNECTIONS) {
        session.subscriptions.delete(argText);
        session.answer({ event: 'channel-conn-count-error', channel, connCount: String(connCount) });
        return;
      }
      session.answer({ event: 'channel-conn-count', channel, connCount: String(connCount) });
    }
    this.privateStreams.greet(session, subscription);
  }

  private unsubscribe(session: StreamSession, message: Request, arg: Readonly<Record<string, string>>): void {
    const argText = JSON.stringify(arg);
    const subscription = session.subscriptions.get(argText);
    if (subscription) {
      session.subscriptions.delete(argText);
      this.publicStreams.remove(session, subscription);
    }
    session.answer({ ...idOf(message), event: 'unsubscribe', arg });
  }

  private operation(session: StreamSession, message: Request, op: string): void {
    if (session.path !== '/ws/v5/private') {
      complain(session, message, new VenueError('60028'));
      return;
    }
    const inTime = this.venue.clock.micros();
    const receivedAt = this.venue.clock.now();
    const account = session.accounts.values().next().value;
    const run = (): string =>
      JSON.stringify({
        ...operate(this.venue, account, message, receivedAt),
        inTime,
        outTime: this.venue.clock.micros(),
      });
    const first = Array.isArray(message.args) ? (message.args[0] as Request | undefined) : undefined;
    const faults = this.venue.faults.request({
      method: 'WS',
      path: op,
      account: account?.uid,
      instId: textOf(first?.instId) || undefined,
      clOrdId: textOf(first?.clOrdId) || undefined,
    });
    if (faults.length === 0) session.send(run());
    else this.suffer(session, message, faults, run);
  }

  private suffer(session: StreamSession, message: Request, faults: readonly RequestFault[], run: () => string): void {
    const total = (kind: 'latency' | 'hold-answer'): number => {
      let ms = 0;
      for (const fault of faults) if (fault.kind === kind) ms += this.venue.faults.jittered(fault.ms, fault.jitterMs);
      return ms;
    };
    const act = (): void => {
      const before = faults.find((fault) => 'when' in fault && fault.when === 'before');
      if (before) {
        this.answerFault(session, message, before, '');
        return;
      }
      const text = run();
      const after = faults.find((fault) => fault.kind === 'truncate' || ('when' in fault && fault.when === 'after'));
      const leave = (): void => (after ? this.answerFault(session, message, after, text) : session.send(text));
      const held = total('hold-answer');
      if (held > 0) setTimeout(leave, held).unref();
      else leave();
    };
    const delay = total('latency');
    if (delay > 0) setTimeout(act, delay).unref();
    else act();
  }

  /** Faults of an answer, as far as they exist on a stream: `status` and `empty` mean that no answer comes. */
  private answerFault(session: StreamSession, message: Request, fault: RequestFault, text: string): void {
    if (fault.kind === 'drop') session.socket.terminate();
    else if (fault.kind === 'kill') this.options.kill();
    else if (fault.kind === 'truncate') session.send(text.slice(0, Math.floor(text.length * fault.keep)));
    else if (fault.kind === 'refuse') {
      const micros = this.venue.clock.micros();
      const msg = fault.msg ?? knownErrorText(fault.code);
      const body = {
        ...idOf(message),
        op: textOf(message.op),
        code: fault.code,
        msg,
        data: [],
        inTime: micros,
        outTime: micros,
      };
      session.send(JSON.stringify(body));
    }
  }

  /** Faults that act on open streams at once. */
  applyNow(fault: Fault): number {
    let hit = 0;
    for (const session of [...this.sessions]) {
      const uids = session.accounts.size === 0 ? [undefined] : [...session.accounts.keys()];
      const matching = uids.some((account) => matchesSubject(fault, { method: 'WS', path: session.path, account }));
      if (!matching) continue;
      if (fault.kind === 'stream-cut' && fault.now) {
        session.socket.terminate();
        hit += 1;
      } else if (fault.kind === 'stream-notice') {
        session.answer({ event: 'notice', code: '64008', msg: NOTICE });
        setTimeout(() => session.socket.close(1001), fault.afterMs).unref();
        hit += 1;
      }
      if (fault.count !== undefined && hit >= fault.count) break;
    }
    return hit;
  }

  private closeIdle(): void {
    const now = Date.now();
    for (const session of [...this.sessions]) {
      if (now - session.lastActivity > this.options.idleMs) session.socket.close(4004, 'No data received in 30s');
    }
  }
}

const NOTICE = 'The connection will soon be closed for a service upgrade. Please reconnect.';

function refuse(socket: Duplex, status: number): void {
  // Who is refused may hang up before reading why.
  socket.on('error', () => socket.destroy());
  socket.end(`HTTP/1.1 ${status} Refused\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
}

function idOf(message: Request): { id?: string } {
  const id = textOf(message.id);
  return id === '' ? {} : { id };
}

function complain(session: StreamSession, message: Request, error: VenueError): void {
  session.answer({ ...idOf(message), event: 'error', code: error.code, msg: error.message });
}

function readArg(entry: unknown): Readonly<Record<string, string>> {
  if (typeof entry !== 'object' || entry === null || Array.isArray(entry)) {
    throw new VenueError('60012', JSON.stringify(entry));
  }
  const arg: Record<string, string> = {};
  for (const [name, value] of Object.entries(entry)) arg[name] = textOf(value);
  return arg;
}
