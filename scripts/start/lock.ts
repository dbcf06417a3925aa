import { closeSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';

/** Keeps a second `npm start` out of a data folder that one is using. Returns what gives it free again. */
export function takeLock(directory: string): () => void {
  const file = join(directory, 'start.lock');
  for (let attempt = 0; attempt < 2; attempt += 1) {
    try {
      const handle = openSync(file, 'wx', 0o600);
      writeSync(handle, `${process.pid}\n`);
      closeSync(handle);
      return () => rmSync(file, { force: true });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
      const pid = Number(readFileSync(file, 'utf8'));
      if (isStarter(pid)) {
        throw new Error(
          `Slipstream is already running from this folder (process ${pid}${address(directory)}). Stop it with Ctrl-C there, or set SLIPSTREAM_DATA_DIR to run a second one.`,
        );
      }
      rmSync(file, { force: true });
    }
  }
  throw new Error(`${file} could not be taken. Remove it if no Slipstream is running here.`);
}

function isStarter(pid: number): boolean {
  if (!Number.isInteger(pid) || pid <= 1 || pid === process.pid) return false;
  try {
    process.kill(pid, 0);
  } catch {
    return false;
  }
  try {
    // After a reboot the number may belong to anything.
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('start');
  } catch {
    return true;
  }
}

function address(directory: string): string {
  try {
    const { web } = JSON.parse(readFileSync(join(directory, 'run.json'), 'utf8')) as { web?: string };
    return web ? `, ${web}` : '';
  } catch {
    return '';
  }
}
