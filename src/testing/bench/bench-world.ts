import { randomBytes } from 'node:crypto';
import { mkdirSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { Cipher } from '@/platform/cipher';
import { connectDatabase, type Database } from '@/platform/database/database';
import { applyMigrations } from '@/platform/database/migrations';
import { GONE_AFTER, workersKey } from '@/services/execution/worker-registry';
import { type Guard, startGuard } from '../../../scripts/services/guard';
import { type MariaDb, startMariaDb } from '../../../scripts/services/mariadb';
import { anyFreePort } from '../../../scripts/services/ports';
import { type PrivateRedis, startRedis } from '../../../scripts/services/redis';
import { WORKER_FLAGS } from '../../../scripts/start/worker-flags';
import { ensurePages } from '../storm/world';
import { Child } from './child';

type Variables = Readonly<Record<string, string | undefined>>;

export const PREFIX = 'bench';
/** Names of workers that do not exist, for `keepStreamsAway`. */
const ABSENT_WORKERS = 500;
const READY_WITHIN = 120_000;

export type WorkerSettings = {
  readonly placementConnections: number;
  /** Further variables, for trying things out. */
  readonly env?: Readonly<Record<string, string>>;
};

/** MySQL, Redis, an answering venue and processes of the product, all on loopback, in a folder of their own. */
export class BenchWorld {
  readonly #guard: Guard;
  readonly #children = new Set<Child>();
  #mysql: MariaDb | null = null;
  #redis: PrivateRedis | null = null;
  #database: Database | null = null;
  #client: Redis | null = null;
  #venue: Child | null = null;
  #env: Variables = {};
  #closing = false;
  readonly cipher: Cipher;
  readonly #masterKey = randomBytes(32).toString('base64');

  private constructor(readonly directory: string) {
    this.#guard = startGuard();
    this.cipher = new Cipher(this.#masterKey);
  }

  /** @param bufferPoolMb memory of MySQL for rows and indexes */
  static async open(directory: string, bufferPoolMb: number): Promise<BenchWorld> {
    rmSync(directory, { recursive: true, force: true });
    mkdirSync(join(directory, 'logs'), { recursive: true });
    const world = new BenchWorld(resolve(directory));
    try {
      await world.#open(bufferPoolMb);
    } catch (error) {
      await world.close();
      throw error;
    }
    return world;
  }

  async #open(bufferPoolMb: number): Promise<void> {
    const [mysql, redis, venue, web] = await Promise.all([anyFreePort(), anyFreePort(), anyFreePort(), anyFreePort()]);
    const password = randomBytes(12).toString('hex');
    const rows = { user: 'bench', database: 'bench', password, port: mysql, guard: this.#guard, bufferPoolMb };
    [this.#mysql, this.#redis] = await Promise.all([
      startMariaDb({ ...rows, directory: join(this.directory, 'mariadb') }),
      startRedis({ directory: join(this.directory, 'redis'), port: redis, password, guard: this.#guard }),
    ]);
    const origin = `http://127.0.0.1:${venue}`;
    this.#env = {
      ...process.env,
      NODE_ENV: 'production',
      DATABASE_URL: this.#mysql.url,
      REDIS_URL: this.#redis.url,
      REDIS_PREFIX: PREFIX,
      SLIPSTREAM_MASTER_KEY: this.#masterKey,
      NEXTAUTH_SECRET: randomBytes(32).toString('base64url'),
      NEXTAUTH_URL: `http://127.0.0.1:${web}`,
      WEB_HOST: '127.0.0.1',
      WEB_PORT: String(web),
      SIMULATOR_REST_URL: origin,
      SIMULATOR_WS_URL: origin.replace('http', 'ws'),
      ALLOW_PRIVATE_ADDRESSES: 'true',
      LOG_LEVEL: 'warn',
    };
    await applyMigrations({ url: this.#mysql.url, directory: resolve('prisma/migrations') });
    this.#venue = this.spawn('venue', 'src/testing/bench/venue/venue-process.ts');
    await this.#venue.ask('listen', { port: venue });
    await this.#addInstrument();
  }

  get database(): Database {
    this.#database ??= connectDatabase(this.mysqlUrl, 3);
    return this.#database;
  }

  get redis(): Redis {
    this.#client ??= new Redis(this.redisUrl);
    return this.#client;
  }

  get mysqlUrl(): string {
    return this.#env.DATABASE_URL ?? '';
  }

  get redisUrl(): string {
    return this.#env.REDIS_URL ?? '';
  }

  /** Where the webhook, the API and the pages are. */
  get web(): string {
    return this.#env.NEXTAUTH_URL ?? '';
  }

  /** The key that seals sessions. */
  get sessionSecret(): string {
    return this.#env.NEXTAUTH_SECRET ?? '';
  }

  /** MySQL's own administrator, over its socket: for what a user of one database may not do. */
  get mysqlRoot(): { readonly socketPath: string; readonly user: string; readonly password: string } {
    const password = decodeURIComponent(new URL(this.mysqlUrl).password);
    return { socketPath: join(this.directory, 'mariadb', 'mariadb.sock'), user: 'root', password };
  }

  get venueOrigin(): string {
    return this.#env.SIMULATOR_REST_URL ?? '';
  }

  get venue(): Child {
    if (this.#venue === null) throw new Error('The venue is not up');
    return this.#venue;
  }

  /** Starts a process that answers questions. */
  spawn(name: string, script: string, env: Variables = {}, nodeArgs: readonly string[] = []): Child {
    const child = new Child({
      name,
      script,
      nodeArgs,
      env: { ...this.#env, ...env },
      logFile: join(this.directory, 'logs', `${name}.log`),
      guard: this.#guard,
    });
    this.#children.add(child);
    return child;
  }

  /** The webhook's route on a bare server: the way of a signal without the pages, which needs no build. */
  async startWebhook(): Promise<Child> {
    return this.#product('web', 'src/testing/storm/webhook-server.ts', {}, `${this.web}/health`);
  }

  /** The whole web process. Its pages are built first where that was not done for these sources. */
  async startWeb(): Promise<Child> {
    await ensurePages(this.directory);
    const { NEXT_DIST_DIR, NEXT_TSCONFIG } = process.env;
    return this.#product('web', 'src/processes/web.ts', { NEXT_DIST_DIR, NEXT_TSCONFIG }, `${this.web}/health`);
  }

  /** A worker of the product, ready for signals. */
  async startWorker(settings: WorkerSettings): Promise<Child> {
    const port = await anyFreePort();
    const env = {
      WORKER_HEALTH_PORT: String(port),
      PLACEMENT_CONNECTIONS: String(settings.placementConnections),
      ...settings.env,
    };
    const health = `http://127.0.0.1:${port}/health`;
    return this.#product('signal-worker', 'src/processes/signal-worker.ts', env, health, WORKER_FLAGS);
  }

  async #product(
    name: string,
    script: string,
    env: Variables,
    healthUrl: string,
    flags: readonly string[] = [],
  ): Promise<Child> {
    const probe = ['--import', `./${join('src', 'testing', 'bench', 'probe.ts')}`];
    const child = this.spawn(name, script, env, ['--expose-gc', ...flags, ...probe]);
    await until(`${name} to be ready`, READY_WITHIN, async () => {
      if (!child.running) throw new Error(`${name} ended while starting; its log: ${child.spec.logFile}`);
      const answer = await fetch(healthUrl, { signal: AbortSignal.timeout(2000) }).catch(() => null);
      return answer?.ok === true;
    });
    return child;
  }

  async stop(child: Child): Promise<void> {
    await child.stop();
    this.#children.delete(child);
    // The workers that stay must not wait for one that has left.
    if (child.spec.name === 'signal-worker') await delay(100);
  }

  /**
   * Makes the workers believe that there are many others, which then keep (nearly) all private streams: what a worker needs for
   * a follower beside his socket can be seen by itself.
   */
  async keepStreamsAway(): Promise<void> {
    const future = Date.now() + 24 * 60 * 60_000;
    const members = Array.from({ length: ABSENT_WORKERS }, (_, index) => [future, `absent-${index}`]).flat();
    await this.redis.zadd(workersKey(PREFIX), ...(members as (string | number)[]));
  }

  async letStreamsBack(): Promise<void> {
    await this.redis.zremrangebyscore(workersKey(PREFIX), Date.now() + GONE_AFTER, '+inf');
  }

  async #addInstrument(): Promise<void> {
    await this.database.system.instrument.create({
      data: {
        id: INSTRUMENT,
        venue: 'okx',
        symbol: SYMBOL,
        baseCurrency: 'BTC',
        quoteCurrency: 'USDT',
        settleCurrency: 'USDT',
        contractValue: '0.01',
        lotSize: '0.01',
        minSize: '0.01',
        maxMarketSize: '100000',
        tickSize: '0.1',
        maxLeverage: '100',
      },
    });
  }

  async close(): Promise<void> {
    if (this.#closing) return;
    this.#closing = true;
    await Promise.all([...this.#children].map((child) => child.stop()));
    await this.#database?.close();
    this.#client?.disconnect();
    await Promise.all([this.#redis?.stop(), this.#mysql?.stop(60_000)]);
    this.#guard.close();
  }
}

export const SYMBOL = 'BTC-USDT-SWAP';
export const INSTRUMENT = `okx:${SYMBOL}`;

/** Asks again and again until the answer is true; throws after the time given. */
export async function until(
  what: string,
  withinMs: number,
  reached: () => Promise<boolean>,
  pauseMs = 100,
): Promise<void> {
  const deadline = Date.now() + withinMs;
  while (!(await reached())) {
    if (Date.now() > deadline) throw new Error(`Waited in vain for ${what}`);
    await delay(pauseMs);
  }
}
