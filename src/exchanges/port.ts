import type { AccountMode } from '@/domain/account-mode';
import type { BreakerState, Contact, ContactFailure } from '@/domain/circuit-breaker';
import type { ListedInstrument } from '@/domain/listing';
import type { LevelKind } from '@/domain/protection';
import type { OrderType, PositionSide } from '@/domain/signal';

/**
 * What the product asks of a venue. One folder a venue implements it; nothing above this file knows a venue's words.
 * Quantities are contracts, prices and money quote currency, times epoch ms.
 */

/** A customer's key, in clear only between the cipher and the signature. Redacts itself when printed or serialised. */
export class Credentials {
  readonly #secret: { readonly apiKey: string; readonly secret: string; readonly passphrase: string };
  constructor(apiKey: string, secret: string, passphrase: string) {
    this.#secret = { apiKey, secret, passphrase };
  }
  /** The only way to the clear text; call it where the request is signed and keep nothing. */
  reveal(): { readonly apiKey: string; readonly secret: string; readonly passphrase: string } {
    return this.#secret;
  }
  toString(): string {
    return '[credentials]';
  }
  toJSON(): string {
    return '[credentials]';
  }
  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return '[credentials]';
  }
}

export type VenueAccount = {
  readonly accountId: string;
  /** Whose requests wait in one line (a tenant's): lines take turns where there are more requests than connections. */
  readonly line?: string;
  readonly mode: AccountMode;
  readonly credentials: Credentials;
};

export type MarginMode = 'cross' | 'isolated';
export type PositionMode = 'net' | 'long_short';

/** One order, ready to be signed. */
export type OrderRequest = {
  /** ≤ 32 letters and digits. */
  readonly clientOrderId: string;
  readonly symbol: string;
  readonly side: 'buy' | 'sell';
  readonly positionSide: PositionSide;
  readonly positionMode: PositionMode;
  readonly marginMode: MarginMode;
  readonly reduceOnly: boolean;
  readonly orderType: OrderType;
  readonly quantity: string;
  /** Only for limit orders. */
  readonly price: string | null;
  /**
   * The venue must refuse the request when it reads it after this moment, and it must not leave after it; epoch ms by the venue's
   * clock.
   */
  readonly expiresAt: number;
  /** Asked once more right before the first byte leaves; false: the request is dropped, as if it had come too late. */
  readonly mayStart?: () => boolean;
};

/** `setting`: refused because the account's settings at the venue are not those that the request was made for. */
type OfSetting = { readonly setting?: true };

/**
 * What is known after a placement.
 * accepted   the venue has it
 * refused    the venue said no; it will never exist; never retried
 * throttled  the venue did not take it because of a limit, or it did not leave; it does not exist; may be sent again
 * unknown    it may exist: query by client id, never send again blindly
 */
export type PlacementOutcome =
  | { readonly kind: 'accepted'; readonly venueOrderId: string; readonly at: number }
  | ({ readonly kind: 'refused'; readonly code: string; readonly message: string; readonly at: number } & OfSetting)
  | {
      readonly kind: 'throttled';
      readonly code: string;
      readonly message: string;
      readonly retryAfterMs: number;
      readonly at: number;
    }
  | { readonly kind: 'unknown'; readonly code: string; readonly message: string; readonly at: number };

/** The hot path: many orders of many accounts over one shared pool of warm connections. */
export interface OrderPlacer {
  /** Opens connections ahead of the next order, as far as they do not stand. */
  warm(mode: AccountMode, connections: number): Promise<void>;
  /** Never rejects: every failure is an outcome. Safe to call thousands of times at once. */
  place(account: VenueAccount, order: OrderRequest): Promise<PlacementOutcome>;
  /**
   * Sets the leverage of one instrument (both sides). The venue keeps it as it is while orders or stop orders rest there.
   * @param mayStart asked once more right before the first byte leaves; false: nothing is sent
   */
  setLeverage(
    account: VenueAccount,
    symbol: string,
    marginMode: MarginMode,
    leverage: string,
    positionMode: PositionMode,
    mayStart?: () => boolean,
  ): Promise<LeverageOutcome>;
  /** Places a stop order. A second one with the same client id is `unknown`: the first one may stand. */
  placeStop(account: VenueAccount, stop: StopRequest): Promise<StopOutcome>;
  /** Changes quantity and prices of a stop order that stands. Which prices are set must stay the same. Idempotent. */
  changeStop(account: VenueAccount, levels: StopLevels): Promise<StopChangeOutcome>;
  close(): Promise<void>;
}

