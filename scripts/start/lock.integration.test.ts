import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { identify } from '../exclusive.mjs';
import { refuseSecondStart, takeLock } from './lock.mjs';

let folder: string;
let file: string;
const holders: ChildProcess[] = [];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'lock-'));
  file = join(folder, 'start.lock');
});
afterEach(() => {
  for (const holder of holders.splice(0)) holder.kill('SIGKILL');
  rmSync(folder, { recursive: true });
});

/** A process that tries to take the lock and stays; answers what it said. */
function holder(): Promise<{ child: ChildProcess; said: string }> {
  const program = `
    const { takeFile } = await import('./scripts/exclusive.mjs');
    process.stdout.write(takeFile(${JSON.stringify(file)}).free ? 'mine' : 'theirs');
    setInterval(() => undefined, 1000);
  `;
  const child = spawn(process.execPath, ['--input-type=module', '-e', program], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  holders.push(child);
  return new Promise((resolve) => child.stdout.once('data', (said) => resolve({ child, said: String(said) })));
}

describe('takeLock', () => {
  it('gives the folder free again', () => {
    const release = takeLock(folder);
    expect(existsSync(file)).toBe(true);
    release();
    expect(readdirSync(folder)).toEqual([]);
  });

  it('takes over from a process that has ended', () => {
    writeFileSync(file, '999999999\n');
    expect(() => takeLock(folder)()).not.toThrow();
  });

  it('takes over from a process whose number another one has got since', () => {
    const [pid, began] = identify(process.ppid)?.split(' ') ?? [];
    writeFileSync(file, `${pid} ${Number(began) - 1}\n`);
    expect(() => takeLock(folder)()).not.toThrow();
  });

  it('takes over from a process that was killed', async () => {
    const { child, said } = await holder();
    expect(said).toBe('mine');
    child.kill('SIGKILL');
    await new Promise((resolve) => child.once('exit', resolve));
    expect(() => takeLock(folder)()).not.toThrow();
  });

  it('names the process that holds it, and its address', async () => {
    const { child } = await holder();
    writeFileSync(join(folder, 'run.json'), JSON.stringify({ web: 'http://127.0.0.1:3000' }));
    expect(() => takeLock(folder)).toThrow(`process ${child.pid}, http://127.0.0.1:3000`);
    expect(() => refuseSecondStart(folder)).toThrow('already running from this folder');
  });

  it('is taken by one of those who come at the same time, after a crash too', async () => {
    writeFileSync(file, '999999999 1\n');
    const answers = await Promise.all(Array.from({ length: 6 }, holder));
    expect(answers.filter(({ said }) => said === 'mine')).toHaveLength(1);
  });
});
