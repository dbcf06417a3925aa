import { createServer, request as httpRequest, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { connect } from 'node:net';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { newId, sha256 } from '@/platform/ids';
import { InstrumentCatalogue } from '@/services/pricing/instrument-catalogue';
import { ingestDeps } from '@/services/signals/ingest';
import { createTenant } from '@/testing/api/rows';
import { until } from '@/testing/copying/stage';
import { type Laboratory, openLaboratory } from '@/testing/fuzz/laboratory';
import { exampleOf } from '@/testing/fuzz/signal-bodies';
import { answerIfWebhook } from './listener';

const PLACE = Symbol.for('slipstream.ingest-services');
const TOKEN = 'listener-token';

describe('webhooks before Next', () => {
  let laboratory: Laboratory;
  let server: Server;
  let port: number;
  let others = 0;
  let tenantId = '';

  beforeAll(async () => {
    laboratory = await openLaboratory();
    const { database, cipher, logger } = laboratory.harness.context;
    const { id } = await createTenant(laboratory.harness, 'listener', []);
    tenantId = id;
    const tokens = { tokenHash: sha256(TOKEN), tokenSealed: '' };
    await database.system.signalSource.create({
      data: { id: newId(), tenantId, name: 'Source', venue: 'okx', format: 'auto', ...tokens },
    });
    const instruments = new InstrumentCatalogue(database.system);
    const parts = { database, cipher, logger, instruments, enqueue: async () => {}, publish: async () => {} };
    Object.assign(globalThis, { [PLACE]: ingestDeps(parts) });
    server = createServer((request, response) => {
      if (answerIfWebhook(request, response)) return;
      others += 1;
      response.end('next');
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    port = (server.address() as AddressInfo).port;
  });
  afterAll(async () => {
    Object.assign(globalThis, { [PLACE]: undefined });
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
    await laboratory.harness.close();
  });
  beforeEach(() => laboratory.next());

  function post(body: string, path = `/api/webhooks/${TOKEN}`) {
    return fetch(`http://127.0.0.1:${port}${path}`, { method: 'POST', body });
  }
  const signals = () => laboratory.harness.context.database.system.signal.count({ where: { tenantId } });

  it('take a signal in and answer its id', async () => {
    const answer = await post(JSON.stringify(exampleOf('native', Date.now())));
    expect(answer.status).toBe(202);
    expect(answer.headers.get('x-request-id')).toMatch(/^[0-9a-f]{32}$/);
    expect(answer.headers.get('cache-control')).toBe('no-store');
    expect(await answer.json()).toMatchObject({ success: true, data: { signalId: expect.any(String) } });
  });

  it('refuse what is no signal, an unknown address and a body that is too large', async () => {
    expect((await post('{}')).status).toBe(400);
    expect((await post('{}', '/api/webhooks/other')).status).toBe(401);
    const large = await post(`{${' '.repeat(5_000_000)}}`);
    expect(large.status).toBe(413);
    expect(await large.json()).toMatchObject({ success: false, error: { code: 'PAYLOAD_TOO_LARGE', field: 'body' } });
  });

  it('take fifty signals at once, each once, and repeats of one as one', async () => {
    const before = await signals();
    const example = exampleOf('native', Date.now()) as { id: string };
    const bodies = Array.from({ length: 50 }, (_, index) => ({ ...example, id: `many-${index % 45}` }));
    const answers = await Promise.all(bodies.map((body) => post(JSON.stringify(body))));
    expect(answers.filter(({ status }) => status === 202)).toHaveLength(45);
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(5);
    const ids = await Promise.all(
      answers.map(async (answer) => ((await answer.json()) as { data: { signalId: string } }).data.signalId),
    );
    expect(new Set(ids).size).toBe(45);
    for (const index of [0, 1, 2, 3, 4]) expect(ids[index]).toBe(ids[index + 45]);
    expect(await signals()).toBe(before + 45);
  });

  it('forget a sender who hangs up in the middle', async () => {
    const before = await signals();
    const socket = connect(port, '127.0.0.1');
    socket.write(`POST /api/webhooks/${TOKEN} HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n{"version":`);
    await until(
      () => new Promise<boolean>((resolve) => server.getConnections((_, count) => resolve(count > 0))),
      'it is connected',
    );
    socket.destroy();
    expect((await post(JSON.stringify({ ...(exampleOf('native', Date.now()) as object), id: 'after' }))).status).toBe(
      202,
    );
    expect(await signals()).toBe(before + 1);
    expect(laboratory.lastError()).toBeNull();
  });

  it('leave everything else to Next', async () => {
    const get = await new Promise<number>((resolve) =>
      httpRequest({ port, path: `/api/webhooks/${TOKEN}` }, (answer) => resolve(answer.resume().statusCode ?? 0)).end(),
    );
    expect(get).toBe(200);
    await post('{}', '/api/webhooks/a/b');
    await post('{}', '/api/v1/other');
    expect(others).toBe(3);
  });
});
