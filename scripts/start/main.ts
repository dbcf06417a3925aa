import { randomBytes } from 'node:crypto';
import { mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { applyMigrations } from '@/platform/database/migrations';
import { inTurn } from '../exclusive.mjs';
import { startGuard } from '../services/guard';
import { choosePorts } from '../services/ports';
import { banner } from './banner';
import { buildPages, generateClient, isBuilt } from './build';
import { colour } from './colour';
import { type Addresses, addresses, PREFERRED_PORTS, processEnvironment } from './environment';
import { notePid, outwait, stopLeftoverProcesses } from './leftovers';
import { dataDirectory, takeLock } from './lock.mjs';
import { elapsed, Progress } from './progress';
import { writeRunFile } from './run-file';
import { loadSecrets } from './secrets';
import { keptSeed, seed } from './seed';
import { startServices, stopLeftoverServices } from './services';
import { type ProcessSpec, Supervisor } from './supervisor';
import { readArguments } from './usage.mjs';
import { WORKER_FLAGS } from './worker-flags';

const started = Date.now();
const { fresh } = readArguments();
const directory = dataDirectory();
mkdirSync(directory, { recursive: true, mode: 0o700 });
const releaseLock = takeLock(directory);
const progress = new Progress();
const guardFile = join(directory, 'guard.pid');
const pidDirectory = join(directory, 'pids');
// Where a start was killed, its guard may still be stopping what that one has left.
await outwait(guardFile, () =>
  progress.line(colour.dim('An earlier start was killed; waiting until its servers have stopped …')),
);
const guard = startGuard();
if (guard.pid !== undefined) notePid(guardFile, guard.pid);

/** What must be undone at the end, in the order it was done. */
const undo: (() => Promise<void>)[] = [];
let ending: Promise<void> | undefined;

function end(code: number): Promise<void> {
  ending ??= (async () => {
    for (const action of undo.reverse()) {
      await action().catch((error: unknown) => progress.line(colour.red(String(error))));
    }
    guard.close();
    rmSync(guardFile, { force: true });
    rmSync(join(directory, 'run.json'), { force: true });
    releaseLock();
    process.exit(code);
  })();
  return ending;
}

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.on(signal, () => {
    if (ending) return;
    progress.line(`\n${colour.dim('Stopping …')}`);
    void end(0);
  });
}
endWithParent();

try {
  await run();
} catch (error) {
  if (!ending) progress.line(`\n${colour.red(error instanceof Error ? error.message : String(error))}`);
  await end(1);
}

async function run(): Promise<void> {
  // Its presence says that everything runs; an interrupted run may have left one.
  rmSync(join(directory, 'run.json'), { force: true });
  await stopLeftoverProcesses(pidDirectory);
  if (fresh) await startOver();
  const host = process.env.SLIPSTREAM_HOST || '127.0.0.1';
  const secrets = loadSecrets(directory);
  const { ports, release } = await choosePorts(join(directory, 'ports.json'), PREFERRED_PORTS, host, pinnedPorts());
  undo.push(async () => release());
  const logs = join(directory, 'logs');
  const at = addresses(host, ports);

  const services = await progress.step('MySQL and Redis', async (note) => {
    const running = await startServices({ directory, ports, secrets, guard, note, env: process.env });
    undo.push(running.stop);
    return running;
  });
  const instance = randomBytes(12).toString('hex');
  const env = processEnvironment({ base: process.env, directory, host, ports, secrets, instance, ...services });

  await progress.step('Database schema', async (note) => {
    await applyMigrations({ url: services.databaseUrl, directory: resolve('prisma/migrations'), log: note });
    await inTurn('generate', () => generateClient(join(logs, 'generate.log')));
  });

  const supervisor = new Supervisor({
    env,
    instance,
    logDirectory: logs,
    pidDirectory,
    guard,
    width: Math.max(...processes(at).map((spec) => spec.name.length)),
    print: (line) => progress.line(line),
  });
  undo.push(() => supervisor.stop());
  const [simulator, ...others] = processes(at);

  // The pages are built while the simulator starts and the demo is made: they don't need each other.
  const outcomes = await Promise.allSettled([
    isBuilt()
      ? undefined
      : progress.step('Building the pages', (note) => buildOnce(env, join(logs, 'build.log'), note)),
    (async () => {
      if (simulator) await supervisor.start(simulator);
      return keptSeed(directory) ?? progress.step('Demo tenant', () => seed(directory, env));
    })(),
  ]);
  const [built, seeded] = outcomes;
  if (built.status === 'rejected') throw built.reason;
  if (seeded.status === 'rejected') throw seeded.reason;

  await Promise.all(others.map((spec) => supervisor.start(spec)));
  if (ending) return;
  const runFile = writeRunFile(directory, { addresses: at, seed: seeded.value, ...services });
  progress.line(banner(runFile, `ready in ${elapsed(started)}`));
}

/** Where another start of this checkout builds them at the moment, its pages are ours too. */
function buildOnce(env: NodeJS.ProcessEnv, logFile: string, note: (text: string) => void): Promise<void> {
  const build = async () => {
    if (!isBuilt()) await buildPages(env, logFile);
  };
  return inTurn('build', build, () => note('another start builds the pages; waiting for it'));
}

function pinnedPorts(): { web?: number } {
  const said = process.env.SLIPSTREAM_PORT;
  if (!said) return {};
  if (!/^\d{1,5}$/.test(said) || Number(said) < 1 || Number(said) > 65_535) {
    throw new Error('SLIPSTREAM_PORT must be a port, a whole number from 1 to 65535.');
  }
  return { web: Number(said) };
}

function processes(at: Addresses): ProcessSpec[] {
  const script = (name: string) => join('src', 'processes', `${name}.ts`);
  return [
    {
      name: 'simulator',
      script: script('simulator'),
      healthUrl: `${at.control}/health`,
    },
    {
      name: 'signal-worker',
      script: script('signal-worker'),
      healthUrl: `${at.worker}/health`,
      nodeArgs: WORKER_FLAGS,
    },
    { name: 'scheduler', script: script('scheduler'), healthUrl: `${at.scheduler}/health` },
    { name: 'web', script: script('web'), healthUrl: `${at.web}/health` },
  ];
}

/** Removes everything in the data folder but the lock. A database given by DATABASE_URL is not ours to empty. */
async function startOver(): Promise<void> {
  await stopLeftoverServices(directory);
  for (const name of readdirSync(directory)) {
    if (name !== 'start.lock' && name !== 'guard.pid') rmSync(join(directory, name), { recursive: true, force: true });
  }
  if (process.env.DATABASE_URL) progress.line('--fresh leaves the database of DATABASE_URL as it is.');
}

/** npm doesn't always pass on a signal it dies of; without it nobody could stop us from this terminal any more. */
function endWithParent(): void {
  if (!process.env.npm_lifecycle_event) return;
  const parent = process.ppid;
  setInterval(() => {
    if (process.ppid !== parent) void end(0);
  }, 1_000).unref();
}
