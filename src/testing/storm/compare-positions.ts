import { type Dec, dec, toText, ZERO } from '@/domain/decimal';
import { isOurs } from './books';
import { type Books, type Finding, finding } from './findings';
import { takesAway } from './habits';

/** Signed contracts by `account|instrument|posSide`. */
type Signed = Map<string, Dec>;

function add(signed: Signed, key: string, quantity: Dec): void {
  signed.set(key, (signed.get(key) ?? ZERO).plus(quantity));
}

/**
 * What an account holds at the venue is our books, and what others did to it that our books do not contain: what customers opened
 * survives, and what was taken away is booked once at most.
 */
export function comparePositions({ rows, cast, venue, scenario }: Books): readonly Finding[] {
  const findings: Finding[] = [];
  const ours: Signed = new Map();
  const byOthers: Signed = new Map();
  const outside: Signed = new Map();
  const index = new Map(cast.accounts.map(({ id }, at) => [id, at]));
  const switchers = new Set(
    cast.accounts.flatMap(({ venueAccount }, at) =>
      scenario.followers[at]?.habit === 'switcher' ? [venueAccount] : [],
    ),
  );
  // Who changes the position mode follows one strategy, which holds one side.
  const atVenue = (account: string, instId: string, posSide: string): string =>
    `${account}|${instId}|${switchers.has(account) ? 'any' : posSide}`;
  const place = (accountId: string, instrumentId: string, side: string): string | null => {
    const at = index.get(accountId);
    const account = at === undefined ? undefined : cast.accounts[at];
    const follower = at === undefined ? undefined : scenario.followers[at];
    if (account === undefined || follower === undefined) return null;
    const posSide = follower.positionMode === 'net' ? 'net' : side;
    return atVenue(account.venueAccount, instrumentId.replace(/^okx:/, ''), posSide);
  };
  for (const row of rows.positions) {
    const key = place(row.accountId, row.instrumentId, row.side);
    if (key !== null) add(ours, key, dec(row.quantity.toString()).times(row.side === 'short' ? -1 : 1));
  }
  for (const trade of rows.trades) {
    if (trade.leg !== 'outside') continue;
    const key = place(trade.accountId, trade.instrumentId, trade.positionSide);
    const follower = scenario.followers[index.get(trade.accountId) ?? -1];
    if (key === null || follower === undefined) continue;
    add(outside, key, dec(trade.bookedQuantity.toString()).times(trade.positionSide === 'short' ? 1 : -1));
    if (!takesAway(follower))
      findings.push(finding('wrongState', `${key}: ${trade.code} booked, but nobody took anything away`, trade));
  }
  for (const order of venue.orders) {
    if (isOurs(order)) continue;
    const key = atVenue(order.account, order.instId, order.posSide);
    add(byOthers, key, dec(order.fillSz).times(order.side === 'sell' ? -1 : 1));
  }
  const held: Signed = new Map();
  for (const [key, quantity] of venue.positions) {
    const [account = '', instId = '', posSide = ''] = key.split('|');
    add(held, atVenue(account, instId, posSide), quantity);
  }
  const of = (signed: ReadonlyMap<string, Dec>, key: string): Dec => signed.get(key) ?? ZERO;
  for (const key of new Set([...ours.keys(), ...byOthers.keys(), ...held.keys()])) {
    const there = of(held, key);
    const wanted = of(ours, key).plus(of(byOthers, key)).minus(of(outside, key));
    if (there.eq(wanted)) continue;
    const parts = `${toText(of(ours, key))} by our books, ${toText(of(byOthers, key))} by others, of which ${toText(of(outside, key))} are booked`;
    findings.push(finding('wrongState', `${key}: ${parts}; ${toText(there)} at the venue`));
  }
  return findings;
}
