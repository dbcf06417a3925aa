import type { FollowerDecision } from '@/domain/decide';
import { type Dec, toText } from '@/domain/decimal';
import { isUnplacedEnd } from '@/domain/order-state';
import type { Approved } from '@/domain/risk/assess';
import {
  type AccountClient,
  type OrderRequest,
  type OrderUpdate,
  type PlacementOutcome,
  VENUE_UNREACHABLE,
  type Venue,
} from '@/exchanges/port';
import { currentTime } from '@/platform/clock';
import type { Logger } from '@/platform/log';
import type { TradingAccount } from './accounts';
import { askStop } from './ask-stop';
import type { TradeReport } from './report';
import type { ExecutionTimings } from './timings';
import { type TradeRecord, venueSymbol } from './trade-record';

/** A trade that may be placed: the row, and the approval it was written from. */
export type Placeable = {
  readonly trade: TradeRecord;
  readonly approved: Approved;
  readonly account: TradingAccount;
  /** Whether the account is known to use the leverage that was decided; absent: nobody has looked. */
  readonly leverageSet?: boolean;
  /**
   * The decision once more with the leverage that the venue turns out not to change; absent: nobody can tell (it was written by a worker
   * that is gone).
   */
  readonly withLeverage?: (leverage: Dec) => FollowerDecision | undefined;
  /** The account's mode knows no orders that only reduce, and the venue has just said that it holds what this one closes. */
  readonly plainClose?: true;
  /** The part of its signal's plan that it was written with; absent: it is a row already. */
  readonly part?: number;
};

/**
 * What becomes of an order that was refused because of its account's settings.
 * again     as it may be sent now
 * withheld  it must not be sent any more
 * null      nothing changed that would help it
 */
export type AfterSettings =
  | { readonly kind: 'again'; readonly item: Placeable }
  | { readonly kind: 'withheld'; readonly withheld: Withheld }
  | null;

export interface SettingsTruth {
  /**
   * Has the venue asked for the settings. Never rejects.
   * @param sentAt when the refused request was made, by `performance.now()`
   */
  afterRefusal(item: Placeable, sentAt: number, limits: ExecutionLimits): Promise<AfterSettings>;
}

export type ExecutorDeps = {
  readonly venue: (key: string) => Venue;
  readonly report: (tenantId: string, report: TradeReport) => void;
  /**
   * Moves the moment until which the venue may accept the order, by its clock, in the row, before a request is made with it.
   * Answers false when the trade is no longer ours to send.
   */
  readonly extendSendBy: (tenantId: string, tradeId: string, sendBy: number) => Promise<boolean>;
  /** Asked about orders that were refused because of their account's settings; absent: they are not tried again. */
  readonly settings?: SettingsTruth;
  readonly timings: ExecutionTimings;
  readonly logger: Logger;
};

/** After so many refusals because of its account's settings an order is not tried again: somebody changes them all the time. */
const SETTING_TRIES = 2;

/** About the pause between two looks at whether a venue that is gone answers again, ms. */
export const BREAKER_LOOK = 250;

/** Why a planned trade is not sent any more, and the numbers of its sentence. */
export type Withheld = { readonly code: string; readonly context: Readonly<Record<string, string>> };

export type ExecutionLimits = {
  /**
   * No request is made after this moment, epoch ms; a trade that was not placed by then expires with `expiredAs`, else with
   * VENUE_UNREACHABLE where that was in the way, else with STALE_SIGNAL.
   */
  readonly freshUntil: number;
  readonly expiredAs?: string;
  /** The numbers for the sentence of a trade that became too old. */
  readonly lateness?: (trade: TradeRecord) => Readonly<Record<string, string>>;
  /** Answers false when this worker lost the right to send (its claim ended). */
  readonly maySend: () => boolean;
  /** What holds this one trade back (a kill switch), asked up to the moment it leaves; it then expires with the code. */
  readonly withheld?: (trade: TradeRecord) => Withheld | null;
  readonly signal: AbortSignal;
};

/**
 * Brings one trade to the venue exactly once. A refused order ends; a throttled one is tried again while the signal is
 * fresh; an unknown one is queried by its client id until the answer is definitive, and only then, if the venue never
 * had it, sent again. One that was refused because of its account's settings is sent again as they turn out to be. Never rejects.
 */
