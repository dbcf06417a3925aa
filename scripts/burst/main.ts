import { rmSync } from 'node:fs';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { isFlawless, runBurst } from '@/testing/burst/burst';
import { World } from '@/testing/storm/world';
import { wholeNumber } from '../whole-numbers';

const USAGE = `npm run burst -- [--signals 200] [--followers 1000] [--seed 1] [--json] [--pages]

Sends many signals at once to real processes, two workers among them, and waits until all are copied: every follower has one receipt a
signal, every order is at the venue once, and those of a lane in the order in which its signals were received. Also prints
what memory each process needed. --pages runs the whole web process instead of its webhook route alone.`;

const { values } = parseArgs({
  options: {
    signals: { type: 'string', default: '200' },
    followers: { type: 'string', default: '1000' },
    seed: { type: 'string', default: '1' },
    json: { type: 'boolean', default: false },
    pages: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});
if (values.help) {
  console.log(USAGE);
  process.exit(0);
}

const whole = (name: 'signals' | 'followers' | 'seed'): number => wholeNumber(name, values[name], USAGE, 1);

const options = { seed: whole('seed'), followers: whole('followers'), signals: whole('signals') };
const directory = resolve(process.env.SLIPSTREAM_TEST_DIR ?? '.data-test', `burst-${process.pid}`);
const world = await World.open({ directory, pages: values.pages, clocksApart: false });
let ending = false;
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.on(signal, () => {
    if (ending) return;
    ending = true;
    void world.close().finally(() => process.exit(1));
  });
}
let failed = true;
try {
  const { result, findings } = await runBurst(world, options, (line) => console.error(`  ${line}`));
  const crashes = world.takeCrashes();
  failed = !isFlawless(result) || crashes.length > 0;
  for (const line of [...findings, ...crashes]) console.error(line);
  const { memory, ...figures } = result;
  for (const [name, figure] of Object.entries(figures)) console.log(`${name.padEnd(18)}${figure}`);
  for (const [name, { peak, half, final }] of Object.entries(memory)) {
    console.log(`${name.padEnd(18)}${peak} MB at most, ${half} MB half-way, ${final} MB at the end`);
  }
  if (values.json) console.log(JSON.stringify(result));
} catch (error) {
  if (!ending) console.error(error);
} finally {
  await world.close();
}
if (failed) console.error(`Logs and rows stay in ${directory}`);
else rmSync(directory, { recursive: true, force: true });
process.exit(failed ? 1 : 0);
