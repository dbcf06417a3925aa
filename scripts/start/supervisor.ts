import { type ChildProcess, spawn } from 'node:child_process';
import { createWriteStream, existsSync, mkdirSync, renameSync, rmSync, statSync, type WriteStream } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import type { Guard } from '../services/guard';
import { portHolder } from '../services/port-holder';
import { colour } from './colour';
import { notePid } from './leftovers';
import { readableLine } from './log-lines';

export interface ProcessSpec {
  name: string;
  /** A TypeScript entry point. */
  script: string;
  /** Answers 200 when the process is ready, with the `instance` that is in its environment. */
  healthUrl: string;
  /** Arguments of Node. */
  nodeArgs?: readonly string[];
}

const COLOURS = [colour.cyan, colour.magenta, colour.blue, colour.yellow];
const FIRST_BACK_OFF_MS = 500;
const LONGEST_BACK_OFF_MS = 30_000;
/** A process that has run this long starts its back-off anew. */
const STEADY_MS = 60_000;
const ROTATE_BYTES = 20 * 1024 * 1024;

/** Runs processes side by side, restarts what crashes, shows their logs with a prefix, stops them in reverse order. */
export class Supervisor {
  private readonly members: Member[] = [];
  private stopping = false;

  constructor(
    private readonly options: {
      env: NodeJS.ProcessEnv;
      /** What the processes of this start answer, and nobody else's: another one's must not be taken for ours. */
      instance: string;
      logDirectory: string;
      /** Where the processes that run are noted, for a start after a crash. */
      pidDirectory: string;
      guard: Guard;
      /** Width of the longest name, for aligned prefixes. */
      width: number;
      print(line: string): void;
    },
  ) {
    for (const folder of [options.logDirectory, options.pidDirectory])
      mkdirSync(folder, { recursive: true, mode: 0o700 });
  }

  /** Starts one and waits until it is ready. */
  async start(spec: ProcessSpec, readyWithinMs = 90_000): Promise<void> {
    const paint = COLOURS[this.members.length % COLOURS.length] ?? colour.cyan;
    const member = new Member(spec, paint(spec.name.padEnd(this.options.width)), this.options);
    this.members.push(member);
    member.launch();
    const deadline = Date.now() + readyWithinMs;
    let last = 'no answer';
    while (!this.stopping) {
      const health = await askHealth(spec.healthUrl, this.options.instance);
      if (health === 'ready') return;
      last = health;
      if (member.crashes > 0 && !member.runs) {
        const { hostname, port } = new URL(spec.healthUrl);
        const holder = await holderOf(hostname.replace(/^\[|\]$/g, ''), Number(port));
        if (holder !== undefined) throw new Error(`${spec.name} cannot listen on port ${port}: ${holder} holds it.`);
      }
      if (member.crashes >= 3) throw new Error(`${spec.name} crashes at its start. Its log: ${member.logFile}`);
      if (Date.now() > deadline) {
        throw new Error(`${spec.name} did not become ready (${last}). Its log: ${member.logFile}`);
      }
      await delay(100);
    }
  }

  /** Last started, first stopped, each with time to finish what it has in hand. */
  async stop(): Promise<void> {
    this.stopping = true;
    for (const member of [...this.members].reverse()) await member.stop();
  }
}

class Member {
  crashes = 0;
  readonly logFile: string;
  private child: ChildProcess | undefined;
  private ended: Promise<void> = Promise.resolve();
  private stopped = false;
  private restart: NodeJS.Timeout | undefined;
  private readonly log: WriteStream;
  private readonly pidFile: string;

  constructor(
    private readonly spec: ProcessSpec,
    private readonly prefix: string,
    private readonly options: {
      env: NodeJS.ProcessEnv;
      logDirectory: string;
      pidDirectory: string;
      guard: Guard;
      print(line: string): void;
    },
  ) {
    this.pidFile = join(options.pidDirectory, `${spec.name}.pid`);
    this.logFile = join(options.logDirectory, `${spec.name}.log`);
    if (existsSync(this.logFile) && statSync(this.logFile).size > ROTATE_BYTES) {
      renameSync(this.logFile, `${this.logFile}.1`);
    }
    this.log = createWriteStream(this.logFile, { flags: 'a', mode: 0o600 });
  }

  get runs(): boolean {
    return this.child !== undefined;
  }

  launch(): void {
    const started = Date.now();
    // A session of its own: Ctrl-C reaches only the supervisor, which stops the processes in order.
    const child = spawn(process.execPath, ['--import', 'tsx', ...(this.spec.nodeArgs ?? []), this.spec.script], {
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: this.options.env,
    });
    this.child = child;
    const { pid } = child;
    if (pid !== undefined) {
      this.options.guard.watch(pid);
      notePid(this.pidFile, pid);
    }
    for (const stream of [child.stdout, child.stderr]) {
      createInterface({ input: stream }).on('line', (line) => {
        this.log.write(`${line}\n`);
        for (const shown of readableLine(line).split('\n')) this.options.print(`${this.prefix} │ ${shown}`);
      });
    }
    this.ended = new Promise((resolve) => {
      const end = (why: string) => {
        if (pid !== undefined) this.options.guard.forget(pid);
        rmSync(this.pidFile, { force: true });
        this.child = undefined;
        resolve();
        if (!this.stopped) this.scheduleRestart(why, Date.now() - started);
      };
      child.once('error', (error) => end(error.message));
      child.once('exit', (code, signal) => end(signal ?? `code ${code}`));
    });
  }

  async stop(): Promise<void> {
    this.stopped = true;
    clearTimeout(this.restart);
    const { child } = this;
    if (child) {
      child.kill('SIGTERM');
      const timer = setTimeout(() => child.kill('SIGKILL'), 15_000);
      await this.ended;
      clearTimeout(timer);
    }
    this.log.end();
  }

  private scheduleRestart(why: string, ranMs: number): void {
    this.crashes = ranMs > STEADY_MS ? 1 : this.crashes + 1;
    const backOff = Math.min(FIRST_BACK_OFF_MS * 2 ** (this.crashes - 1), LONGEST_BACK_OFF_MS);
    this.options.print(
      `${this.prefix} │ ${colour.red(`ended (${why}); it is started again in ${(backOff / 1000).toFixed(1)} s`)}`,
    );
    this.restart = setTimeout(() => this.launch(), backOff);
  }
}

/** `ready` only where it is this start's process that answers, and that says so. */
async function askHealth(url: string, instance: string): Promise<'ready' | string> {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(5_000) });
    const body = await response.text();
    if (instanceOf(body) !== instance) return 'another program answers there';
    return response.ok ? 'ready' : `${response.status} ${body.slice(0, 300)}`;
  } catch {
    return 'no answer';
  }
}

function instanceOf(body: string): unknown {
  try {
    return (JSON.parse(body) as { instance?: unknown } | null)?.instance;
  } catch {
    return undefined;
  }
}

/** Who listens on a port, where anybody does. */
function holderOf(host: string, port: number): Promise<string | undefined> {
  return new Promise((resolve) => {
    const socket = connect({ host, port });
    socket.once('connect', () => {
      socket.destroy();
      resolve(portHolder(port));
    });
    socket.once('error', () => resolve(undefined));
  });
}
