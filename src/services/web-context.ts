import type { Redis } from 'ioredis';
import type { AccountMode } from '@/domain/account-mode';
import type { Venue } from '@/exchanges/port';
import type { Cipher } from '@/platform/cipher';
import type { Clock } from '@/platform/clock';
import type { Database } from '@/platform/database/database';
import type { Environment } from '@/platform/env';
import type { Logger } from '@/platform/log';

/** Asks the workers to run the pre-flight of an account; keys are opened there and nowhere else. */
export type PreflightQueue = { enqueue(accountId: string): Promise<void> };

/** What the use cases of the web process stand on. Tests build their own. */
export type WebContext = {
  readonly environment: Pick<
    Environment,
    | 'NEXTAUTH_SECRET'
    | 'NEXTAUTH_URL'
    | 'REDIS_PREFIX'
    | 'LIVE_TRADING'
    | 'TRUSTED_PROXIES'
    | 'ALLOW_PRIVATE_ADDRESSES'
    | 'SLIPSTREAM_INSTANCE'
  >;
  readonly database: Database;
  /** Fails fast when Redis is away. */
  readonly redis: Redis;
  readonly cipher: Cipher;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly preflights: PreflightQueue;
  /** Public market data only. Rejects for a venue that this installation does not have. */
  readonly venue: (key: string) => Promise<Pick<Venue, 'market'>>;
  /** Modes whose venue this installation trades at, for the health check. */
  readonly marketModes: readonly AccountMode[];
};
