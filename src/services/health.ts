import type { WebContext } from './web-context';

export const HEALTH_CHECKS = ['database', 'redis', 'venue', 'websocket'] as const;
type Check = { readonly status: 'up' | 'down'; readonly ms: number; readonly reason?: string };
export type Health = {
  readonly status: 'up' | 'down';
  readonly checks: Readonly<Record<(typeof HEALTH_CHECKS)[number], Check>>;
};

const TIMEOUT_MS = 2_000;

/** Where the push server of this process says whether it works; set by the process that started it. */
const REALTIME = Symbol.for('slipstream.realtime');

/** Looks at everything that the web process needs, each for two seconds at most. Never rejects. */
export async function readHealth(context: WebContext): Promise<Health> {
  const [database, redis, venue, websocket] = await Promise.all([
    look(async () => {
      await context.database.system.$queryRawUnsafe('SELECT 1');
    }),
    look(async () => {
      await context.redis.ping();
    }),
    look(async () => {
      const okx = await context.venue('okx');
      await Promise.all(context.marketModes.map((mode) => okx.market(mode).getTime()));
    }),
    look(async () => {
      const realtime = (globalThis as { [REALTIME]?: { healthy(): boolean } })[REALTIME];
      if (realtime === undefined) throw new Error('not started');
      if (!realtime.healthy()) throw new Error('event stream is away');
    }),
  ]);
  const checks = { database, redis, venue, websocket };
  return { status: Object.values(checks).every((check) => check.status === 'up') ? 'up' : 'down', checks };
}

async function look(check: () => Promise<void>): Promise<Check> {
  const startedAt = performance.now();
  let timer: NodeJS.Timeout | undefined;
  try {
    await Promise.race([
      check(),
      new Promise((_, reject) => {
        timer = setTimeout(() => reject(new Error('timeout')), TIMEOUT_MS);
      }),
    ]);
    return { status: 'up', ms: Math.round(performance.now() - startedAt) };
  } catch (error) {
    // One word for everybody: addresses and the venue's words are for the log.
    const reason = (error as Error).message === 'timeout' ? 'timeout' : 'failed';
    return { status: 'down', ms: Math.round(performance.now() - startedAt), reason };
  } finally {
    clearTimeout(timer);
  }
}
