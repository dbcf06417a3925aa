import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Credentials, type OrderRequest, type VenueAccount } from '@/exchanges/port';
import type { Logger } from '@/platform/log';
import { okxEndpointsAt } from './endpoints';
import { ORDER_PATH } from './placement';
import { OkxVenue } from './venue';

/** Made-up orders at most, how many of them are on their way at a time, and for how long they are begun (and answered), ms. */
const ORDERS = 5000;
const AT_ONCE = 250;
const WITHIN = 1500;
/** As in a signal: what has come in is read between them. */
const YIELD_EVERY = 32;

const NOBODY: VenueAccount = {
  accountId: 'rehearsal',
  mode: 'simulated',
  credentials: new Credentials('rehearsal-key', 'rehearsal-secret', 'rehearsal'),
};

const ORDER = {
  symbol: 'BTC-USDT-SWAP',
  side: 'buy',
  positionSide: 'long',
  positionMode: 'net',
  marginMode: 'cross',
  reduceOnly: false,
  orderType: 'market',
  quantity: '1.5',
  price: null,
} as const;

/**
 * Signs, sends and reads orders over connections of its own to a server in this process, which takes them all, so that the first
 * signal does not pay for code that the engine has not compiled: over REST, not over streams. No key of a customer is used, and nothing
 * leaves the machine.
 * Answers how many were accepted.
 */
export async function rehearseOkxOrders(logger: Logger): Promise<number> {
  const server = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk) => {
      body += chunk;
    });
    request.on('end', () => (request.url === ORDER_PATH ? response.end(answerTo(body)) : request.destroy()));
  });
  const origin = await listen(server);
  const venue = new OkxVenue(
    {
      endpoints: { simulated: okxEndpointsAt(origin, origin), demo: null, live: null },
      placementConnections: AT_ONCE,
      requestTimeoutMs: WITHIN,
      wsConnectsPerSecond: { simulated: 1, demo: 1, live: 1 },
    },
    logger.child({ rehearsal: true }),
  );
  try {
    return await placeAll(venue);
  } finally {
    await venue.close();
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
}

async function placeAll(venue: OkxVenue): Promise<number> {
  const until = Date.now() + WITHIN;
  let accepted = 0;
  const place = async (clientOrderId: string): Promise<void> => {
    const order: OrderRequest = { ...ORDER, clientOrderId, startBy: until, expiresAt: until };
    if ((await venue.placer.place(NOBODY, order)).kind === 'accepted') accepted += 1;
  };
  for (let start = 0; start < ORDERS && Date.now() < until; start += AT_ONCE) {
    const placed: Promise<void>[] = [];
    for (let index = 0; index < AT_ONCE; index += 1) {
      placed.push(place(`rehearsal${start + index}`));
      if (index % YIELD_EVERY === YIELD_EVERY - 1) await new Promise(setImmediate);
    }
    await Promise.all(placed);
  }
  return accepted;
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
  const row = { clOrdId, ordId: '1', tag: '', ts: String(Date.now()), sCode: '0', sMsg: 'Order placed' };
  return JSON.stringify({ code: '0', msg: '', data: [row], inTime: '1', outTime: '2' });
}
