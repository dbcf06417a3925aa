import { schedule } from 'node-cron';
import { CcxtMarketData } from '@/exchanges/ccxt/market-data';
import { Cipher } from '@/platform/cipher';
import { systemClock } from '@/platform/clock';
import { connectDatabase } from '@/platform/database/database';
import { followDatabaseTime } from '@/platform/database/database-time';
import { createNamedLock } from '@/platform/database/named-lock';
import { startHealthServer } from '@/platform/health-server';
import { createOutbound } from '@/platform/outbound';
import { takeEquitySnapshots, thinEquitySnapshots } from '@/services/market-data/equity-snapshots';
import { refreshInstruments } from '@/services/market-data/refresh-instruments';
import { createDingTalkSender } from '@/services/notifications/dingtalk/sender';
import { notificationPolicy } from '@/services/notifications/outbound-policy';
import { createOutboxSender } from '@/services/notifications/outbox-sender';
import { pageLinks } from '@/services/notifications/page-links';
import { removeOldRows } from '@/services/retention/remove-old-rows';
import { listingMode, okxEndpoints } from '@/services/venues';
import { beginProcess } from './begin';
import { every } from './every';

/** How often the outbox is looked into. */
const OUTBOX_MS = 500;
/** Until the venue has answered once, it is asked again and again. */
const FIRST_REFRESH_MS = 5_000;
/** A sender that has not come round for so long is stuck. */
const STUCK_MS = 60_000;
const REQUEST_TIMEOUT_MS = 10_000;

const { environment, logger } = await beginProcess('scheduler');
const clock = systemClock;
const database = connectDatabase(environment.DATABASE_URL, environment.DATABASE_CONNECTIONS);
const unfollowTime = await followDatabaseTime(database.system, logger);
const cipher = new Cipher(environment.SLIPSTREAM_MASTER_KEY);
const outbound = createOutbound(notificationPolicy(environment));
// Of several schedulers one works and the others stand by.
const lock = createNamedLock(environment.DATABASE_URL, 'scheduler');
const sender = createOutboxSender({
  database,
  cipher,
  senders: [createDingTalkSender(outbound)],
  clock,
  logger,
  links: pageLinks(environment.NEXTAUTH_URL),
});

const mode = listingMode(environment);
const market = new CcxtMarketData({
  exchange: 'okx',
  venue: 'okx',
  restOrigin: okxEndpoints(environment)[mode]?.rest ?? null,
  timeoutMs: REQUEST_TIMEOUT_MS,
  headers: mode === 'demo' ? { 'x-simulated-trading': '1' } : {},
});

let refreshed = false;
async function refresh(): Promise<object> {
  const result = await refreshInstruments(database, market, 'okx');
  refreshed = true;
  return { mode, ...result };
}

const running = new Set<Promise<void>>();
/** One run of a regular task, where this scheduler is the one that works. */
function run(name: string, work: () => Promise<object>): Promise<void> {
  const task = (async () => {
    if (!(await lock.hold())) return;
    const startedAt = performance.now();
    try {
      const result = await work();
      logger.info({ task: name, ms: Math.round(performance.now() - startedAt), ...result }, 'task done');
    } catch (error) {
      logger.error({ task: name, reason: (error as Error).message }, 'task failed');
    }
  })().finally(() => running.delete(task));
  running.add(task);
  return task;
}

const cronLogger = {
  info: (message: string) => logger.debug(message),
  warn: (message: string) => logger.warn(message),
  error: (message: string | Error) => logger.error(String(message)),
  debug: (message: string | Error) => logger.debug(String(message)),
};
const crons = Object.entries({
  instruments: { at: '*/10 * * * *', work: refresh },
  'equity snapshots': {
    at: '*/5 * * * *',
    work: async () => ({ added: await takeEquitySnapshots({ database, clock }) }),
  },
  'old snapshots': {
    at: '17 3 * * *',
    work: async () => ({ removed: await thinEquitySnapshots({ database, clock }) }),
  },
  'old rows': { at: '37 3 * * *', work: () => removeOldRows({ database, clock }) },
}).map(([name, { at, work }]) =>
  schedule(at, () => run(name, work), { name, timezone: 'UTC', noOverlap: true, logger: cronLogger }),
);

let leading: boolean | null = null;
let lastRound = clock.now();
const loops = [
  every(OUTBOX_MS, logger, 'outbox', async () => {
    const holds = await lock.hold();
    if (holds !== leading) logger.info(holds ? 'this scheduler works' : 'another scheduler works, this one stands by');
    leading = holds;
    if (holds) await sender.runOnce();
    lastRound = clock.now();
  }),
  every(FIRST_REFRESH_MS, logger, 'first instruments', async () => {
    if (!refreshed) await run('instruments', refresh);
  }),
];

const health = await startHealthServer({
  host: environment.WEB_HOST,
  port: environment.SCHEDULER_HEALTH_PORT,
  logger,
  instance: environment.SLIPSTREAM_INSTANCE,
  checks: {
    database: async () => {
      await database.system.$queryRaw`SELECT 1`;
      return null;
    },
    outbox: async () => (clock.now() - lastRound < STUCK_MS ? null : 'the sender does not come round'),
  },
});
logger.info({ port: health.port, mode }, 'scheduler is ready');

let stopping = false;
/** Lets what runs come to its end: a message that is on its way is noted as sent. */
async function shutDown(signal: string): Promise<void> {
  if (stopping) return;
  stopping = true;
  logger.info({ signal }, 'scheduler stops');
  setTimeout(() => process.exit(0), 10_000).unref();
  await Promise.all([...crons.map((cron) => cron.destroy()), ...loops.map((loop) => loop.stop())]);
  await Promise.all(running);
  await lock.release();
  unfollowTime();
  await Promise.all([health.close(), outbound.close(), database.close()]);
  process.exit(0);
}
process.on('SIGTERM', () => void shutDown('SIGTERM'));
process.on('SIGINT', () => void shutDown('SIGINT'));
