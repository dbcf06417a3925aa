import { type Dec, dec } from '@/domain/decimal';
import { initialMargin, quantity } from './arithmetic';
import { poolsCurrencies } from './coins';
import type { Instrument } from './instruments';
import { valueAccount } from './margin';
import {
  type Account,
  type AccountLevel,
  leverageKey,
  leverageOf,
  type MgnMode,
  type Position,
  type PosMode,
  type PosSide,
  positionKey,
} from './model';
import { Refusal } from './refusal';
import type { Venue } from './venue';

/** Refused with resting or trigger orders of the mode, or where the new leverage would not carry the positions. */
export function setLeverage(
  venue: Venue,
  account: Account,
  instrument: Instrument,
  mgnMode: MgnMode,
  posSide: PosSide,
  lever: Dec,
): void {
  checkLevel(account, mgnMode);
  if (lever.lt(1)) throw new Refusal('leverage-too-low');
  if (lever.gt(instrument.maxLever)) throw new Refusal('leverage-too-high');
  const before = leverageOf(account, instrument.instId, mgnMode, posSide);
  if (lever.eq(before)) return;
  for (const order of account.pending.values()) {
    if (order.instId === instrument.instId && order.tdMode === mgnMode) {
      throw new Refusal(mgnMode === 'cross' ? 'cross-orders-use-leverage' : 'isolated-orders-use-leverage');
    }
  }
  for (const algo of account.liveAlgos.values()) {
    if (algo.instId === instrument.instId && algo.tdMode === mgnMode) {
      throw new Refusal(mgnMode === 'cross' ? 'cross-triggers-use-leverage' : 'isolated-triggers-use-leverage');
    }
  }
  const positions = relever(venue, account, instrument.instId, mgnMode, posSide, lever.toFixed());
  account.leverage.set(leverageKey(instrument.instId, mgnMode, posSide), lever.toFixed());
  venue.accounts.touch(account);
  venue.events.holdings(account, 'set_leverage', positions);
}

function relever(
  venue: Venue,
  account: Account,
  instId: string,
  mgnMode: MgnMode,
  posSide: PosSide,
  lever: string,
): readonly Position[] {
  const sides: readonly PosSide[] = mgnMode === 'cross' ? ['net', 'long', 'short'] : [posSide];
  const positions = sides.flatMap((side) => account.positions.get(positionKey(instId, side, mgnMode)) ?? []);
  const open = positions.filter((position) => !position.pos.isZero());
  const next = dec(lever);
  const { available } = valueAccount(venue.market, account);
  let extra = dec(0);
  for (const position of open) {
    const { instrument, mark } = venue.market.quote(instId);
    const base = quantity(position.pos, instrument.ctVal);
    const px = mgnMode === 'cross' ? mark : position.avgPx;
    const now = mgnMode === 'cross' ? initialMargin(px, base, position.lever) : position.margin;
    extra = extra.plus(initialMargin(px, base, next).minus(now));
  }
  if (extra.gt(available)) throw new Refusal('leverage-needs-margin');
  for (const position of open) {
    position.lever = next;
    if (mgnMode === 'isolated') {
      const { instrument } = venue.market.quote(instId);
      const margin = initialMargin(position.avgPx, quantity(position.pos, instrument.ctVal), next);
      account.cash = account.cash.minus(margin.minus(position.margin));
      position.margin = margin;
    }
    position.uTime = venue.clock.now();
    venue.accounts.touchPosition(position);
  }
  return open;
}

/** Derivatives are not for spot mode, isolated margin not where all currencies are margin. */
export function checkLevel(account: Account, mgnMode: MgnMode): void {
  if (account.level === 'spot') throw new Refusal('not-at-this-level');
  if (mgnMode === 'isolated' && poolsCurrencies(account)) throw new Refusal('no-isolated-margin');
}

/** Refused with orders, and with positions that the level does not know. Portfolio margin knows net mode alone. */
export function setAccountLevel(venue: Venue, account: Account, wanted: AccountLevel): void {
  if (wanted === account.level) return;
  if (account.pending.size > 0 || account.liveAlgos.size > 0) throw new Refusal('orders-keep-level');
  const open = [...account.positions.values()].filter((position) => !position.pos.isZero());
  const unfit = open.some(({ mgnMode }) => wanted === 'spot' || (mgnMode === 'isolated' && wanted !== 'futures'));
  if (unfit) throw new Refusal('positions-keep-level');
  if (wanted === 'portfolio' && account.posMode !== 'net_mode') throw new Refusal('level-not-allowed');
  account.level = wanted;
  venue.accounts.touch(account);
  venue.events.holdings(account, 'transferred', []);
}

/** Refused with anything open. */
export function setPositionMode(venue: Venue, account: Account, wanted: PosMode): void {
  if (wanted === account.posMode) return;
  if (account.level === 'portfolio') throw new Refusal('not-at-this-level');
  const open = [...account.positions.values()].some((position) => !position.pos.isZero());
  if (open || account.pending.size > 0 || account.liveAlgos.size > 0) throw new Refusal('account-in-use');
  account.posMode = wanted;
  account.positions.clear();
  venue.accounts.touch(account);
}
