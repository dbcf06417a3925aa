import { hostname } from 'node:os';
import { JOBS } from '@/contracts/jobs';
import type { RealtimeMessage } from '@/contracts/realtime';
import { CREDENTIALS_UNREADABLE } from '@/domain/order-note-text';
import { isTerminal } from '@/domain/order-state';
import { Cipher } from '@/platform/cipher';
import { currentTime, systemClock } from '@/platform/clock';
import { connectDatabase } from '@/platform/database/database';
import { followDatabaseTime } from '@/platform/database/database-time';
import { createEventPublisher } from '@/platform/event-stream';
import { startHealthServer } from '@/platform/health-server';
import { collectWhenIdle } from '@/platform/idle-collection';
import { newId } from '@/platform/ids';
import { Precedence } from '@/platform/precedence';
import { createJobConsumer, createJobProducer } from '@/platform/queue';
import { connectRedis } from '@/platform/redis';
import { Turns } from '@/platform/turns';
import { findChangeable } from '@/services/accounts/changeable-accounts';
import { runPreflight } from '@/services/accounts/run-preflight';
import { findUnchecked } from '@/services/accounts/unchecked-accounts';
import { findUnidentified } from '@/services/accounts/unidentified-accounts';
import { BalanceAsker } from '@/services/balances/balance-asker';
import { BalanceBook } from '@/services/balances/balance-book';
import { BalanceWatch } from '@/services/balances/balance-watch';
import type { CopyDeps } from '@/services/copying/copy-deps';
import { copySignal } from '@/services/copying/copy-signal';
import { askForEndedOnceMore } from '@/services/copying/ended-orders';
import { OnceMore } from '@/services/copying/once-more';
import { rehearse } from '@/services/copying/rehearse';
import { SignalTurns } from '@/services/copying/signal-turns';
import { SLICE_SIZES } from '@/services/copying/slices';
import { StragglerRound } from '@/services/copying/straggler-round';
import { settleStragglers, sweepSignals } from '@/services/copying/sweep';
import { AccountStreams } from '@/services/execution/account-streams';
import { ChangedSettings } from '@/services/execution/changed-settings';
import { askForEndedOrders } from '@/services/execution/ended-orders';
import { isKeyRefusal } from '@/services/execution/key-refusal';
import { KeyRing } from '@/services/execution/key-ring';
import { OrderExecutor } from '@/services/execution/order-executor';
import { Suspects } from '@/services/execution/suspects';
import { EXECUTION_TIMINGS } from '@/services/execution/timings';
import { TradeBook } from '@/services/execution/trade-book';
import { readUsedModes } from '@/services/execution/trading-accounts';
import { WorkerRegistry, workersKey } from '@/services/execution/worker-registry';
import { ExitKeeper } from '@/services/exits/exit-keeper';
import { InstrumentWatch } from '@/services/market-data/instrument-watch';
import { InstrumentCatalogue } from '@/services/pricing/instrument-catalogue';
import { PriceBoard } from '@/services/pricing/price-board';
import { publishPrices } from '@/services/pricing/publish-prices';
import { ProtectionKeeper } from '@/services/protection/keeper';
import { withdrawStrays } from '@/services/protection/stray-stops';
import { noteComparison } from '@/services/reconciliation/comparisons';
import { PositionWatch } from '@/services/reconciliation/position-watch';
import { proveHeld } from '@/services/reconciliation/prove-held';
import { KillSwitchBoard } from '@/services/safety/kill-switch-board';
import { hearCalls } from '@/services/safety/kill-switch-call';
import { NakedWatch } from '@/services/safety/naked-watch';
import { cancelStrandedEntries } from '@/services/safety/stranded-entries';
import { VenueAlarm } from '@/services/system/venue-alarm';
import { tellFigures } from '@/services/system/worker-figures';
import { installedVenues, listingMode } from '@/services/venues';
import { beginProcess } from './begin';
import { every } from './every';

const { environment, logger } = await beginProcess('signal-worker');
const worker = `${hostname()}-${process.pid}-${newId().slice(-6)}`.slice(-60);
const queueOptions = { redisUrl: environment.REDIS_URL, prefix: environment.REDIS_PREFIX, logger };

