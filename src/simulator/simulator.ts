import type { AddressInfo } from 'node:net';
import { createLogger, type Logger } from '@/platform/log';
import { ControlApi } from './control/control-api';
import { DingTalkSink } from './dingtalk/sink';
import { AccountStore } from './engine/accounts';
import type { Candle } from './engine/candle';
import { VenueClock } from './engine/clock';
import { nextFundingTime, settleFunding } from './engine/funding';
import { VenueIds } from './engine/ids';
import { INSTRUMENTS } from './engine/instruments';
import { Journal, type StoredState } from './engine/journal';
import { liquidate } from './engine/liquidation';
import { delistEnded } from './engine/listing';
import { Market, type StoredPrice } from './engine/market';
import { execute, matchResting } from './engine/matching';
import { matchAlgos } from './engine/triggers';
import type { VenueEvents } from './engine/venue';
import { FaultPlane } from './faults/faults';
import { addAccountRoutes } from './okx/account-routes';
import { closeServer, createHttpServer } from './okx/http-server';
import { addPublicRoutes } from './okx/public-routes';
import { RateLimits } from './okx/rate-limits';
import { Router } from './okx/router';
import { StreamServer } from './okx/stream-server';
import { addTradeRoutes } from './okx/trade-routes';
import type { OkxVenue } from './okx/venue';

export interface SimulatorOptions {
  /** 0 takes a free one. */
  readonly port?: number;
  readonly host?: string;
  /** Folder of the journal; without one nothing survives a restart. */
  readonly dataDir?: string;
  readonly seed?: number;
  readonly rateLimits?: boolean;
  /** Time as the rate limits see it. */
  readonly limitClock?: () => number;
  /** OKX's limit of three new streams per second and address. */
  readonly connectLimit?: boolean;
  /** A stream over which nothing went for so long is closed; OKX: 30 s. */
  readonly streamIdleMs?: number;
  /** How often streams repeat open positions; OKX: about 5 s. */
  readonly streamRepeatMs?: number;
  /** False: prices stand still unless moved through the control API. */
  readonly walk?: boolean;
  /** Time between steps of the walk. */
  readonly tickMs?: number;
  /** Standard deviation of a step, as a share of the price. */
  readonly volatility?: number;
  /** Half spread in ticks. */
  readonly spreadTicks?: number;
  /** `refused`: orders that would close more than is held, as in earlier times. */
  readonly closing?: 'cut' | 'refused';
  readonly log?: Logger;
  /** Answered at /control/health: whose simulator this is. */
  readonly instance?: string;
  /** What a `kill` fault does, after the journal was written. Without it such a fault only drops the connection. */
  readonly onKill?: () => void;
}

export interface Simulator {
  readonly port: number;
  /** Base address for REST clients, such as http://127.0.0.1:8787 */
  readonly rest: string;
  /** Base address for streams; append /ws/v5/public, /ws/v5/private or /ws/v5/business. */
  readonly ws: string;
  readonly control: string;
  /** Stops serving, saves and lets go of everything. */
  stop(): Promise<void>;
}

const DEFAULT_TICK_MS = 250;
const LIQUIDATION_MS = 1000;
const STREAM_IDLE_MS = 30_000;
const STREAM_REPEAT_MS = 5000;

const SILENT: VenueEvents = { order: () => {}, algo: () => {}, holdings: () => {} };

function storedPrices(stored: StoredState): Map<string, StoredPrice> {
  return new Map([...stored.of('price')].map(([instId, value]) => [instId, value as StoredPrice]));
}

function storedCandles(stored: StoredState): Map<string, Candle[]> {
  const byInstrument = new Map<string, Candle[]>();
  for (const [key, value] of stored.of('candle')) {
    const instId = key.split('|')[0] ?? '';
    const list = byInstrument.get(instId) ?? [];
    list.push(value as Candle);
    byInstrument.set(instId, list);
  }
  return byInstrument;
}

const DAY_MS = 86_400_000;
const KEPT_CANDLES_MS = 3 * DAY_MS;
/** As long as OKX lists orders and fills. */
const KEPT_HISTORY_MS = 90 * DAY_MS;

/** What of the journal is still wanted at a start. */
function keepStored(kind: string, value: unknown): boolean {
  const { ts, uTime, state } = value as { ts?: number; uTime?: number; state?: string };
  const now = Date.now();
  if (kind === 'candle') return now - (ts ?? 0) < KEPT_CANDLES_MS;
  if (kind === 'fill' || kind === 'bill') return now - (ts ?? 0) < KEPT_HISTORY_MS;
  if (kind === 'closed') return now - (uTime ?? 0) < KEPT_HISTORY_MS;
  const over = kind === 'algo' ? state !== 'live' : kind === 'order' && (state === 'filled' || state === 'canceled');
  return !over || now - (uTime ?? 0) < KEPT_HISTORY_MS;
}