export class OrderExecutor {
  constructor(readonly deps: ExecutorDeps) {}

  /** @param mayExist the trade may have been sent before (a crash lost the answer): ask before sending */
  async execute(wanted: Placeable, limits: ExecutionLimits, mayExist: boolean): Promise<void> {
    let item = wanted;
    let settingTries = 0;
    let { sendBy } = item.trade;
    let attempt = item.trade.attempts;
    let ask = mayExist;
    const venue = this.deps.venue(item.account.venue);
    const breaker = venue.breaker(item.account.mode);
    const clock = venue.clock(item.account.mode);
    const { spell } = breaker;
    let unreached = !breaker.reachable;
    while (!limits.signal.aborted) {
      if (ask) {
        const found = await this.resolve(item.trade, item.account, sendBy, limits.signal);
        if (found !== 'absent') return;
        ask = false;
      }
      if (currentTime() >= limits.freshUntil || !limits.maySend()) {
        const late = unreached || breaker.spell !== spell ? VENUE_UNREACHABLE : 'STALE_SIGNAL';
        return this.#expire(item, limits.expiredAs ?? late, limits, mayExist, limits.lateness?.(item.trade));
      }
      const withheld = limits.withheld?.(item.trade) ?? null;
      if (withheld !== null) return this.#expire(item, withheld.code, limits, mayExist, withheld.context);
      if (!breaker.reachable) {
        unreached = true;
        await pause(BREAKER_LOOK * (0.5 + Math.random()), limits.signal);
        continue;
      }
      const now = clock.now();
      // While the venue's time is not known nothing leaves: it is asked for it where the order would.
      if (now !== null && now >= sendBy) {
        sendBy = now + Math.min(this.deps.timings.sendWindow, limits.freshUntil - currentTime());
        const extended = await this.#extend(item, sendBy);
        if (extended === 'not ours') return;
        if (extended === 'failed') {
          // Nothing was sent. The row may say the new moment or the old one, and the next attempt writes it again.
          sendBy = 0;
          await pause(this.deps.timings.firstQuery, limits.signal);
          continue;
        }
      }
      attempt += 1;
      const sentAt = currentTime();
      const began = performance.now();
      const outcome = await this.#place(item, sendBy, limits);
      const { trade } = item;
      if (outcome.kind === 'refused' && outcome.setting && settingTries < SETTING_TRIES) {
        settingTries += 1;
        const after = (await this.deps.settings?.afterRefusal(item, began, limits)) ?? null;
        if (after !== null) {
          // It does not stand at the venue, and stays what it was until the next attempt.
          const refused = { ...outcome, kind: 'throttled', retryAfterMs: 0 } as const;
          this.#tell(item, { kind: 'placement', tradeId: trade.id, outcome: refused, attempt, sentAt, trade });
          if (after.kind === 'withheld') {
            const { code, context } = after.withheld;
            return this.#expire(item, code, limits, true, context);
          }
          item = after.item;
          continue;
        }
      }
      this.#tell(item, { kind: 'placement', tradeId: trade.id, outcome, attempt, sentAt, trade });
      if (outcome.kind === 'accepted' || outcome.kind === 'refused') return;
      if (outcome.kind === 'unknown') ask = true;
      else if (outcome.code === VENUE_UNREACHABLE) unreached = true;
      if (outcome.kind === 'throttled') await pause(outcome.retryAfterMs * (0.5 + Math.random()), limits.signal);
    }
  }

  /**
   * Asks the venue until it knows the order or can no longer get it: it has said that its own clock is past the last request's expiry,
   * and then that it does not have it. `reported`: the order exists and was reported;
   * `absent`: it does not and will not; `gone`: the wait was cut short.
   */
  async resolve(
    trade: TradeRecord,
    account: TradingAccount,
    sendBy: number,
    signal: AbortSignal,
  ): Promise<'reported' | 'absent' | 'gone'> {
    let delay = this.deps.timings.firstQuery;
    const clock = this.deps.venue(account.venue).clock(account.mode);
    const gone = sendBy + this.deps.timings.absenceMargin;
    while (!signal.aborted) {
      const expired = await clock.hasPassed(gone);
      const answer = await this.query(trade, account);
      if (answer === 'reported') return 'reported';
      if (answer === 'absent' && expired) return 'absent';
      // Until the last request has expired the order may still appear; asking often would not make it come sooner.
      const untilDefinitive = gone - (clock.now() ?? gone);
      await pause(answer === 'absent' ? Math.min(delay, Math.max(untilDefinitive, 50)) : delay, signal);
      delay = Math.min(delay * 2, this.deps.timings.longestQuery);
    }
    return 'gone';
  }

