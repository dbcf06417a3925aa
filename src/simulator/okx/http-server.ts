import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { Account } from '../engine/model';
import type { FaultSubject, RequestFault } from '../faults/faults';
import { authenticate, permits } from './auth';
import { failure, notFound, type Reply } from './envelope';
import { errorStatus, knownErrorText, VenueError, venueErrorOf } from './errors';
import { readBody, send, sendJson } from './http';
import { type Call, countRequest, type Route, type Router } from './router';
import type { OkxVenue } from './venue';

/** A part of the server that is not the exchange: the control API, the DingTalk sink. Returns false where it knows no such path. */
export type SideHandler = (
  method: string,
  path: string,
  query: URLSearchParams,
  body: string,
  /** The Host header: how the caller reaches this server. */
  host: string | undefined,
) => { status: number; body: unknown } | undefined;

export interface ServerParts {
  readonly venue: OkxVenue;
  readonly router: Router;
  readonly side: SideHandler;
  /** Called for a `kill` fault. */
  readonly kill: () => void;
}

/** The HTTP side of the venue. Keep-alive connections stay open for minutes, as a client pool expects. */
export function createHttpServer(parts: ServerParts): Server {
  const server = createServer((request, response) => onRequest(parts, request, response));
  server.keepAliveTimeout = 120_000;
  server.headersTimeout = 125_000;
  server.requestTimeout = 0;
  server.maxRequestsPerSocket = 0;
  return server;
}

/** Stops listening and ends every connection. */
export function closeServer(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}

function onRequest(parts: ServerParts, request: IncomingMessage, response: ServerResponse): void {
  const inTime = parts.venue.clock.micros();
  const receivedAt = parts.venue.clock.now();
  readBody(request, (body) => {
    try {
      dispatch(parts, request, response, body, receivedAt, inTime);
    } catch (error) {
      parts.venue.log.error({ err: error, path: request.url }, 'request failed');
      if (!response.headersSent) send(response, failure(new VenueError('50026')));
    }
  });
}

function dispatch(
  parts: ServerParts,
  request: IncomingMessage,
  response: ServerResponse,
  body: string,
  receivedAt: number,
  inTime: string,
): void {
  const url = request.url ?? '/';
  const mark = url.indexOf('?');
  const path = mark < 0 ? url : url.slice(0, mark);
  const query = new URLSearchParams(mark < 0 ? '' : url.slice(mark + 1));
  const method = request.method ?? 'GET';
  if (!path.startsWith('/api/')) {
    // Callers join the control address, which ends in /control, with paths that are documented from the root.
    const plain = path.replace(/^\/control(?=\/control\/)/, '');
    const answer = parts.side(method, plain, query, body, request.headers.host);
    if (answer) sendJson(response, answer.status, answer.body);
    else send(response, notFound());
    return;
  }
  const incoming = { parts, request, response, method, url, path, query, body, receivedAt, inTime };
  const faults = parts.venue.faults.request(subjectOf(incoming));
  if (faults.length === 0) send(response, handle(incoming));
  else suffer(incoming, faults);
}

interface Incoming {
  readonly parts: ServerParts;
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly method: string;
  readonly url: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly body: string;
  readonly receivedAt: number;
  readonly inTime: string;
}

function header(request: IncomingMessage, name: string): string | undefined {
  const value = request.headers[name];
  return typeof value === 'string' ? value : undefined;
}

function subjectOf(incoming: Incoming): FaultSubject {
  const { parts, request, method, path, query, body } = incoming;
  if (parts.venue.faults.list().length === 0) return NOTHING;
  const account = parts.venue.accounts.byApiKey.get(header(request, 'ok-access-key') ?? '');
  const first = (name: string): string | undefined =>
    query.get(name) ?? new RegExp(`"${name}"\\s*:\\s*"([^"]*)"`).exec(body)?.[1] ?? undefined;
  return { method, path, account: account?.uid, instId: first('instId'), clOrdId: first('clOrdId') };
}

const NOTHING: FaultSubject = {};

/** Checks, counts and handles one request of the exchange's API. Never throws VenueError. */
function handle(incoming: Incoming): Reply {
  const { parts, request, method, path } = incoming;
  const route = parts.router.find(method, path);
  try {
    if (route === undefined) return notFound();
    if (route === 'wrong-method') throw new VenueError('50115');
    const call = {
      venue: parts.venue,
      query: incoming.query,
      body: undefined,
      receivedAt: incoming.receivedAt,
      inTime: incoming.inTime,
      expTime: undefined,
      remoteIp: request.socket.remoteAddress ?? '',
    };
    if (route.access === 'public') {
      countRequest(call, route, call.remoteIp);
      return route.handle(call);
    }
    return handleSigned(incoming, route, call);
  } catch (error) {
    const told = venueErrorOf(error);
    if (told) return failure(told);
    throw error;
  }
}

