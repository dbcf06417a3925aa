import { randomBytes } from 'node:crypto';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { pino } from 'pino';
import { Cipher } from '@/platform/cipher';
import { connectDatabase, type Database } from '@/platform/database/database';
import { applyMigrations } from '@/platform/database/migrations';
import { readEnvironment } from '@/platform/env';
import { refreshInstruments } from '@/services/market-data/refresh-instruments';
import { installedVenues } from '@/services/venues';
import type { Daemon } from '../../../scripts/services/daemon';
import { type Guard, startGuard } from '../../../scripts/services/guard';
import { type MariaDbSpec, startMariaDb } from '../../../scripts/services/mariadb';
import { anyFreePort } from '../../../scripts/services/ports';
import { type RedisSpec, startRedis } from '../../../scripts/services/redis';
import { WORKER_FLAGS } from '../../../scripts/start/worker-flags';
import { FakedWallClock, faketimeLibrary } from '../clocks/faked-wall-clock';
import { Program } from './program';
import type { Killed } from './weather';

const SILENT = pino({ level: 'silent' });

type Ports = Readonly<Record<'web' | 'simulator' | 'mysql' | 'redis' | 'w1' | 'w2' | 'sch', number>>;

export type WorldOptions = {
  /** Data and logs; emptied first. */
  readonly directory: string;
  /** The whole web process with its pages, built first where needed, instead of the webhook route alone. */
  readonly pages: boolean;
  /** The workers' wall clocks can be set; they cannot where libfaketime is not installed. */
  readonly clocksApart: boolean;
};

/** Builds the pages beside those of a running service, unless that was done for these sources. */
export async function ensurePages(directory: string): Promise<void> {
  const root = resolve(process.env.SLIPSTREAM_TEST_DIR ?? '.data-test');
  // Next writes into the compiler settings it is given, and takes both places only relative to the project.
  const settings = join(root, 'tsconfig.json');
  writeFileSync(settings, JSON.stringify({ extends: relative(root, 'tsconfig.build.json') }));
  process.env.NEXT_DIST_DIR ??= relative(process.cwd(), join(root, 'next'));
  process.env.NEXT_TSCONFIG ??= relative(process.cwd(), settings);
  const { buildPages, isBuilt } = await import('../../../scripts/start/build');
  // The build needs no service, but it reads the environment.
  const env = { NODE_ENV: 'production', NEXTAUTH_SECRET: randomBytes(32).toString('base64url') };
  if (!isBuilt()) await buildPages(env, join(directory, 'logs', 'build.log'));
}

/** Everything that runs, as real processes of their own, and the means to end each of them at any moment. */
export class World {
  readonly #guard: Guard;
  readonly #mysqlSpec: MariaDbSpec;
  readonly #redisSpec: RedisSpec;
  #mysql: Daemon | null = null;
  #redis: Daemon | null = null;
  readonly #programs = new Map<string, Program>();
  readonly control: string;
  readonly web: string;
  readonly directory: string;
  #database: Database | null = null;
  readonly cipher: Cipher;
  readonly #env: NodeJS.ProcessEnv;
  readonly #clocks = new Map<string, FakedWallClock>();
  readonly #down = new Set<Killed>();
  #closing = false;

