import { createServer } from 'node:http';
import { answerIfWebhook } from '@/app/api/webhooks/listener';
import { readEnvironment } from '@/platform/env';

/**
 * The product's webhooks on a bare HTTP server: the way of a signal as it is, without the pages. It starts in a moment and
 * needs no build, so that it can be killed often.
 */
const environment = readEnvironment();

const server = createServer((request, response) => {
  request.headers['x-slipstream-peer'] = request.socket.remoteAddress ?? '';
  if (answerIfWebhook(request, response)) return;
  response.end(request.url === '/health' ? 'ok' : '');
});
server.listen(environment.WEB_PORT, environment.WEB_HOST);
process.on('SIGTERM', () => process.exit(0));
