import { spawn } from 'node:child_process';

/**
 * Outlives its parent by a moment: when the pipe to it closes (the parent ended in any way, `kill -9` included), it
 * stops what the parent had registered, newest first, each with five seconds of grace.
 */
const SCRIPT = `
trap '' INT TERM HUP
pids=""
while read -r op pid; do
  if [ "$op" = "+" ]; then pids="$pid $pids"; else
    rest=""; for p in $pids; do [ "$p" = "$pid" ] || rest="$rest $p"; done; pids="$rest"
  fi
done
for p in $pids; do
  kill -TERM "$p" 2>/dev/null || continue
  n=0
  while kill -0 "$p" 2>/dev/null && [ $n -lt 50 ]; do sleep 0.1; n=$((n+1)); done
  kill -KILL "$p" 2>/dev/null
done
`;

export interface Guard {
  readonly pid: number | undefined;
  watch(pid: number): void;
  forget(pid: number): void;
  /** Ends the guard. Call once everything registered has been stopped in order. */
  close(): void;
}

export function startGuard(): Guard {
  const shell = spawn('/bin/sh', ['-c', SCRIPT], { detached: true, stdio: ['pipe', 'ignore', 'ignore'] });
  shell.unref();
  const { stdin } = shell;
  // An EPIPE here only says that the guard is gone; the ordinary stop still runs.
  stdin.on('error', () => undefined);
  if ('unref' in stdin && typeof stdin.unref === 'function') stdin.unref();
  const write = (line: string) => {
    if (stdin.writable) stdin.write(`${line}\n`);
  };
  return {
    pid: shell.pid,
    watch: (pid) => write(`+ ${pid}`),
    forget: (pid) => write(`- ${pid}`),
    close: () => stdin.end(),
  };
}
