import {
  type Account,
  type AccountLevel,
  leverageOf,
  type MgnMode,
  POS_MODES,
  type PosMode,
  type PosSide,
  readDecimal,
} from '../engine/model';
import { setAccountLevel, setLeverage, setPositionMode } from '../engine/settings';
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
  const posSide = textOf(value);
  if (account.posMode === 'net_mode' && posSide !== '' && posSide !== 'net') throw new VenueError('51000', 'posSide');
  if (mgnMode === 'cross' || account.posMode === 'net_mode') return 'net';
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

/** OKX's numbers for account modes. */
export const ACCOUNT_LEVEL: Readonly<Record<AccountLevel, string>> = {
  spot: '1',
  futures: '2',
  'multi-currency': '3',
  portfolio: '4',
};

export function levelOf(acctLv: unknown): AccountLevel {
  for (const [level, number] of Object.entries(ACCOUNT_LEVEL)) if (number === acctLv) return level as AccountLevel;
  throw new VenueError('51000', 'acctLv');
}

/** account/set-account-level. */
export function changeAccountLevel(venue: Venue, account: Account, acctLv: unknown): { acctLv: string } {
  setAccountLevel(venue, account, levelOf(acctLv));
  return { acctLv: ACCOUNT_LEVEL[account.level] };
}
