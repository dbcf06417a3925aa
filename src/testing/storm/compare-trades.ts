import { dec, toText, ZERO } from '@/domain/decimal';
import type { TradeRow, VenueOrder } from './books';
import { type Books, type ErrorKind, type Finding, finding } from './findings';
import { takesAway } from './habits';

/** Each trade's row, its fills and its order at the venue tell the same. Stop orders are compared by themselves. */
export function compareTrades(
  { rows, cast, scenario }: Books,
  orders: ReadonlyMap<string, VenueOrder>,
): readonly Finding[] {
  const taken = new Set(
    cast.accounts.flatMap(({ id }, index) => {
      const follower = scenario.followers[index];
      return follower !== undefined && takesAway(follower) ? [id] : [];
    }),
  );
  const known = new Set(cast.accounts.map(({ id }) => id));
  return rows.trades
    .filter(({ leg, accountId }) => (leg === 'open' || leg === 'close') && known.has(accountId))
    .flatMap((trade) => compareTrade(rows, trade, orders, taken.has(trade.accountId)));
}

/** @param cut the venue may have made the order smaller, because less was there */
function compareTrade(
  rows: Books['rows'],
  trade: TradeRow,
  orders: ReadonlyMap<string, VenueOrder>,
  cut: boolean,
): readonly Finding[] {
  const findings: Finding[] = [];
  const found = (kind: ErrorKind, message: string): void => {
    findings.push(finding(kind, message, trade));
  };

  const order = orders.get(trade.id);
  const filled = dec(trade.filledQuantity.toString());
  if (order === undefined) {
    if (filled.gt(0)) found('lost', `filled ${toText(filled)} by our rows, unknown at the venue`);
    else if (trade.status === 'canceled') found('wrongState', 'canceled by our rows, unknown at the venue');
    return findings;
  }
  const state = { live: 'live', partially_filled: 'partially_filled', filled: 'filled', canceled: 'canceled' }[
    order.state
  ];
  if (state !== trade.status || !filled.eq(dec(order.fillSz))) {
    found('wrongState', `${trade.status} ${toText(filled)} by our rows, ${order.state} ${order.fillSz} at the venue`);
  }
  const isCut = cut && trade.leg === 'close' && dec(order.sz).lt(dec(trade.quantity.toString()));
  if (!isCut && !dec(order.sz).eq(dec(trade.quantity.toString()))) {
    found('wrongSize', `${trade.quantity} by our rows, ${order.sz} at the venue`);
  }
  if (order.side !== trade.side) found('wrongState', `${trade.side} by our rows, ${order.side} at the venue`);
  const fills = rows.fills.filter((fill) => fill.tradeId === trade.id);
  const sum = fills.reduce((total, fill) => total.plus(dec(fill.quantity.toString())), ZERO);
  if (!sum.eq(filled)) {
    found('wrongState', `${fills.length} fills of ${toText(sum)} together, but ${toText(filled)} are filled`);
  }
  if (!dec(trade.bookedQuantity.toString()).eq(filled)) {
    found('wrongState', `${trade.bookedQuantity} booked of ${toText(filled)} filled`);
  }
  return findings;
}