  /** One question to the venue; what it knows is reported. `failed`: it could not be asked. */
  async query(trade: TradeRecord, account: TradingAccount): Promise<'reported' | 'absent' | 'failed'> {
    const symbol = venueSymbol(trade.instrumentId);
    try {
      const client = this.deps.venue(account.venue).account(account.access);
      const update = await this.#ask(client, trade, account, symbol);
      if (update === null) return 'absent';
      if (update === 'unchanged') return 'reported';
      const fills = Number(update.filledQuantity) > 0 ? await client.getFills(symbol, update.venueOrderId) : [];
      this.deps.report(account.tenantId, { kind: 'venue', tradeId: trade.id, update, fills });
      return 'reported';
    } catch (error) {
      this.deps.logger.warn({ trade: trade.id, reason: (error as Error).message }, 'an order could not be queried');
      return 'failed';
    }
  }

  async #ask(
    client: AccountClient,
    trade: TradeRecord,
    account: TradingAccount,
    symbol: string,
  ): Promise<OrderUpdate | 'unchanged' | null> {
    if (trade.leg !== 'stop') return client.getOrder(symbol, trade.id);
    const answer = await askStop(client, trade.accountId, symbol, trade.id);
    if (answer === null) return null;
    if (answer.stop.state === 'live' && isUnplacedEnd(trade.status)) {
      // It waits for its price, although it counted as refused.
      const at = currentTime();
      const outcome = { kind: 'accepted', venueOrderId: answer.stop.venueStopId, at } as const;
      const attempt = Math.max(trade.attempts, 1);
      this.deps.report(account.tenantId, { kind: 'placement', tradeId: trade.id, outcome, attempt, sentAt: at });
    }
    return answer.update ?? 'unchanged';
  }

  #tell({ account }: Placeable, report: TradeReport): void {
    this.deps.report(account.tenantId, report);
  }

  async #extend({ trade, account }: Placeable, sendBy: number): Promise<'done' | 'not ours' | 'failed'> {
    try {
      return (await this.deps.extendSendBy(account.tenantId, trade.id, sendBy)) ? 'done' : 'not ours';
    } catch (error) {
      this.deps.logger.warn({ trade: trade.id, reason: (error as Error).message }, 'a request could not be announced');
      return 'failed';
    }
  }

  #expire(
    item: Placeable,
    code: string,
    limits: ExecutionLimits,
    mayHaveLeft: boolean,
    context?: Withheld['context'],
  ): void {
    if (limits.signal.aborted || !limits.maySend()) return;
    const report = { kind: 'expired', tradeId: item.trade.id, code, at: currentTime(), mayHaveLeft } as const;
    this.deps.report(item.account.tenantId, context === undefined ? report : { ...report, context });
  }

  #place(
    { trade, approved, account, plainClose }: Placeable,
    sendBy: number,
    limits: ExecutionLimits,
  ): Promise<PlacementOutcome> {
    const { order } = approved;
    const venue = this.deps.venue(account.venue);
    const request: OrderRequest = {
      clientOrderId: trade.id,
      symbol: venueSymbol(trade.instrumentId),
      side: order.side,
      positionSide: order.positionSide,
      positionMode: account.positionMode,
      marginMode: account.marginMode,
      reduceOnly: order.leg === 'close' && plainClose !== true,
      orderType: order.orderType,
      quantity: toText(order.quantity),
      price: order.limitPrice === null ? null : toText(order.limitPrice),
      expiresAt: sendBy,
      mayStart: mayStart(trade, limits),
    };
    return venue.placer.place(account.access, request);
  }
}

/** A request may wait long for its connection: what was right when it was made is looked at again when it leaves. */
export function mayStart(trade: TradeRecord, limits: ExecutionLimits): () => boolean {
  return () => !limits.signal.aborted && limits.maySend() && !limits.withheld?.(trade);
}

export function pause(ms: number, signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => {
    const done = (): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal.addEventListener('abort', done, { once: true });
  });
}