function handleSigned(incoming: Incoming, route: Extract<Route, { access: 'read' | 'trade' }>, call: Call): Reply {
  const { parts, request, method, body } = incoming;
  const account: Account = authenticate(
    parts.venue.accounts,
    {
      apiKey: header(request, 'ok-access-key'),
      signature: header(request, 'ok-access-sign'),
      timestamp: header(request, 'ok-access-timestamp'),
      passphrase: header(request, 'ok-access-passphrase'),
      method,
      path: incoming.url,
      body,
      remoteIp: call.remoteIp,
    },
    incoming.receivedAt,
  );
  if (!permits(account, route.access === 'trade' ? 'trade' : 'read_only')) throw new VenueError('50120');
  countRequest(call, route, account.uid);
  if (method !== 'POST') return route.handle({ ...call, account });
  return route.handle({ ...call, account, body: parseBody(request, body), expTime: readDeadline(incoming) });
}

function parseBody(request: IncomingMessage, body: string): unknown {
  if (body === '') throw new VenueError('50000');
  if (!header(request, 'content-type')?.toLowerCase().startsWith('application/json')) throw new VenueError('50006');
  try {
    return JSON.parse(body);
  } catch {
    throw new VenueError('50002');
  }
}

/** The `expTime` header: a request that arrived after it is refused outright. */
function readDeadline(incoming: Incoming): number | undefined {
  const text = header(incoming.request, 'exptime');
  if (text === undefined || text === '') return undefined;
  if (!/^\d{10,16}$/.test(text)) throw new VenueError('51000', 'expTime');
  const deadline = Number(text);
  if (deadline < incoming.receivedAt) throw new VenueError('50036');
  return deadline;
}

/** Plays the faults that hit a request, in their natural order: delay, then instead of, then after handling. */
function suffer(incoming: Incoming, faults: readonly RequestFault[]): void {
  const { parts, response, request } = incoming;
  let before = 0;
  for (const fault of faults)
    if (fault.kind === 'latency') before += parts.venue.faults.jittered(fault.ms, fault.jitterMs);
  const act = (): void => {
    const instead = faults.find((fault) => 'when' in fault && fault.when === 'before');
    if (instead) {
      answerFault(incoming, instead, undefined);
      return;
    }
    const reply = handle(incoming);
    const after = faults.find((fault) => fault.kind === 'truncate' || ('when' in fault && fault.when === 'after'));
    let held = 0;
    for (const fault of faults)
      if (fault.kind === 'hold-answer') held += parts.venue.faults.jittered(fault.ms, fault.jitterMs);
    const leave = (): void =>
      after ? answerFault(incoming, after, reply) : sendIfOpen(response, request.socket, reply);
    if (held > 0) setTimeout(leave, held).unref();
    else leave();
  };
  const guarded = (): void => {
    try {
      act();
    } catch (error) {
      parts.venue.log.error({ err: error, path: incoming.path }, 'request failed');
      sendIfOpen(response, request.socket, failure(new VenueError('50026')));
    }
  };
  if (before > 0) setTimeout(guarded, before).unref();
  else guarded();
}

function sendIfOpen(response: ServerResponse, socket: Socket, reply: Reply): void {
  if (!socket.destroyed && !response.headersSent) send(response, reply);
}

function answerFault(incoming: Incoming, fault: RequestFault, reply: Reply | undefined): void {
  const { parts, response, request } = incoming;
  if (request.socket.destroyed) return;
  switch (fault.kind) {
    case 'drop':
      request.socket.destroy();
      return;
    case 'kill':
      parts.kill();
      request.socket.destroy();
      return;
    case 'empty':
      send(response, { status: 200, body: '' });
      return;
    case 'status':
      send(response, {
        status: fault.status,
        body: fault.body ?? htmlPage(fault.status),
        contentType: fault.contentType,
      });
      return;
    case 'refuse': {
      const body = { code: fault.code, data: [], msg: fault.msg ?? knownErrorText(fault.code) };
      send(response, { status: fault.status ?? errorStatus(fault.code), body: JSON.stringify(body) });
      return;
    }
    case 'truncate': {
      const text = Buffer.from(reply?.body ?? '');
      response.writeHead(reply?.status ?? 200, { 'content-type': 'application/json', 'content-length': text.length });
      response.write(text.subarray(0, Math.floor(text.length * fault.keep)), () => request.socket.destroy());
      return;
    }
    default:
      send(response, reply ?? notFound());
  }
}

function htmlPage(status: number): string {
  return `<html>\r\n<head><title>${status}</title></head>\r\n<body>\r\n<center><h1>${status}</h1></center>\r\n<hr><center>cloudflare</center>\r\n</body>\r\n</html>\r\n`;
}
