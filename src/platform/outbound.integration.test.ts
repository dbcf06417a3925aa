import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createOutbound, type Outbound } from './outbound';

let server: Server;
let base: string;
let hits = 0;
const opened: Outbound[] = [];
const open = (...args: Parameters<typeof createOutbound>): Outbound => {
  const outbound = createOutbound(...args);
  opened.push(outbound);
  return outbound;
};

beforeAll(async () => {
  server = createServer((request, response) => {
    hits += 1;
    if (request.url === '/redirect') response.writeHead(302, { location: `${base}/target` }).end();
    else if (request.url === '/large') response.end('x'.repeat(100_000));
    else if (request.url !== '/silent') request.pipe(response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});

afterAll(async () => {
  await Promise.all(opened.map((outbound) => outbound.close()));
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

describe('createOutbound', () => {
  it('posts to a permitted address', async () => {
    const outbound = open({ hosts: [], allowPrivate: true });
    expect(await outbound.postJson(new URL(`${base}/echo`), '{"a":1}', 2000)).toEqual({ status: 200, body: '{"a":1}' });
  });

  it('does not follow a redirect', async () => {
    const outbound = open({ hosts: [], allowPrivate: true });
    const before = hits;
    expect((await outbound.postJson(new URL(`${base}/redirect`), '{}', 2000)).status).toBe(302);
    expect(hits).toBe(before + 1);
  });

  it('refuses a permitted name that resolves into a private network', async () => {
    const outbound = open({ hosts: ['oapi.dingtalk.com'], allowPrivate: false }, (_host, _options, callback) =>
      callback(null, [
        { address: '93.184.216.34', family: 4 },
        { address: '10.0.0.7', family: 4 },
      ]),
    );
    await expect(outbound.postJson(new URL('https://oapi.dingtalk.com/robot/send'), '{}', 2000)).rejects.toMatchObject({
      code: 'ADDRESS_PRIVATE',
    });
  });

  it('calls private names for the demo, and only where they are private', async () => {
    let address = '127.0.0.1';
    const outbound = open({ hosts: [], allowPrivate: true }, (_host, _options, callback) =>
      callback(null, [{ address, family: 4 }]),
    );
    const url = new URL(base);
    url.hostname = 'simulator';
    expect((await outbound.postJson(url, '{}', 2000)).status).toBe(200);
    address = '93.184.216.34';
    url.hostname = 'robot.internal';
    await expect(outbound.postJson(url, '{}', 2000)).rejects.toMatchObject({ code: 'ADDRESS_PRIVATE' });
  });

  it('gives up on a server that does not answer, and on one that answers without end', async () => {
    const outbound = open({ hosts: [], allowPrivate: true });
    await expect(outbound.postJson(new URL(`${base}/silent`), '{}', 200)).rejects.toThrow();
    await expect(outbound.postJson(new URL(`${base}/large`), '{}', 2000)).rejects.toThrow();
  });
});
