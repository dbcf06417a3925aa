import { spawn } from 'node:child_process';
import { existsSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { DemoSeed } from '@/processes/seed-demo';

/** The demo of an earlier start, or undefined. */
export function keptSeed(directory: string): DemoSeed | undefined {
  const file = seedFile(directory);
  return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as DemoSeed) : undefined;
}

/**
 * Makes the demo tenant, in a process of its own, so that the supervisor stays small and the seeding sees the environment
 * of the services. The result comes through a file: it holds passwords, which must not appear in any log.
 */
export async function seed(directory: string, env: NodeJS.ProcessEnv): Promise<DemoSeed> {
  const file = seedFile(directory);
  const draft = `${file}.draft`;
  await new Promise<void>((resolve, reject) => {
    let tail = '';
    const child = spawn(process.execPath, ['--import', 'tsx', join('scripts', 'start', 'seed-child.ts'), draft], {
      env: { ...env, LOG_LEVEL: 'warn' },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const stop = () => child.kill();
    process.once('exit', stop);
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('data', (chunk: Buffer) => {
        tail = (tail + chunk.toString()).slice(-3_000);
      });
    }
    child.once('error', reject);
    child.once('close', (code) => {
      process.removeListener('exit', stop);
      if (code === 0) resolve();
      else {
        rmSync(draft, { force: true });
        reject(new Error(`The demo tenant could not be made (code ${code}).\n${tail.trim()}`));
      }
    });
  });
  renameSync(draft, file);
  const made = keptSeed(directory);
  if (!made) throw new Error('The demo tenant was made, but its log-ins were not written.');
  return made;
}

function seedFile(directory: string): string {
  return join(directory, 'demo.json');
}
