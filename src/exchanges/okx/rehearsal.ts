import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Rehearsal } from '@/exchanges/port';
import { currentTime } from '@/platform/clock';
import type { Logger } from '@/platform/log';
import { okxEndpointsAt } from './endpoints';
import { ORDER_PATH } from './placement';
import { OkxVenue } from './venue';

/** As many sockets as an installation begins with. */
const CONNECTIONS = 256;
const TIMEOUT = 2000;

/** OKX as this process itself plays it, in simulated mode, over REST and loopback. It takes every order, and knows nothing else but the time. */
export async function openOkxRehearsal(logger: Logger): Promise<Rehearsal> {
  const server = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk) => {
      body += chunk;
    });
    request.on('end', () => {
      if (request.url === ORDER_PATH) response.end(answerTo(body));
      else if (request.url === '/api/v5/public/time') response.end(envelope([{ ts: String(currentTime()) }]));
      else request.destroy();
    });
  });
  const origin = await listen(server);
  const venue = new OkxVenue(
    {
      endpoints: { simulated: okxEndpointsAt(origin, origin), demo: null, live: null },
      placementConnections: CONNECTIONS,
      requestTimeoutMs: TIMEOUT,
      wsConnectsPerSecond: { simulated: 1, demo: 1, live: 1 },
    },
    logger.child({ rehearsal: true }),
  );
  return {
    venue,
    close: async () => {
      await venue.close();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function listen(server: Server): Promise<string> {
  return new Promise((resolve, reject) => {
    // Who waits hears of the first; a later one costs a connection.
    server.on('error', reject);
    server.listen(0, '127.0.0.1', () => resolve(`http://127.0.0.1:${(server.address() as AddressInfo).port}`));
  });
}

/** What OKX says to an order that it takes. */
function answerTo(body: string): string {
  const clOrdId = /"clOrdId":"(\w+)"/.exec(body)?.[1] ?? '';
  return envelope([{ clOrdId, ordId: '1', tag: '', ts: String(currentTime()), sCode: '0', sMsg: 'Order placed' }]);
}

function envelope(data: readonly unknown[]): string {
  return JSON.stringify({ code: '0', msg: '', data, inTime: '1', outTime: '2' });
}
