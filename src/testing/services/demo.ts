import { spawn } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import type { RunFile } from '../../../scripts/start/run-file';

export interface RunningDemo {
  /** Addresses, log-ins and webhooks, as `npm start` leaves them for scripts. */
  readonly run: RunFile;
  /** The data folder, with the logs of every process in logs/. */
  readonly directory: string;
  /** Everything that was printed so far. */
  output(): string;
  stop(): Promise<void>;
}

export interface DemoOptions {
  /** Names the data folder; two demos of one name must not run together. */
  name: string;
  /** Keeps the rows of an earlier demo of this name. */
  keep?: boolean;
  env?: Record<string, string>;
}

/**
 * Runs the whole service as `npm start` does, with its own data folder, ports and build of the pages. The first build of changed
 * sources takes a while: give `beforeAll` some minutes.
 */
export async function startDemo(options: DemoOptions): Promise<RunningDemo> {
  const root = resolve(process.env.SLIPSTREAM_TEST_DIR ?? '.data-test');
  const directory = join(root, `demo-${options.name}`);
  mkdirSync(root, { recursive: true });
  // Next writes into the compiler settings it is given; the project's own stay as they are.
  const settings = join(root, 'tsconfig.json');
  writeFileSync(settings, JSON.stringify({ extends: relative(root, 'tsconfig.build.json') }));
  const { DATABASE_URL: _database, REDIS_URL: _redis, npm_lifecycle_event: _npm, ...inherited } = process.env;
  const child = spawn(process.execPath, ['scripts/start.mjs', ...(options.keep ? [] : ['--fresh'])], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      ...inherited,
      SLIPSTREAM_DATA_DIR: directory,
      // Next takes both only relative to the project.
      NEXT_DIST_DIR: relative(process.cwd(), join(root, 'next')),
      NEXT_TSCONFIG: relative(process.cwd(), settings),
      NO_COLOR: '1',
      ...options.env,
    },
  });
  let output = '';
  const ended = new Promise<void>((resolveEnd) => child.once('close', () => resolveEnd()));
  await new Promise<void>((ready, fail) => {
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('data', (chunk: Buffer) => {
        output += chunk.toString();
        if (output.includes('Slipstream is running  ')) ready();
      });
    }
    child.once('error', fail);
    child.once('close', () => fail(new Error(`The service ended while starting.\n${output.slice(-6_000)}`)));
  });
  return {
    run: JSON.parse(readFileSync(join(directory, 'run.json'), 'utf8')) as RunFile,
    directory,
    output: () => output,
    stop: async () => {
      child.kill('SIGTERM');
      await ended;
    },
  };
}
