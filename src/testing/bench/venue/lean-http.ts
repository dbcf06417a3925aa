import { createServer as createHttpServer, type Server as HttpServer } from 'node:http';
import { createServer, type Server, type Socket } from 'node:net';

/** A request with its whole body. */
export type LeanRequest = {
  readonly method: string;
  /** Path and query. */
  readonly url: string;
  /** The header `OK-ACCESS-KEY`; empty where there is none. */
  readonly apiKey: string;
  readonly body: string;
};

/** Answers 200 with this JSON. */
export type LeanAnswer = (json: string) => void;

export type LeanServer = {
  readonly server: Server;
  /** Takes the upgrades to WebSockets; nothing else comes to it. */
  readonly upgrades: HttpServer;
};

const HEAD_END = '\r\n\r\n';

/**
 * Serves plain HTTP/1.1 requests of known clients, one after the other on each connection, with little more than reading and writing its
 * sockets: Node's own server takes 50 µs a request, on the processors of those who are measured.
 */
export function leanServer(handle: (request: LeanRequest, answer: LeanAnswer) => void): LeanServer {
  const upgrades = createHttpServer();
  const server = createServer({ noDelay: true }, (socket) => serveConnection(socket, upgrades, handle));
  return { server, upgrades };
}

function serveConnection(
  socket: Socket,
  upgrades: HttpServer,
  handle: (request: LeanRequest, answer: LeanAnswer) => void,
): void {
  const answer: LeanAnswer = (json) => {
    const length = Buffer.byteLength(json);
    socket.write(`HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: ${length}\r\n\r\n${json}`);
  };
  // What clients send is ASCII: a byte is a character.
  let pending = '';
  const take = (chunk: Buffer): void => {
    pending += chunk.toString('latin1');
    for (;;) {
      const end = pending.indexOf(HEAD_END);
      if (end === -1) return;
      const head = pending.slice(0, end);
      if (/\r\nupgrade: *websocket/i.test(head)) {
        socket.off('data', take);
        socket.pause();
        upgrades.emit('connection', socket);
        socket.unshift(Buffer.from(pending, 'latin1'));
        socket.resume();
        return;
      }
      const begin = end + HEAD_END.length;
      const length = Number(headerOf(head, 'content-length') || '0');
      if (!Number.isInteger(length) || headerOf(head, 'transfer-encoding') !== '') {
        socket.destroy();
        return;
      }
      if (pending.length < begin + length) return;
      const body = pending.slice(begin, begin + length);
      pending = pending.slice(begin + length);
      const [method = '', url = ''] = head.slice(0, head.indexOf('\r\n')).split(' ');
      handle({ method, url, apiKey: headerOf(head, 'ok-access-key'), body }, answer);
    }
  };
  socket.on('error', () => socket.destroy());
  socket.on('data', take);
}

/** @param name in lower case */
function headerOf(head: string, name: string): string {
  const pattern = PATTERNS.get(name) ?? new RegExp(`\\r\\n${name}: *([^\\r]*)`, 'i');
  PATTERNS.set(name, pattern);
  return pattern.exec(head)?.[1] ?? '';
}

const PATTERNS = new Map<string, RegExp>();
