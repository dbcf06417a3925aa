import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, existsSync, openSync, readFileSync, readlinkSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import type { Guard } from './guard';

export interface Daemon {
  readonly pid: number;
  /** SIGTERM, then SIGKILL after `graceMs`. Resolves when it has ended. Safe to call twice. */
  stop(graceMs?: number): Promise<void>;
}

export interface DaemonSpec {
  name: string;
  command: string;
  args: readonly string[];
  /** stdout and stderr are appended here. */
  logFile: string;
  guard?: Guard;
  /** Resolves to true once it answers. Asked again and again until `readyWithinMs`. */
  isReady(): Promise<boolean>;
  readyWithinMs?: number;
}

/** Starts a server of its own session (a Ctrl-C in the terminal doesn't reach it) and waits until it answers. */
export async function startDaemon(spec: DaemonSpec): Promise<Daemon> {
  const log = openSync(spec.logFile, 'a', 0o600);
  const child = spawn(spec.command, spec.args, { detached: true, stdio: ['ignore', log, log] });
  closeSync(log);
  const ended = new Promise<void>((resolve) => {
    child.once('exit', () => resolve());
    child.once('error', () => resolve());
  });
  if (child.pid === undefined) throw new Error(`${spec.name} could not be started from ${spec.command}`);
  spec.guard?.watch(child.pid);
  const daemon = asDaemon(child, child.pid, ended, spec.guard);
  const deadline = Date.now() + (spec.readyWithinMs ?? 60_000);
  while (!(await spec.isReady())) {
    if (child.exitCode !== null || child.signalCode !== null) {
      throw new Error(`${spec.name} ended while starting.\n${lastLines(spec.logFile)}`);
    }
    if (Date.now() > deadline) {
      await daemon.stop();
      throw new Error(`${spec.name} did not answer in time.\n${lastLines(spec.logFile)}`);
    }
    await delay(50);
  }
  return daemon;
}

function asDaemon(child: ChildProcess, pid: number, ended: Promise<void>, guard: Guard | undefined): Daemon {
  return {
    pid,
    async stop(graceMs = 20_000) {
      if (child.exitCode === null && child.signalCode === null) child.kill('SIGTERM');
      const timer = setTimeout(() => child.kill('SIGKILL'), graceMs);
      await ended;
      clearTimeout(timer);
      guard?.forget(pid);
    },
  };
}

/**
 * Stops what an earlier run left behind: the process of `pidFile`, provided it still works in `directory`, so that a number
 * the system has given to something else since is never touched.
 */
export async function stopLeftover(pidFile: string, directory: string): Promise<void> {
  if (!existsSync(pidFile)) return;
  const pid = Number(readFileSync(pidFile, 'utf8').trim());
  if (!Number.isInteger(pid) || pid <= 1 || !worksIn(pid, directory)) return;
  signal(pid, 'SIGTERM');
  for (let waited = 0; waited < 200 && worksIn(pid, directory); waited += 1) await delay(100);
  if (worksIn(pid, directory)) signal(pid, 'SIGKILL');
}

function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch {
    // It ended by itself.
  }
}

function worksIn(pid: number, directory: string): boolean {
  try {
    if (readlinkSync(`/proc/${pid}/cwd`).startsWith(directory)) return true;
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(directory);
  } catch {
    return false;
  }
}

function lastLines(file: string): string {
  try {
    return readFileSync(file, 'utf8').trimEnd().split('\n').slice(-15).join('\n');
  } catch {
    return '';
  }
}
