import { rmSync } from 'node:fs';
import { cpus } from 'node:os';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { ERRORS } from '@/testing/storm/findings';
import { runSeed, type SeedResult } from '@/testing/storm/storm';
import { World } from '@/testing/storm/world';
import { writeMarked } from '../docs/marked-text';
import { wholeNumber } from '../whole-numbers';

const USAGE = `npm run storm -- --seeds 20 [--first-seed 1] [--followers 200] [--signals 10] [--kills 12] [--json] [--verbose] [--pages] [--write]

Signals of two sources over real processes while these are killed and the venue misbehaves; then three books are compared.
--pages runs the whole web process, with pages that are built first where needed, instead of its webhook route alone.
--write puts the table into docs/reliability.md.`;

const { values } = parseArgs({
  options: {
    seeds: { type: 'string', default: '20' },
    'first-seed': { type: 'string', default: '1' },
    followers: { type: 'string', default: '200' },
    signals: { type: 'string', default: '10' },
    kills: { type: 'string', default: '12' },
    json: { type: 'boolean', default: false },
    verbose: { type: 'boolean', default: false },
    pages: { type: 'boolean', default: false },
    write: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});
if (values.help) {
  console.log(USAGE);
  process.exit(0);
}

const whole = (name: 'seeds' | 'first-seed' | 'followers' | 'signals' | 'kills'): number =>
  wholeNumber(name, values[name], USAGE);

const COLUMNS = [
  'seed',
  'signals',
  'orders',
  'kills',
  'faults',
  'hands',
  'forced',
  ...ERRORS,
  'settleMs',
  'nakedMs',
] as const;
const TOTALS = COLUMNS.filter((column) => column !== 'seed');
const WIDTH = 11;
/** Of a seed that failed, so many stories are printed. */
const STORIES = 8;

function row(cells: readonly (string | number)[]): string {
  return cells.map((cell) => String(cell).padStart(WIDTH)).join('');
}

const options = { followers: whole('followers'), signals: whole('signals'), kills: whole('kills') };
const first = whole('first-seed');
const seeds = whole('seeds');
const directory = resolve(process.env.SLIPSTREAM_TEST_DIR ?? '.data-test', `storm-${process.pid}`);
const started = Date.now();
const world = await World.open({ directory, pages: values.pages, clocksApart: true });
if (!world.clocksApart) console.error('libfaketime is not installed: the clocks of the workers are not set apart.');
const results: SeedResult[] = [];
let broken = false;
let ending = false;
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.on(signal, () => {
    if (ending) return;
    ending = true;
    void world.close().finally(() => process.exit(1));
  });
}

try {
  console.log(row(COLUMNS));
  for (let seed = first; seed < first + seeds; seed += 1) {
    const at = Date.now();
    const log = (line: string): void => {
      if (values.verbose) console.error(`  ${((Date.now() - at) / 1000).toFixed(1)} s  ${line}`);
    };
    const outcome = await runSeed(world, { seed, ...options }, log).catch((error: unknown) => {
      broken = true;
      if (!ending) console.error(`seed ${seed} broke off:`, error);
      return null;
    });
    if (ending) break;
    if (outcome === null) continue;
    const { result, stories } = outcome;
    results.push(result);
    console.log(row(COLUMNS.map((column) => result[column])));
    if (stories.length === 0) continue;
    const { followers, signals, kills } = options;
    const again = `npm run storm -- --seeds 1 --first-seed ${seed} --followers ${followers} --signals ${signals} --kills ${kills}`;
    console.error(
      `\nseed ${seed}: ${stories.length} errors\n${stories.slice(0, STORIES).join('\n')}\n\nAgain: ${again}\n`,
    );
  }
} catch (error) {
  broken = true;
  if (!ending) console.error(error);
} finally {
  await world.close();
}

const total = Object.fromEntries(
  TOTALS.map((column) => [
    column,
    column === 'settleMs' || column === 'nakedMs'
      ? Math.max(0, ...results.map((result) => result[column]))
      : results.reduce((sum, result) => sum + result[column], 0),
  ]),
) as Record<(typeof TOTALS)[number], number>;
console.log(row(COLUMNS.map((column) => (column === 'seed' ? 'total' : total[column]))));
console.log(
  `${results.length} seeds in ${Math.round((Date.now() - started) / 1000)} s; settleMs and nakedMs of the total are the longest`,
);
if (values.write) {
  const seconds = Math.round((Date.now() - started) / 1000);
  const head = `${results.length} seeds, ${options.followers} followers, ${options.signals} signals and ${options.kills} kills each, in ${seconds} s on ${cpus().length} cores.`;
  const lines = [
    COLUMNS,
    COLUMNS.map(() => '---:'),
    ...results.map((result) => COLUMNS.map((column) => result[column])),
    COLUMNS.map((column) => (column === 'seed' ? '**total**' : `**${total[column]}**`)),
  ].map((cells) => `| ${cells.join(' | ')} |`);
  writeMarked('docs/reliability.md', 'storm', `${head} The total of settleMs is the longest.\n\n${lines.join('\n')}`);
}
if (values.json) console.log(JSON.stringify({ seeds: results, total }));
const failed = broken || ERRORS.some((kind) => total[kind] > 0);
if (failed) console.error(`Logs and rows stay in ${directory}`);
else rmSync(directory, { recursive: true, force: true });
process.exit(failed ? 1 : 0);