function buildVenue(options: SimulatorOptions, log: Logger): { venue: OkxVenue; stored: StoredState } {
  const { journal, stored } = Journal.open(options.dataDir, keepStored);
  const clock = new VenueClock();
  const now = (): number => clock.now();
  const ids = new VenueIds(now);
  const seed = options.seed ?? 1;
  const accounts = new AccountStore(journal, () => ids.next(), now);
  accounts.restore(stored);
  const market = new Market(
    { seed, spreadTicks: options.spreadTicks ?? 1, volatility: options.volatility ?? 0.00002 },
    now,
    () => ids.nextTrade(),
    storedPrices(stored),
    storedCandles(stored),
    (instId, candle) => journal.touch('candle', `${instId}|${candle.ts}`, candle),
  );
  market.walking = options.walk ?? true;
  const faults = new FaultPlane(seed, clock);
  const venue: OkxVenue = {
    clock,
    ids,
    journal,
    accounts,
    market,
    faults,
    disturbances: faults,
    closing: options.closing ?? 'cut',
    limits: new RateLimits(options.rateLimits ?? true, options.limitClock ?? Date.now),
    log,
    events: SILENT,
    resting: new Map(),
    timers: new Set(),
  };
  return { venue, stored };
}

/** Orders that were open when the venue stopped: they rest again, or are executed if nothing holds them back any more. */
function resume(venue: OkxVenue): void {
  for (const account of venue.accounts.byUid.values()) {
    for (const order of [...account.pending.values()]) {
      order.deferred = false;
      execute(venue, account, order);
    }
  }
}

/** Starts a venue of its own: REST, streams and the control API on one port. */
export async function startSimulator(options: SimulatorOptions = {}): Promise<Simulator> {
  const log = options.log ?? createLogger('simulator');
  const host = options.host ?? '127.0.0.1';
  const { venue, stored } = buildVenue(options, log);
  const startedAt = Date.now();
  // Exchanges do not forget when they crash: what was accepted is on disk before the process dies.
  const kill = (): void => {
    venue.journal.flush();
    options.onKill?.();
  };
  const streams = new StreamServer(venue, {
    connectLimit: options.connectLimit ?? false,
    idleMs: options.streamIdleMs ?? STREAM_IDLE_MS,
    repeatMs: options.streamRepeatMs ?? STREAM_REPEAT_MS,
    kill,
  });
  venue.events = streams.privateStreams;

  const savePrices = (instIds: Iterable<string>): void => {
    for (const instId of instIds) venue.journal.touch('price', instId, venue.market.stored(instId));
  };
  const moved = (instIds: readonly string[]): void => {
    for (const instId of instIds) {
      matchResting(venue, instId);
      matchAlgos(venue, instId);
    }
    streams.publicStreams.publish(instIds);
  };
  const priceMoved = (instId: string): void => {
    moved([instId]);
    liquidate(venue);
    savePrices([instId]);
  };

  let authority = '';
  const dingTalk = new DingTalkSink(venue.journal, stored, () => Date.now());
  const { instance } = options;
  const control = new ControlApi({
    venue,
    streams,
    dingTalk,
    startedAt,
    instance,
    address: () => authority,
    priceMoved,
  });
  const router = new Router();
  addPublicRoutes(router);
  addAccountRoutes(router);
  addTradeRoutes(router);
  const side = control.handle.bind(control);
  const server = createHttpServer({ venue, router, side, kill });
  streams.attach(server);

  const everyInstrument = INSTRUMENTS.map((instrument) => instrument.instId);
  savePrices(everyInstrument);
  resume(venue);
  let fundingAt = nextFundingTime(venue.clock.now());
  const ticking = setInterval(() => {
    const stepped = venue.market.step();
    if (stepped.length > 0) moved(stepped);
  }, options.tickMs ?? DEFAULT_TICK_MS);
  const checking = setInterval(() => {
    liquidate(venue);
    savePrices(delistEnded(venue));
    if (venue.market.walking) savePrices(everyInstrument);
    const next = nextFundingTime(venue.clock.now());
    if (next > fundingAt) {
      settleFunding(venue, fundingAt);
      fundingAt = next;
    }
  }, LIQUIDATION_MS);

  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen({ port: options.port ?? 0, host, backlog: 4096 }, resolve);
  });
  const { port } = server.address() as AddressInfo;
  const shown = host.includes(':') ? `[${host}]` : host === '0.0.0.0' ? '127.0.0.1' : host;
  authority = `${shown}:${port}`;
  const address = `http://${authority}`;
  return {
    port,
    rest: address,
    ws: `ws://${authority}`,
    control: `${address}/control`,
    async stop() {
      clearInterval(ticking);
      clearInterval(checking);
      for (const timer of venue.timers) clearTimeout(timer);
      venue.faults.clear();
      streams.stop();
      await closeServer(server);
      savePrices(everyInstrument);
      venue.journal.close();
    },
  };
}
