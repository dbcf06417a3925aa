import { mkdtempSync, rmSync } from 'node:fs';
import { connect, createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import { anyFreePort, type ChosenPorts, choosePorts } from './ports';

const folder = mkdtempSync(join(tmpdir(), 'ports-'));
const servers: Server[] = [];
const choices: ChosenPorts<string>[] = [];
afterEach(() => {
  for (const { release } of choices.splice(0)) release();
  return Promise.all(servers.splice(0).map((server) => new Promise((done) => server.close(done))));
});
afterAll(() => rmSync(folder, { recursive: true }));

function occupy(port: number): Promise<void> {
  const server = createServer();
  servers.push(server);
  return new Promise((done) => server.listen(port, '127.0.0.1', done));
}

/** Chooses, and keeps what it reserves until the test has ended. */
async function choose<Name extends string>(
  ...how: Parameters<typeof choosePorts<Name>>
): Promise<Record<Name, number>> {
  const chosen = await choosePorts<Name>(...how);
  choices.push(chosen);
  return chosen.ports;
}

describe('choosePorts', () => {
  it('takes another port when the preferred one is in use, and remembers it', async () => {
    const file = join(folder, 'a.json');
    const preferred = { web: await anyFreePort() };
    await occupy(preferred.web);
    const first = await choosePorts(file, preferred);
    first.release();
    expect(first.ports.web).not.toBe(preferred.web);
    await Promise.all(servers.splice(0).map((server) => new Promise((done) => server.close(done))));
    expect(await choose(file, preferred)).toEqual(first.ports);
  });

  it('never gives one port to two names', async () => {
    const port = await anyFreePort();
    const chosen = await choose(join(folder, 'b.json'), { web: port, simulator: port });
    expect(chosen.web).not.toBe(chosen.simulator);
  });

  it('prefers a pinned port to the remembered one', async () => {
    const file = join(folder, 'c.json');
    await choose(file, { web: await anyFreePort() });
    const pinned = await anyFreePort();
    expect(await choose(file, { web: 1 }, '127.0.0.1', { web: pinned })).toEqual({ web: pinned });
  });

  it('names who holds a pinned port instead of taking another one', async () => {
    const web = await anyFreePort();
    await occupy(web);
    const chosen = choosePorts(join(folder, 'd.json'), { web: 1 }, '127.0.0.1', { web });
    await expect(chosen).rejects.toThrow(`Port ${web} is not free: process ${process.pid} (`);
  });

  it('gives no port to a second start before a process of the first one listens there', async () => {
    const preferred = { web: await anyFreePort() };
    const chosen = await Promise.all(
      ['e.json', 'f.json', 'g.json'].map((name) => choose(join(folder, name), preferred)),
    );
    expect(new Set(chosen.map(({ web }) => web)).size).toBe(3);
    const taken = choose(join(folder, 'h.json'), preferred, '127.0.0.1', { web: preferred.web });
    await expect(taken).rejects.toThrow('another start of Slipstream has chosen it');
  });

  it('gives a port whose connections have only just been closed', async () => {
    const web = await anyFreePort();
    const server = createServer((socket) => socket.end());
    await new Promise<void>((done) => server.listen(web, '127.0.0.1', done));
    // Who closes first keeps the connection for a minute: the server's side of it.
    await new Promise((done) => connect(web, '127.0.0.1').resume().once('close', done));
    await new Promise((done) => server.close(done));
    expect(await choose(join(folder, 'i.json'), { web })).toEqual({ web });
  });
});
