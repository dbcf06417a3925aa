import { randomBytes } from 'node:crypto';
import pino from 'pino';
import type { RealtimeMessage } from '@/contracts/realtime';
import { venueThroughEffects } from '@/exchanges/effects';
import { createVenues, okxEndpointsAt, type Venues } from '@/exchanges/registry';
import { Cipher } from '@/platform/cipher';
import { systemClock } from '@/platform/clock';
import { connectDatabase, type Database } from '@/platform/database/database';
import { type EffectPlane, OPEN_PLANE } from '@/platform/effects';
import { newId, newToken, sha256 } from '@/platform/ids';
import { Precedence } from '@/platform/precedence';
import { Turns } from '@/platform/turns';
import { keyHint, sealCredentials } from '@/services/accounts/credentials';
import { runPreflight } from '@/services/accounts/run-preflight';
import { BalanceAsker } from '@/services/balances/balance-asker';
import { BalanceBook } from '@/services/balances/balance-book';
import type { CopyDeps } from '@/services/copying/copy-deps';
import { copySignal } from '@/services/copying/copy-signal';
import { SLICE_SIZES, type SliceSizes } from '@/services/copying/slices';
import { AccountStreams } from '@/services/execution/account-streams';
import { openAccounts } from '@/services/execution/accounts';
import { ChangedSettings } from '@/services/execution/changed-settings';
import { askForEndedOrders } from '@/services/execution/ended-orders';
import { KeyRing } from '@/services/execution/key-ring';
import { OrderExecutor } from '@/services/execution/order-executor';
import { EXECUTION_TIMINGS, type ExecutionTimings } from '@/services/execution/timings';
import { TradeBook } from '@/services/execution/trade-book';
import { ExitKeeper } from '@/services/exits/exit-keeper';
import { InstrumentWatch } from '@/services/market-data/instrument-watch';
import { refreshInstruments } from '@/services/market-data/refresh-instruments';
import { InstrumentCatalogue } from '@/services/pricing/instrument-catalogue';
import { PriceBoard } from '@/services/pricing/price-board';
import { ProtectionKeeper } from '@/services/protection/keeper';
import type { WatchDeps } from '@/services/reconciliation/position-watch';
import { proveHeld } from '@/services/reconciliation/prove-held';
import { KillSwitchBoard } from '@/services/safety/kill-switch-board';
import { type IngestDeps, ingestDeps, ingestSignal } from '@/services/signals/ingest';
import { tokenPlace } from '@/services/sources/sealed-fields';
import { type Simulator, startSimulator } from '@/simulator/simulator';
import { createTestDatabase, type TestDatabase } from '../services';

const SILENT = pino({ level: process.env.TEST_LOG_LEVEL ?? 'silent' });

export type StageFollower = {
  readonly subscriptionId: string;
  readonly customerId: string;
  readonly accountId: string;
  /** The simulator's name of the account. */
  readonly venueAccount: string;
};

export type FollowerOptions = {
  readonly followRatio?: string;
  readonly balance?: string;
  readonly positionMode?: 'net' | 'long_short';
  readonly forceMinimum?: boolean;
  readonly reverse?: boolean;
};

export type HandOrder = {
  readonly side: 'buy' | 'sell';
  readonly quantity: string;
  /** Of a limit order; absent: at market. */
  readonly price?: string;
  readonly reduceOnly?: boolean;
  readonly positionSide?: 'long' | 'short';
  readonly symbol?: string;
};

/** An order as the simulator's books have it. */
export type VenueOrderRow = {
  readonly account: string;
  readonly instId: string;
  readonly clOrdId: string;
  readonly state: string;
  readonly side: 'buy' | 'sell';
  readonly posSide: string;
  readonly reduceOnly: boolean;
  readonly sz: string;
  readonly fillSz: string;
  readonly lever: string;
  readonly tag: string;
};

export type WorkerOptions = {
  readonly streams?: boolean;
  readonly name?: string;
  readonly timings?: ExecutionTimings;
  /** How many followers are planned and sent at a time. */
  readonly slices?: SliceSizes;
  /** What the worker's statements, requests and pushes pass. */
  readonly effects?: EffectPlane;
  /** Knows no instruments yet and reads them when it first copies, instead of sharing the stage's. */
  readonly readsInstruments?: boolean;
  /** Another way to the stage's database. */
  readonly databaseUrl?: string;
  /** How long a look at exits waits for venues, ms; else for all of them. */
  readonly exitPatience?: number;
};

