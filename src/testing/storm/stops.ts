import { type Dec, dec, toText, ZERO } from '@/domain/decimal';
import type { VenueAlgo } from './books';
import { type Books, type Finding, finding } from './findings';
import { hasStops } from './scenario';

/** Our rows and the venue tell the same of every stop order, and every position that ought to have one has one, of its size. */
export function compareStops({ rows, venue, cast, scenario }: Books): readonly Finding[] {
  const findings: Finding[] = [];
  const trades = new Map(rows.trades.filter(({ leg }) => leg === 'stop').map((trade) => [trade.id, trade]));
  const algos = new Map<string, VenueAlgo>();
  const resting = new Map<string, Dec>();
  for (const algo of venue.algos) {
    const trade = trades.get(algo.algoClOrdId);
    if (trade === undefined) {
      findings.push(finding('doubled', `stop order ${algo.algoClOrdId} at the venue is no trade of ours`));
      continue;
    }
    if (algos.has(algo.algoClOrdId)) findings.push(finding('doubled', 'two stop orders under one id', trade));
    algos.set(algo.algoClOrdId, algo);
    if (algo.state !== 'live') continue;
    const place = `${trade.subscriptionId}|${trade.instrumentId}|${trade.positionSide}`;
    if (resting.has(place)) findings.push(finding('doubled', `two stop orders rest for ${place}`, trade));
    resting.set(place, (resting.get(place) ?? ZERO).plus(dec(algo.sz)));
  }
  for (const trade of trades.values()) {
    const atVenue = algos.get(trade.id)?.state ?? 'unknown';
    if ((trade.status === 'live') !== (atVenue === 'live'))
      findings.push(finding('wrongState', `stop order ${trade.status} by our rows, ${atVenue} at the venue`, trade));
    if (trade.status === 'planned' || trade.status === 'unknown')
      findings.push(finding('wrongState', `stop order is still ${trade.status}`, trade));
  }
  for (const position of rows.positions) {
    if (position.quantity.isZero()) continue;
    const source = cast.subscriptions.find(({ id }) => id === position.subscriptionId)?.source;
    const instrument = position.instrumentId.replace(/^okx:/, '');
    if (source === undefined || !hasStops(scenario.seed, source, instrument)) continue;
    const held = dec(position.quantity.toString());
    const covered = resting.get(`${position.subscriptionId}|${position.instrumentId}|${position.side}`) ?? ZERO;
    if (covered.eq(held)) continue;
    const text = `${toText(held)} ${instrument} ${position.side} held, a stop order of ${toText(covered)} rests`;
    findings.push(finding('wrongState', text, { subscriptionId: position.subscriptionId }));
  }
  return findings;
}