/**
 * The stop-loss and take-profit of one position, one order at the venue: whichever price is reached first closes `quantity`
 * at market, and the other is gone.
 */
export type StopRequest = StopLevels & {
  readonly side: 'buy' | 'sell';
  readonly positionSide: PositionSide;
  readonly positionMode: PositionMode;
  readonly marginMode: MarginMode;
};

/** What of a stop order can be changed while it stands. At least one price is set. */
export type StopLevels = {
  /** ≤ 32 letters and digits. */
  readonly clientOrderId: string;
  readonly symbol: string;
  readonly quantity: string;
  /** Compared with the last price. */
  readonly stopPrice: string | null;
  readonly takePrice: string | null;
  /** The request must not leave after this moment, by the process's own clock (`performance.now()`). */
  readonly startBy: number;
  /** Asked once more right before the first byte leaves. */
  readonly mayStart: () => boolean;
};

/**
 * live       it waits for its price
 * triggered  it became the order `venueOrderId`
 * canceled   by whomever
 * failed     its price was reached, and the venue could not place the order; `code` says why
 */
export type StopState = {
  /** The venue's own id of the stop order. */
  readonly venueStopId: string;
  readonly state: 'live' | 'triggered' | 'canceled' | 'failed';
  readonly quantity: string;
  readonly stopPrice: string | null;
  readonly takePrice: string | null;
  /** The order that it became. */
  readonly venueOrderId: string | null;
  readonly code: string | null;
};

export type SettingOutcome =
  | { readonly kind: 'done' }
  | ({ readonly kind: 'refused'; readonly code: string; readonly message: string } & OfSetting)
  | { readonly kind: 'throttled' | 'unknown'; readonly code: string; readonly message: string };

/** `fixed`: refused because orders or stop orders rest there, so that the leverage stays as it is. */
export type LeverageOutcome = SettingOutcome & { readonly fixed?: true };

/**
 * Why a stop order is refused, where it is refused again until that changes.
 * crossed     the market has passed one of its prices already
 * noPosition  the account has no position that it could close
 */
type StopRefusal = { readonly crossed?: LevelKind; readonly noPosition?: true };
export type StopOutcome = PlacementOutcome & StopRefusal;
export type StopChangeOutcome = SettingOutcome & StopRefusal;

export type VenueOrderState = 'live' | 'partially_filled' | 'filled' | 'canceled';

/** The state of an order as the venue tells it, by query or by push. Cumulative figures. */
export type OrderUpdate = {
  readonly accountId: string;
  /** For the order that a stop order became, the stop order's. */
  readonly clientOrderId: string;
  readonly venueOrderId: string;
  readonly symbol: string;
  readonly state: VenueOrderState;
  /** Contracts filled so far. */
  readonly filledQuantity: string;
  /** Null while nothing is filled. */
  readonly averagePrice: string | null;
  /** Fee paid so far, quote currency; negative: a cost, positive: a rebate (OKX's sign). */
  readonly fee: string;
  /** Why it was cancelled, in the venue's code; null otherwise. */
  readonly cancelCode: string | null;
  readonly cause: ExecutionCause;
  /** What the account uses for it; null: the venue does not say. */
  readonly leverage: string | null;
  readonly updatedAt: number;
  /** The fill that this push carries, if any. */
  readonly fill: VenueFill | null;
};

export type VenueFill = {
  readonly venueFillId: string;
  readonly clientOrderId: string;
  readonly symbol: string;
  readonly quantity: string;
  readonly price: string;
  readonly fee: string;
  readonly feeCurrency: string;
  readonly filledAt: number;
};

/**
 * What executes at the venue on an account.
 * order        an order that somebody placed, for whatever reason
 * liquidation  the venue closes what margin no longer carries
 * adl          the venue closes it against somebody else's liquidation
 * delivery     the instrument ends, and the venue settles what is open
 */
export type ExecutionCause = 'order' | 'liquidation' | 'adl' | 'delivery';

/** One execution on an account, whosever order it was. */
export type Execution = VenueFill & {
  readonly venueOrderId: string;
  readonly side: 'buy' | 'sell';
  /** Null: the account has one position for both sides. */
  readonly positionSide: PositionSide | null;
  readonly cause: ExecutionCause;
};

/** An order that waits at the venue, whosever it is. */
export type PendingOrder = OrderUpdate & {
  readonly side: 'buy' | 'sell';
  /** Null: the account has one position for both sides. */
  readonly positionSide: PositionSide | null;
  readonly reduceOnly: boolean;
  /** Contracts, filled ones included. */
  readonly quantity: string;
};

