import { mkdirSync, rmSync } from 'node:fs';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { BenchWorld } from '@/testing/bench/bench-world';
import { FANOUT_CASES, type FanoutCase, runFanout } from '@/testing/bench/fanout/fanout';
import { printFigures } from './print';

const SECTIONS = ['fanout'] as const;
type Section = (typeof SECTIONS)[number];

const USAGE = `npm run bench -- [--only ${SECTIONS.join(',')}] [--json]

Measures the product over its real processes on loopback, each figure interleaved with its floor in one run.
  --rounds 12         rounds of each case of the fan-out
  --cases n1000,…     cases of the fan-out: ${FANOUT_CASES.map(({ name }) => name).join(', ')}
  --fill-after 300    ms from an order's answer to its fill
  --profile FOLDER    writes the workers' CPU profiles there
  --verbose           prints every round
  --json              prints one object as the last line`;

const { values } = parseArgs({
  options: {
    only: { type: 'string', default: SECTIONS.join(',') },
    rounds: { type: 'string', default: '12' },
    cases: { type: 'string', default: FANOUT_CASES.map(({ name }) => name).join(',') },
    'fill-after': { type: 'string', default: '300' },
    profile: { type: 'string' },
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

function whole(name: 'rounds' | 'fill-after'): number {
  const number = Number(values[name]);
  if (Number.isInteger(number) && number >= 0) return number;
  console.error(`--${name} takes a whole number.\n\n${USAGE}`);
  process.exit(2);
}

const only = list<Section>('only', SECTIONS);
const cases = list<FanoutCase['name']>(
  'cases',
  FANOUT_CASES.map(({ name }) => name),
);
const rounds = whole('rounds');
const fillAfterMs = whole('fill-after');
const directory = resolve(process.env.SLIPSTREAM_TEST_DIR ?? '.data-test', `bench-${process.pid}`);
if (values.profile !== undefined) mkdirSync(values.profile, { recursive: true });
const log = (line: string): void => {
  if (values.verbose) console.error(line);
};

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
  if (only.includes('fanout')) {
    results.fanout = await runFanout(world, { rounds, cases, fillAfterMs, profileInto: values.profile, log });
  }
} catch (error) {
  failed = true;
  if (!ending) console.error(error);
} finally {
  await world.close();
}
printFigures(results);
if (failed) console.error(`Logs and rows stay in ${directory}`);
else rmSync(directory, { recursive: true, force: true });
if (values.json) console.log(JSON.stringify(results));
process.exit(failed ? 1 : 0);
