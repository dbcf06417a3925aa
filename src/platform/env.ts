import { z } from 'zod';
import { parseDatabaseUrl } from './database/database-url';
import { parseRedisUrl } from './redis-url';

const port = z.coerce.number().int().min(0).max(65535);
const flag = z.enum(['true', 'false', '1', '0', 'on', 'off']).transform((v) => v === 'true' || v === '1' || v === 'on');

/** An address that its own parser understands, with all its parameters and files. */
function address(parse: (url: string) => unknown) {
  return z.string().superRefine((url, context) => {
    try {
      parse(url);
    } catch (error) {
      // The parser's message begins with the variable's name, as every line of `readEnvironment` does.
      context.addIssue({ code: 'custom', message: (error as Error).message.replace(/^[A-Z_]+ /, '') });
    }
  });
}

/** Everything that the processes read from their environment; `docs/operations.md` explains each. */
const variables = z.object({
  NODE_ENV: z.enum(['production', 'development', 'test']).default('production'),
  LOG_LEVEL: z.enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal']).default('info'),
  DATABASE_URL: address(parseDatabaseUrl),
  DATABASE_CONNECTIONS: z.coerce.number().int().min(1).max(200).optional(),
  REDIS_URL: address(parseRedisUrl),
  /** Separates installations that share one Redis. */
  REDIS_PREFIX: z
    .string()
    .regex(/^[a-z0-9-]+$/)
    .default('slipstream'),
  /** 32 bytes, base64: wraps the tenants' data keys. */
  SLIPSTREAM_MASTER_KEY: z.string().refine((v) => Buffer.from(v, 'base64').length === 32, 'must be 32 bytes in base64'),
  NEXTAUTH_SECRET: z.string().min(16, 'must have at least 16 characters'),
  NEXTAUTH_URL: z.url().default('http://127.0.0.1:3000'),
  WEB_HOST: z.string().default('127.0.0.1'),
  WEB_PORT: port.default(3000),
  /** Proxies in front of the web process whose X-Forwarded-For is believed. */
  TRUSTED_PROXIES: z.coerce.number().int().min(0).max(5).default(0),
  WORKER_HEALTH_PORT: port.default(3001),
  SCHEDULER_HEALTH_PORT: port.default(3002),
  SIMULATOR_REST_URL: z.url().optional(),
  SIMULATOR_WS_URL: z.url().optional(),
  SIMULATOR_CONTROL_URL: z.url().optional(),
  /** Who has started this process; it answers so at its health address. */
  SLIPSTREAM_INSTANCE: z
    .string()
    .regex(/^[0-9a-f]{8,64}$/)
    .optional(),
  /** Live trading places orders with real funds; without this, live accounts cannot be created nor traded. */
  LIVE_TRADING: flag.default(false),
  /** Lets tenants' notification addresses point into private networks: for tests and the demo only. */
  ALLOW_PRIVATE_ADDRESSES: flag.default(false),
  /** stream: an order goes over its account's private stream where that is open, and over REST otherwise. */
  ORDER_TRANSPORT: z.enum(['rest', 'stream']).default('rest'),
  PLACEMENT_CONNECTIONS: z.coerce.number().int().min(1).max(4096).default(256),
  /** Which OKX the customers registered with; only live trading needs it. */
  OKX_REGION: z.enum(['global', 'eea', 'us']).default('global'),
  ORDER_TAG: z
    .string()
    .regex(/^[A-Za-z0-9]{1,16}$/)
    .optional(),
});

const USUAL_CONNECTIONS = 10;

/** A pool's size has two places: its variable, and `connection_limit` of the address. They must not disagree. */
const environmentSchema = variables.transform((read, context) => {
  const { connectionLimit } = parseDatabaseUrl(read.DATABASE_URL).pool;
  const said = read.DATABASE_CONNECTIONS;
  if (said !== undefined && connectionLimit !== undefined && said !== connectionLimit) {
    const message = 'is not what connection_limit of DATABASE_URL says';
    context.addIssue({ code: 'custom', path: ['DATABASE_CONNECTIONS'], message });
  }
  return { ...read, DATABASE_CONNECTIONS: said ?? connectionLimit ?? USUAL_CONNECTIONS };
});
export type Environment = z.infer<typeof environmentSchema>;

/** Reads and checks the environment once, at a process's start. Throws an error that names every wrong variable. */
export function readEnvironment(source: Record<string, string | undefined> = process.env): Environment {
  const parsed = environmentSchema.safeParse(source);
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.map((issue) => `${issue.path.join('.')} ${issue.message}`);
  throw new Error(`The environment is not complete: ${problems.join('; ')}`);
}
