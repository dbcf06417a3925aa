import { join } from 'node:path';
import type { Secrets } from './secrets';

export const PREFERRED_PORTS = { web: 3000, simulator: 3100, mysql: 3307, redis: 6380, worker: 3001, scheduler: 3002 };

export type Ports = Record<keyof typeof PREFERRED_PORTS, number>;

export interface Addresses {
  /** What a browser on this machine opens. */
  web: string;
  /** Bases of the health addresses; those processes listen where web does. */
  worker: string;
  scheduler: string;
  rest: string;
  ws: string;
  /** Of the simulator's control API, /control included. */
  control: string;
}

/** The address to listen on, as others on this machine reach it. */
export function addresses(host: string, ports: Ports): Addresses {
  const everywhere = host === '0.0.0.0' || host === '::';
  const reachable = everywhere ? '127.0.0.1' : host.includes(':') ? `[${host}]` : host;
  const simulator = `${reachable}:${ports.simulator}`;
  return {
    web: `http://${reachable}:${ports.web}`,
    worker: `http://${reachable}:${ports.worker}`,
    scheduler: `http://${reachable}:${ports.scheduler}`,
    rest: `http://${simulator}`,
    ws: `ws://${simulator}`,
    control: `http://${simulator}/control`,
  };
}

/** What every process is given; `src/platform/env.ts` reads it. */
export function processEnvironment(input: {
  base: NodeJS.ProcessEnv;
  directory: string;
  host: string;
  ports: Ports;
  secrets: Secrets;
  instance: string;
  databaseUrl: string;
  redisUrl: string;
}): NodeJS.ProcessEnv {
  const { base, ports, host, secrets } = input;
  const at = addresses(host, ports);
  return {
    ...base,
    NODE_ENV: 'production',
    NEXT_TELEMETRY_DISABLED: '1',
    CHECKPOINT_DISABLE: '1',
    SLIPSTREAM_INSTANCE: input.instance,
    DATABASE_URL: input.databaseUrl,
    REDIS_URL: input.redisUrl,
    SLIPSTREAM_MASTER_KEY: secrets.masterKey,
    NEXTAUTH_SECRET: secrets.nextAuthSecret,
    NEXTAUTH_URL: base.NEXTAUTH_URL || at.web,
    WEB_HOST: host,
    WEB_PORT: String(ports.web),
    WORKER_HEALTH_PORT: String(ports.worker),
    SCHEDULER_HEALTH_PORT: String(ports.scheduler),
    SIMULATOR_HOST: host,
    SIMULATOR_PORT: String(ports.simulator),
    SIMULATOR_DATA_DIR: join(input.directory, 'simulator'),
    SIMULATOR_REST_URL: at.rest,
    SIMULATOR_WS_URL: at.ws,
    SIMULATOR_CONTROL_URL: at.control,
    // The demo's DingTalk is the simulator on this machine. Open to others, the service must not reach into its own network.
    ALLOW_PRIVATE_ADDRESSES: base.ALLOW_PRIVATE_ADDRESSES || String(['127.0.0.1', 'localhost', '::1'].includes(host)),
    LOG_LEVEL: base.LOG_LEVEL || 'info',
  };
}
