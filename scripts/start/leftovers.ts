import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { identify, isRunning } from '../exclusive.mjs';

/** Notes in a file which process runs. */
export function notePid(file: string, pid: number): void {
  const identity = identify(pid);
  if (identity !== undefined) writeFileSync(file, `${identity}\n`, { mode: 0o600 });
}

/**
 * Waits until the process that a file notes has ended, and removes the file.
 *
 * @param onWait called once where there is something to wait for
 */
export async function outwait(
  file: string,
  onWait: () => void = () => undefined,
  forMs = Number.POSITIVE_INFINITY,
): Promise<void> {
  const identity = existsSync(file) ? readFileSync(file, 'utf8') : undefined;
  if (identity === undefined) return;
  if (isRunning(identity)) onWait();
  for (let waited = 0; waited < forMs && isRunning(identity); waited += 100) await delay(100);
  if (!isRunning(identity)) rmSync(file, { force: true });
}

/**
 * Stops the processes that a start has left which was killed together with its guard: two simulators must not write in one folder.
 * Only those that were noted, never another one that has got the number since.
 */
export async function stopLeftoverProcesses(pidDirectory: string): Promise<void> {
  if (!existsSync(pidDirectory)) return;
  const files = readdirSync(pidDirectory).map((name) => join(pidDirectory, name));
  for (const [signal, patience] of [
    ['SIGTERM', 15_000],
    ['SIGKILL', 5_000],
  ] as const) {
    for (const file of files) stop(file, signal);
    for (const file of files) await outwait(file, undefined, patience);
  }
}

function stop(file: string, signal: NodeJS.Signals): void {
  const identity = existsSync(file) ? readFileSync(file, 'utf8') : '';
  if (!isRunning(identity)) return;
  try {
    process.kill(Number(identity.split(' ')[0]), signal);
  } catch {
    // It ended by itself.
  }
}