  private constructor(options: WorldOptions, ports: Ports) {
    this.directory = resolve(options.directory);
    this.#guard = startGuard();
    const guard = this.#guard;
    const password = randomBytes(12).toString('hex');
    this.#mysqlSpec = {
      directory: join(this.directory, 'mariadb'),
      port: ports.mysql,
      user: 'storm',
      password,
      database: 'storm',
      guard,
    };
    this.#redisSpec = { directory: join(this.directory, 'redis'), port: ports.redis, password, guard };
    const masterKey = randomBytes(32).toString('base64');
    this.cipher = new Cipher(masterKey);
    this.web = `http://127.0.0.1:${ports.web}`;
    const venue = `127.0.0.1:${ports.simulator}`;
    this.control = `http://${venue}/control`;
    this.#env = {
      ...process.env,
      NODE_ENV: 'production',
      DATABASE_URL: `mysql://storm:${password}@127.0.0.1:${ports.mysql}/storm`,
      REDIS_URL: `redis://:${password}@127.0.0.1:${ports.redis}`,
      SLIPSTREAM_MASTER_KEY: masterKey,
      NEXTAUTH_SECRET: randomBytes(32).toString('base64url'),
      NEXTAUTH_URL: this.web,
      WEB_HOST: '127.0.0.1',
      WEB_PORT: String(ports.web),
      SCHEDULER_HEALTH_PORT: String(ports.sch),
      SIMULATOR_HOST: '127.0.0.1',
      SIMULATOR_PORT: String(ports.simulator),
      SIMULATOR_DATA_DIR: join(this.directory, 'simulator'),
      SIMULATOR_RATE_LIMITS: 'on',
      SIMULATOR_REST_URL: `http://${venue}`,
      SIMULATOR_WS_URL: `ws://${venue}`,
      SIMULATOR_CONTROL_URL: this.control,
      // Each worker keeps half of the streams: half of the orders go over them, the others over REST.
      ORDER_TRANSPORT: 'stream',
      PLACEMENT_CONNECTIONS: '32',
      ALLOW_PRIVATE_ADDRESSES: 'true',
      LOG_LEVEL: 'info',
    };
    const process_ = (name: string) => join('src', 'processes', `${name}.ts`);
    const webScript = options.pages ? process_('web') : join('src', 'testing', 'storm', 'webhook-server.ts');
    this.#add('simulator', process_('simulator'), `${this.control}/health`);
    for (const [name, port] of [
      ['worker-1', ports.w1],
      ['worker-2', ports.w2],
    ] as const) {
      const clock = options.clocksApart ? this.#fakeClock(name) : {};
      const env = { WORKER_HEALTH_PORT: String(port), ...clock };
      this.#add(name, process_('signal-worker'), `http://127.0.0.1:${port}/health`, env, WORKER_FLAGS);
    }
    this.#add('scheduler', process_('scheduler'), `http://127.0.0.1:${ports.sch}/health`);
    this.#add('web', webScript, `${this.web}/health`);
  }

  static async open(options: WorldOptions): Promise<World> {
    rmSync(options.directory, { recursive: true, force: true });
    mkdirSync(join(options.directory, 'logs'), { recursive: true });
    const [web, simulator, mysql, redis, w1, w2, sch] = await Promise.all(
      Array.from({ length: 7 }, () => anyFreePort()),
    );
    if (options.pages) await ensurePages(options.directory);
    const ports = { web, simulator, mysql, redis, w1, w2, sch } as Record<string, number> as Ports;
    const world = new World(options, ports);
    try {
      await world.#open();
    } catch (error) {
      await world.close();
      throw error;
    }
    return world;
  }

  async #open(): Promise<void> {
    const simulator = this.program('simulator');
    simulator.start();
    await Promise.all([this.#startMysql(), this.#startRedis()]);
    const url = this.#env.DATABASE_URL ?? '';
    await applyMigrations({ url, directory: resolve('prisma/migrations') });
    await simulator.ready();
    const venues = installedVenues(readEnvironment(this.#env), SILENT);
    await refreshInstruments(this.database, venues.get('okx').market('simulated'), 'okx');
    await venues.close();
    await Promise.all([...this.#programs.values()].map((program) => program.ready()));
  }

  /** The storm's own view of the rows. */
  get database(): Database {
    this.#database ??= connectDatabase(this.#env.DATABASE_URL ?? '', 3);
    return this.#database;
  }

  logFile(name: string): string {
    return join(this.directory, 'logs', `${name}.log`);
  }

  get logNames(): readonly string[] {
    return [...this.#programs.keys()];
  }

  program(name: string): Program {
    const program = this.#programs.get(name);
    if (program === undefined) throw new Error(`No process ${name}`);
    return program;
  }

  /** Process ids of all that runs, by name. */
  pids(): readonly (readonly [name: string, pid: number])[] {
    const programs = [...this.#programs].map(([name, program]) => [name, program.pid] as const);
    return [...programs, ['mysql', this.#mysql?.pid] as const, ['redis', this.#redis?.pid] as const].flatMap(
      ([name, pid]) => (pid === undefined ? [] : [[name, pid] as const]),
    );
  }

  #add(
    name: string,
    script: string,
    healthUrl: string,
    env: Readonly<Record<string, string>> = {},
    nodeArgs: readonly string[] = [],
  ): void {
    this.#programs.set(
      name,
      new Program({
        name,
        script,
        nodeArgs,
        healthUrl,
        env: { ...this.#env, ...env },
        logFile: this.logFile(name),
        guard: this.#guard,
      }),
    );
  }

  #fakeClock(worker: string): Readonly<Record<string, string>> {
    const library = faketimeLibrary();
    if (library === null) return {};
    const clock = new FakedWallClock(library, 0);
    this.#clocks.set(worker, clock);
    return clock.env;
  }

  /** Whether the workers' clocks can be set. */
  get clocksApart(): boolean {
    return this.#clocks.size > 0;
  }

  /** Sets a worker's clock, also while it runs. False: it cannot be set. */
  setClock(worker: string, offsetMs: number): boolean {
    const clock = this.#clocks.get(worker);
    clock?.set(offsetMs);
    return clock !== undefined;
  }

  async #startMysql(): Promise<void> {
    this.#mysql = await startMariaDb(this.#mysqlSpec);
  }

  async #startRedis(): Promise<void> {
    this.#redis = await startRedis(this.#redisSpec);
  }

  /** Whether any worker is up; one that was killed is once it is ready again. */
  get working(): boolean {
    return !(this.#down.has('worker-1') && this.#down.has('worker-2'));
  }

  /** Ends a process with kill -9 and starts it again after `downFor` ms. Answers false when it was down already. */
  async kill(target: Killed, downFor: number): Promise<boolean> {
    this.#down.add(target);
    try {
      return await this.#kill(target, downFor);
    } finally {
      this.#down.delete(target);
    }
  }

  async #kill(target: Killed, downFor: number): Promise<boolean> {
    if (target === 'mysql' || target === 'redis') {
      const daemon = target === 'mysql' ? this.#mysql : this.#redis;
      if (daemon === null) return false;
      if (target === 'mysql') this.#mysql = null;
      else this.#redis = null;
      process.kill(daemon.pid, 'SIGKILL');
      await daemon.stop();
      await delay(downFor);
      await (target === 'mysql' ? this.#startMysql() : this.#startRedis());
      return true;
    }
    const program = this.program(target);
    if (target === 'simulator') {
      if (!program.running) return false;
      // It dies at the next request that it has handled, so that the answer of an accepted order may be the one that is lost.
      program.expectEnd(true);
      const rule = { id: 'storm-kill', kind: 'kill', when: 'after' };
      const ofStreams = { ...rule, id: 'storm-kill-stream', match: { method: 'WS', path: 'order' } };
      const faults = [{ ...rule, match: { method: 'POST', path: '/api/v5/*' } }, ofStreams];
      await this.ask('faults', { faults }).catch(() => undefined);
      if (!(await program.died(3000))) {
        await this.ask('faults', { ...rule, match: { path: '/api/v5/*' } }).catch(() => undefined);
        if (!(await program.died(5000))) {
          await this.ask('faults', { remove: rule.id }).catch(() => undefined);
          await this.ask('faults', { remove: ofStreams.id }).catch(() => undefined);
          program.expectEnd(false);
          return false;
        }
      }
    } else if (!(await program.kill())) return false;
    await delay(downFor);
    await program.ready();
    return true;
  }

  /** The database hangs for a while, as with a slow disk. */
  async freezeMysql(ms: number): Promise<boolean> {
    const daemon = this.#mysql;
    if (daemon === null) return false;
    try {
      process.kill(daemon.pid, 'SIGSTOP');
      await delay(ms);
      return true;
    } finally {
      try {
        process.kill(daemon.pid, 'SIGCONT');
      } catch {
        // It was killed meanwhile.
      }
    }
  }

  /** POSTs to the simulator's control API, or GETs without a body. */
  async ask<T>(path: string, body?: unknown): Promise<T> {
    const init = body === undefined ? {} : { method: 'POST', body: JSON.stringify(body) };
    const response = await fetch(`${this.control}/${path}`, { ...init, signal: AbortSignal.timeout(10_000) });
    const answer = (await response.json()) as T;
    if (!response.ok) throw new Error(`${path}: ${JSON.stringify(answer)}`);
    return answer;
  }

  /** Processes that ended of themselves since the last call, and how often. */
  takeCrashes(): readonly string[] {
    return [...this.#programs.values()].flatMap((program) => {
      const { crashes, name } = program;
      program.crashes = 0;
      return crashes === 0 ? [] : [`${name} ended by itself ${crashes} times; its log: ${this.logFile(name)}`];
    });
  }

  /** Everything up and answering. */
  async allReady(): Promise<void> {
    await Promise.all([...this.#programs.values()].map((program) => program.ready()));
  }

  /** A venue without memory of the earlier seeds: its journal grows with every order. */
  async freshVenue(): Promise<void> {
    await this.program('simulator').stop();
    rmSync(join(this.directory, 'simulator'), { recursive: true, force: true });
    await this.program('simulator').ready();
    await this.ask('settings', { walk: false });
  }

  async close(): Promise<void> {
    if (this.#closing) return;
    this.#closing = true;
    await Promise.all([...this.#programs.values()].map((program) => program.stop()));
    await this.#database?.close();
    await Promise.all([this.#redis?.stop(), this.#mysql?.stop(30_000)]);
    for (const clock of this.#clocks.values()) clock.remove();
    this.#guard.close();
  }
}
