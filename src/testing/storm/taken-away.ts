import { type Dec, dec, toText, ZERO } from '@/domain/decimal';
import type { Rows, TradeRow } from './books';
import type { CastSubscription } from './cast';
import { LOT_RULES, type SignalInHand } from './expected-book';
import { type Books, type Finding, finding } from './findings';
import type { StormFollower, StormSubscription } from './scenario';

type Led = ReadonlyMap<string, { readonly hand: SignalInHand; readonly signal: { readonly instrument: string } }>;

/** What an open may be denied for, whatever the venue's faults are, because something of the position went by hand. */
const FOLLOWS_FROM_HANDS = new Set(['BELOW_MINIMUM', 'OPPOSITE_POSITION']);

/**
 * What holds for a follower of whose position somebody else takes away, and for everybody once the operator flattens: when that is noticed
 * decides about each size, which is not known beforehand. Every signal has a receipt, no entry is larger than his share, what is held is
 * what trades made of it, and nothing is held where every leader has left or everything was flattened.
 */
export function compareTakenAway(
  { rows, scenario, cast }: Books,
  subscription: CastSubscription,
  follower: StormFollower,
  terms: StormSubscription,
  led: Led,
  isExplained: (trade: TradeRow) => boolean,
): readonly Finding[] {
  const who = `follower ${follower.index} of ${subscription.source} (${follower.habit ?? 'flattened'})`;
  const of = { subscriptionId: subscription.id };
  const own = rows.trades.filter((trade) => trade.subscriptionId === subscription.id);
  const findings: Finding[] = [];
  for (const row of rows.signals) {
    const { hand, signal } = led.get(row.id) ?? {};
    if (hand === undefined || signal === undefined || row.sourceId !== cast.sourceIds[subscription.source]) continue;
    const receipts = own.filter(
      (trade) => trade.signalId === row.id && (trade.leg === 'close' || trade.leg === 'open'),
    );
    if (hand.legs > 0 && receipts.length === 0)
      findings.push(finding('lost', `${who}: no receipt`, { ...of, signalId: row.id }));
    const open = receipts.find(({ leg }) => leg === 'open');
    if (hand.opens !== null && open === undefined)
      findings.push(finding('lost', `${who}: no receipt for the open`, { ...of, signalId: row.id }));
    if (open !== undefined) findings.push(...entry(who, open, hand.opens, terms, signal.instrument, isExplained));
  }
  for (const trade of own) {
    const open = ['planned', 'unknown', 'live', 'partially_filled'].includes(trade.status);
    if (open && trade.leg !== 'stop')
      findings.push(finding('wrongState', `${who}: ${trade.leg} is still ${trade.status}`, trade));
  }
  for (const [place, made] of madeBy(own)) {
    const held = heldAt(rows, subscription.id, place);
    if (!held.eq(made))
      findings.push(
        finding('wrongState', `${who}, ${place}: holds ${toText(held)}, trades made ${toText(made)} of it`, of),
      );
    const left = scenario.flattensAt === null ? 'every leader left' : 'everything was flattened';
    if ((scenario.leaves || scenario.flattensAt !== null) && held.gt(ZERO))
      findings.push(finding('wrongState', `${who}, ${place}: holds ${toText(held)} although ${left}`, of));
  }
  return findings;
}

function entry(
  who: string,
  open: TradeRow,
  led: Dec | null,
  terms: StormSubscription,
  instrument: string,
  isExplained: (trade: TradeRow) => boolean,
): readonly Finding[] {
  if (led === null && open.status !== 'denied')
    return [finding('wrongState', `${who}: an open (${open.status}) that nobody asked for`, open)];
  const failed = open.status === 'denied' || open.status === 'rejected' || open.status === 'expired';
  if (failed) {
    if (FOLLOWS_FROM_HANDS.has(open.code ?? '') || isExplained(open)) return [];
    return [finding('unexplained', `${who}: open ${open.status} ${open.code ?? ''}`, open)];
  }
  // What rounding owes is less than a lot, after a close that was cut perhaps another one.
  const rules = LOT_RULES[instrument];
  const most = dec(terms.ratio)
    .times(led ?? ZERO)
    .plus(dec(rules?.minimum ?? 0))
    .plus(dec(rules?.lot ?? 0).times(2));
  if (dec(open.quantity.toString()).gt(most))
    return [finding('wrongSize', `${who}: open of ${open.quantity.toString()}, at most ${toText(most)} are his`, open)];
  return [];
}

/** What trades made of each position, by `instrument|side`. */
function madeBy(trades: readonly TradeRow[]): ReadonlyMap<string, Dec> {
  const made = new Map<string, Dec>();
  for (const trade of trades) {
    const place = `${trade.instrumentId}|${trade.positionSide}`;
    const booked = dec(trade.bookedQuantity.toString());
    made.set(place, (made.get(place) ?? ZERO).plus(trade.leg === 'open' ? booked : booked.neg()));
  }
  return made;
}

function heldAt(rows: Rows, subscriptionId: string, place: string): Dec {
  return rows.positions
    .filter((row) => row.subscriptionId === subscriptionId && `${row.instrumentId}|${row.side}` === place)
    .reduce((sum, row) => sum.plus(dec(row.quantity.toString())), ZERO);
}
