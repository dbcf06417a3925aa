import { z } from 'zod';
import { createLogger } from '@/platform/log';
import { startSimulator } from '@/simulator/simulator';

/** The exchange simulator as a process of its own. */
const environment = z.object({
  SIMULATOR_PORT: z.coerce.number().int().min(0).max(65535).default(8787),
  SIMULATOR_HOST: z.string().default('127.0.0.1'),
  SIMULATOR_DATA_DIR: z.string().optional(),
  SLIPSTREAM_INSTANCE: z.string().optional(),
  SIMULATOR_SEED: z.coerce.number().int().default(1),
  SIMULATOR_RATE_LIMITS: z.enum(['on', 'off']).default('on'),
});

const log = createLogger('simulator');
const env = environment.parse(process.env);

const simulator = await startSimulator({
  port: env.SIMULATOR_PORT,
  host: env.SIMULATOR_HOST,
  dataDir: env.SIMULATOR_DATA_DIR,
  seed: env.SIMULATOR_SEED,
  rateLimits: env.SIMULATOR_RATE_LIMITS === 'on',
  log,
  instance: env.SLIPSTREAM_INSTANCE,
  onKill: () => process.kill(process.pid, 'SIGKILL'),
});
const { port, rest, ws, control } = simulator;
log.info({ port, rest, ws, control }, `exchange simulator ready at ${rest}`);

let stopping = false;
function stop(signal: string): void {
  if (stopping) return;
  stopping = true;
  log.info({ signal }, 'stopping');
  simulator
    .stop()
    .then(() => process.exit(0))
    .catch((error: unknown) => {
      log.error({ err: error }, 'stopping failed');
      process.exit(1);
    });
}
process.on('SIGTERM', () => stop('SIGTERM'));
process.on('SIGINT', () => stop('SIGINT'));
