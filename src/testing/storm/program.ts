import { type ChildProcess, spawn } from 'node:child_process';
import { createWriteStream, type WriteStream } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import type { Guard } from '../../../scripts/services/guard';

export type ProgramSpec = {
  readonly name: string;
  /** A TypeScript entry point. */
  readonly script: string;
  /** Arguments of Node. */
  readonly nodeArgs?: readonly string[];
  readonly env: NodeJS.ProcessEnv;
  /** Answers 200 when the process is ready. */
  readonly healthUrl: string;
  readonly logFile: string;
  readonly guard: Guard;
};

/** One process of the product, which may be killed and started again at any moment. */
export class Program {
  readonly #spec: ProgramSpec;
  readonly #log: WriteStream;
  #child: ChildProcess | null = null;
  #ended: Promise<void> = Promise.resolve();
  #expected = false;
  /** How often it ended without having been killed or stopped. */
  crashes = 0;

  constructor(spec: ProgramSpec) {
    this.#spec = spec;
    this.#log = createWriteStream(spec.logFile, { flags: 'a', mode: 0o600 });
  }

  get name(): string {
    return this.#spec.name;
  }

  /** Undefined while it is not running. */
  get pid(): number | undefined {
    return this.#child?.pid;
  }

  get running(): boolean {
    return this.#child !== null;
  }

  /** Starts it; a second call while it runs does nothing. */
  start(): void {
    if (this.#child !== null) return;
    const { script, nodeArgs = [], env, guard } = this.#spec;
    const child = spawn(process.execPath, ['--import', 'tsx', ...nodeArgs, script], {
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe'],
      env,
    });
    const { pid } = child;
    if (pid !== undefined) guard.watch(pid);
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (text: Buffer) => this.#log.write(text));
    this.#child = child;
    this.#expected = false;
    this.#ended = new Promise((resolve) => {
      const end = (): void => {
        if (pid !== undefined) guard.forget(pid);
        if (this.#child === child) this.#child = null;
        resolve();
        if (this.#expected) return;
        // As its supervisor would.
        this.crashes += 1;
        this.start();
      };
      child.once('error', end);
      child.once('exit', end);
    });
  }

  /** Resolves when it answers; throws when it does not in time. */
  async ready(within = 60_000): Promise<void> {
    const deadline = Date.now() + within;
    while (Date.now() < deadline) {
      this.start();
      if (await answers(this.#spec.healthUrl)) return;
      await delay(100);
    }
    throw new Error(`${this.name} did not become ready; its log: ${this.#spec.logFile}`);
  }

  /** kill -9. Answers false when it was not running. */
  async kill(): Promise<boolean> {
    if (this.#child === null) return false;
    this.#expected = true;
    this.#child.kill('SIGKILL');
    await this.#ended;
    return true;
  }

  /** It will end by itself, and not for a defect. */
  expectEnd(expected: boolean): void {
    this.#expected = expected;
  }

  /** Resolves when it has ended by itself; false after the time given. */
  async died(within: number): Promise<boolean> {
    return Promise.race([this.#ended.then(() => true), delay(within, false)]);
  }

  async stop(): Promise<void> {
    const child = this.#child;
    this.#expected = true;
    if (child !== null) {
      child.kill('SIGTERM');
      const timer = setTimeout(() => child.kill('SIGKILL'), 12_000);
      await this.#ended;
      clearTimeout(timer);
    }
  }
}

async function answers(url: string): Promise<boolean> {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(2000) });
    await response.text();
    return response.ok;
  } catch {
    return false;
  }
}