/** A position of which a part or all was closed, as the venue sums it up. */
export type EndedPosition = {
  readonly symbol: string;
  readonly side: PositionSide;
  /** Contracts closed so far. */
  readonly quantity: string;
  readonly averageClosePrice: string;
  readonly cause: ExecutionCause;
  /** All of it was closed. */
  readonly isWhole: boolean;
  readonly endedAt: number;
};

/** What an account is worth and what of it is free for new orders, in the currency that our instruments settle in. */
export type VenueBalance = { readonly equity: string; readonly available: string };

export type VenuePosition = {
  readonly symbol: string;
  readonly side: PositionSide;
  /** Contracts, positive. */
  readonly quantity: string;
  readonly averagePrice: string;
  readonly markPrice: string;
  readonly unrealizedPnl: string;
  readonly leverage: string;
  readonly marginMode: MarginMode;
  readonly liquidationPrice: string | null;
};

/**
 * What an account's margin consists of.
 * spot            it cannot trade derivatives
 * futures         each contract's own settlement currency
 * multi_currency  all currencies together; no isolated positions
 * portfolio       the same, by the risk of all positions together; no reduce-only orders
 * unknown         a level that is younger than this adapter
 */
export type AccountLevel = 'spot' | 'futures' | 'multi_currency' | 'portfolio' | 'unknown';

/** What the pre-flight of a key looks at. */
export type VenueAccountConfig = {
  /** The venue's name of the account, the same for all of its keys. */
  readonly venueUserId: string;
  /** Of the account whose sub-account it is; its own where it is none. */
  readonly venueOwnerId: string;
  readonly positionMode: PositionMode;
  readonly canRead: boolean;
  readonly canTrade: boolean;
  readonly canWithdraw: boolean;
  /** Addresses that the key is bound to; empty: bound to none. */
  readonly boundIps: readonly string[];
  readonly level: AccountLevel;
};

/** The code of what was not sent, because the venue could not be reached or is known to be gone. */
export const VENUE_UNREACHABLE = 'VENUE_UNREACHABLE';

/** Thrown by queries. `retryable` tells whether asking again can help; `code` is the venue's, TRANSPORT or VENUE_UNREACHABLE. */
export class VenueError extends Error {
  /** @param contact what the failure says about the venue's being there; null: nothing */
  constructor(
    readonly code: string,
    message: string,
    readonly kind: 'auth' | 'refused' | 'throttled' | 'unavailable',
    readonly contact: Contact | null = null,
  ) {
    super(message);
    this.name = 'VenueError';
  }
  get retryable(): boolean {
    return this.kind === 'throttled' || this.kind === 'unavailable';
  }
}

/** Everything of an account that is not on the hot path. Methods throw VenueError. */
export interface AccountClient {
  /** Null: the venue knows no such order (definitive only after the request's expiry). */
  getOrder(symbol: string, clientOrderId: string): Promise<OrderUpdate | null>;
  /** By the venue's own id: the order that a stop order became has no client id. */
  getOrderById(symbol: string, venueOrderId: string): Promise<OrderUpdate | null>;
  /** Null: the venue knows no such stop order. */
  getStop(symbol: string, clientOrderId: string): Promise<StopState | null>;
  /** Of one instrument, or of all. */
  getPendingOrders(symbol?: string): Promise<readonly PendingOrder[]>;
  /** Fills of one order. */
  getFills(symbol: string, venueOrderId: string): Promise<readonly VenueFill[]>;
  /** Executions of all orders in an instrument since a moment, epoch ms; newest first. Venues forget them after some days. */
  getExecutions(symbol: string, since: number): Promise<readonly Execution[]>;
  /** How positions in an instrument ended, newest first. */
  getEndedPositions(symbol: string): Promise<readonly EndedPosition[]>;
  getBalance(): Promise<VenueBalance>;
  getPositions(): Promise<readonly VenuePosition[]>;
  getConfig(): Promise<VenueAccountConfig>;
  getLeverage(symbol: string, marginMode: MarginMode): Promise<string>;
  /** `accepted` false: it was already filled, cancelled or never existed. */
  cancelOrder(symbol: string, clientOrderId: string): Promise<{ readonly accepted: boolean; readonly code: string }>;
  /**
   * `accepted` false: it was already triggered, cancelled or never existed.
   * @param startBy the request must not leave after this moment, by the process's own clock; throws then, as where the venue cannot be reached
   */
  cancelStop(
    symbol: string,
    clientOrderId: string,
    startBy: number,
  ): Promise<{ readonly accepted: boolean; readonly code: string }>;
}