const database = connectDatabase(environment.DATABASE_URL, environment.DATABASE_CONNECTIONS);
const unfollowTime = await followDatabaseTime(database.system, logger);
const redis = connectRedis(environment.REDIS_URL, 'producer', logger);
const events = createEventPublisher<RealtimeMessage>(environment.REDIS_URL, environment.REDIS_PREFIX, logger);
const cipher = new Cipher(environment.SLIPSTREAM_MASTER_KEY);
const keys = new KeyRing(cipher);
const venues = installedVenues(environment, logger);
const venue = (key: string) => venues.get(key);
const publish = (messages: readonly RealtimeMessage[]) => events.publish(messages);

const instruments = new InstrumentCatalogue(database.system);
const prices = new PriceBoard(venue, logger);
const book = new TradeBook({
  database,
  instruments: (id) => instruments.require(id),
  rereadInstruments: () => instruments.refresh(true),
  publish,
  logger,
});
const registry = new WorkerRegistry(redis, workersKey(environment.REDIS_PREFIX), worker, logger);
const stop = new AbortController();
/** Connections of their own: the switches must be readable while the others are busy with a thousand followers. */
const switchDatabase = connectDatabase(environment.DATABASE_URL, 3);
const killSwitches = new KillSwitchBoard(switchDatabase);

const balances = new BalanceBook({ database, clock: systemClock, logger });
const balanceAsker = new BalanceAsker({ venue, book: balances });

const jobs = createJobProducer('copy-signal', JOBS['copy-signal'], queueOptions);
const preflightDeps = { database, cipher, venue, publish, logger };
const settings = new ChangedSettings({
  database,
  venue,
  look: (accountId) => runPreflight(preflightDeps, accountId),
  logger,
});

const copying: CopyDeps = {
  database,
  cipher,
  keys,
  instruments,
  prices,
  balances: balanceAsker,
  book,
  killSwitches,
  settings,
  timings: EXECUTION_TIMINGS,
  slices: SLICE_SIZES,
  venue,
  publish,
  worker,
  logger,
  askedFor: (instrumentId) => listing.askedFor(instrumentId),
  wake: (signalId, tenantId, ours = false) => jobs.enqueue({ signalId, tenantId, ours }, newId()),
  turns: new Turns(),
  precedence: new Precedence(),
};
const listing = new InstrumentWatch({
  database,
  market: () => venue('okx').market(listingMode(environment)),
  venue: 'okx',
  catalogue: instruments,
  looked: () => {
    leaveSoon();
    keepSoon();
  },
  logger,
});
const alarm = new VenueAlarm(database);
/** Fills are gathered this long before their stop orders are looked at, ms. */
const PROTECT_AFTER = 25;
/** Closes that end are gathered this long before what they left is looked for, ms. */
const LEAVE_AFTER = 50;
/** A signal that could not be worked on is not lost: its claim ends and the sweep takes it up again. */
const signals = new SignalTurns(
  (signalId) =>
    copySignal(copying, signalId, stop.signal).catch((error: Error) =>
      logger.error({ signal: signalId, reason: error.message }, 'copying was interrupted'),
    ),
  copying.precedence,
);

/** Accounts whose key was refused while trading are checked at once: customer and operators hear of it before the next signal. */
const suspects = new Suspects((accountId) => runPreflight(preflightDeps, accountId), logger);
book.subscribe((trades) => {
  for (const trade of trades) {
    if (trade.status === 'rejected' && trade.code !== null && isKeyRefusal(trade.code)) suspects.check(trade.accountId);
    if (trade.status === 'unknown' && trade.code === CREDENTIALS_UNREADABLE) suspects.check(trade.accountId);
  }
});

book.subscribe((trades) => listing.hear(trades));

/** Has its own way to the database: positions must be closed while the other one is busy with a thousand followers. */
const exits = new ExitKeeper({ ...copying, database: switchDatabase }, systemClock);
let leaving: NodeJS.Timeout | null = null;
/** A close has ended, or a level was passed: what has to go is looked for soon. */
function leaveSoon(): void {
  if (leaving !== null) return;
  leaving = setTimeout(() => {
    leaving = null;
    exits.runOnce(registry.owns, stop.signal).catch((error: Error) => {
      logger.warn({ reason: error.message }, 'exits were not looked at');
    });
  }, LEAVE_AFTER);
}
book.subscribe((trades) => {
  if (trades.some((trade) => trade.leg === 'close' && isTerminal(trade.status))) leaveSoon();
});

