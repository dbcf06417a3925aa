import type { AccountMode } from '@/domain/account-mode';
import { Pacer } from '@/exchanges/pacer';
import type {
  AccountClient,
  AccountStream,
  AccountStreamListener,
  BreakerView,
  MarketData,
  MarketListener,
  OrderPlacer,
  PriceStream,
  Venue,
  VenueAccount,
  VenueEndpoints,
} from '@/exchanges/port';
import { VenueError } from '@/exchanges/port';
import { MeasuredVenueClock } from '@/exchanges/venue-clock';
import { guardAccount, guardMarket, VenueGuard } from '@/exchanges/venue-guard';
import type { Logger } from '@/platform/log';
import { OkxAccountClient } from './account-client';
import { InstrumentCodes } from './instrument-codes';
import { OKX } from './mapper';
import { OkxMarketData } from './market-data';
import { OkxOrderStreams } from './order-streams';
import { OkxOrderPlacer } from './placement';
import { OkxPriceStream } from './price-stream';
import { OkxPrivatePost } from './private-post';
import type { RestClientOptions } from './rest-client';
import { OKX_SOCKET_TIMINGS, type OkxSocketTimings } from './socket';
import { OkxAccountStream } from './stream';

export type OkxVenueOptions = {
  /** Live is null unless the operator enabled it. */
  readonly endpoints: VenueEndpoints;
  /**
   * stream: an order goes over its account's private stream while that is open in this process, and over REST otherwise.
   * Left out: all go over REST.
   */
  readonly orderTransport?: 'rest' | 'stream';
  /** Sockets for placing, at most, to one origin: about accounts × round trip ÷ wanted time. */
  readonly placementConnections: number;
  /** For one request; it also limits how long an unknown outcome is waited for. */
  readonly requestTimeoutMs: number;
  /** WebSocket connections a second; the real venue allows 3 per address. */
  readonly wsConnectsPerSecond: Readonly<Record<AccountMode, number>>;
  /** The operator's own broker tag, ≤ 16 letters and digits; none is sent without it. */
  readonly tag?: string;
  readonly socketTimings?: Partial<OkxSocketTimings>;
};

/** OKX v5: USDT-settled linear swaps, in simulated, demo and live mode. */
export class OkxVenue implements Venue {
  readonly key = OKX;
  readonly placer: OrderPlacer;
  readonly #options: OkxVenueOptions;
  readonly #logger: Logger;
  readonly #transport: OkxPrivatePost;
  readonly #orderStreams: OkxOrderStreams | null;
  readonly #timings: OkxSocketTimings;
  readonly #pacers: Readonly<Record<AccountMode, Pacer>>;
  readonly #guards = new Map<AccountMode, VenueGuard>();
  readonly #clocks = new Map<AccountMode, MeasuredVenueClock>();
  readonly #markets = new Map<AccountMode, MarketData>();
  readonly #streams = new Set<{ close(): Promise<void> }>();

  constructor(options: OkxVenueOptions, logger: Logger) {
    this.#options = options;
    this.#logger = logger.child({ venue: OKX });
    const breaker = (mode: AccountMode) => this.breaker(mode);
    this.#transport = new OkxPrivatePost(options, breaker, (mode) => this.clock(mode));
    this.#orderStreams = options.orderTransport === 'stream' ? this.#createOrderStreams() : null;
    this.placer = new OkxOrderPlacer(this.#transport, this.#orderStreams, options.tag ?? null);
    this.#timings = { ...OKX_SOCKET_TIMINGS, ...options.socketTimings };
    this.#pacers = {
      simulated: new Pacer(options.wsConnectsPerSecond.simulated),
      demo: new Pacer(options.wsConnectsPerSecond.demo),
      live: new Pacer(options.wsConnectsPerSecond.live),
    };
  }

  market = (mode: AccountMode): MarketData => {
    let market = this.#markets.get(mode);
    if (!market) {
      market = guardMarket(new OkxMarketData(this.#restOptions(mode)), this.breaker(mode));
      this.#markets.set(mode, market);
    }
    return market;
  };

  breaker(mode: AccountMode): VenueGuard {
    let guard = this.#guards.get(mode);
    if (!guard) {
      // Whether it is back, and what its clock says, are one question.
      const probe = () => this.clock(mode).read();
      guard = new VenueGuard({ venue: OKX, mode, probe, logger: this.#logger });
      this.#guards.set(mode, guard);
    }
    return guard;
  }

  clock(mode: AccountMode): MeasuredVenueClock {
    let clock = this.#clocks.get(mode);
    if (!clock) {
      clock = new MeasuredVenueClock(
        () => new OkxMarketData(this.#restOptions(mode)).getTime(),
        (question) => this.breaker(mode).ask(question),
        this.#logger.child({ mode }),
      );
      this.#clocks.set(mode, clock);
    }
    return clock;
  }

  breakers(): readonly BreakerView[] {
    return [...this.#guards.values()].map((guard) => guard.view());
  }

  account(account: VenueAccount): AccountClient {
    const client = new OkxAccountClient(
      account,
      this.#restOptions(account.mode),
      this.#transport,
      this.clock(account.mode),
    );
    return guardAccount(client, this.breaker(account.mode));
  }

  openAccountStream(account: VenueAccount, listener: AccountStreamListener): AccountStream {
    const socket = this.#socketOptions(account.mode, 'wsPrivate');
    const clock = this.clock(account.mode);
    const onClosed = () => this.#streams.delete(stream);
    const stream = new OkxAccountStream(account, socket, clock, listener, this.#logger, onClosed, this.#orderStreams);
    this.#streams.add(stream);
    return stream;
  }

  openPriceStream(mode: AccountMode, symbols: readonly string[], listener: MarketListener): PriceStream {
    const socket = this.#socketOptions(mode, 'wsPublic');
    const stream = new OkxPriceStream(symbols, socket, listener, this.#logger, () => this.#streams.delete(stream));
    this.#streams.add(stream);
    return stream;
  }

  async close(): Promise<void> {
    for (const guard of this.#guards.values()) guard.close();
    await Promise.all([...this.#streams].map((stream) => stream.close()));
    this.#orderStreams?.close();
    await this.placer.close();
  }

  #createOrderStreams(): OkxOrderStreams {
    const guard = (mode: AccountMode) => this.breaker(mode);
    const read = (mode: AccountMode) =>
      guard(mode).ask(() => new OkxMarketData(this.#restOptions(mode)).getInstrumentCodes());
    const clock = (mode: AccountMode) => this.clock(mode);
    return new OkxOrderStreams(new InstrumentCodes(read, this.#logger), guard, clock, this.#options.requestTimeoutMs);
  }

  #restOptions(mode: AccountMode): RestClientOptions {
    return {
      origin: this.#endpoints(mode).rest,
      requestTimeoutMs: this.#options.requestTimeoutMs,
      simulatedTrading: mode !== 'live',
    };
  }

  #socketOptions(mode: AccountMode, endpoint: 'wsPublic' | 'wsPrivate') {
    return { url: this.#endpoints(mode)[endpoint], pacer: this.#pacers[mode], timings: this.#timings };
  }

  #endpoints(mode: AccountMode): NonNullable<VenueEndpoints['live']> {
    const endpoints = this.#options.endpoints[mode];
    if (!endpoints) {
      throw new VenueError('MODE_NOT_OFFERED', `This installation does not offer the mode "${mode}"`, 'refused');
    }
    return endpoints;
  }
}
