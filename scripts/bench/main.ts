import { mkdirSync, rmSync } from 'node:fs';
import { cpus, loadavg } from 'node:os';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { BenchWorld } from '@/testing/bench/bench-world';
import { runFairness } from '@/testing/bench/fairness';
import { FANOUT_CASES, type FanoutCase, runFanout } from '@/testing/bench/fanout/fanout';
import { runIngest } from '@/testing/bench/ingest';
import { runMemory } from '@/testing/bench/memory';
import { runPush } from '@/testing/bench/push/push';
import { runQuery } from '@/testing/bench/query/query';
import { runScale } from '@/testing/bench/scale';
import { runSoak } from '@/testing/bench/soak';
import { writeMarked } from '../docs/marked-text';
import { wholeNumbers } from '../whole-numbers';
import { budgetTable, figureTable } from './budget';
import { printFigures } from './print';

const SECTIONS = ['fanout', 'ingest', 'push', 'memory', 'query', 'scale', 'fairness', 'soak'] as const;
type Section = (typeof SECTIONS)[number];

const USAGE = `npm run bench -- [--only ${SECTIONS.join(',')}] [--json]

Measures the product over its real processes on loopback, each figure interleaved with its floor in one run.
  --rounds 12         rounds of the fan-out's cases, of ingest and of push; of fairness a quarter
  --cases n1000,…     cases of the fan-out: ${FANOUT_CASES.map(({ name }) => name).join(', ')}
  --transport rest    how the fan-out's orders travel: over rest, or over the accounts' private streams (stream)
  --fill-after 300    ms from an order's answer to its fill
  --profile FOLDER    writes the workers' CPU profiles there
  --trades 100000,…   sizes of the table that queries run over (100000,2000000)
  --followers 100,…   steps of scale (100,1000,5000,20000)
  --minutes 3         length of the soak; --hours does the same
  --rate 10           signals a second of the soak
  --write             puts the tables into docs/performance.md
  --verbose           prints every round
  --json              prints one object as the last line`;

const { values } = parseArgs({
  options: {
    only: { type: 'string', default: SECTIONS.join(',') },
    rounds: { type: 'string', default: '12' },
    cases: { type: 'string', default: FANOUT_CASES.map(({ name }) => name).join(',') },
    transport: { type: 'string', default: 'rest' },
    'fill-after': { type: 'string', default: '300' },
    profile: { type: 'string' },
    trades: { type: 'string', default: '100000,2000000' },
    followers: { type: 'string', default: '100,1000,5000,20000' },
    minutes: { type: 'string', default: '3' },
    hours: { type: 'string' },
    rate: { type: 'string', default: '10' },
    write: { type: 'boolean', default: false },
    verbose: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});
if (values.help) {
  console.log(USAGE);
  process.exit(0);
}

function list<T extends string>(name: 'only' | 'cases', known: readonly T[]): readonly T[] {
  const wanted = values[name].split(',').filter((one) => one !== '');
  const strange = wanted.find((one) => !known.some((other) => other === one));
  if (strange === undefined) return known.filter((one) => wanted.includes(one));
  console.error(`--${name} does not know "${strange}".\n\n${USAGE}`);
  process.exit(2);
}

const wholes = (name: 'rounds' | 'fill-after' | 'trades' | 'followers'): readonly number[] =>
  wholeNumbers(name, values[name], USAGE);

function positive(name: 'minutes' | 'hours' | 'rate', text: string): number {
  const number = Number(text);
  if (number > 0) return number;
  console.error(`--${name} takes a positive number.\n\n${USAGE}`);
  process.exit(2);
}

const only = list<Section>('only', SECTIONS);
const cases = list<FanoutCase['name']>(
  'cases',
  FANOUT_CASES.map(({ name }) => name),
);
const [rounds = 12] = wholes('rounds');
const [fillAfterMs = 300] = wholes('fill-after');
const trades = wholes('trades');
const followers = wholes('followers');
const minutes = values.hours === undefined ? positive('minutes', values.minutes) : positive('hours', values.hours) * 60;
const rate = positive('rate', values.rate);
if (values.transport !== 'rest' && values.transport !== 'stream') {
  console.error(`--transport takes rest or stream.\n\n${USAGE}`);
  process.exit(2);
}
const { transport } = values;
const directory = resolve(process.env.SLIPSTREAM_TEST_DIR ?? '.data-test', `bench-${process.pid}`);
if (values.profile !== undefined) mkdirSync(values.profile, { recursive: true });
const log = (line: string): void => {
  if (values.verbose) console.error(line);
};

const load = loadavg()[0]?.toFixed(1) ?? '';
const world = await BenchWorld.open(directory, 256);
let ending = false;
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.on(signal, () => {
    if (ending) return;
    ending = true;
    void world.close().finally(() => process.exit(1));
  });
}

const results: Record<string, unknown> = {};
let failed = false;
try {
  const run: Readonly<Record<Section, () => Promise<unknown>>> = {
    fanout: () => runFanout(world, { rounds, cases, fillAfterMs, transport, profileInto: values.profile, log }),
    ingest: () => runIngest(world, rounds),
    push: () => runPush(world, rounds),
    memory: () => runMemory(world),
    query: () => runQuery(world, trades, log),
    scale: () => runScale(world, followers, log),
    fairness: () => runFairness(world, Math.max(1, Math.ceil(rounds / 4)), log),
    soak: () => runSoak(world, { minutes, rate, log }),
  };
  for (const section of only) {
    if (ending) break;
    log(`${section} begins`);
    results[section] = await run[section]();
  }
} catch (error) {
  failed = true;
  if (!ending) console.error(error);
} finally {
  await world.close();
}
printFigures(results);
console.log(`\n${budgetTable(results)}\n`);
if (values.write && !failed) {
  const when = `${new Date().toISOString().slice(0, 10)}, ${cpus().length} cores, Node ${process.versions.node}; load before the run ${load}.`;
  const text = `${when}\n\n${budgetTable(results)}\n\n<details><summary>All figures</summary>\n\n${figureTable(results)}\n\n</details>`;
  writeMarked('docs/performance.md', 'bench', text);
}
if (failed) console.error(`Logs and rows stay in ${directory}`);
else rmSync(directory, { recursive: true, force: true });
if (values.json) console.log(JSON.stringify(results));
process.exit(failed ? 1 : 0);
