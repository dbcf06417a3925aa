// Plain Node, no imports from outside: used before any package is there.
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { linkSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

/**
 * Says which process this is: its number, and when it began, because the system gives numbers again.
 *
 * @param {number} pid
 * @returns {string | undefined} undefined where there is no such process
 */
export function identify(pid) {
  const began = beginning(pid);
  return began === undefined ? undefined : `${pid} ${began}`;
}

/**
 * Whether the process of `identify` still runs.
 *
 * @param {string} identity
 * @returns {boolean}
 */
export function isRunning(identity) {
  const [number, began] = identity.trim().split(' ');
  const now = /^\d+$/.test(number ?? '') ? beginning(Number(number)) : undefined;
  // Files of earlier versions hold the number alone.
  return now !== undefined && (began === undefined || began === now);
}

/** @param {number} pid */
function beginning(pid) {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // Behind the program's name, which may hold anything: state is the 3rd field of all, the start the 22nd. A zombie has ended.
    const [state, ...rest] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return state === 'Z' ? undefined : rest[18];
  } catch {
    // No such process; or a system without /proc.
  }
  if (process.platform === 'linux') return undefined;
  try {
    return (
      execFileSync('ps', ['-o', 'lstart=', '-p', String(pid)], { encoding: 'utf8' })
        .trim()
        .replaceAll(' ', '_') || undefined
    );
  } catch {
    return undefined;
  }
}

/**
 * Takes a file that one process holds at a time. The file names its holder; one whose holder has ended is taken over.
 *
 * @param {string} file
 * @returns {{ free: () => void, holder?: undefined } | { free?: undefined, holder: string }} how to give it free, or who runs and has it
 */
export function takeFile(file) {
  const mine = identify(process.pid) ?? `${process.pid} unknown`;
  const draft = `${file}.${process.pid}`;
  writeFileSync(draft, `${mine}\n`, { mode: 0o600 });
  try {
    for (let attempt = 0; attempt < 10; attempt += 1) {
      // A link appears with its content, and only where there is none.
      if (linked(draft, file)) return { free: () => holderOf(file) === mine && rmSync(file, { force: true }) };
      const holder = holderOf(file);
      if (holder === undefined) continue;
      if (isRunning(holder)) return { holder };
      const moved = moveAside(file, `${draft}.old`);
      if (moved === undefined || moved === holder || !isRunning(moved)) continue;
      // Another one was faster, and what was moved was his.
      linked(`${draft}.old`, file);
      return { holder: moved };
    }
    throw new Error(`${file} could not be taken. Remove it if nothing of Slipstream runs here.`);
  } finally {
    rmSync(draft, { force: true });
    rmSync(`${draft}.old`, { force: true });
  }
}

/**
 * Who has such a file and runs; undefined where nobody does.
 *
 * @param {string} file
 * @returns {string | undefined}
 */
export function runningHolder(file) {
  const holder = holderOf(file);
  return holder !== undefined && isRunning(holder) ? holder : undefined;
}

/**
 * Waits until no other start on this machine does `work` for this checkout, then does it.
 *
 * @template Result
 * @param {string} work a word for file names
 * @param {() => Promise<Result>} act
 * @param {() => void} [onWait] called once where there is somebody to wait for
 * @returns {Promise<Result>}
 */
export async function inTurn(work, act, onWait = () => undefined) {
  const checkout = createHash('sha256').update(process.cwd()).digest('hex').slice(0, 12);
  const file = join(tmpdir(), `slipstream-${userInfo().uid}`, `${checkout}-${work}`);
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  let taken = takeFile(file);
  if (!taken.free) onWait();
  while (!taken.free) {
    await delay(200);
    taken = takeFile(file);
  }
  try {
    return await act();
  } finally {
    taken.free();
  }
}

/** @param {string} from @param {string} to */
function linked(from, to) {
  try {
    linkSync(from, to);
    return true;
  } catch (error) {
    const { code } = /** @type {NodeJS.ErrnoException} */ (error);
    if (code === 'EEXIST') return false;
    if (code !== 'EPERM' && code !== 'ENOTSUP' && code !== 'EOPNOTSUPP') throw error;
  }
  // A file system without links.
  try {
    writeFileSync(to, readFileSync(from), { flag: 'wx', mode: 0o600 });
    return true;
  } catch {
    return false;
  }
}

/** @param {string} file */
function holderOf(file) {
  try {
    return readFileSync(file, 'utf8').trim();
  } catch {
    return undefined;
  }
}

/** Only one of those who try moves it. @param {string} file @param {string} aside */
function moveAside(file, aside) {
  try {
    renameSync(file, aside);
    return holderOf(aside);
  } catch {
    return undefined;
  }
}
