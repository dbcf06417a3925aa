import { dec } from '@/domain/decimal';
import type { TradeRow, VenueOrder } from './books';
import { type Books, type Finding, finding } from './findings';
import { hasStops, type StormFollower } from './scenario';

/** Default of the strategies in the cast. */
const DEFAULT = 10;

/** An entry has the leverage that was decided, and its receipt the one that it has. */
export function compareLeverage(
  { venue, rows, hands, scenario, cast }: Books,
  follower: StormFollower,
  trade: TradeRow,
  order: VenueOrder,
  who: string,
): readonly Finding[] {
  const findings: Finding[] = [];
  const wanted = Math.min(DEFAULT, Number(follower.maxLeverage));
  const filled = !dec(order.fillSz).isZero();
  if (filled && !dec(trade.leverage.toString()).eq(dec(order.lever)))
    findings.push(
      finding('wrongState', `${who}: leverage ${order.lever} at the venue, ${trade.leverage} on the receipt`, trade),
    );
  if (Number(order.lever) === wanted) return findings;
  // What somebody changed by hand is seen by the first entry after it, which has it, and stays where stop orders rest.
  const source = cast.subscriptions.find(({ id }) => id === trade.subscriptionId)?.source ?? 'a';
  const stays = follower.habit === 'setter' && hasStops(scenario.seed, source, order.instId);
  const entries = new Set(
    rows.trades.filter(({ accountId, leg }) => accountId === trade.accountId && leg === 'open').map(({ id }) => id),
  );
  const before = venue.orders
    .filter(
      ({ clOrdId, instId, createdAt }) =>
        entries.has(clOrdId) && instId === order.instId && createdAt < order.createdAt,
    )
    .reduce((latest, { createdAt }) => Math.max(latest, createdAt), 0);
  const changed = hands.leverages.get(`${order.account}|${order.instId}`) ?? [];
  const first = changed.some(({ from, to }) => to > before - MEANWHILE && from < order.createdAt + MEANWHILE);
  if (!stays && !first && !isShared(trade, order, rows, venue))
    findings.push(finding('wrongState', `${who}: leverage ${order.lever} at the venue, expected ${wanted}`, trade));
  return findings;
}
/** A change that comes while an order is on its way, ms. */
const MEANWHILE = 2000;
/** An entry of another strategy is on its way for so long, ms; one that is not closed is held longer. */
const BESIDE = 60_000;

/** An account has one leverage: what another strategy entered with shortly before stays as long as it holds that, or is not known yet. */
function isShared(trade: TradeRow, order: VenueOrder, rows: Books['rows'], venue: Books['venue']): boolean {
  const others = rows.trades.filter(
    ({ accountId, instrumentId, subscriptionId }) =>
      accountId === trade.accountId && instrumentId === trade.instrumentId && subscriptionId !== trade.subscriptionId,
  );
  const entries = new Set(others.filter(({ leg }) => leg === 'open').map(({ id }) => id));
  const isClosedAfter = (entryId: string): boolean =>
    others.some(({ id, leg }) => leg !== 'open' && leg !== 'stop' && id > entryId && id < trade.id);
  return venue.orders.some(
    ({ clOrdId, lever, createdAt }) =>
      entries.has(clOrdId) &&
      lever === order.lever &&
      createdAt < order.createdAt + MEANWHILE &&
      (createdAt > order.createdAt - BESIDE || !isClosedAfter(clOrdId)),
  );
}
