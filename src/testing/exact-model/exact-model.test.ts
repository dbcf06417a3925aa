import { expect, it } from 'vitest';
import { compareSequence, type Met } from './compare';

/** `npm run exact-model` runs more of them, from another seed where EXACT_SEED says one. */
const COUNT = Number(process.env.EXACT_SEQUENCES ?? 300);
const FIRST = Number(process.env.EXACT_SEED ?? 1);

it('agrees with the product on sizes, stops, limits, debts and positions', { timeout: 1_800_000 }, () => {
  const met: Met = new Map();
  for (let seed = FIRST; seed < FIRST + COUNT; seed += 1) compareSequence(seed, met);
  const told = [...met]
    .sort(([one], [other]) => one.localeCompare(other))
    .map(([name, times]) => `  ${name}: ${times}`);
  process.stdout.write(`${COUNT} sequences, seeds ${FIRST} to ${FIRST + COUNT - 1}:\n${told.join('\n')}\n`);
  for (const edge of [
    ...['open ordered', 'close ordered', 'open BELOW_MINIMUM', 'close BELOW_MINIMUM', 'open NO_STOP', 'open NO_EQUITY'],
    ...['open STOP_CROSSED', 'open ORDER_CAP', 'open LIMIT_CANNOT_REST', 'open SLIPPAGE', 'open LEVERAGE_EXCEEDED'],
    ...[
      'rested',
      'stop order',
      'minimum balance',
      'minimum ratio',
      'minimum value',
      'close in parts',
      'reduced to a cap',
    ],
  ]) {
    expect(met.get(edge) ?? 0, edge).toBeGreaterThan(0);
  }
});
