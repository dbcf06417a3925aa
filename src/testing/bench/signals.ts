import { Pool } from 'undici';
import { newId } from '@/platform/ids';
import type { BenchWorld } from './bench-world';
import type { Tenant } from './followers';
import { instant } from './instant';

export type Accepted = {
  readonly signalId: string;
  /** Instants: when the sender wrote, and when it had read the 202. */
  readonly postedAt: number;
  readonly acceptedAt: number;
};

export type SignalFields = {
  readonly action?: 'open' | 'close';
  /** BTC. */
  readonly quantity?: string;
  /** Limit orders rest at the venue: a signal is finished once all are accepted, without fills. */
  readonly orderType?: 'market' | 'limit';
};

/** Under the market, and near enough for no risk rule to mind. */
const LIMIT_PRICE = '59990';

/** Sends signals as a good sender does: over a kept connection, each with an id of its own. */
export class Sender {
  readonly #pool: Pool;

  constructor(world: BenchWorld, connections = 1) {
    this.#pool = new Pool(world.web, { connections, pipelining: 1, keepAliveTimeout: 60_000 });
  }

  /** Throws when the answer is not 202. */
  async send(tenant: Tenant, fields: SignalFields = {}): Promise<Accepted> {
    const { action = 'open', quantity = '1', orderType = 'market' } = fields;
    const body = JSON.stringify({
      version: 1,
      id: newId(),
      timestamp: new Date().toISOString(),
      instrument: 'BTCUSDT.P',
      action,
      side: 'long',
      ...(action === 'open' ? { quantity: { unit: 'base', value: quantity } } : {}),
      ...(orderType === 'limit' ? { orderType, limitPrice: LIMIT_PRICE } : {}),
    });
    const postedAt = instant();
    const answer = await this.#pool.request({
      path: `/api/webhooks/${tenant.token}`,
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body,
    });
    const text = await answer.body.text();
    const acceptedAt = instant();
    if (answer.statusCode !== 202) throw new Error(`The webhook answered ${answer.statusCode}: ${text.slice(0, 300)}`);
    const { data } = JSON.parse(text) as { data: { signalId: string } };
    return { signalId: data.signalId, postedAt, acceptedAt };
  }

  close(): Promise<void> {
    return this.#pool.close();
  }
}
