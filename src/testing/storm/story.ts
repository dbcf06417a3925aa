import { existsSync, readFileSync } from 'node:fs';
import type { Rows, VenueBooks } from './books';
import type { Finding } from './compare';
import type { World } from './world';

const LONGEST = 60;

/** Everything that is known of a finding: the signal, the decision, the rows, the venue's order, what the logs say. */
export function tellStory(world: World, finding: Finding, rows: Rows, venue: VenueBooks): string {
  const lines = [`${finding.kind}: ${finding.text}`];
  const signal = rows.signals.find((row) => row.id === finding.signalId);
  if (signal !== undefined) lines.push(`  signal ${json(signal)}`);
  const trade = rows.trades.find((row) => row.id === finding.tradeId);
  if (trade !== undefined) {
    lines.push(`  trade ${json(trade)}`);
    for (const fill of rows.fills.filter((row) => row.tradeId === trade.id)) lines.push(`  fill ${json(fill)}`);
    for (const other of rows.trades) {
      if (other.subscriptionId !== trade.subscriptionId || other.instrumentId !== trade.instrumentId) continue;
      lines.push(
        `  beside it ${json({ id: other.id, signalId: other.signalId, leg: other.leg, status: other.status, code: other.code, quantity: other.quantity, filled: other.filledQuantity, createdAt: other.createdAt })}`,
      );
    }
  }
  for (const order of venue.orders.filter((row) => row.clOrdId === finding.tradeId))
    lines.push(`  order ${json(order)}`);
  for (const id of [finding.tradeId, finding.signalId]) if (id !== null) lines.push(...logLines(world, id));
  return lines.join('\n');
}

function json(value: unknown): string {
  return JSON.stringify(value, (_key, part) => (typeof part === 'bigint' ? String(part) : part));
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
