import {
  type Account,
  leverageOf,
  type MgnMode,
  POS_MODES,
  type PosMode,
  type PosSide,
  readDecimal,
} from '../engine/model';
import { setLeverage, setPositionMode } from '../engine/settings';
import type { Venue } from '../engine/venue';
import { VenueError } from './errors';
import { type Request, readInstrument, textOf } from './order-requests';

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

/** account/set-leverage. */
export function changeLeverage(venue: Venue, account: Account, request: Request): Record<string, string> {
  const instrument = readInstrument(request, false);
  const mgnMode = readMgnMode(request.mgnMode);
  const posSide = leverageSide(account, mgnMode, request.posSide);
  const lever = readDecimal(request.lever);
  if (!lever) throw new VenueError('51000', 'lever');
  setLeverage(venue, account, instrument, mgnMode, posSide, lever);
  return { instId: instrument.instId, lever: lever.toFixed(), mgnMode, posSide: textOf(request.posSide) || 'net' };
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

/** account/set-position-mode. */
export function changePositionMode(venue: Venue, account: Account, posMode: unknown): PosMode {
  const wanted = POS_MODES.find((mode) => mode === posMode);
  if (!wanted) throw new VenueError('51000', 'posMode');
  setPositionMode(venue, account, wanted);
  return wanted;
}
