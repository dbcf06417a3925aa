import { readdirSync, readFileSync, readlinkSync } from 'node:fs';

/** Who listens on a TCP port of this machine, as a person would say it: "process 123 (node server.js)". */
export function portHolder(port: number): string {
  try {
    const inodes = ['/proc/net/tcp', '/proc/net/tcp6'].flatMap((table) => listeningInodes(table, port));
    const pid = readdirSync('/proc').find((name) => /^\d+$/.test(name) && holds(name, inodes));
    if (pid !== undefined) return `process ${pid} (${commandLine(pid)})`;
  } catch {
    // A system without /proc.
  }
  return 'another program';
}

const LISTENING = '0A';

/** Columns: number, local address, remote address, state, …; the inode is the tenth. */
function listeningInodes(table: string, port: number): string[] {
  const end = `:${port.toString(16).toUpperCase().padStart(4, '0')}`;
  return read(table)
    .split('\n')
    .map((line) => line.trim().split(/\s+/))
    .filter((columns) => columns[1]?.endsWith(end) && columns[3] === LISTENING)
    .flatMap((columns) => columns[9] ?? []);
}

function holds(pid: string, inodes: readonly string[]): boolean {
  try {
    return readdirSync(`/proc/${pid}/fd`).some((handle) => {
      const socket = /^socket:\[(\d+)\]$/.exec(readlink(`/proc/${pid}/fd/${handle}`))?.[1];
      return socket !== undefined && inodes.includes(socket);
    });
  } catch {
    // It has ended, or belongs to somebody else.
    return false;
  }
}

/** Programs and files only: what stands behind them may be secret. */
function commandLine(pid: string): string {
  const words = read(`/proc/${pid}/cmdline`).split('\0').filter(Boolean);
  const [program = 'unknown', ...rest] = words;
  const script = rest.find((word) => /\.[cm]?[jt]s$/.test(word));
  return script === undefined ? program : `${program} ${script}`;
}

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}

function readlink(path: string): string {
  try {
    return readlinkSync(path);
  } catch {
    return '';
  }
}