export type StreamState = 'connecting' | 'live' | 'down';

export interface AccountStreamListener {
  onOrder(update: OrderUpdate): void;
  onBalance(accountId: string, balance: VenueBalance): void;
  /** Every change of the connection; going `live` again means that a gap has to be filled by queries. */
  onState(accountId: string, state: StreamState, reason: string | null): void;
}

/** Private pushes of one account. Reconnects by itself until it is closed. */
export interface AccountStream {
  readonly accountId: string;
  readonly state: StreamState;
  close(): Promise<void>;
}

export interface MarketListener {
  /** Mark or last price, quote currency, epoch ms of the venue. */
  onPrice(symbol: string, price: string, at: number): void;
  onState(state: StreamState): void;
}

/** Public market data of one venue and mode. */
export interface MarketData {
  /** All that the venue lists of the kind we trade, in whatever state; one with numbers that make no sense has zeros instead. */
  getInstruments(): Promise<readonly ListedInstrument[]>;
  getPrice(symbol: string): Promise<{ readonly price: string; readonly at: number }>;
  /** Oldest first. `interval` such as "1m", "15m", "1h", "1d". */
  getCandles(symbol: string, interval: string, limit: number): Promise<readonly Candle[]>;
  /** Server time, epoch ms. */
  getTime(): Promise<number>;
}

export type Candle = {
  readonly openedAt: number;
  readonly open: string;
  readonly high: string;
  readonly low: string;
  readonly close: string;
  /** Contracts. */
  readonly volume: string;
};

export interface PriceStream {
  close(): Promise<void>;
}

/** How a breaker stands, for people. Times are epoch ms. */
export type BreakerView = {
  readonly venue: string;
  readonly mode: AccountMode;
  readonly state: BreakerState;
  /** Since when the venue is there, or gone. */
  readonly since: number;
  /** Failures in a row. */
  readonly failures: number;
  /** The last failure there was, however long ago. */
  readonly lastFailure: ContactFailure | null;
  readonly lastFailureAt: number | null;
  /** When the venue is asked next whether it is back; null where it is there, or being asked. */
  readonly nextProbeAt: number | null;
};

/**
 * Knows of one mode of a venue whether anything answers there. After a few failures in a row nothing is sent any more:
 * placements and settings come back as throttled, questions fail, both with VENUE_UNREACHABLE, until a probe is answered.
 */
export interface VenueBreaker {
  /** Cheap enough to be asked before every request. */
  readonly reachable: boolean;
  /** Another number whenever the venue went or came back. */
  readonly spell: number;
  view(): BreakerView;
}

/** The venue's clock: expiries are read by it, and timestamps of requests are compared with it. */
export interface VenueClock {
  /** Epoch ms, as far as this process knows; null while the venue has not told it yet. */
  now(): number | null;
  /** Whether it is known; asks the venue where it is not. Never rejects. */
  ready(): Promise<boolean>;
  /** Asks the venue. Never rejects. */
  measure(): Promise<void>;
  /**
   * Whether the venue itself has said that a moment of its clock is over, epoch ms: what expires then is refused from then on, whatever
   * our clocks say. Asks it where that may be so. Never rejects.
   */
  hasPassed(moment: number): Promise<boolean>;
}

/** One venue. Obtained from the registry; `endpoints` decide where each mode goes. */
export interface Venue {
  readonly key: string;
  readonly placer: OrderPlacer;
  readonly market: (mode: AccountMode) => MarketData;
  breaker(mode: AccountMode): VenueBreaker;
  clock(mode: AccountMode): VenueClock;
  /** Those of the modes that were used so far. */
  breakers(): readonly BreakerView[];
  account(account: VenueAccount): AccountClient;
  /** Connects in a paced way (the venue's limit of connections a second). */
  openAccountStream(account: VenueAccount, listener: AccountStreamListener): AccountStream;
  openPriceStream(mode: AccountMode, symbols: readonly string[], listener: MarketListener): PriceStream;
  close(): Promise<void>;
}

/** A venue that this process plays itself over loopback, in simulated mode, so that an order's road can be gone beforehand. */
export type Rehearsal = { readonly venue: Venue; close(): Promise<void> };

/** Where a venue's modes are reached. `null`: this mode is not offered by this installation. */
export type VenueEndpoints = Readonly<
  Record<
    AccountMode,
    { readonly rest: string; readonly wsPublic: string; readonly wsPrivate: string; readonly wsBusiness: string } | null
  >
>;
