import { type AddressInfo, connect } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { WebSocket, WebSocketServer } from 'ws';
import { type LeanRequest, type LeanServer, leanServer } from './lean-http';

let lean: LeanServer;
let seen: LeanRequest[];
let port: number;
beforeEach(async () => {
  seen = [];
  lean = leanServer((request, answer) => {
    seen.push(request);
    answer(JSON.stringify({ at: seen.length }));
  });
  await new Promise<void>((resolve) => lean.server.listen(0, '127.0.0.1', resolve));
  port = (lean.server.address() as AddressInfo).port;
});
afterEach(() => new Promise((resolve) => lean.server.close(resolve)));

const ORDER = 'POST /order?a=1 HTTP/1.1\r\nHost: venue\r\nOK-ACCESS-KEY: key-1\r\ncontent-length: 10\r\n\r\n{"sz":"1"}';

/** Sends pieces one after the other, and answers what came back until so many answers are there. */
async function answersTo(pieces: readonly string[], count: number): Promise<string> {
  const socket = connect(port, '127.0.0.1');
  socket.setNoDelay(true);
  let text = '';
  const done = new Promise<void>((resolve, reject) => {
    socket.on('data', (chunk) => {
      text += String(chunk);
      if (text.split('"at"').length > count) resolve();
    });
    socket.on('close', () => reject(new Error('closed')));
  });
  done.catch(() => undefined);
  for (const piece of pieces) await new Promise((resolve) => socket.write(piece, resolve));
  try {
    await done;
    return text;
  } finally {
    socket.destroy();
  }
}

describe('the answering server of the benchmark', () => {
  it('reads a request that comes in pieces, and several in one', async () => {
    const pieces = [ORDER.slice(0, 30), ORDER.slice(30, ORDER.length - 3), ORDER.slice(-3) + ORDER + ORDER];
    const text = await answersTo(pieces, 3);
    const one = { method: 'POST', url: '/order?a=1', apiKey: 'key-1', body: '{"sz":"1"}' };
    expect(seen).toEqual([one, one, one]);
    expect(text.match(/HTTP\/1\.1 200 OK\r\n/g)).toHaveLength(3);
    expect(text).toContain('content-length: 8\r\n\r\n{"at":1}');
  });

  it('reads a request without a body or a key', async () => {
    await answersTo(['GET /time HTTP/1.1\r\nHost: venue\r\n\r\n'], 1);
    expect(seen).toEqual([{ method: 'GET', url: '/time', apiKey: '', body: '' }]);
  });

  it('hangs up on a request whose length it cannot know', async () => {
    const chunked = ORDER.replace('content-length: 10', 'transfer-encoding: chunked');
    await expect(answersTo([chunked], 1)).rejects.toThrow('closed');
    expect(seen).toEqual([]);
  });

  it('leaves WebSockets to whoever serves them', async () => {
    const sockets = new WebSocketServer({ server: lean.upgrades });
    sockets.on('connection', (socket) => socket.on('message', (data) => socket.send(`heard ${data}`)));
    const client = new WebSocket(`ws://127.0.0.1:${port}/ws`);
    const heard = new Promise<string>((resolve) => client.on('message', (data) => resolve(String(data))));
    await new Promise((resolve) => client.on('open', resolve));
    client.send('hello');
    expect(await heard).toBe('heard hello');
    client.terminate();
    sockets.close();
  });
});
