import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { type AddressInfo, connect, createServer as createTcpServer, type Socket } from 'node:net';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { ConnectionPool } from './connection-pool';

const FAR = Number.MAX_SAFE_INTEGER;
const ANSWER = 'HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}';
const HEADERS = ['x-key', '1'];
const closers: (() => Promise<unknown>)[] = [];

afterEach(async () => {
  while (closers.length > 0) await closers.pop()?.();
});

function poolAt(port: number, options: { connections?: number; requestTimeoutMs?: number } = {}): ConnectionPool {
  const pool = new ConnectionPool({
    origin: `http://127.0.0.1:${port}`,
    connections: options.connections ?? 4,
    requestTimeoutMs: options.requestTimeoutMs ?? 2_000,
    headers: ['content-type', 'application/json'],
  });
  closers.push(() => pool.close());
  return pool;
}

type Handler = (request: IncomingMessage, response: ServerResponse, body: string) => void;

async function startHttp(handle: Handler): Promise<{ port: number; server: Server; sockets: Set<Socket> }> {
  const sockets = new Set<Socket>();
  const server = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk) => {
      body += String(chunk);
    });
    request.on('end', () => handle(request, response, body));
  });
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closers.push(() => {
    for (const socket of sockets) socket.destroy();
    return new Promise((resolve) => server.close(resolve));
  });
  return { port: (server.address() as AddressInfo).port, server, sockets };
}

