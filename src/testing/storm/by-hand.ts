import { setTimeout as delay } from 'node:timers/promises';
import { type Dec, dec, roundDownToStep, toText, ZERO } from '@/domain/decimal';
import type { Cast } from './cast';
import { LOT_RULES } from './expected-book';
import type { Habit } from './habits';
import type { HandEvent } from './hand-events';
import type { Scenario } from './scenario';
import type { World } from './world';

/** What customers did, and whether the venue let them. */
export type HandCounts = Record<Habit, number>;

/** Between which moments leverage was set by hand, by `account|instrument`; it is what the first entry after it may have. */
export type LeverageByHand = ReadonlyMap<string, readonly { readonly from: number; readonly to: number }[]>;

type Held = { readonly instId: string; readonly posSide: 'net' | 'long' | 'short'; readonly signedPos: string };

/** Where a customer's own limits rest: away from the market, so that they only stand in the way. */
const AWAY = 0.04;
/** ms. */
const TRIES_FOR = 4000;
const TRIES_EVERY = 100;
const INSTRUMENTS = ['BTC-USDT-SWAP', 'ETH-USDT-SWAP'] as const;
/** What we never trade. */
const ELSEWHERE = 'SOL-USDT-SWAP';

/** Customers' own hands, through the venue's control API: orders without ids of ours. */
export class Hands {
  readonly counts: HandCounts = { seller: 0, limit: 0, forced: 0, trader: 0, setter: 0, switcher: 0 };
  readonly #leverages = new Map<string, { readonly from: number; readonly to: number }[]>();
  readonly #resting: { readonly account: string; readonly ordId: string }[] = [];

  constructor(
    private readonly world: World,
    private readonly cast: Cast,
    private readonly scenario: Scenario,
  ) {}

  get leverages(): LeverageByHand {
    return this.#leverages;
  }

  /** Answers what was done; null: nothing, for there was nothing to do it with, or the venue did not let him. */
  async act(event: HandEvent): Promise<string | null> {
    const account = this.cast.accounts[event.follower]?.venueAccount;
    const follower = this.scenario.followers[event.follower];
    if (account === undefined || follower === undefined) return null;
    try {
      const done = await this.#do(event, account, follower.positionMode === 'net');
      if (done === null) return null;
      this.counts[event.habit] += 1;
      return `follower ${event.follower} ${done} by hand`;
    } catch {
      // The venue is down, refused it, or was faster.
      return null;
    }
  }

  /** Customers take back what still rests of theirs. */
  async takeBack(): Promise<void> {
    for (const { account, ordId } of this.#resting) await this.world.ask('cancel', { account, ordId });
  }

  async #do(event: HandEvent, account: string, net: boolean): Promise<string | null> {
    if (event.habit === 'setter') return this.#setLeverage(event, account);
    if (event.habit === 'switcher') return this.#switchMode(event, account);
    if (event.habit === 'trader') return this.#open(event, account, net);
    const held = await this.#held(event, account);
    return held === null ? null : this.#takeAway(event, account, held, net);
  }

  async #held({ pick }: HandEvent, account: string): Promise<Held | null> {
    const { positions } = await this.world.ask<{ positions: Held[] }>(`positions?account=${account}`);
    return positions[Math.floor(pick * positions.length)] ?? null;
  }

  async #takeAway(event: HandEvent, account: string, held: Held, net: boolean): Promise<string | null> {
    const { instId, posSide } = held;
    const sz = part(dec(held.signedPos).abs(), event.share, instId);
    if (sz.isZero()) return null;
    if (event.habit === 'forced') {
      const how = event.other ? 'liquidate' : 'adl';
      await this.world.ask(how, { account, instId, posSide, sz: toText(sz) });
      return `${how} ${toText(sz)} ${instId}`;
    }
    const long = dec(held.signedPos).gt(ZERO);
    const order = { account, instId, side: long ? 'sell' : 'buy', sz: toText(sz), posSide };
    // In net mode what closes nothing would open.
    const closing = net ? { ...order, reduceOnly: true } : order;
    if (event.habit === 'seller') {
      await this.world.ask('order', closing);
      return `closed ${toText(sz)} ${instId}`;
    }
    const px = await this.#price(instId, long ? 1 + AWAY : 1 - AWAY);
    const { ordId } = await this.world.ask<{ ordId: string }>('order', { ...closing, ordType: 'limit', px });
    this.#resting.push({ account, ordId });
    return `rests a closing limit of ${toText(sz)} ${instId}`;
  }

  /** In net mode it would be netted with ours, so there he trades what we do not. */
  async #open({ pick, share, other }: HandEvent, account: string, net: boolean): Promise<string> {
    const instId = net ? ELSEWHERE : (INSTRUMENTS[Math.floor(pick * INSTRUMENTS.length)] ?? INSTRUMENTS[0]);
    const sz = toText(part(dec(5), share, instId));
    const posSide = net ? 'net' : other ? 'long' : 'short';
    await this.world.ask('order', { account, instId, side: other ? 'buy' : 'sell', sz, posSide });
    return `opened ${sz} ${instId}`;
  }

  async #setLeverage({ pick, share }: HandEvent, account: string): Promise<string> {
    const instId = INSTRUMENTS[Math.floor(pick * INSTRUMENTS.length)] ?? INSTRUMENTS[0];
    const lever = share < 0.3 ? '2' : share < 0.6 ? '5' : share < 1 ? '50' : '100';
    const key = `${account}|${instId}`;
    const from = Date.now();
    try {
      await this.world.ask('setting', { account, leverage: { instId, lever } });
    } finally {
      // Also where the answer is lost. A venue that is busy may take its time.
      this.#leverages.set(key, [...(this.#leverages.get(key) ?? []), { from, to: Date.now() }]);
    }
    return `set ${instId} to ${lever} times`;
  }

  /** The venue lets him while nothing is held and no order rests: he tries for a while. */
  async #switchMode({ other }: HandEvent, account: string): Promise<string> {
    const posMode = other ? 'net_mode' : 'long_short_mode';
    for (const deadline = Date.now() + TRIES_FOR; ; await delay(TRIES_EVERY)) {
      try {
        await this.world.ask('setting', { account, posMode });
        return `is in ${posMode}`;
      } catch (error) {
        if (Date.now() > deadline) throw error;
      }
    }
  }

  async #price(instId: string, times: number): Promise<string> {
    const { prices } = await this.world.ask<{ prices: { instId: string; last: string }[] }>('prices');
    const last = prices.find((price) => price.instId === instId)?.last ?? '0';
    return dec(last).times(times).toFixed(0);
  }
}

function part(held: Dec, share: number, instId: string): Dec {
  if (share >= 1) return held;
  return roundDownToStep(held.times(share), dec(LOT_RULES[instId]?.lot ?? '0.01'));
}
