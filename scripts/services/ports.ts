import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { dirname } from 'node:path';

/** Whether something may listen on host:port now. Port 0 is always free. */
export function isPortFree(port: number, host = '127.0.0.1'): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen({ port, host, exclusive: true }, () => server.close(() => resolve(true)));
  });
}

/** A port that the system says is free at this moment. */
export function anyFreePort(host = '127.0.0.1'): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen({ port: 0, host, exclusive: true }, () => {
      const address = server.address();
      const port = typeof address === 'object' && address ? address.port : 0;
      server.close(() => resolve(port));
    });
  });
}

/**
 * A free port for every name: the remembered one when it is free, else the preferred one, else one of the next fifty,
 * else any. The choice is kept in `file`, so that addresses stay the same from start to start.
 */
export async function choosePorts<Name extends string>(
  file: string,
  preferred: Record<Name, number>,
  host = '127.0.0.1',
  pinned: Partial<Record<Name, number>> = {},
): Promise<Record<Name, number>> {
  const remembered = readRemembered(file);
  const taken = new Set<number>();
  const chosen: Partial<Record<Name, number>> = {};
  for (const name of Object.keys(preferred) as Name[]) {
    const first = pinned[name] ? [pinned[name]] : [remembered[name], preferred[name]];
    const nearby = Array.from({ length: 50 }, (_, index) => (pinned[name] ?? preferred[name]) + 1 + index);
    let port: number | undefined;
    for (const candidate of [...first, ...nearby]) {
      if (candidate && candidate < 65_536 && !taken.has(candidate) && (await isPortFree(candidate, host))) {
        port = candidate;
        break;
      }
    }
    port ??= await anyFreePort(host);
    taken.add(port);
    chosen[name] = port;
  }
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, `${JSON.stringify({ ...remembered, ...chosen }, null, 2)}\n`);
  return chosen as Record<Name, number>;
}

function readRemembered(file: string): Record<string, number | undefined> {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as Record<string, number>;
  } catch {
    return {};
  }
}
