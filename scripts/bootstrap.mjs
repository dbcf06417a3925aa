// What runs before any package is there: plain Node, no imports from outside.
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { inTurn } from './exclusive.mjs';

export const ROOT = dirname(dirname(fileURLToPath(import.meta.url)));

/** Installs what is missing, turns on TypeScript and imports `entry`, a path below scripts/. `first` may throw before anything is changed. */
export async function bootstrap(entry, first = () => undefined) {
  requireNode(20, 19);
  process.chdir(ROOT);
  first();
  await inTurn('install', installPackages, () =>
    process.stdout.write('Another start installs packages; waiting for it …\n'),
  );
  const { register } = await import('tsx/esm/api');
  register();
  await import(new URL(entry, import.meta.url).href);
}

function requireNode(major, minor) {
  const [haveMajor, haveMinor] = process.versions.node.split('.').map(Number);
  if (haveMajor > major || (haveMajor === major && haveMinor >= minor)) return;
  console.error(`Slipstream needs Node ${major}.${minor} or newer; this is Node ${process.versions.node}.`);
  process.exit(1);
}

/** The stamp tells which lock file node_modules was made from, so that a pull with new packages installs them too. */
async function installPackages() {
  const wanted = createHash('sha256').update(readFileSync('package-lock.json')).digest('hex');
  const stamp = join('node_modules', '.slipstream-lock');
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted) return;
  if (process.env.SLIPSTREAM_SKIP_INSTALL === '1' && existsSync('node_modules')) return;
  const started = Date.now();
  const seconds = () => `${((Date.now() - started) / 1000).toFixed(0)} s`;
  process.stdout.write('Installing packages (npm ci) …\n');
  const heartbeat = setInterval(() => process.stdout.write(`  … still installing packages, ${seconds()}\n`), 15_000);
  try {
    await npmCi();
  } finally {
    clearInterval(heartbeat);
  }
  writeFileSync(stamp, wanted);
  process.stdout.write(`Packages are installed (${seconds()}).\n`);
}

function npmCi() {
  // npm tells its children where it is; beside it, node's own folder has one.
  const cli = process.env.npm_execpath;
  const args = ['ci', '--include=dev', '--no-audit', '--no-fund', '--loglevel=error'];
  const [command, commandArgs] = cli?.endsWith('.js') ? [process.execPath, [cli, ...args]] : ['npm', args];
  const engine = absentSchemaEngine();
  return new Promise((resolve, reject) => {
    const child = spawn(command, commandArgs, {
      stdio: ['ignore', 'inherit', 'inherit'],
      // NODE_ENV=production would leave out what the build needs.
      env: { ...process.env, NODE_ENV: '', CHECKPOINT_DISABLE: '1', ...engine },
    });
    child.once('error', reject);
    child.once('exit', (code) => {
      if (code === 0) resolve();
      else reject(new Error(`npm ci ended with code ${code}. Its messages are above.`));
    });
  });
}

/**
 * Prisma wants to download a native schema engine before it does anything, and fails where its host is closed. Nothing here uses
 * the engine (generate, validate and format run in WebAssembly, migrations have a runner of their own), so any
 * program that exists may stand in its place.
 */
export function absentSchemaEngine() {
  if (process.env.PRISMA_SCHEMA_ENGINE_BINARY) return {};
  const standIn = ['/bin/true', '/usr/bin/true'].find((path) => existsSync(path)) ?? process.execPath;
  return { PRISMA_SCHEMA_ENGINE_BINARY: standIn };
}
