import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Reply } from './envelope';

const MAX_BODY = 4 << 20;

/** Reads a request's body as text and hands it on; most requests have one chunk or none. */
export function readBody(request: IncomingMessage, done: (body: string) => void): void {
  if (request.method === 'GET') {
    request.resume();
    done('');
    return;
  }
  const chunks: Buffer[] = [];
  let size = 0;
  request.on('data', (chunk: Buffer) => {
    size += chunk.length;
    if (size > MAX_BODY) request.destroy();
    else chunks.push(chunk);
  });
  request.on('end', () => {
    const [first] = chunks;
    done(chunks.length === 1 && first ? first.toString('utf8') : Buffer.concat(chunks).toString('utf8'));
  });
}

export function send(response: ServerResponse, reply: Reply): void {
  response.writeHead(reply.status, {
    'content-type': reply.contentType ?? 'application/json',
    'content-length': Buffer.byteLength(reply.body),
  });
  response.end(reply.body);
}

export function sendJson(response: ServerResponse, status: number, body: unknown): void {
  send(response, { status, body: JSON.stringify(body) });
}
