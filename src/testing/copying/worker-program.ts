import { mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Guard } from '../../../scripts/services/guard';
import { anyFreePort } from '../../../scripts/services/ports';
import type { TestRedis } from '../services';
import { Program } from '../storm/program';
import type { Stage } from './stage';

export type WorkerProgramOptions = {
  readonly stage: Stage;
  readonly redis: TestRedis;
  readonly guard: Guard;
  readonly name: string;
  readonly env?: Readonly<Record<string, string>>;
};

/** Starts a worker as a process of its own over a stage's services, and waits until it is ready. Who starts it stops it. */
export async function startWorkerProgram({ stage, redis, guard, name, env }: WorkerProgramOptions): Promise<Program> {
  const port = await anyFreePort();
  const directory = resolve(process.env.SLIPSTREAM_TEST_DIR ?? '.data-test');
  mkdirSync(directory, { recursive: true });
  const program = new Program({
    name,
    script: 'src/processes/signal-worker.ts',
    env: {
      PATH: process.env.PATH,
      NODE_ENV: 'test',
      DATABASE_URL: stage.databaseUrl,
      DATABASE_CONNECTIONS: '5',
      REDIS_URL: redis.url,
      REDIS_PREFIX: redis.prefix,
      SLIPSTREAM_MASTER_KEY: stage.masterKey,
      NEXTAUTH_SECRET: 'not used by a worker',
      WORKER_HEALTH_PORT: String(port),
      SIMULATOR_REST_URL: stage.simulator.rest,
      SIMULATOR_WS_URL: stage.simulator.ws,
      PLACEMENT_CONNECTIONS: '16',
      ALLOW_PRIVATE_ADDRESSES: 'true',
      ...env,
    },
    healthUrl: `http://127.0.0.1:${port}/health`,
    logFile: join(directory, `worker-${process.pid}-${port}.log`),
    guard,
  });
  await program.ready();
  return program;
}
