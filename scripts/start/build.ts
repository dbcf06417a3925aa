import { spawn } from 'node:child_process';
import { createHash, type Hash } from 'node:crypto';
import { createWriteStream, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

type Variables = Record<string, string | undefined>;

const ROOTS = [
  'src',
  'public',
  'messages',
  'next.config.js',
  'package-lock.json',
  'tsconfig.json',
  'tsconfig.build.json',
  'prisma/schema.prisma',
];
/** Programs of their own and tests: no page depends on them. */
const NOT_IN_PAGES = new Set(['src/simulator', 'src/processes', 'src/testing', 'src/platform/database/generated']);
/** Where next.config.js puts the pages. */
const DIST = process.env.NEXT_DIST_DIR || '.next';
const STAMP = join(DIST, 'slipstream-sources');

/** Generates the Prisma client when the schema has changed since. */
export async function generateClient(logFile: string): Promise<boolean> {
  const folder = join('src', 'platform', 'database', 'generated');
  const stamp = join(folder, '.schema');
  const hash = createHash('sha256');
  addPath(hash, 'prisma/schema.prisma');
  addPath(hash, 'package-lock.json');
  const wanted = hash.digest('hex');
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted) return false;
  await runLogged([join('scripts', 'prisma.mjs'), 'generate'], {}, logFile, 'prisma generate');
  writeFileSync(stamp, wanted);
  return true;
}

/** Whether the pages of an earlier build are those of the present sources. */
export function isBuilt(): boolean {
  return existsSync(join(DIST, 'BUILD_ID')) && existsSync(STAMP) && readFileSync(STAMP, 'utf8') === sourceHash();
}

/** `next build`. Its output goes to the log file; its end is in the error when it fails. */
export async function buildPages(env: Variables, logFile: string): Promise<void> {
  const hash = sourceHash();
  rmSync(STAMP, { force: true });
  await runLogged([join('node_modules', 'next', 'dist', 'bin', 'next'), 'build'], env, logFile, 'next build');
  writeFileSync(STAMP, hash);
}

function sourceHash(): string {
  const hash = createHash('sha256');
  for (const root of ROOTS) addPath(hash, root);
  return hash.digest('hex');
}

function addPath(hash: Hash, path: string): void {
  if (NOT_IN_PAGES.has(path) || /\.test\.tsx?$/.test(path) || !existsSync(path)) return;
  const entries = tryList(path);
  if (!entries) {
    hash.update(`${path}\0`).update(readFileSync(path)).update('\0');
    return;
  }
  for (const name of entries.sort()) addPath(hash, join(path, name));
}

function tryList(path: string): string[] | undefined {
  try {
    return readdirSync(path);
  } catch {
    return undefined;
  }
}

function runLogged(args: string[], env: Variables, logFile: string, name: string): Promise<void> {
  mkdirSync(join(logFile, '..'), { recursive: true });
  const log = createWriteStream(logFile, { flags: 'w', mode: 0o600 });
  let tail = '';
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, args, {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, NEXT_TELEMETRY_DISABLED: '1', CHECKPOINT_DISABLE: '1', CI: '1', ...env },
    });
    const stop = () => child.kill();
    process.once('exit', stop);
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('data', (chunk: Buffer) => {
        log.write(chunk);
        // Next repeats this line for every trace; the causes stand above them.
        tail = (tail + chunk.toString().replace(/^\s+at <unknown>.*\n?/gm, '')).slice(-4_000);
      });
    }
    child.once('error', reject);
    child.once('close', (code) => {
      process.removeListener('exit', stop);
      log.end();
      if (code === 0) resolve();
      else reject(new Error(`${name} failed (code ${code}); the whole output is in ${logFile}\n${tail.trim()}`));
    });
  });
}
