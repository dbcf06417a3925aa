import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { takeLock } from './lock';

let folder: string;
let file: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'lock-'));
  file = join(folder, 'start.lock');
});
afterEach(() => rmSync(folder, { recursive: true }));

describe('takeLock', () => {
  it('gives the folder free again', () => {
    const release = takeLock(folder);
    expect(existsSync(file)).toBe(true);
    release();
    expect(existsSync(file)).toBe(false);
  });

  it('takes over from a process that has ended', () => {
    writeFileSync(file, '999999999\n');
    expect(() => takeLock(folder)()).not.toThrow();
  });

  it('names the process that holds it, and its address', async () => {
    const holder = spawn(process.execPath, ['-e', 'console.log(1); setInterval(() => undefined, 1000)', 'start.mjs'], {
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    await new Promise((resolve) => holder.stdout.once('data', resolve));
    try {
      writeFileSync(file, `${holder.pid}\n`);
      writeFileSync(join(folder, 'run.json'), JSON.stringify({ web: 'http://127.0.0.1:3000' }));
      expect(() => takeLock(folder)).toThrow(`process ${holder.pid}, http://127.0.0.1:3000`);
    } finally {
      holder.kill();
    }
  });
});
