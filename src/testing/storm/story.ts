import { existsSync, readFileSync } from 'node:fs';
import type { Rows, VenueBooks } from './books';
import type { Finding } from './findings';
import type { World } from './world';

/** Of log lines, and of the characters of one row. */
const LONGEST = 60;
const WIDEST = 900;

/** Everything that is known of a finding: the signal, the decision, the rows, the venue's order, what the logs say. */
export function tellStory(world: World, finding: Finding, rows: Rows, venue: VenueBooks): string {
  const lines = [`${finding.kind}: ${finding.text}`];
  const signal = rows.signals.find((row) => row.id === finding.signalId);
  if (signal !== undefined) lines.push(`  signal ${json(signal)}`);
  const trade = rows.trades.find((row) => row.id === finding.tradeId);
  if (trade !== undefined) {
    lines.push(`  trade ${json(trade)}`);
    for (const fill of rows.fills.filter((row) => row.tradeId === trade.id)) lines.push(`  fill ${json(fill)}`);
  }
  lines.push(...historyOf(finding, rows));
  for (const order of venue.orders.filter((row) => row.clOrdId === finding.tradeId))
    lines.push(`  order ${json(order)}`);
  for (const id of [finding.tradeId, finding.signalId]) if (id !== null) lines.push(...logLines(world, id));
  return lines.join('\n');
}

/** Everything that the subscription did, in the order of the signals. */
function historyOf({ subscriptionId }: Finding, rows: Rows): readonly string[] {
  return rows.signals.flatMap((signal) =>
    rows.trades
      .filter((trade) => trade.signalId === signal.id && trade.subscriptionId === subscriptionId)
      .map((trade) => {
        const { id, leg, positionSide, status, code, quantity, filledQuantity, createdAt, updatedAt } = trade;
        const { action, side, size } = signal.intent as { action: string; side: string; size: object | null };
        const debtAfter = (trade.decision as { debtAfter?: string }).debtAfter;
        const sent = { action, side, size, instrument: signal.instrumentId, doneAt: signal.doneAt };
        return `  history ${json({ sent, id, leg, positionSide, status, code, quantity, filledQuantity, debtAfter, createdAt, updatedAt })}`;
      }),
  );
}

function json(value: unknown): string {
  return JSON.stringify(value, (_key, part) => (typeof part === 'bigint' ? String(part) : part)).slice(0, WIDEST);
}

function logLines(world: World, id: string): readonly string[] {
  return world.logNames
    .flatMap((name) => {
      const file = world.logFile(name);
      if (!existsSync(file)) return [];
      const lines = readFileSync(file, 'utf8').split('\n');
      return lines.filter((line) => line.includes(id)).map((line) => `  ${name}: ${line.slice(0, 600)}`);
    })
    .slice(0, LONGEST);
}
