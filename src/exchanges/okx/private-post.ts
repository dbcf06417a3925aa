import { ConnectionPool, type Transmission } from '@/exchanges/connection-pool';
import type { AccountMode, VenueAccount, VenueEndpoints } from '@/exchanges/port';
import { isoTimestamp, sign } from './sign';

export type OkxTransportOptions = {
  readonly endpoints: VenueEndpoints;
  /** Sockets at most to one origin. */
  readonly placementConnections: number;
  readonly requestTimeoutMs: number;
};

/**
 * Hand-signed POSTs over connections that all accounts share. What the SDK does not offer: the request's expiry, no
 * foreign broker tag, and certainty about whether a request has left.
 */
export class OkxPrivatePost {
  readonly #options: OkxTransportOptions;
  readonly #pools = new Map<string, ConnectionPool>();

  constructor(options: OkxTransportOptions) {
    this.#options = options;
  }

  async warm(mode: AccountMode, connections: number): Promise<void> {
    await this.#pool(mode)?.warm(connections);
  }

  /**
   * Never rejects.
   * @param startBy epoch ms: not sent any more after that
   * @param expiresAt epoch ms for the `expTime` header, which only placing and amending know
   * @param mayStart asked once more before the first byte leaves
   */
  post(
    account: VenueAccount,
    path: string,
    body: string,
    startBy: number,
    expiresAt: number | null,
    mayStart?: () => boolean,
  ): Promise<Transmission> {
    const pool = this.#pool(account.mode);
    if (!pool) return Promise.resolve(modeNotOffered(account.mode));
    const key = account.credentials.reveal();
    const timestamp = isoTimestamp(Date.now());
    const headers = [
      'content-type',
      'application/json',
      'user-agent',
      'slipstream',
      'OK-ACCESS-KEY',
      key.apiKey,
      'OK-ACCESS-SIGN',
      sign(key.secret, timestamp, 'POST', path, body),
      'OK-ACCESS-TIMESTAMP',
      timestamp,
      'OK-ACCESS-PASSPHRASE',
      key.passphrase,
    ];
    if (account.mode !== 'live') headers.push('x-simulated-trading', '1');
    if (expiresAt !== null) headers.push('expTime', String(expiresAt));
    return pool.post(path, headers, body, startBy, mayStart);
  }

  async close(): Promise<void> {
    await Promise.all([...this.#pools.values()].map((pool) => pool.close()));
  }

  #pool(mode: AccountMode): ConnectionPool | null {
    const origin = this.#options.endpoints[mode]?.rest;
    if (!origin) return null;
    let pool = this.#pools.get(origin);
    if (!pool) {
      pool = new ConnectionPool({
        origin,
        connections: this.#options.placementConnections,
        requestTimeoutMs: this.#options.requestTimeoutMs,
      });
      this.#pools.set(origin, pool);
    }
    return pool;
  }
}

function modeNotOffered(mode: AccountMode): Transmission {
  return {
    kind: 'failed',
    sent: false,
    code: 'MODE_NOT_OFFERED',
    message: `This installation does not offer the mode "${mode}"`,
  };
}
