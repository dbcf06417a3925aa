import { z } from 'zod';
import { type Dec, dec } from '@/domain/decimal';
import { deleverage } from '../engine/forced-close';
import { liquidatePosition } from '../engine/liquidation';
import type { Account, Position } from '../engine/model';
import type { Venue } from '../engine/venue';
import { type ControlAnswer, fail } from './answer';
import { accountView } from './views';

/* Positions that the venue closes itself, whatever margin says. */

const PLAIN = /^\d{1,15}(\.\d{1,18})?$/;

export const forcedSchema = z.strictObject({
  account: z.string(),
  /** Without one: every position of the account. */
  instId: z.string().optional(),
  posSide: z.enum(['net', 'long', 'short']).optional(),
  mgnMode: z.enum(['cross', 'isolated']).optional(),
  /** Contracts; without it the whole position. */
  sz: z.string().regex(PLAIN).optional(),
});

type Forced = z.infer<typeof forcedSchema>;

function selected(account: Account, wanted: Forced): Position[] {
  return [...account.positions.values()].filter(
    (position) =>
      !position.pos.isZero() &&
      (wanted.instId === undefined || position.instId === wanted.instId) &&
      (wanted.posSide === undefined || position.posSide === wanted.posSide) &&
      (wanted.mgnMode === undefined || position.mgnMode === wanted.mgnMode),
  );
}

function force(
  venue: Venue,
  wanted: Forced,
  close: (account: Account, position: Position, size: Dec) => void,
): ControlAnswer {
  const account = venue.accounts.byUid.get(wanted.account);
  if (!account) return fail(404, 'NOT_FOUND', 'No such account');
  const positions = selected(account, wanted);
  if (positions.length === 0) return fail(409, 'NO_POSITION', 'The account holds no such position');
  for (const position of positions) {
    const held = position.pos.abs();
    const size = wanted.sz === undefined ? held : dec(wanted.sz);
    if (size.isZero() || size.gt(held)) return fail(400, 'VALIDATION_ERROR', `The position holds ${held.toFixed()}`);
    close(account, position, size);
  }
  return { status: 200, body: accountView(venue, account) };
}

export function liquidateByCommand(venue: Venue, wanted: Forced): ControlAnswer {
  return force(venue, wanted, (account, position, size) => liquidatePosition(venue, account, position, size));
}

export function deleverageByCommand(venue: Venue, wanted: Forced): ControlAnswer {
  return force(venue, wanted, (account, position, size) => deleverage(venue, account, position, size));
}
