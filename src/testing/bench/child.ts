import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import type { Guard } from '../../../scripts/services/guard';

export type ChildSpec = {
  readonly name: string;
  /** A TypeScript entry point. */
  readonly script: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly logFile: string;
  readonly guard: Guard;
  /** Further arguments of Node, before the script. */
  readonly nodeArgs?: readonly string[];
};

type Answer = { readonly id: number; readonly value?: unknown; readonly error?: string };

/** A process of its own that answers questions over Node's channel between parent and child (see `serve`). */
export class Child {
  readonly #process: ChildProcess;
  readonly #waiting = new Map<number, { resolve: (value: unknown) => void; reject: (error: Error) => void }>();
  readonly #ended: Promise<void>;
  #next = 0;
  #stopping = false;

  constructor(readonly spec: ChildSpec) {
    const log = openSync(spec.logFile, 'a', 0o600);
    const args = ['--import', 'tsx', ...(spec.nodeArgs ?? []), spec.script];
    this.#process = spawn(process.execPath, args, {
      env: spec.env as NodeJS.ProcessEnv,
      stdio: ['ignore', log, log, 'ipc'],
      detached: true,
    });
    closeSync(log);
    const { pid } = this.#process;
    if (pid !== undefined) spec.guard.watch(pid);
    this.#process.on('message', (message) => this.#take(message as Answer));
    this.#ended = new Promise((resolve) => {
      const end = (): void => {
        if (pid !== undefined) spec.guard.forget(pid);
        const why = this.#stopping
          ? `${spec.name} was stopped`
          : `${spec.name} ended by itself; its log: ${spec.logFile}`;
        for (const { reject } of this.#waiting.values()) reject(new Error(why));
        this.#waiting.clear();
        resolve();
      };
      this.#process.once('exit', end);
      this.#process.once('error', end);
    });
  }

  get running(): boolean {
    return this.#process.exitCode === null && this.#process.signalCode === null;
  }

  /** Rejects when the child throws or ends. */
  ask<T>(name: string, args: unknown = null): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      if (!this.running) return reject(new Error(`${this.spec.name} has ended; its log: ${this.spec.logFile}`));
      this.#next += 1;
      this.#waiting.set(this.#next, { resolve: (value) => resolve(value as T), reject });
      this.#process.send({ id: this.#next, name, args });
    });
  }

  async stop(graceMs = 15_000): Promise<void> {
    this.#stopping = true;
    if (this.running) this.#process.kill('SIGTERM');
    const timer = setTimeout(() => this.#process.kill('SIGKILL'), graceMs);
    await this.#ended;
    clearTimeout(timer);
  }

  #take({ id, value, error }: Answer): void {
    const waiting = this.#waiting.get(id);
    this.#waiting.delete(id);
    if (error === undefined) waiting?.resolve(value);
    else waiting?.reject(new Error(`${this.spec.name}: ${error}`));
  }
}
