import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import { anyFreePort, choosePorts } from './ports';

const folder = mkdtempSync(join(tmpdir(), 'ports-'));
const servers: Server[] = [];
afterEach(() => Promise.all(servers.splice(0).map((server) => new Promise((done) => server.close(done)))));
afterAll(() => rmSync(folder, { recursive: true }));

function occupy(port: number): Promise<void> {
  const server = createServer();
  servers.push(server);
  return new Promise((done) => server.listen(port, '127.0.0.1', done));
}

describe('choosePorts', () => {
  it('takes another port when the preferred one is in use, and remembers it', async () => {
    const file = join(folder, 'a.json');
    const preferred = { web: await anyFreePort() };
    await occupy(preferred.web);
    const first = await choosePorts(file, preferred);
    expect(first.web).not.toBe(preferred.web);
    await Promise.all(servers.splice(0).map((server) => new Promise((done) => server.close(done))));
    expect(await choosePorts(file, preferred)).toEqual(first);
  });

  it('never gives one port to two names', async () => {
    const port = await anyFreePort();
    const chosen = await choosePorts(join(folder, 'b.json'), { web: port, simulator: port });
    expect(chosen.web).not.toBe(chosen.simulator);
  });

  it('prefers a pinned port to the remembered one', async () => {
    const file = join(folder, 'c.json');
    await choosePorts(file, { web: await anyFreePort() });
    const pinned = await anyFreePort();
    expect(await choosePorts(file, { web: 1 }, '127.0.0.1', { web: pinned })).toEqual({ web: pinned });
  });
});
