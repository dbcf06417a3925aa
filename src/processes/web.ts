import { createServer } from 'node:http';
import next from 'next';
import { answerIfWebhook } from '@/app/api/webhooks/listener';
import { currentTime } from '@/platform/clock';
import { followDatabaseTime } from '@/platform/database/database-time';
import { createLogger } from '@/platform/log';
import { type RealtimeServer, startRealtime } from '@/realtime/server';
import { readSessionToken } from '@/services/identity/session';
import { webServices } from '@/services/web-services';
import { beginProcess } from './begin';

/** See app/api/_http/client-address. */
const PEER_HEADER = 'x-slipstream-peer';
/** How long open requests may take when the process is asked to stop. */
const GRACE_MS = 8_000;
/** Where /health and the pages find the push server: they are bundled apart from this file. */
const REALTIME = Symbol.for('slipstream.realtime');

/** Pages, API and pushes on one port. */
async function main(): Promise<void> {
  const startedAt = currentTime();
  const { environment, logger } = await beginProcess('web');
  const dev = environment.NODE_ENV === 'development';

  const server = createServer((request, response) => {
    // Whatever the client sent under this name is replaced by what the socket says.
    request.headers[PEER_HEADER] = request.socket.remoteAddress ?? '';
    if (answerIfWebhook(request, response)) return;
    handle(request, response).catch((error: Error) => {
      // Not its address: webhook addresses are secrets.
      logger.error({ reason: error.message, method: request.method }, 'a request failed');
      if (!response.headersSent) response.writeHead(500);
      response.end();
    });
  });
  const pages = next({
    dev,
    dir: process.cwd(),
    hostname: environment.WEB_HOST,
    port: environment.WEB_PORT,
    httpServer: server,
    ...(dev ? { turbopack: true } : {}),
  });
  await pages.prepare();
  const handle = pages.getRequestHandler();

  const services = webServices();
  await followDatabaseTime(services.database.system, logger);
  const realtime = startRealtime(server, {
    redisUrl: environment.REDIS_URL,
    redisPrefix: environment.REDIS_PREFIX,
    logger,
    publicUrl: environment.NEXTAUTH_URL,
    authenticate: (cookieHeader) => readSessionToken(services, cookieHeader),
    sharesUpgrades: dev,
  });
  (globalThis as { [REALTIME]?: RealtimeServer })[REALTIME] = realtime;

  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(environment.WEB_PORT, environment.WEB_HOST, resolve);
  });
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : environment.WEB_PORT;
  logger.info({ host: environment.WEB_HOST, port, ms: currentTime() - startedAt }, 'web is ready');

  let stopping = false;
  const stop = async (signal: string): Promise<void> => {
    if (stopping) return;
    stopping = true;
    logger.info({ signal }, 'web stops');
    const hurry = setTimeout(() => process.exit(0), GRACE_MS);
    hurry.unref();
    const closed = new Promise<void>((resolve) => server.close(() => resolve()));
    await realtime.close();
    server.closeIdleConnections();
    await closed;
    await pages.close();
    await services.database.close();
    process.exit(0);
  };
  process.on('SIGTERM', () => void stop('SIGTERM'));
  process.on('SIGINT', () => void stop('SIGINT'));
}

main().catch((error: Error) => {
  createLogger('web', 'fatal').fatal({ reason: error.message }, 'web could not start');
  process.exit(1);
});