/** One worker in this process: its own connections, trade book and streams. */
export type StageWorker = {
  readonly deps: CopyDeps;
  copy(signalId: string, stop?: AbortSignal): Promise<void>;
  /** What its position watch asks of the venue. */
  readonly askForEnded: WatchDeps['askForEnded'];
  /** The pre-flight of an account. */
  checkAccount(accountId: string): Promise<boolean>;
  /** Looks at the venue's list of instruments, if something waits for one whose state is old. */
  readonly listing: InstrumentWatch;
  /** One look at all stop orders that are due. */
  protect(): Promise<void>;
  /** One look at what has to go. Answers the signals that will close it. */
  findExits(): Promise<readonly string[]>;
  /**
   * Follows exits for as long as something is to be done about them at once: what has to go is found, asked about and closed. Answers
   * the signals that closed it.
   */
  leave(): Promise<readonly string[]>;
  close(): Promise<void>;
};

/**
 * The copying road on real MySQL and a real simulator over the wire, in one process: a tenant with one source and one
 * strategy, followers as a test wants them, and workers that can be made and dropped.
 */
export class Stage {
  readonly token = newToken();
  readonly tenantId = newId();
  readonly sourceId = newId();
  readonly strategyId = newId();
  readonly published: RealtimeMessage[] = [];
  /** Signals that workers asked the queue for. */
  readonly woken: string[] = [];
  readonly followers: StageFollower[] = [];
  readonly #workers: StageWorker[] = [];

  private constructor(
    readonly database: Database,
    readonly simulator: Simulator,
    readonly masterKey: string,
    readonly cipher: Cipher,
    readonly catalogue: InstrumentCatalogue,
    readonly venues: Venues,
    private readonly rows: TestDatabase,
    /** Services are another stage's, which closes them. */
    private readonly guest: boolean,
  ) {}

  static async open(options: { readonly symbols?: readonly string[] } = {}): Promise<Stage> {
    const rows = await createTestDatabase();
    const simulator = await startSimulator({ port: 0, walk: false, rateLimits: false, log: SILENT });
    const database = connectDatabase(rows.url, 5);
    const masterKey = randomBytes(32).toString('base64');
    const cipher = new Cipher(masterKey);
    const venues = stageVenues(simulator);
    await refreshInstruments(database, venues.get('okx').market('simulated'), 'okx');
    const catalogue = new InstrumentCatalogue(database.system);
    await catalogue.refresh();
    const stage = new Stage(database, simulator, masterKey, cipher, catalogue, venues, rows, false);
    await stage.#makeTenant(options.symbols ?? null);
    return stage;
  }

  /** Another tenant with its own source and strategy on the same services. Close it before its host. */
  async beside(): Promise<Stage> {
    const { database, simulator, masterKey, cipher, catalogue, venues, rows } = this;
    const stage = new Stage(database, simulator, masterKey, cipher, catalogue, venues, rows, true);
    await stage.#makeTenant(null);
    return stage;
  }

  get databaseUrl(): string {
    return this.rows.url;
  }

  get db() {
    return this.database.forTenant(this.tenantId);
  }

