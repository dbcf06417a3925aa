import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { Redis } from 'ioredis';
import { findBinary } from './binaries';
import { type Daemon, startDaemon, stopLeftover } from './daemon';
import type { Guard } from './guard';

export interface RedisSpec {
  /** Holds the append-only file, the configuration and the log. Made when absent. */
  directory: string;
  port: number;
  host?: string;
  password: string;
  /** Keeps nothing on disk. For tests only. */
  relaxed?: boolean;
  /** Takes only connections with TLS, from clients with a certificate of this authority. Files in PEM. */
  tls?: { ca: string; cert: string; key: string };
  guard?: Guard;
}

export interface PrivateRedis extends Daemon {
  /** redis://:password@host:port, with rediss:// where it takes only TLS. */
  readonly url: string;
}

export function redisBinary(): string | undefined {
  return findBinary('redis-server', 'valkey-server');
}

/** A private Redis on 127.0.0.1 behind a password, durable to the second, that never evicts a key. */
export async function startRedis(spec: RedisSpec): Promise<PrivateRedis> {
  const binary = redisBinary();
  if (!binary) throw new Error('redis-server is not installed');
  const host = spec.host ?? '127.0.0.1';
  const directory = resolve(spec.directory);
  const pidFile = join(directory, 'redis.pid');
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  await stopLeftover(pidFile, directory);
  const configFile = join(directory, 'redis.conf');
  const settings = [
    `bind ${host}`,
    ...(spec.tls === undefined ? [`port ${spec.port}`] : tlsSettings(spec.port, spec.tls)),
    `dir "${directory}"`,
    `pidfile "${pidFile}"`,
    `requirepass ${spec.password}`,
    `appendonly ${spec.relaxed ? 'no' : 'yes'}`,
    'save ""',
    'maxmemory-policy noeviction',
    'databases 64',
  ];
  writeFileSync(configFile, `${settings.join('\n')}\n`, { mode: 0o600 });
  const url = `${spec.tls === undefined ? 'redis' : 'rediss'}://:${encodeURIComponent(spec.password)}@${host}:${spec.port}`;
  const daemon = await startDaemon({
    name: 'Redis',
    command: binary,
    args: [configFile],
    logFile: join(directory, 'redis.log'),
    guard: spec.guard,
    isReady: () => answers(url, spec.tls),
  });
  return { ...daemon, url };
}

function tlsSettings(port: number, { ca, cert, key }: NonNullable<RedisSpec['tls']>): string[] {
  const files = [`tls-ca-cert-file "${ca}"`, `tls-cert-file "${cert}"`, `tls-key-file "${key}"`];
  return ['port 0', `tls-port ${port}`, ...files, 'tls-auth-clients yes'];
}

async function answers(url: string, tls: RedisSpec['tls']): Promise<boolean> {
  const client = new Redis(url, {
    lazyConnect: true,
    retryStrategy: () => null,
    maxRetriesPerRequest: 0,
    ...(tls && { tls: { ca: readFileSync(tls.ca), cert: readFileSync(tls.cert), key: readFileSync(tls.key) } }),
  });
  client.on('error', () => undefined);
  try {
    await client.connect();
    return (await client.ping()) === 'PONG';
  } catch {
    return false;
  } finally {
    client.disconnect();
  }
}
