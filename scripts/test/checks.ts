import { spawn } from 'node:child_process';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

export interface Outcome {
  passed: boolean;
  output: string;
}

const require = createRequire(import.meta.url);

/** Runs the program of an installed package with Node, without npx, and keeps what it printed. */
export function runProgram(
  packageName: string,
  program: string,
  args: readonly string[],
  options: { env?: Record<string, string>; live?: boolean } = {},
): Promise<Outcome> {
  const script = programPath(packageName, program);
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [script, ...args], {
      stdio: options.live ? ['ignore', 'inherit', 'inherit'] : ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, ...options.env },
    });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream?.on('data', (chunk: Buffer) => {
        output += chunk.toString();
      });
    }
    child.once('error', (error) => resolve({ passed: false, output: error.message }));
    child.once('close', (code) => resolve({ passed: code === 0, output: output.trim() }));
  });
}

function programPath(packageName: string, program: string): string {
  const manifest = join('node_modules', packageName, 'package.json');
  const { bin } = require(join(process.cwd(), manifest)) as { bin: string | Record<string, string> };
  const path = typeof bin === 'string' ? bin : bin[program];
  if (!path) throw new Error(`${packageName} has no program ${program}`);
  return join(dirname(manifest), path);
}
