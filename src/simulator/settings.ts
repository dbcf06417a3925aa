import { dec } from '@/domain/decimal';
import { initialMargin, quantity } from './arithmetic';
import type { Venue } from './context';
import { VenueError } from './errors';
import { valueAccount } from './margin';
import {
  type Account,
  leverageKey,
  leverageOf,
  type MgnMode,
  type PosMode,
  type PosSide,
  positionKey,
  readDecimal,
} from './model';
import { type Request, readInstrument, textOf } from './order-rules';

function readMgnMode(value: unknown): MgnMode {
  const mode = textOf(value);
  if (mode !== 'cross' && mode !== 'isolated') throw new VenueError('51000', 'mgnMode');
  return mode;
}

/** Which side a leverage belongs to: only isolated positions of long/short mode tell long from short. */
function leverageSide(account: Account, mgnMode: MgnMode, value: unknown): PosSide {
  if (mgnMode === 'cross' || account.posMode === 'net_mode') return 'net';
  const posSide = textOf(value);
  if (posSide !== 'long' && posSide !== 'short') throw new VenueError('51000', 'posSide');
  return posSide;
}

/** account/set-leverage. Refused with resting orders of the mode, or where the new leverage would not carry the positions. */
export function setLeverage(venue: Venue, account: Account, request: Request): Record<string, string> {
  const instrument = readInstrument(request, false);
  const mgnMode = readMgnMode(request.mgnMode);
  const posSide = leverageSide(account, mgnMode, request.posSide);
  const lever = readDecimal(request.lever);
  if (!lever) throw new VenueError('51000', 'lever');
  if (lever.lt(1)) throw new VenueError('59105');
  if (lever.gt(instrument.maxLever)) throw new VenueError('59102');
  const before = leverageOf(account, instrument.instId, mgnMode, posSide);
  if (!lever.eq(before)) {
    for (const order of account.pending.values()) {
      if (order.instId === instrument.instId && order.tdMode === mgnMode) {
        throw new VenueError(mgnMode === 'cross' ? '59107' : '59101');
      }
    }
    relever(venue, account, instrument.instId, mgnMode, posSide, lever.toFixed());
    account.leverage.set(leverageKey(instrument.instId, mgnMode, posSide), lever.toFixed());
    venue.accounts.touch(account);
    venue.events.balance(account, 'transferred');
  }
  return { instId: instrument.instId, lever: lever.toFixed(), mgnMode, posSide: textOf(request.posSide) || 'net' };
}

function relever(
  venue: Venue,
  account: Account,
  instId: string,
  mgnMode: MgnMode,
  posSide: PosSide,
  lever: string,
): void {
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
  if (extra.gt(available)) throw new VenueError('59108');
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
    venue.events.position(account, position);
  }
}

/** account/leverage-info: one row, or one per side in long/short mode. */
export function leverageInfo(account: Account, instIds: readonly string[], mode: string): Record<string, string>[] {
  const mgnMode = readMgnMode(mode);
  const sides: readonly PosSide[] = account.posMode === 'net_mode' ? ['net'] : ['long', 'short'];
  return instIds.flatMap((instId) => {
    readInstrument({ instId }, false);
    return sides.map((posSide) => ({
      ccy: '',
      instId,
      lever: leverageOf(account, instId, mgnMode, posSide),
      mgnMode,
      posSide,
    }));
  });
}

/** account/set-position-mode: 59000 with anything open. */
export function setPositionMode(venue: Venue, account: Account, posMode: unknown): PosMode {
  const wanted = textOf(posMode);
  if (wanted !== 'net_mode' && wanted !== 'long_short_mode') throw new VenueError('51000', 'posMode');
  if (wanted !== account.posMode) {
    const open = [...account.positions.values()].some((position) => !position.pos.isZero());
    if (open || account.pending.size > 0 || account.liveAlgos.size > 0) throw new VenueError('59000');
    account.posMode = wanted;
    account.positions.clear();
    venue.accounts.touch(account);
  }
  return account.posMode;
}