  async #makeTenant(symbols: readonly string[] | null): Promise<void> {
    const { tenantId, sourceId, strategyId } = this;
    const wrappedKey = this.cipher.newWrappedKey(tenantId);
    await this.database.system.tenant.create({ data: { id: tenantId, name: 'Test', slug: tenantId, wrappedKey } });
    const cipher = this.cipher.forTenant({ id: tenantId, wrappedKey });
    await this.db.signalSource.create({
      data: {
        id: sourceId,
        tenantId,
        name: 'Leader',
        venue: 'okx',
        tokenHash: sha256(this.token),
        tokenSealed: cipher.seal(this.token, tokenPlace(sourceId)),
        leaderEquity: '100000',
      },
    });
    await this.db.strategy.create({
      data: {
        id: strategyId,
        tenantId,
        signalSourceId: sourceId,
        name: 'Strategy',
        followRatio: '0.1',
        defaultLeverage: '10',
        maxLeverage: '20',
        ...(symbols === null ? {} : { symbols: [...symbols] }),
      },
    });
  }

  /** Adds customers with one simulated account each, all following the strategy. */
  async addFollowers(options: readonly FollowerOptions[]): Promise<readonly StageFollower[]> {
    const tenant = await this.database.system.tenant.findUniqueOrThrow({ where: { id: this.tenantId } });
    const cipher = this.cipher.forTenant(tenant);
    const added: StageFollower[] = [];
    for (const option of options) {
      const balance = option.balance ?? '100000';
      const positionMode = option.positionMode ?? 'net';
      const key = await this.control<{ account: string; apiKey: string; secret: string; passphrase: string }>(
        'accounts',
        {
          balance,
          posMode: `${positionMode}_mode`,
        },
      );
      const follower = { subscriptionId: newId(), customerId: newId(), accountId: newId(), venueAccount: key.account };
      const { tenantId, strategyId } = this;
      await this.db.customer.create({
        data: { id: follower.customerId, tenantId, name: `Customer ${this.followers.length + 1}`, maxLeverage: '50' },
      });
      await this.db.exchangeAccount.create({
        data: {
          id: follower.accountId,
          tenantId,
          customerId: follower.customerId,
          venue: 'okx',
          label: 'Account',
          mode: 'simulated',
          credentials: sealCredentials(cipher, follower.accountId, key),
          keyHint: keyHint(key.apiKey),
          positionMode,
          health: 'healthy',
          venueUserId: key.account,
          venueOwnerId: key.account,
          tradesAs: key.account,
          equity: balance,
          available: balance,
          equityAt: new Date(),
        },
      });
      await this.db.subscription.create({
        data: {
          id: follower.subscriptionId,
          tenantId,
          customerId: follower.customerId,
          accountId: follower.accountId,
          strategyId,
          followRatio: option.followRatio ?? null,
          forceMinimum: option.forceMinimum ?? false,
          reverse: option.reverse ?? false,
          maxOrderShare: '1',
          maxSymbolShare: '1',
        },
      });
      this.followers.push(follower);
      added.push(follower);
    }
    return added;
  }

  /** Takes a native signal in as the webhook does, without queueing it. Answers its id. */
  async send(fields: Readonly<Record<string, unknown>>, token = this.token): Promise<string> {
    const body = {
      version: 1,
      id: newId(),
      timestamp: new Date().toISOString(),
      instrument: 'BTC-USDT-SWAP',
      orderType: 'market',
      ...fields,
    };
    const { signalId } = await ingestSignal(this.ingestDeps(), { ...this.incoming(JSON.stringify(body)), token });
    return signalId;
  }

  incoming(rawBody: string, contentType = 'application/json') {
    const { token } = this;
    return { token, rawBody, contentType, headers: new Headers(), ip: '127.0.0.1', receivedAt: Date.now() };
  }

  ingestDeps(): IngestDeps {
    return ingestDeps({
      database: this.database,
      cipher: this.cipher,
      instruments: this.catalogue,
      enqueue: async () => undefined,
      publish: async (messages) => void this.published.push(...messages),
      logger: SILENT,
    });
  }

  /** A worker; `streams` opens the accounts' private streams, without them only queries tell of fills. */
  async worker(options: WorkerOptions = {}): Promise<StageWorker> {
    const venues = stageVenues(this.simulator);
    const effects = options.effects ?? OPEN_PLANE;
    const venue = (key: string) => venueThroughEffects(venues.get(key), effects);
    const database = connectDatabase(options.databaseUrl ?? this.databaseUrl, 3, effects);
    // As a process does before its first order.
    await venues.get('okx').clock('simulated').ready();
    const publish = (messages: readonly RealtimeMessage[]) =>
      effects
        .perform({ kind: 'push', name: 'publish' }, async () => void this.published.push(...messages))
        // As the real publisher: pushes are a courtesy and never fail their caller.
        .catch(() => undefined);
    const catalogue = options.readsInstruments ? new InstrumentCatalogue(database.system) : this.catalogue;
    const instruments = (id: string) => catalogue.require(id);
    const rereadInstruments = () => catalogue.refresh(true);
    const book = new TradeBook({ database, instruments, rereadInstruments, publish, logger: SILENT });
    const never = new AbortController().signal;
    const dead = new Promise<void>((resolve) => void effects.onDeath(resolve));
    const prices = new PriceBoard(venue, SILENT);
    const keys = new KeyRing(this.cipher);
    const balances = new BalanceBook({ database, clock: systemClock, logger: SILENT });
    const checkAccount = (accountId: string): Promise<boolean> =>
      runPreflight({ database, cipher: this.cipher, venue, publish, logger: SILENT }, accountId);
    const listing = new InstrumentWatch({
      database,
      market: () => venue('okx').market('simulated'),
      venue: 'okx',
      catalogue,
      logger: SILENT,
    });
    book.subscribe((trades) => listing.hear(trades));
    const deps: CopyDeps = {
      database,
      cipher: this.cipher,
      keys,
      instruments: catalogue,
      prices,
      balances: new BalanceAsker({ venue, book: balances }),
      // Read when a test says so: what a worker does by the clock is no part of its scenario.
      killSwitches: new KillSwitchBoard(this.database),
      settings: new ChangedSettings({ database, venue, look: checkAccount, logger: SILENT }),
      book,
      timings: options.timings ?? EXECUTION_TIMINGS,
      slices: options.slices ?? SLICE_SIZES,
      venue,
      publish,
      worker: options.name ?? 'worker',
      logger: SILENT,
      turns: new Turns(),
      precedence: new Precedence(),
      askedFor: (instrumentId) => listing.askedFor(instrumentId),
      wake: (signalId) => effects.perform({ kind: 'queue', name: 'wake' }, async () => void this.woken.push(signalId)),
    };
    const keeper = new ProtectionKeeper({
      ...deps,
      prove: (account, side) => proveHeld({ ...deps, clock: systemClock }, account, { ...side, saidSo: true }),
    });
    const exits = new ExitKeeper(deps, systemClock, options.exitPatience ?? 60_000);
    // Followers may join later.
    const owns = (accountId: string): boolean => ownsOf(this.followers)(accountId);
    const leave = async (): Promise<readonly string[]> => {
      const closing: string[] = [];
      for (let added = await exits.runOnce(owns, never); added.length > 0; added = await exits.runOnce(owns, never)) {
        for (const signalId of added) await copySignal(deps, signalId, never);
        closing.push(...added);
      }
      await exits.asked();
      return closing;
    };
    const executor = new OrderExecutor({
      ...deps,
      report: (tenantId, report) => book.report(tenantId, report),
      extendSendBy: async () => false,
    });
    const streams = new AccountStreams({ ...deps, balances, suspect: () => undefined, executor });
    if (options.streams ?? true) {
      await streams.reconcile(() => true);
      await until(() => streams.figures().live === this.followers.length, 'the streams are live');
    }
    const worker: StageWorker = {
      deps,
      copy: (signalId, stop = new AbortController().signal) => copySignal(deps, signalId, stop),
      askForEnded: (account, since, instrumentIds) =>
        askForEndedOrders({ database, book, executor }, account, since, instrumentIds),
      checkAccount,
      listing,
      protect: () => keeper.runOnce(owns, never),
      findExits: () => exits.runOnce(owns, never),
      leave,
      close: async () => {
        listing.close();
        // A worker that died never answers again.
        await Promise.race([book.drain(), dead]);
        await streams.close();
        await Promise.race([balances.close(), dead]);
        await prices.close();
        keys.close();
        await venues.close();
        await Promise.race([database.close(), dead]);
      },
    };
    this.#workers.push(worker);
    return worker;
  }

  /** POSTs to the simulator's control API, or GETs without a body. */
  async control<T>(path: string, body?: unknown): Promise<T> {
    const init = body === undefined ? {} : { method: 'POST', body: JSON.stringify(body) };
    const response = await fetch(`${this.simulator.control}/${path}`, init);
    const answer = (await response.json()) as { data?: T } & T;
    if (!response.ok) throw new Error(`${path}: ${JSON.stringify(answer)}`);
    return answer.data ?? answer;
  }

  /** Every order in the simulator's books. */
  async venueOrders(): Promise<readonly VenueOrderRow[]> {
    const answer = await this.control<readonly VenueOrderRow[] | { orders: readonly VenueOrderRow[] }>('orders');
    return 'orders' in answer ? answer.orders : answer;
  }

  /** An order that is none of ours: what a customer does at the venue himself. Answers its client id. */
  async byHand(follower: StageFollower, order: HandOrder): Promise<string> {
    const accounts = await openAccounts(this.db, this.cipher, this.tenantId, [follower.accountId]);
    const account = accounts.get(follower.accountId);
    if (account === undefined) throw new Error('The account does not open');
    const clientOrderId = `hand${randomBytes(8).toString('hex')}`;
    const { price = null, reduceOnly = false, positionSide = 'long' } = order;
    const outcome = await this.venues.get('okx').placer.place(account.access, {
      clientOrderId,
      symbol: order.symbol ?? 'BTC-USDT-SWAP',
      side: order.side,
      positionSide,
      positionMode: account.positionMode,
      marginMode: account.marginMode,
      reduceOnly,
      orderType: price === null ? 'market' : 'limit',
      quantity: order.quantity,
      price,
      expiresAt: Date.now() + 5000,
    });
    if (outcome.kind !== 'accepted') throw new Error(`The venue did not take it: ${outcome.kind} ${outcome.code}`);
    return clientOrderId;
  }

  /** What a follower holds at the venue, contracts; negative for short. */
  async venueHeld(follower: StageFollower, instId = 'BTC-USDT-SWAP'): Promise<string> {
    const { positions } = await this.control<{ positions: { account: string; instId: string; signedPos: string }[] }>(
      'positions',
    );
    const own = positions.filter((row) => row.account === follower.venueAccount && row.instId === instId);
    return String(own.reduce((sum, { signedPos }) => sum + Number(signedPos), 0));
  }

  /** Another source and strategy that accounts of followers follow, too. Answers the new subscriptions. */
  async addStrategy(
    followers: readonly StageFollower[],
    followRatio = '0.1',
  ): Promise<{ readonly sourceId: string; readonly token: string; readonly followers: readonly StageFollower[] }> {
    const { tenantId } = this;
    const [sourceId, strategyId, token] = [newId(), newId(), newToken()];
    const sealed = { tokenHash: sha256(token), tokenSealed: 'sealed' };
    await this.db.signalSource.create({
      data: { id: sourceId, tenantId, name: 'Other leader', venue: 'okx', leaderEquity: '100000', ...sealed },
    });
    const limits = { defaultLeverage: '10', maxLeverage: '20' };
    await this.db.strategy.create({
      data: { id: strategyId, tenantId, signalSourceId: sourceId, name: 'Other', followRatio, ...limits },
    });
    const added: StageFollower[] = [];
    for (const follower of followers) {
      const subscriptionId = newId();
      const { customerId, accountId } = follower;
      const shares = { maxOrderShare: '1', maxSymbolShare: '1' };
      await this.db.subscription.create({
        data: { id: subscriptionId, tenantId, customerId, accountId, strategyId, ...shares },
      });
      added.push({ ...follower, subscriptionId });
    }
    return { sourceId, token, followers: added };
  }

  /** Lets the pauses between two attempts to close something be over. */
  async hurry(): Promise<void> {
    await this.db.positionExit.updateMany({ data: { nextAt: new Date(0) } });
  }

  trades(signalId: string) {
    return this.db.trade.findMany({ where: { signalId }, orderBy: [{ subscriptionId: 'asc' }, { leg: 'asc' }] });
  }

  signal(signalId: string) {
    return this.db.signal.findUniqueOrThrow({ where: { id: signalId } });
  }

  /** What a follower holds by our own book, contracts; negative for short. */
  async held(follower: StageFollower, instrumentId = 'okx:BTC-USDT-SWAP'): Promise<string> {
    const rows = await this.db.position.findMany({ where: { subscriptionId: follower.subscriptionId, instrumentId } });
    const open = rows.find((row) => !row.quantity.isZero());
    return open === undefined ? '0' : `${open.side === 'short' ? '-' : ''}${open.quantity.toFixed()}`;
  }

  async close(): Promise<void> {
    for (const worker of this.#workers) await worker.close();
    if (this.guest) return;
    await this.venues.close();
    await this.simulator.stop();
    await this.database.close();
    await this.rows.drop();
  }
}

/** Whether an account is one of these followers': other stages' are none of a worker's business. */
function ownsOf(followers: readonly StageFollower[]): (accountId: string) => boolean {
  const ids = new Set(followers.map(({ accountId }) => accountId));
  return (accountId) => ids.has(accountId);
}

function stageVenues(simulator: Simulator): Venues {
  return createVenues(
    {
      okx: {
        endpoints: { simulated: okxEndpointsAt(simulator.rest, simulator.ws), demo: null, live: null },
        placementConnections: 16,
        requestTimeoutMs: 2000,
        wsConnectsPerSecond: { simulated: 500, demo: 3, live: 3 },
      },
    },
    SILENT,
  );
}

/** How the failures of `until` begin. */
export const IN_VAIN = 'Waited in vain';

/** Waits for a condition, looking often; throws after ten seconds. Both times can be given, ms. */
export async function until(
  condition: () => boolean | Promise<boolean>,
  what: string,
  within = 10_000,
  every = 10,
): Promise<void> {
  const deadline = Date.now() + within;
  while (!(await condition())) {
    if (Date.now() > deadline) throw new Error(`${IN_VAIN}: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, every));
  }
}