const keeper = new ProtectionKeeper({
  ...copying,
  crossed: leaveSoon,
  suspect: (accountId) => suspects.check(accountId),
  prove: (account, side) => proveHeld({ ...copying, clock: systemClock }, account, { ...side, saidSo: true }),
});
let keeping: NodeJS.Timeout | null = null;
/** Many changes come together. */
function keepSoon(): void {
  if (!keeper.used || keeping !== null) return;
  keeping = setTimeout(() => {
    keeping = null;
    keeper.runOnce(registry.owns, stop.signal).catch((error: Error) => {
      logger.warn({ reason: error.message }, 'stop orders were not looked at');
    });
  }, PROTECT_AFTER);
}
/** A position has changed, and its stop order with it. */
book.subscribe((trades) => {
  if (trades.some((trade) => !trade.bookedQuantity.isZero())) keepSoon();
});

const naked = new NakedWatch({ ...copying, database: switchDatabase });

/** Asks venues outside of any signal, and never sends. */
const asking = new OrderExecutor({
  venue,
  timings: EXECUTION_TIMINGS,
  logger,
  report: (tenantId, report) => book.report(tenantId, report),
  extendSendBy: async () => false,
});
const watch = new PositionWatch({
  database,
  cipher,
  venue,
  instruments,
  publish,
  askForEnded: (account, since, instrumentIds) =>
    askForEndedOrders({ database, book, executor: asking }, account, since, instrumentIds),
  noteComparison: (account, note) => noteComparison(redis, environment.REDIS_PREFIX, account, note),
  clock: systemClock,
  logger,
});
const balanceWatch = new BalanceWatch({
  database,
  cipher,
  venue,
  publish,
  asker: balanceAsker,
  book: balances,
  suspect: (accountId) => suspects.check(accountId),
  clock: systemClock,
  logger,
});
const streams = new AccountStreams({
  database,
  cipher,
  venue,
  book,
  balances,
  publish,
  suspect: (accountId) => suspects.check(accountId),
  connected: (accountId) => watch.soon(accountId),
  forced: (accountId) => watch.soon(accountId),
  logger,
  executor: asking,
});

const onceMore = new OnceMore();
const stragglers = new StragglerRound((accountId) => streams.watches(accountId));

/** Opens and keeps open what the accounts that trade need: price streams, warm connections and the venue's clock of each mode. */
async function prepareModes(): Promise<void> {
  await instruments.refresh();
  for (const { venue: key, mode } of await readUsedModes(database.statements)) {
    const symbols = instruments.quoted(key).map((instrument) => instrument.symbol);
    await prices.follow(key, mode, symbols);
    await venue(key).clock(mode).measure();
    // Again and again: connections that nobody used for a while are given up.
    await venue(key).placer.warm(mode, environment.PLACEMENT_CONNECTIONS);
  }
}

async function rehearseOnce(): Promise<void> {
  const rehearsal = await venues.openRehearsal();
  try {
    await rehearse(copying, rehearsal.venue);
  } finally {
    await rehearsal.close();
  }
}

await instruments.refresh();
await rehearseOnce().catch((error: Error) => logger.warn({ reason: error.message }, 'not rehearsed'));
await registry.beat();
await killSwitches.refresh();
const stopHearing = hearCalls(environment.REDIS_URL, environment.REDIS_PREFIX, logger, () => {
  void killSwitches.refresh().catch(() => undefined);
});

