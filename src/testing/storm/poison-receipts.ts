import { CREDENTIALS_UNREADABLE } from '@/domain/order-note-text';
import type { Rows } from './books';
import { type Finding, finding } from './findings';
import type { Poison } from './poison';
import type { World } from './world';

const FINAL: readonly string[] = ['filled', 'canceled', 'rejected', 'expired', 'denied'];
/** What an entry of somebody sound may end with in a storm. */
const OF_THE_STORM = /^(51008|VENUE_UNREACHABLE|PRICE_UNKNOWN|EQUITY_UNKNOWN|LEVERAGE_.*|KILL_SWITCH)$/;

/** Poison ends with codes, nothing of it reaches the venue, and what comes after it goes on as ever. */
export async function comparePoison(
  world: World,
  { owner, sourceId, victims, sound }: Poison,
  rows: Rows,
): Promise<readonly Finding[]> {
  const findings: Finding[] = [];
  const { orders } = await world.ask<{ orders: { account: string; clOrdId: string }[] }>(`orders?owner=${owner}`);
  for (const { account, clOrdId } of orders)
    if (account !== sound.account)
      findings.push(finding('wrongState', `order ${clOrdId} of a poisoned account at the venue`));
  for (const { kind, subscriptionId } of victims) {
    const own = rows.trades.filter((trade) => trade.subscriptionId === subscriptionId);
    if (own.length === 0) findings.push(finding('lost', `poison (${kind}): no receipt`, { subscriptionId }));
    for (const trade of own) {
      // Of whoever took a signal over nobody can ask whether the order of a key that does not open had left.
      if (kind === 'key' && trade.status === 'unknown' && trade.code === CREDENTIALS_UNREADABLE) continue;
      if (!FINAL.includes(trade.status) || trade.code === null || !trade.filledQuantity.isZero())
        findings.push(finding('wrongState', `poison (${kind}): ${trade.leg} ${trade.status} ${trade.code}`, trade));
    }
  }
  for (const row of rows.signals) {
    const ended = row.status === 'done' || (row.status === 'rejected' && row.rejectCode !== null);
    if (row.sourceId === sourceId && !ended)
      findings.push(finding('wrongState', `a message of poison ended as ${row.status}`, { signalId: row.id }));
  }
  findings.push(...compareSound(await venueHolds(world, sound.account), sound, sourceId, rows));
  return findings;
}

async function venueHolds(world: World, account: string): Promise<boolean> {
  const { positions } = await world.ask<{ positions: unknown[] }>(`positions?account=${account}`);
  return positions.length > 0;
}

/** Who follows the source of the poison without being poisoned has his orders before and after it, and nothing in the end. */
function compareSound(
  holds: boolean,
  { subscriptionId }: Poison['sound'],
  sourceId: string,
  rows: Rows,
): readonly Finding[] {
  const findings: Finding[] = [];
  const of = { subscriptionId };
  const last = rows.signals.filter((row) => row.sourceId === sourceId && row.format === 'native').at(-2);
  const entry = rows.trades.find(
    (trade) => trade.signalId === last?.id && trade.subscriptionId === subscriptionId && trade.leg === 'open',
  );
  if (entry === undefined) findings.push(finding('lost', 'no receipt for the entry after the poison', of));
  else if (entry.status !== 'filled' && entry.status !== 'canceled' && !OF_THE_STORM.test(entry.code ?? ''))
    findings.push(finding('unexplained', `the entry after the poison: ${entry.status} ${entry.code ?? ''}`, entry));
  const booked = rows.positions.some((row) => row.subscriptionId === subscriptionId && !row.quantity.isZero());
  if (booked || holds) findings.push(finding('wrongState', 'a position is held in the lane of the poison', of));
  return findings;
}
