import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { ensurePrograms } from '../services/packages';
import { CHROMIUM, MARIADB, OPENSSL, REDIS } from '../services/requirements';
import { generateClient } from '../start/build';
import { colour } from '../start/colour';
import { elapsed, Progress } from '../start/progress';
import { type Outcome, runProgram } from './checks';
import { type Counts, readCounts } from './counts';

const STEPS = ['types', 'lint', 'imports', 'unused', 'unit', 'integration', 'browser'] as const;
type Step = (typeof STEPS)[number];

const USAGE = `npm test                                  everything
npm test -- --only unit,integration       some of: ${STEPS.join(', ')}
npm test -- src/services                  only tests whose path contains this; no other checks`;

const started = Date.now();
const { only, filters } = readArguments(process.argv.slice(2));
const wanted = (step: Step) => only.includes(step);
const directory = resolve(process.env.SLIPSTREAM_TEST_DIR || '.data-test');
mkdirSync(directory, { recursive: true });
process.env.SLIPSTREAM_TEST_DIR = directory;

const progress = new Progress();
const failedChecks: string[] = [];
const totals: Counts = { passed: 0, failed: 0, skipped: 0 };

await progress.step('Preparing', async (note) => {
  await ensurePrograms(
    [
      ...((wanted('integration') && !process.env.TEST_DATABASE_URL) || wanted('browser') ? [MARIADB] : []),
      ...((wanted('integration') && !process.env.TEST_REDIS_URL) || wanted('browser') ? [REDIS] : []),
      ...(wanted('integration') ? [OPENSSL] : []),
      ...(wanted('browser') ? [CHROMIUM] : []),
    ],
    note,
  );
  await generateClient(join(directory, 'generate.log'));
  declareNextTypes();
});

const checks: [Step, string, () => Promise<Outcome>][] = [
  ['types', 'Types', () => runProgram('typescript', 'tsc', ['--noEmit'])],
  ['lint', 'Lint', () => runProgram('@biomejs/biome', 'biome', ['check', '.'])],
  [
    'imports',
    'Import rules',
    () => runProgram('dependency-cruiser', 'depcruise', ['src', 'scripts', '--config', '.dependency-cruiser.cjs']),
  ],
  ['unused', 'Unused code and packages', () => runProgram('knip', 'knip', [])],
];
await Promise.all(checks.filter(([step]) => wanted(step)).map(([, name, run]) => check(name, run)));

const inNode = (['unit', 'integration'] as const).filter(wanted);
if (inNode.length > 0) await tests('Unit and integration tests', inNode);
if (wanted('browser')) await tests('Browser tests', ['browser']);

if (failedChecks.length > 0) console.log(colour.red(`\nNot in order: ${failedChecks.join(', ')}`));
console.log(colour.dim(`\n${elapsed(started)}${totals.skipped > 0 ? `, ${totals.skipped} skipped` : ''}`));
// A check that isn't in order is a failure as much as a test that isn't.
const failed = totals.failed + failedChecks.length;
console.log(`${totals.passed} passed, ${failed} failed`);
// No test at all, where tests were asked for, is no success.
const testsWanted = inNode.length > 0 || wanted('browser');
process.exit(failed > 0 || (testsWanted && totals.passed === 0) ? 1 : 0);

/** Next writes this file at each build, with a line for types in the build's folder; the compiler needs it before and without one. */
function declareNextTypes(): void {
  const file = 'next-env.d.ts';
  const written = existsSync(file) ? readFileSync(file, 'utf8') : '';
  const imports = [...written.matchAll(/^import "(\..*)";$/gm)].map(([, path = '']) => path);
  if (written && imports.every((path) => existsSync(path))) return;
  writeFileSync(file, '/// <reference types="next" />\n/// <reference types="next/image-types/global" />\n');
}

async function check(name: string, run: () => Promise<Outcome>): Promise<void> {
  let output = '';
  try {
    await progress.step(name, async () => {
      const outcome = await run();
      output = outcome.output;
      if (!outcome.passed) throw new Error(name);
    });
  } catch {
    failedChecks.push(name);
    progress.line(output);
  }
}

async function tests(name: string, projects: readonly Step[]): Promise<void> {
  console.log(`\n${colour.bold(name)}`);
  const since = Date.now();
  const report = join(directory, `report-${projects.join('-')}.json`);
  rmSync(report, { force: true });
  const args = [
    'run',
    ...projects.flatMap((project) => ['--project', project]),
    '--passWithNoTests',
    '--reporter=default',
    '--reporter=json',
    `--outputFile.json=${report}`,
    ...filters,
  ];
  const outcome = await runProgram('vitest', 'vitest', args, { live: true, env: { NODE_ENV: 'test' } });
  const counts = readCounts(report);
  totals.passed += counts.passed;
  totals.failed += counts.failed === 0 && !outcome.passed ? 1 : counts.failed;
  totals.skipped += counts.skipped;
  console.log(`${outcome.passed ? colour.green('✓') : colour.red('✗')} ${name} ${colour.dim(elapsed(since))}`);
}

function readArguments(args: readonly string[]): { only: readonly Step[]; filters: string[] } {
  const filters: string[] = [];
  let only: readonly Step[] | undefined;
  for (let index = 0; index < args.length; index += 1) {
    const argument = args[index] ?? '';
    if (argument === '--only') {
      index += 1;
      only = (args[index] ?? '').split(',').map((word) => {
        const step = STEPS.find((name) => name === word);
        if (!step) usage();
        return step as Step;
      });
    } else if (argument.startsWith('-')) {
      usage();
    } else {
      filters.push(argument);
    }
  }
  return { only: only ?? (filters.length > 0 ? ['unit', 'integration'] : STEPS), filters };
}

function usage(): never {
  console.log(USAGE);
  process.exit(1);
}
