import { connect } from 'node:net';
import type { RedisOptions } from 'ioredis';
import { isTlsFailure } from './addresses/certificate-errors';
import { openRedis } from './redis';
import { parseRedisUrl } from './redis-url';

/** Redis is there, and does not take us as REDIS_URL has us come. Waiting mends nothing. */
export class RedisRefusal extends Error {}

const CONNECT_MS = 5000;

/**
 * Opens one connection as all others will be, and closes it. A Redis that is away is none of its business: who needs it waits for it.
 *
 * @throws AddressError, RedisRefusal
 */
export async function requireRedis(url: string): Promise<void> {
  const address = parseRedisUrl(url);
  const once = { lazyConnect: true, retryStrategy: () => null, maxRetriesPerRequest: 0, connectTimeout: CONNECT_MS };
  const redis = openRedis(url, once);
  // What the connection failed of: the rejection says only that it was closed.
  let failure: Error | undefined;
  redis.on('error', (error: Error) => {
    failure = error;
  });
  try {
    await redis.connect();
    await redis.ping();
  } catch (error) {
    const cause = failure ?? (error as Error);
    const advice = adviceFor(cause) ?? (address.tls && (await talksInClear(address)) ? IN_CLEAR : undefined);
    if (advice !== undefined) throw new RedisRefusal(`Redis refuses us: ${advice}.`, { cause });
  } finally {
    redis.disconnect();
  }
}

const IN_CLEAR = 'REDIS_URL asks for TLS, and this Redis talks in clear';
const UNVERIFIED =
  'Its certificate is not accepted, or ours: name its authority with sslcert in REDIS_URL, and with servername the host that it was made ' +
  'for; sslaccept=accept_invalid_certs trusts whoever answers';

function adviceFor(error: Error): string | undefined {
  const { message } = error;
  if (/^(WRONGPASS|NOAUTH|NOPERM)/.test(message)) return `${message}. Look at user and password of REDIS_URL`;
  if (message.startsWith('Protocol error')) {
    return 'what answers there is no Redis; where it wants TLS, write rediss:// in REDIS_URL';
  }
  return isTlsFailure(error) ? `${message}. ${UNVERIFIED}` : undefined;
}

/** A Redis without TLS does not answer its hello, but every line. Nothing secret is said. */
function talksInClear({ host, port }: RedisOptions): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host, port: port ?? 6379, timeout: 2000 });
    const end = (clear: boolean): void => {
      socket.destroy();
      resolve(clear);
    };
    socket.once('connect', () => socket.write('PING\r\n'));
    socket.once('data', (answer) => end(/^[+-]/.test(answer.toString('latin1'))));
    for (const event of ['error', 'timeout', 'close'] as const) socket.once(event, () => end(false));
  });
}
