import type { RedisOptions } from 'ioredis';
import { readAddress } from './addresses/address';
import { readTls } from './addresses/tls';

/**
 * Reads `redis://user:password@host:port/number?parameters`, or `rediss://` for TLS; docs/operations.md lists the parameters. Our own
 * reading of it: ioredis takes every parameter for an option, as a text, and prefers it to what the program asks for.
 *
 * @throws AddressError, which never contains the address itself
 */
export function parseRedisUrl(url: string): RedisOptions {
  const { scheme, host, port, user, password, path, parameters } = readAddress(
    'REDIS_URL',
    url,
    ['redis', 'rediss'],
    6379,
  );
  if (!/^\d{0,4}$/.test(path)) throw parameters.wrong('must end with the number of a database, or with nothing');
  const tls = readTls(parameters, host, scheme === 'rediss');
  parameters.finish();
  if (tls !== undefined && scheme !== 'rediss') throw parameters.wrong('asks for TLS; write rediss:// for redis://');
  return {
    host,
    port,
    db: Number(path || '0'),
    ...(user === '' ? {} : { username: user }),
    ...(password === '' ? {} : { password }),
    ...(tls === undefined ? {} : { tls }),
  };
}
