import type { IncomingMessage, ServerResponse } from 'node:http';
import { answerWebhook } from '@/app/api/webhooks/answer';
import { AppError } from '@/contracts/envelope';
import { MAX_BODY } from '@/services/signals/ingest';

/** Nothing else is decoded: tokens are letters, digits, hyphens and underscores. */
const ADDRESS = /^\/api\/webhooks\/([\w-]+)\/?(?:\?|$)/;

/**
 * Answers webhooks from the bare request, without Next: its way through routing, web streams and the page cache costs more than all
 * that is done for a signal. False: the request is none, and somebody else answers.
 */
export function answerIfWebhook(request: IncomingMessage, response: ServerResponse): boolean {
  const token = request.method === 'POST' ? ADDRESS.exec(request.url ?? '')?.[1] : undefined;
  if (token === undefined) return false;
  answer(token, request, response).catch(() => {
    if (!response.headersSent) response.writeHead(500);
    response.end();
  });
  return true;
}

async function answer(token: string, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const answered = await answerWebhook({ token, headers: headersOf(request), readBody: () => readBody(request) });
  const body = await answered.text();
  // A body that was not read to its end must not be taken for the next request.
  if (!request.complete) response.setHeader('Connection', 'close');
  response.setHeader('X-Content-Type-Options', 'nosniff');
  for (const [name, value] of answered.headers) response.setHeader(name, value);
  response.writeHead(answered.status, { 'Content-Length': Buffer.byteLength(body) });
  response.end(body);
}

function headersOf(request: IncomingMessage): Headers {
  const headers = new Headers();
  for (const [name, value] of Object.entries(request.headers)) {
    if (value !== undefined) headers.set(name, Array.isArray(value) ? value.join(', ') : value);
  }
  return headers;
}

/** Rejects with an AppError when the sender hangs up before he has said all. */
function readBody(request: IncomingMessage): Promise<string> {
  return new Promise((resolve, reject) => {
    const parts: Buffer[] = [];
    let size = 0;
    const done = (): void => resolve(Buffer.concat(parts).toString('utf8'));
    request.on('data', (part: Buffer) => {
      parts.push(part);
      size += part.length;
      if (size <= MAX_BODY) return;
      done();
      // The rest is let go, so that the sender hears the answer.
      request.removeAllListeners('data');
      request.resume();
    });
    request.once('end', done);
    const gone = (): void =>
      reject(new AppError('VALIDATION_ERROR', 'The message ended too early.', { field: 'body' }));
    request.once('error', gone);
    request.once('close', gone);
  });
}