const sweep = every(1000, logger, 'sweep', async () => {
  for (const { id, tenantId, ours } of await sweepSignals(database)) signals.offer(id, tenantId, ours);
});
const collect = collectWhenIdle(() => signals.running === 0);
const loops = [
  every(100, logger, 'idle collection', async () => collect()),
  every(250, logger, 'kill switches', () => killSwitches.refresh()),
  every(1000, logger, 'flattening', async () => {
    if (killSwitches.anywhere('flatten')) await exits.runOnce(registry.owns, stop.signal);
  }),
  every(5000, logger, 'exits', async () => {
    await exits.runOnce(registry.owns, stop.signal);
  }),
  // What another process has learned of them is known here a little later.
  every(10_000, logger, 'instruments', () => instruments.refresh(true)),
  every(5000, logger, 'closed instruments', () => listing.runOnce()),
  every(500, logger, 'stop orders', () => keeper.runOnce(registry.owns, stop.signal)),
  every(2000, logger, 'naked positions', () => naked.look(registry.owns)),
  every(2000, logger, 'stranded entries', async () => {
    await cancelStrandedEntries(copying, registry.owns, stop.signal);
  }),
  every(1000, logger, 'positions', () => watch.runOnce(registry.owns, () => signals.running > 0)),
  every(1000, logger, 'balances', () => balanceWatch.runOnce(registry.owns, () => signals.running > 0)),
  every(10_000, logger, 'unidentified accounts', async () => {
    for (const id of await findUnidentified(database.system, registry.owns)) await runPreflight(preflightDeps, id);
  }),
  every(10_000, logger, 'unchecked accounts', async () => {
    for (const id of await findUnchecked(database.statements, registry.owns)) await runPreflight(preflightDeps, id);
  }),
  every(10_000, logger, 'settings at the venue', async () => {
    for (const id of await findChangeable(database.statements, registry.owns)) await runPreflight(preflightDeps, id);
  }),
  every(2000, logger, 'workers', async () => {
    await registry.beat();
    const figures = { streams: streams.figures(), signals: signals.running, breakers: venues.breakers() };
    await tellFigures(redis, environment.REDIS_PREFIX, worker, figures);
  }),
  every(1000, logger, 'venue alarm', () => alarm.look(venues.breakers(), currentTime())),
  every(3000, logger, 'account streams', () => streams.reconcile(registry.owns)),
  every(5000, logger, 'venue modes', prepareModes),
  every(1000, logger, 'prices', () => publishPrices(prices, database.system, redis, environment.REDIS_PREFIX, publish)),
  every(3000, logger, 'ended orders', async () => {
    await askForEndedOnceMore(copying, registry.owns, onceMore);
    await withdrawStrays(copying, registry.owns);
  }),
  every(3000, logger, 'stragglers', () => settleStragglers(copying, registry.owns, stop.signal, undefined, stragglers)),
];
const consumers = [
  createJobConsumer('copy-signal', JOBS['copy-signal'], queueOptions, async ({ signalId, tenantId, ours }) =>
    signals.offer(signalId, tenantId, ours),
  ),
  createJobConsumer('preflight-account', JOBS['preflight-account'], queueOptions, async ({ accountId }) => {
    await runPreflight(preflightDeps, accountId);
  }),
];

const health = await startHealthServer({
  host: environment.WEB_HOST,
  port: environment.WORKER_HEALTH_PORT,
  logger,
  instance: environment.SLIPSTREAM_INSTANCE,
  checks: {
    database: async () => {
      await database.system.$queryRaw`SELECT 1`;
      return null;
    },
    redis: async () => ((await redis.ping()) === 'PONG' ? null : 'no answer'),
  },
});
logger.info({ port: health.port, worker }, 'signal-worker is ready');

let stopping = false;
/** Takes no new work, lets what runs come to a safe point, and writes what is known. */
async function shutDown(): Promise<void> {
  if (stopping) return;
  stopping = true;
  logger.info({ signals: signals.running }, 'stopping');
  // Nothing new is taken up from here on, not by the sweep either.
  const left = signals.close();
  await sweep.stop();
  await Promise.all(
    left.map(({ signalId, tenantId, ours }) => copying.wake(signalId, tenantId, ours).catch(() => undefined)),
  );
  await Promise.race([
    Promise.all([...consumers.map((consumer) => consumer.close()), signals.ended()]),
    new Promise((resolve) => setTimeout(resolve, 8000).unref()),
  ]);
  stop.abort();
  await signals.ended();
  for (const loop of loops) await loop.stop();
  listing.close();
  stopHearing();
  await book.drain();
  await registry.leave();
  await streams.close();
  await balances.close();
  await prices.close();
  keys.close();
  unfollowTime();
  await venues.close();
  await Promise.all([health.close(), jobs.close(), events.close(), database.close(), switchDatabase.close()]);
  redis.disconnect();
  process.exit(0);
}
process.on('SIGTERM', () => void shutDown());
process.on('SIGINT', () => void shutDown());