/** A server that does with the raw socket whatever a test wants once a request has arrived. */
async function startTcp(onRequest: (socket: Socket) => void): Promise<{ port: number; requests: () => number }> {
  let requests = 0;
  const sockets = new Set<Socket>();
  const server = createTcpServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
    socket.on('close', () => sockets.delete(socket));
    socket.on('data', () => {
      requests += 1;
      onRequest(socket);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closers.push(() => {
    for (const socket of sockets) socket.destroy();
    return new Promise((resolve) => server.close(resolve));
  });
  return { port: (server.address() as AddressInfo).port, requests: () => requests };
}

async function unusedPort(): Promise<number> {
  const server = createTcpServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

describe('ConnectionPool', () => {
  it('brings back status, body and Retry-After', async () => {
    const { port } = await startHttp((_request, response, body) => {
      response.writeHead(429, { 'retry-after': '2' }).end(`got ${body}`);
    });
    expect(await poolAt(port).post('/a', HEADERS, '{"x":"é"}', FAR)).toEqual({
      kind: 'answered',
      status: 429,
      retryAfterMs: 2000,
      body: 'got {"x":"é"}',
    });
  });

  it('answers more requests than it has connections, each once', async () => {
    const seen = new Map<string, number>();
    const { port, sockets } = await startHttp((_request, response, body) => {
      seen.set(body, (seen.get(body) ?? 0) + 1);
      response.end(body);
    });
    const pool = poolAt(port, { connections: 8 });
    const bodies = Array.from({ length: 300 }, (_, index) => `{"n":${index}}`);
    const answers = await Promise.all(bodies.map((body) => pool.post('/', HEADERS, body, FAR)));
    expect(answers.map((answer) => (answer.kind === 'answered' ? answer.body : answer.code))).toEqual(bodies);
    expect([...seen.values()].every((count) => count === 1)).toBe(true);
    expect(sockets.size).toBeLessThanOrEqual(8);
  });

  it('opens connections ahead without sending a request, and tops them up', async () => {
    let requests = 0;
    const { port, sockets } = await startHttp((_request, response) => {
      requests += 1;
      response.end('{}');
    });
    const pool = poolAt(port, { connections: 6 });
    await pool.warm(5);
    expect(pool.connected).toBe(5);
    expect(requests).toBe(0);

    await vi.waitFor(() => expect(sockets.size).toBe(5));
    for (const socket of [...sockets].slice(0, 2)) socket.destroy();
    await vi.waitFor(() => expect(pool.connected).toBe(3));
    await pool.warm(100);
    expect(pool.connected).toBe(6);

    await Promise.all(Array.from({ length: 6 }, () => pool.post('/', HEADERS, '{}', FAR)));
    expect(requests).toBe(6);
    expect(sockets.size).toBe(6);
  });

  it('does not use a connection that the server is about to close, and opens it again', async () => {
    const { port, sockets } = await startHttp((_request, response) => {
      response.setHeader('keep-alive', 'timeout=2').end('{}');
    });
    const pool = poolAt(port, { connections: 1 });
    await pool.post('/', HEADERS, '{}', FAR);
    expect(pool.connected).toBe(1);
    const [first] = sockets;
    await vi.waitFor(() => expect(pool.connected).toBe(0), 5000);
    await pool.warm(1);
    expect(pool.connected).toBe(1);
    await vi.waitFor(() => expect([...sockets].filter((socket) => socket !== first)).toHaveLength(1));
  });

  it.each([
    ['more than its answer', (socket: Socket) => socket.write(`${ANSWER}{`)],
    [
      'another answer',
      (socket: Socket) => {
        socket.write(ANSWER);
        setImmediate(() => socket.write(ANSWER));
      },
    ],
    ['the end', (socket: Socket) => socket.end(ANSWER)],
  ])('sends nothing on a connection that brought %s', async (_what, answer) => {
    const used = new Set<Socket>();
    const { port, requests } = await startTcp((socket) => {
      used.add(socket);
      answer(socket);
    });
    const pool = poolAt(port, { connections: 1 });
    for (let round = 1; round <= 3; round += 1) {
      expect(await pool.post('/', HEADERS, '{}', FAR)).toMatchObject({ kind: 'answered', body: '{}' });
      await vi.waitFor(() => expect(pool.connected).toBe(0));
      expect(requests()).toBe(round);
      expect(used.size).toBe(round);
    }
  });

  it('asks a server that closes what it accepts once for each connection', async () => {
    let accepted = 0;
    const server = createTcpServer((socket) => {
      accepted += 1;
      socket.destroy();
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    closers.push(() => new Promise((resolve) => server.close(resolve)));
    const pool = poolAt((server.address() as AddressInfo).port, { connections: 5 });
    await pool.warm(5);
    await vi.waitFor(() => expect(accepted).toBe(5));
    expect(pool.connected).toBe(0);
  });

  it('reaches a server by its address in brackets', async () => {
    const server = createServer((_request, response) => response.end('{}'));
    await new Promise<void>((resolve) => server.listen(0, '::1', resolve));
    closers.push(() => new Promise((resolve) => server.close(resolve)));
    const { port } = server.address() as AddressInfo;
    const pool = new ConnectionPool({
      origin: `http://[::1]:${port}`,
      connections: 1,
      requestTimeoutMs: 2000,
      headers: [],
    });
    closers.push(() => pool.close());
    expect(await pool.post('/', HEADERS, '{}', FAR)).toMatchObject({ kind: 'answered', body: '{}' });
  });

  it('sends nothing where it cannot be said whether it may', async () => {
    const { port, requests } = await startTcp((socket) => socket.end());
    const refuses = (): boolean => {
      throw new Error('Not known');
    };
    const answer = await poolAt(port).post('/', HEADERS, '{}', FAR, refuses);
    expect(answer).toMatchObject({ kind: 'failed', sent: false, code: 'WITHDRAWN' });
    expect(requests()).toBe(0);
  });

  it('opens more connections than it opens at a time', async () => {
    const { port } = await startHttp((_request, response) => response.end('{}'));
    const pool = poolAt(port, { connections: 100 });
    await pool.warm(100);
    expect(pool.connected).toBe(100);
  });

  it('knows that nothing was sent where there is nobody', async () => {
    const pool = poolAt(await unusedPort());
    await pool.warm(2);
    const answers = await Promise.all(Array.from({ length: 10 }, () => pool.post('/', HEADERS, '{}', FAR)));
    for (const answer of answers) expect(answer).toMatchObject({ kind: 'failed', sent: false, code: 'ECONNREFUSED' });
  });

  it.each([
    ['is reset', (socket: Socket) => socket.resetAndDestroy()],
    ['is closed without an answer', (socket: Socket) => socket.end()],
    [
      'breaks off in the body',
      (socket: Socket) => socket.end('HTTP/1.1 200 OK\r\ncontent-length: 50\r\n\r\n{"code":"0"'),
    ],
    [
      'breaks off in a chunk',
      (socket: Socket) => socket.end('HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n8\r\n{"co'),
    ],
    ['answers with what is not HTTP', (socket: Socket) => socket.end('what?\r\n\r\n')],
  ])('says sent when the connection %s, and does not try again', async (_what, misbehave) => {
    const { port, requests } = await startTcp(misbehave);
    const answer = await poolAt(port).post('/', HEADERS, '{}', FAR);
    expect(answer).toMatchObject({ kind: 'failed', sent: true });
    expect(requests()).toBe(1);
  });

  it.each([
    ['no answer at all', () => {}],
    ['a body that never ends', (socket: Socket) => socket.write('HTTP/1.1 200 OK\r\ncontent-length: 50\r\n\r\n{')],
  ])('gives up %s in time and goes on with the next', async (_what, stall) => {
    let calls = 0;
    const { port } = await startTcp((socket) => {
      calls += 1;
      if (calls === 1) stall(socket);
      else socket.write('HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}');
    });
    const pool = poolAt(port, { connections: 1, requestTimeoutMs: 200 });
    const [first, second] = await Promise.all([
      pool.post('/', HEADERS, '{"n":1}', FAR),
      pool.post('/', HEADERS, '{"n":2}', FAR),
    ]);
    expect(first).toMatchObject({ kind: 'failed', sent: true, code: 'TIMEOUT' });
    expect(second).toMatchObject({ kind: 'answered', body: '{}' });
  });

  it('never sends what was given up while it waited', async () => {
    const bodies: string[] = [];
    const held: ServerResponse[] = [];
    const { port } = await startHttp((_request, response, body) => {
      bodies.push(body);
      held.push(response);
    });
    const pool = poolAt(port, { connections: 1 });
    const first = pool.post('/', HEADERS, '"first"', FAR);
    const late = pool.post('/', HEADERS, '"late"', performance.now() + 100);
    expect(await late).toMatchObject({ kind: 'failed', sent: false, code: 'NOT_SENT_IN_TIME' });
    const last = pool.post('/', HEADERS, '"last"', FAR);
    await vi.waitFor(() => expect(held.length).toBe(1));
    held[0]?.end('{}');
    await first;
    await vi.waitFor(() => expect(held.length).toBe(2));
    held[1]?.end('{}');
    await last;
    expect(bodies).toEqual(['"first"', '"last"']);
  });

  it('does not send what is late from the start', async () => {
    const { port, requests } = await startTcp((socket) => socket.end());
    const pool = poolAt(port);
    await pool.warm(1);
    expect(await pool.post('/', HEADERS, '{}', performance.now() - 1)).toMatchObject({
      sent: false,
      code: 'NOT_SENT_IN_TIME',
    });
    expect(pool.connected).toBe(1);
    expect(requests()).toBe(0);
  });

  it('refuses an answer that no venue would give', async () => {
    const { port } = await startHttp((_request, response) => response.end('x'.repeat(1024 * 1024)));
    expect(await poolAt(port).post('/', HEADERS, '{}', FAR)).toMatchObject({ sent: true, code: 'ANSWER_TOO_LARGE' });
  });

  it('is certain about a header that HTTP does not allow', async () => {
    const { port, requests } = await startTcp((socket) => socket.end());
    const answer = await poolAt(port).post('/', [...HEADERS, 'x-key', 'a\nb'], '{}', FAR);
    expect(answer).toMatchObject({ kind: 'failed', sent: false, code: 'INVALID_HEADER' });
    expect(requests()).toBe(0);
  });

  it('answers everything when it is closed', async () => {
    const { port, requests } = await startTcp(() => {});
    const pool = poolAt(port, { connections: 1 });
    const running = pool.post('/', HEADERS, '{}', FAR);
    const waiting = pool.post('/', HEADERS, '{}', FAR);
    await vi.waitFor(() => expect(requests()).toBe(1));
    await pool.close();
    expect(await running).toMatchObject({ kind: 'failed', sent: true, code: 'CLOSED' });
    expect(await waiting).toMatchObject({ kind: 'failed', sent: false, code: 'CLOSED' });
    expect(await pool.post('/', HEADERS, '{}', FAR)).toMatchObject({ kind: 'failed', sent: false, code: 'CLOSED' });
    const probe = connect(port, '127.0.0.1');
    await new Promise<void>((resolve) => probe.on('connect', () => resolve()));
    probe.destroy();
  });
});
