import type { IncomingMessage, ServerResponse } from 'node:http';
import { Credentials, type VenueAccount } from '@/exchanges/port';
import { type Simulator, startSimulator } from '@/simulator/simulator';
import { control, type Keys, quiet } from '@/simulator/testing';

/* What this folder's tests share. */

export type SimulatedAccount = VenueAccount & { readonly uid: string };

/** Answers a question for the time where a request is one. */
export function tellTime(request: IncomingMessage, response: ServerResponse, now: number): boolean {
  if (request.url !== '/api/v5/public/time') return false;
  response.writeHead(200, { 'content-type': 'application/json' });
  response.end(JSON.stringify({ code: '0', msg: '', data: [{ ts: String(now) }] }));
  return true;
}

/** A market that stands still, and takes as many connections as are asked for. */
export function startQuietSimulator(): Promise<Simulator> {
  return startSimulator({ port: 0, walk: false, connectLimit: false, log: quiet });
}

/** @param fields of the simulator's account, such as `posMode` */
export async function createAccount(
  simulator: Simulator,
  fields: Readonly<Record<string, unknown>> = {},
): Promise<SimulatedAccount> {
  const created = await control<Keys>(simulator, 'accounts', { balance: '1000000', ...fields });
  const credentials = new Credentials(created.apiKey, created.secret, created.passphrase);
  return { accountId: `account-${created.account}`, uid: created.account, mode: 'simulated', credentials };
}

type PlacedOrder = { readonly account: string; readonly clOrdId: string; readonly tag: string };

/** The account's orders in the simulator's books. */
export async function ordersOf(simulator: Simulator, { uid }: SimulatedAccount): Promise<readonly PlacedOrder[]> {
  const { orders } = await control<{ orders: readonly PlacedOrder[] }>(simulator, `orders?account=${uid}`);
  return orders.filter((order) => order.account === uid);
}
