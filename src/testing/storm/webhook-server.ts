import { createServer } from 'node:http';
import { POST } from '@/app/api/webhooks/[token]/route';
import { readEnvironment } from '@/platform/env';

/**
 * The product's webhook route on a bare HTTP server: the way of a signal as it is, without the pages. It starts in a moment and
 * needs no build, so that it can be killed often.
 */
const environment = readEnvironment();

const server = createServer((request, response) => {
  const parts: Buffer[] = [];
  request.on('data', (part: Buffer) => parts.push(part));
  request.on('end', () => {
    if (request.url === '/health') {
      response.end('ok');
      return;
    }
    const token = /^\/api\/webhooks\/([^/]+)$/.exec(request.url ?? '')?.[1] ?? '';
    const headers = new Headers({ 'content-type': request.headers['content-type'] ?? '' });
    headers.set('x-slipstream-peer', request.socket.remoteAddress ?? '');
    const incoming = new Request(`http://${request.headers.host}${request.url}`, {
      method: 'POST',
      headers,
      body: Buffer.concat(parts),
    });
    POST(incoming, { params: Promise.resolve({ token }) })
      .then(async (answer) => {
        response.writeHead(answer.status, Object.fromEntries(answer.headers));
        response.end(await answer.text());
      })
      .catch(() => {
        response.writeHead(500);
        response.end();
      });
  });
});
server.listen(environment.WEB_PORT, environment.WEB_HOST);
process.on('SIGTERM', () => process.exit(0));
