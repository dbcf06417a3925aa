import { JOBS } from '@/contracts/jobs';
import type { Venues } from '@/exchanges/registry';
import { Cipher } from '@/platform/cipher';
import { systemClock } from '@/platform/clock';
import { connectDatabase } from '@/platform/database/database';
import { type Environment, readEnvironment } from '@/platform/env';
import { newId } from '@/platform/ids';
import { createLogger } from '@/platform/log';
import { createJobProducer } from '@/platform/queue';
import { connectRedis } from '@/platform/redis';
import type { WebContext } from './web-context';

/** Kept on globalThis: the pages' bundles and the server that runs them are separate copies of this module. */
const PLACE = Symbol.for('slipstream.web-services');
type Holder = { [PLACE]?: WebContext };

/** The web process's connections, made at the first call from the environment. */
export function webServices(): WebContext {
  const holder = globalThis as Holder;
  holder[PLACE] ??= createWebServices();
  return holder[PLACE];
}

/** Puts another context in its place (tests), or none. */
export function setWebServices(context: WebContext | null): void {
  const holder = globalThis as Holder;
  if (context === null) delete holder[PLACE];
  else holder[PLACE] = context;
}

/** Real markets where they are traded; the venue's demo only where there is nothing else. */
function marketModes(environment: Environment): WebContext['marketModes'] {
  const simulated = environment.SIMULATOR_REST_URL !== undefined && environment.SIMULATOR_WS_URL !== undefined;
  const modes = [
    ...(environment.LIVE_TRADING ? (['live'] as const) : []),
    ...(simulated ? (['simulated'] as const) : []),
  ];
  return modes.length === 0 ? ['demo'] : modes;
}

function createWebServices(): WebContext {
  const environment = readEnvironment();
  const logger = createLogger('web', environment.LOG_LEVEL);
  // Loaded at the first chart or health check: most of what a page needs comes from the rows.
  let loading: Promise<Venues> | null = null;
  const venues = () => {
    loading ??= import('./venues').then(({ installedVenues }) => installedVenues(environment, logger));
    return loading;
  };
  const preflights = createJobProducer('preflight-account', JOBS['preflight-account'], {
    redisUrl: environment.REDIS_URL,
    prefix: environment.REDIS_PREFIX,
    logger,
  });
  return {
    environment,
    database: connectDatabase(environment.DATABASE_URL, environment.DATABASE_CONNECTIONS),
    redis: connectRedis(environment.REDIS_URL, 'producer', logger),
    cipher: new Cipher(environment.SLIPSTREAM_MASTER_KEY),
    clock: systemClock,
    logger,
    preflights: { enqueue: (accountId) => preflights.enqueue({ accountId }, newId()) },
    venue: async (key) => (await venues()).get(key),
    marketModes: marketModes(environment),
  };
}
