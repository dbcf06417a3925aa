import type { AccountMode } from '@/domain/account-mode';
import { ConnectionPool, type Transmission } from '@/exchanges/http/connection-pool';
import { VENUE_UNREACHABLE, type VenueAccount, type VenueClock, type VenueEndpoints } from '@/exchanges/port';
import type { VenueGuard } from '@/exchanges/venue-guard';
import { contactOf } from './outcome';
import { isoTimestamp, sign } from './sign';
import { isMistimed } from './timing';

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

  readonly #guard: (mode: AccountMode) => VenueGuard;
  readonly #clock: (mode: AccountMode) => VenueClock;

  /**
   * @param guard is asked before every request, and told what became of it
   * @param clock says when a request is signed
   */
  constructor(
    options: OkxTransportOptions,
    guard: (mode: AccountMode) => VenueGuard,
    clock: (mode: AccountMode) => VenueClock,
  ) {
    this.#options = options;
    this.#guard = guard;
    this.#clock = clock;
  }

  /** Does nothing while the venue is known to be gone. */
  async warm(mode: AccountMode, connections: number): Promise<void> {
    if (this.#guard(mode).reachable) await this.#pool(mode)?.warm(connections);
  }

  /**
   * Never rejects. Nothing leaves while the venue is known to be gone, not what waits for a connection either, nor as long as the
   * venue has not told its time, which it is asked for then.
   */
  post(account: VenueAccount, path: string, body: string, limits: PostLimits = NO_LIMITS): Promise<Transmission> {
    const pool = this.#pool(account.mode);
    if (!pool) return Promise.resolve(modeNotOffered(account.mode));
    const guard = this.#guard(account.mode);
    if (!guard.reachable) return Promise.resolve(GONE);
    const clock = this.#clock(account.mode);
    const now = clock.now();
    if (now !== null) return this.#send(pool, guard, clock, now, account, path, body, limits);
    return clock.ready().then((known) => (known ? this.post(account, path, body, limits) : GONE));
  }

  /** @param now what the venue's clock says */
  #send(
    pool: ConnectionPool,
    guard: VenueGuard,
    clock: VenueClock,
    now: number,
    account: VenueAccount,
    path: string,
    body: string,
    { startBy, expiresAt, mayStart }: PostLimits,
  ): Promise<Transmission> {
    const { spell } = guard;
    const key = account.credentials.reveal();
    const timestamp = isoTimestamp(now);
    const headers = [
      'OK-ACCESS-KEY',
      key.apiKey,
      'OK-ACCESS-SIGN',
      sign(key.secret, timestamp, 'POST', path, body),
      'OK-ACCESS-TIMESTAMP',
      timestamp,
      'OK-ACCESS-PASSPHRASE',
      key.passphrase,
      'x-simulated-trading',
      account.mode === 'live' ? null : '1',
      'expTime',
      expiresAt === undefined ? null : String(expiresAt),
    ];
    const leaveBy = expiresAt === undefined ? (startBy ?? Infinity) : performance.now() + expiresAt - now;
    // Without a name of its own: tsx would set it anew for each order, half a microsecond.
    const mayLeave = () => guard.reachable && (mayStart?.() ?? true);
    const sent = pool.post(path, headers, body, leaveBy, mayLeave, account.line);
    return sent.then((transmission) => {
      guard.note(spell, contactOf(transmission));
      if (isMistimed(transmission)) void clock.measure();
      const heldBack = transmission.kind === 'failed' && transmission.code === 'WITHDRAWN' && !guard.reachable;
      return heldBack ? GONE : transmission;
    });
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
        headers: SHARED_HEADERS,
      });
      this.#pools.set(origin, pool);
    }
    return pool;
  }
}

/** How long a request is good for. */
export type PostLimits = {
  /** Not sent any more after that, by the process's own clock. */
  readonly startBy?: number;
  /** Neither sent nor taken after that, epoch ms by the venue's clock: the `expTime` header, which only placing and amending know. */
  readonly expiresAt?: number;
  /** Asked once more before the first byte leaves. */
  readonly mayStart?: (() => boolean) | undefined;
};

const NO_LIMITS: PostLimits = {};

const SHARED_HEADERS = ['content-type', 'application/json', 'user-agent', 'slipstream'];

/** What is not sent because the venue's breaker is open. */
export const GONE: Transmission = {
  kind: 'failed',
  sent: false,
  code: VENUE_UNREACHABLE,
  message: 'The venue does not answer; nothing is sent until it does',
};

function modeNotOffered(mode: AccountMode): Transmission {
  return {
    kind: 'failed',
    sent: false,
    code: 'MODE_NOT_OFFERED',
    message: `This installation does not offer the mode "${mode}"`,
  };
}
