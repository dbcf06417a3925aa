import { spawn } from 'node:child_process';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { afterEach, expect, it } from 'vitest';

/** The address of the tests' database through a wire that breaks when the first connection is being set up. */
const servers: Server[] = [];
const sockets = new Set<Socket>();

async function brokenWire(breaks: number): Promise<string> {
  const url = new URL(process.env.TEST_DATABASE_URL ?? '');
  const target = { host: url.hostname, port: Number(url.port || 3306) };
  let left = breaks;
  const server = createServer((client) => {
    const upstream = connect(target);
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.on('error', () => undefined);
      socket.on('close', () => {
        client.destroy();
        upstream.destroy();
      });
    }
    client.on('data', (part) => {
      if (left > 0 && part.includes('SET time_zone')) {
        left -= 1;
        client.destroy();
        return;
      }
      upstream.write(part);
    });
    upstream.on('data', (part) => client.write(part));
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('No port');
  url.port = String(address.port);
  return url.href;
}

afterEach(() => {
  for (const socket of sockets) socket.destroy();
  for (const server of servers) server.close();
});

/** Runs a program in a process of its own; answers its exit code and what it printed. */
function run(program: string, env: Record<string, string>): Promise<{ code: number | null; output: string }> {
  return new Promise((resolve) => {
    const args = ['--import', 'tsx', '--input-type=module', '-e', program];
    const child = spawn(process.execPath, args, { env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (part: Buffer) => (output += part.toString()));
    child.once('close', (code) => resolve({ code, output }));
  });
}

it('outlives a database that goes away while a connection to it is being set up', async () => {
  const program = `
    const { connectDatabase } = await import('./src/platform/database/database.ts');
    const database = connectDatabase(process.env.URL, 1);
    const rows = await database.system.$queryRaw\`SELECT 1 AS one\`.catch((error) => error.message);
    process.stdout.write('answered ' + JSON.stringify(rows, (_key, part) => String(part) === '1' ? 1 : part));
    process.exit(0);
  `;
  const { code, output } = await run(program, { URL: await brokenWire(1) });
  expect(output).toContain('answered');
  expect(code).toBe(0);
});

it('still ends for every other rejection that nobody handles', async () => {
  const program = `
    const { outliveFailedConnects } = await import('./src/platform/database/failed-connects.ts');
    outliveFailedConnects();
    Promise.reject(new Error('a defect'));
    setTimeout(() => process.exit(0), 2000);
  `;
  const { code, output } = await run(program, {});
  expect(output).toContain('a defect');
  expect(code).not.toBe(0);
});
